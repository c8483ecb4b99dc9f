/**
 * The sections of a report that are tables of names and values: net, configuration, data,
 * environment, times; and the tables of other sections.
 * Rests on record, axes and html.
 */
import { formatValue } from "./axes.ts";
import { formatCount, formatDuration, html, type Markup, type Piece } from "./html.ts";
import type { Scalar, TrainingRecord } from "./record.ts";

/** Section: the layers, their output for one example, and their parameters. */
export function netSection(run: TrainingRecord): Markup {
  const rows = run.net.map(
    ({ layer, outputShape, parameters }) =>
      html`<tr><th scope="row"><code>${layer}</code></th><td>${outputShape.join(" × ")}</td><td>${formatCount(parameters)}</td></tr>`,
  );
  const total = run.net.reduce((sum, { parameters }) => sum + parameters, 0);
  return html`<section><h2>Net</h2><div class="scroll" role="region" aria-label="Layers of the net" tabindex="0"><table class="numbers">
<thead><tr><th scope="col">layer</th><th scope="col">output</th><th scope="col">parameters</th></tr></thead>
<tbody>${rows}</tbody>
<tfoot><tr><th scope="row">total</th><td></td><td>${formatCount(total)}</td></tr></tfoot></table></div></section>`;
}

/** A table of names and values. */
export function pairsTable(entries: readonly (readonly [string, Piece])[]): Markup {
  const rows = entries.map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`,
  );
  return html`<table class="pairs"><tbody>${rows}</tbody></table>`;
}

/** A cell: text as it is, a number in four digits, a dash for none. */
export type Cell = string | number | null;

/** A table that scrolls where it is wider than the page. `label` names it for those who cannot see it. */
export function cellsTable(
  label: string,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
): Markup {
  const shown = (value: Cell): string => (typeof value === "string" ? value : formatValue(value));
  // Words stand at the left, and so does what is above them.
  const isWord = (value: Cell | undefined): boolean =>
    typeof value === "string" && /^\p{L}/u.test(value);
  const areWords = columns.map((_, at) => rows.some((row) => isWord(row[at])));
  const kind = (at: number): Markup => (areWords[at] === true ? html` class="words"` : html``);
  const body = rows.map(([first = null, ...rest]) => {
    return html`<tr><th scope="row">${shown(first)}</th>${rest.map((value, at) => html`<td${kind(at + 1)}>${shown(value)}</td>`)}</tr>`;
  });
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table class="numbers">
<thead><tr>${columns.map((name, at) => html`<th scope="col"${kind(at)}>${name}</th>`)}</tr></thead>
<tbody>${body}</tbody></table></div>`;
}

/** A section of names and values. */
function pairs(title: string, entries: readonly (readonly [string, string])[]): Markup {
  return html`<section><h2>${title}</h2>${pairsTable(entries)}</section>`;
}

/** The entries of a record of scalars, in the order given. */
function entriesOf(
  values: Readonly<Record<string, Scalar>>,
): readonly (readonly [string, string])[] {
  return Object.entries(values).map(([name, value]) => [
    name,
    value === null ? "–" : String(value),
  ]);
}

/** Two columns of sections: configuration and, apart from the rest, times; data and environment. */
export function tableSections(run: TrainingRecord): Markup {
  const { dataset, timing } = run;
  const perChannel = (values: readonly number[]): string =>
    values.map((value) => value.toFixed(4)).join(", ");
  const configuration = pairs("Configuration", entriesOf(run.config));
  const data = pairs("Data", [
    ["dataset", dataset.name],
    ["training images", formatCount(dataset.trainCount)],
    ["test images", formatCount(dataset.testCount)],
    ["training mean per channel", perChannel(dataset.mean)],
    ["training std per channel", perChannel(dataset.std)],
  ]);
  const environment = pairs("Environment", entriesOf(run.environment));
  const epochs = timing.epochSeconds.map((seconds) => formatDuration(seconds)).join(", ");
  const time = pairs("Time", [
    ["started", timing.startedAt],
    ["finished", timing.finishedAt],
    ["duration", formatDuration(timing.seconds)],
    ["of each epoch", epochs === "" ? "–" : epochs],
  ]);
  return html`<div class="two"><div>${[configuration, time]}</div><div>${[data, environment]}</div></div>`;
}
