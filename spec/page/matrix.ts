/**
 * Subjects × laws as one table: in each cell the worst error as a share of its bound, as colour and in digits, and beneath it
 * the number of examples.
 * Rests on the tally and the report's HTML.
 */
import { strongShare } from "../../research/report/figure-heat.ts";
import { formatCount, html, type Markup } from "../../research/report/html.ts";
import type { Cell, TalliedSubject } from "../deep/tally.ts";
import { joined, type Observed, unobserved } from "../laws/observed.ts";

/** What a cell shows. */
export interface Shown {
  readonly kind: "measured" | "exact" | "held" | "broken";
  /** Digits or a sign. */
  readonly text: string;
  /** What it means, as a sentence. */
  readonly words: string;
}

type Seen = Pick<Cell, "examples" | "observed" | "broken">;

/** A percentage as short as it can be: 43, 3.2, 0. */
export function percentOf(share: number): string {
  const percent = 100 * share;
  if (percent === 0) return "0";
  if (percent < 0.05) return "<0.1";
  return percent >= 9.95 ? percent.toFixed(0) : percent.toFixed(1);
}

/** What a cell shows: broken laws first, then the worst error, then that all were alike. */
export function shownOf({ examples, observed, broken }: Seen): Shown {
  const { measured, worst, exact } = observed;
  const cases = counted(examples, "example");
  if (broken !== null) return { kind: "broken", text: "✗", words: `broken after ${cases}` };
  if (measured > 0) {
    const compared = counted(measured, "comparison");
    const words = `${cases}, ${compared}, the worst error ${percentOf(worst)} % of its bound`;
    return { kind: "measured", text: percentOf(worst), words };
  }
  if (exact > 0) {
    return { kind: "exact", text: "=", words: `${cases}, ${counted(exact, "comparison")}, exact` };
  }
  return { kind: "held", text: "✓", words: `${cases}, held` };
}

const counted = (count: number, what: string): string =>
  `${formatCount(count)} ${count === 1 ? what : `${what}s`}`;

/** A number that fits a narrow cell: 12,345 is 12k. */
function short(count: number): string {
  if (count < 10_000) return String(count);
  return count < 10_000_000 ? `${Math.floor(count / 1000)}k` : `${Math.floor(count / 1_000_000)}M`;
}

function cellOf(cell: Seen | undefined, what: string): Markup {
  // A law that met nothing to speak about has shown nothing.
  if (cell === undefined || (cell.examples === 0 && cell.broken === null)) return html`<td></td>`;
  const { kind, text, words } = shownOf(cell);
  const { worst } = cell.observed;
  const share = kind === "measured" ? ` --share: ${Math.round(100 * worst)}%` : "";
  const strong = kind === "measured" && worst > strongShare ? " strong" : "";
  return html`<td class="${kind}${strong}" style="${share.trim()}" title="${what}: ${words}">${text}<small>${short(cell.examples)}</small></td>`;
}

/** What all cells of a law saw together. */
function together(cells: readonly Cell[]): Seen {
  return {
    examples: cells.reduce((total, { examples }) => total + examples, 0),
    observed: cells.map(({ observed }) => observed).reduce<Observed>(joined, unobserved),
    broken: cells.find(({ broken }) => broken !== null)?.broken ?? null,
  };
}

/** Subjects with more rows than this scroll in a frame of their own, so that their head stays in sight. */
const tall = 30;

/** The table of one kind of subject. */
export function lawMatrix(title: string, subjects: readonly TalliedSubject[]): Markup {
  const laws = [...new Set(subjects.flatMap(({ cells }) => cells.map(({ law }) => law)))];
  const rows = subjects.map(({ name, cells }) => {
    const found = laws.map((law) =>
      cellOf(
        cells.find((cell) => cell.law === law),
        `${name}, ${law}`,
      ),
    );
    // A long name may break where a word of it begins.
    const words = name
      .split(/(?=[A-Z])/)
      .map((word, i) => html`${i > 0 ? html`<wbr>` : ""}${word}`);
    return html`<tr><th scope="row">${words}</th>${found}</tr>`;
  });
  const totals = laws.map((law) => {
    const all = subjects.flatMap(({ cells }) => cells.filter((cell) => cell.law === law));
    return cellOf(together(all), `all, ${law}`);
  });
  const heads = laws.map((law) => html`<th scope="col"><span>${law}</span></th>`);
  return html`<div class="scroll${subjects.length > tall ? " tall" : ""}" role="region" aria-label="${title}" tabindex="0"><table class="laws">
<thead><tr><th scope="col">${subjects[0]?.kind ?? ""}</th>${heads}</tr></thead>
<tbody>${rows}</tbody>
${subjects.length > 1 ? html`<tfoot><tr><th scope="row">all</th>${totals}</tr></tfoot>` : ""}</table></div>`;
}
