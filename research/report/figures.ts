/**
 * Figures of experiments as HTML: whatever its kind, one figure with title, drawing and caption.
 * Rests on the drawings of each kind and html.
 */
import type { Figure } from "../engine/figure.ts";
import type { DrawnFigure } from "./drawing.ts";
import { drawBars } from "./figure-bars.ts";
import { drawHeat } from "./figure-heat.ts";
import { drawHistograms } from "./figure-histograms.ts";
import { drawLines } from "./figure-lines.ts";
import { html, type Markup } from "./html.ts";
import { cellsTable } from "./tables.ts";

/**
 * A figure. `id` is unique in the page: letters, digits and hyphens. Values that cannot be drawn leave gaps, which the
 * caption counts; it never throws for numbers of any kind.
 */
export function renderFigure(figure: Figure, id: string): Markup {
  const { drawing, notes } = drawnOf(figure, id);
  const words = [figure.caption ?? "", ...notes].filter((text) => text !== "");
  return html`<figure class="chart" id="${id}"><h4>${figure.title}</h4>
${drawing}
${words.length === 0 ? "" : html`<figcaption>${words.join(" ")}</figcaption>`}
</figure>`;
}

function drawnOf(figure: Figure, id: string): DrawnFigure {
  switch (figure.kind) {
    case "lines":
      return drawLines(figure, id);
    case "bars":
      return drawBars(figure, id);
    case "histograms":
      return drawHistograms(figure, id);
    case "heat":
      return drawHeat(figure, id);
    case "table":
      return { drawing: cellsTable(figure.title, figure.columns, figure.rows), notes: [] };
  }
}
