/**
 * Figures of experiments as HTML: whatever its kind, one figure with title, drawing and caption.
 * Rests on the drawings of each kind and html.
 */
import type { Figure, TableFigure } from "../engine/figure.ts";
import { formatValue } from "./axes.ts";
import type { DrawnFigure } from "./drawing.ts";
import { drawBars } from "./figure-bars.ts";
import { drawHeat } from "./figure-heat.ts";
import { drawHistograms } from "./figure-histograms.ts";
import { drawLines } from "./figure-lines.ts";
import { html, type Markup } from "./html.ts";

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
      return { drawing: table(figure), notes: [] };
  }
}

function table({ title, columns, rows }: TableFigure): Markup {
  const cell = (value: string | number | null): string =>
    typeof value === "string" ? value : formatValue(value);
  // Words stand at the left, and so does what is above them.
  const isWords = columns.map((_, at) => rows.some((row) => /^\p{L}/u.test(wordsOf(row[at]))));
  const kind = (at: number): Markup => (isWords[at] === true ? html` class="words"` : html``);
  const body = rows.map(([first = null, ...rest]) => {
    return html`<tr><th scope="row">${cell(first)}</th>${rest.map((value, at) => html`<td${kind(at + 1)}>${cell(value)}</td>`)}</tr>`;
  });
  return html`<div class="scroll" role="region" aria-label="${title}" tabindex="0"><table class="numbers">
<thead><tr>${columns.map((name, at) => html`<th scope="col"${kind(at)}>${name}</th>`)}</tr></thead>
<tbody>${body}</tbody></table></div>`;
}

function wordsOf(value: string | number | null | undefined): string {
  return typeof value === "string" ? value : "";
}
