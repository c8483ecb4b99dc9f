/**
 * Series: colours and marks that tell them apart, for every eye, and legends.
 * Rests on drawing and html. Colours are CSS variables of the style sheet.
 */
import * as Plot from "@observablehq/plot";
import { svgOf } from "./drawing.ts";
import { html, Markup } from "./html.ts";

/** Colours of the style sheet: --series-0 and so on. */
const colours = 7;
const symbols = ["circle", "square", "triangle", "diamond", "cross", "star", "wye"] as const;

/** How a series is drawn. */
export interface SeriesLook {
  readonly colour: string;
  readonly symbol: (typeof symbols)[number];
}

/** The look of series number `at`: colour and symbol together stay apart for 49 series. */
export function lookOf(at: number): SeriesLook {
  const shift = Math.floor(at / colours);
  return {
    colour: `var(--series-${at % colours})`,
    symbol: symbols[(at + shift) % symbols.length] ?? "circle",
  };
}

/** The look of the series at a place among those of a figure. */
export type Looks = (at: number) => SeriesLook;

/**
 * How each series is drawn: a broken line as the whole one that it belongs to, the one of whose name it shares most parts
 * (`Xavier, oracle` belongs to `Xavier`), the others each in a colour of its own.
 */
export function looksOf(series: readonly Named[]): Looks {
  const partsOf = ({ name }: Named): readonly string[] => name.split(", ");
  const shared = (one: Named, other: Named): number =>
    partsOf(one).filter((part) => partsOf(other).some((whole) => isAmong(part, whole))).length;
  const owners = series.map((one, at) => {
    if (one.dashed !== true) return at;
    const counts = series.map((other) => (other.dashed === true ? 0 : shared(one, other)));
    const most = Math.max(...counts);
    return most === 0 ? at : counts.indexOf(most);
  });
  const distinct = [...new Set(owners)];
  return (at) => lookOf(distinct.indexOf(owners[at] ?? at));
}

/** Whether the words of the one stand in a row in the other: `after 10` in `after 10 updates`, not in `after 100 updates`. */
function isAmong(part: string, whole: string): boolean {
  return ` ${whole} `.includes(` ${part} `);
}

/** What a look depends on. */
interface Named {
  readonly name: string;
  readonly dashed?: boolean;
}

/** An entry of a legend. */
export interface LegendEntry {
  readonly name: string;
  readonly look: SeriesLook;
  readonly mark: "line" | "dashed" | "dots" | "bar";
}

/** A legend; nothing for one series without a name. */
export function legend(entries: readonly LegendEntry[]): Markup {
  if (entries.length === 0 || (entries.length === 1 && entries[0]?.name === "")) return html``;
  return html`<ul class="legend">${entries.map((entry) => html`<li>${picture(entry)}${entry.name}</li>`)}</ul>`;
}

function picture({ look, mark }: LegendEntry): Markup {
  const { colour, symbol } = look;
  if (mark === "bar") {
    return html`<svg width="14" height="14" aria-hidden="true"><rect width="14" height="14" rx="2" fill="${colour}"/></svg>`;
  }
  const strokeDasharray = mark === "dashed" ? "5 3" : "none";
  const line = Plot.line(
    [
      [0, 0],
      [1, 0],
    ],
    { stroke: colour, strokeWidth: 2, strokeDasharray },
  );
  const dot = Plot.dot([[0.5, 0]], { fill: colour, symbol, r: 4 });
  const svg = svgOf(
    {
      width: 28,
      height: 14,
      margin: 0,
      axis: null,
      x: { domain: [0, 1] },
      y: { domain: [-1, 1] },
      marks: mark === "dots" ? [dot] : [line, dot],
    },
    "legend",
  );
  return new Markup(svg.replace(/^<svg/, '<svg aria-hidden="true"'));
}
