/**
 * The report of a store as one HTML page: all verdicts on top, a section for each study, what is missing below.
 * Rests on the sections, html and page.
 */
import { countOf } from "../../core/data/extent.ts";
import { invocation } from "../environment.ts";
import { formatDuration, formatProbability, html, type Markup, type Piece } from "./html.ts";
import { pageOf } from "./page.ts";
import type { StoreReport } from "./store-report.ts";
import { anchorOf, effectText, pill, studySection, timeOf } from "./study-sections.ts";
import type { VerdictRow } from "./verdict-rows.ts";

const conclusions = [
  "reproduced",
  "not reproduced",
  "inconclusive",
  "no verdict",
  "not run",
] as const satisfies readonly VerdictRow["conclusion"][];

/**
 * The HTML page of a store. It loads nothing and runs no script; the same report gives the same bytes, but for what stands
 * in `<time>` elements: durations and moments.
 */
export function renderStoreReport(report: StoreReport, command: string = invocation()): string {
  const { studies, rows } = report;
  const profiles = rows.filter(({ study }) => study?.profile !== "custom");
  const ablations = rows.filter(({ study }) => study?.profile === "custom");
  const seconds = studies.reduce((sum, study) => sum + study.seconds, 0);
  const runs = studies.reduce((sum, { record }) => sum + record.runs.length, 0);
  const counts = conclusions.flatMap((conclusion) => {
    const count = profiles.filter((row) => row.conclusion === conclusion).length;
    return count === 0 ? [] : [html`<li>${pill(conclusion, null)} ${count}</li>`];
  });
  return pageOf(
    "Claims and verdicts",
    html`<header><h1>Claims and verdicts</h1>
<p>${studies.length} ${studies.length === 1 ? "study" : "studies"} of ${countOf(runs, "run")}, ${timeOf(formatDuration(seconds))} of one process. Same config, same seed, same bits: every command below gives the same fingerprints on any machine.</p></header>
<section><h2>Verdicts</h2><ul class="counts">${counts}</ul>${verdictTable(profiles, report)}${holmNote(rows)}</section>
${ablations.length === 0 ? "" : html`<section><h2>Ablations</h2>${verdictTable(ablations, report)}</section>`}
${studies.map((study) => studySection(study, rows, command))}
${list(
  "Not run",
  report.notRun.map(
    ({ title, experiment, reason }) => html`${title} (<code>${experiment}</code>): ${reason}`,
  ),
)}
${list(
  "Claims that laws decide",
  report.laws.flatMap(({ claim, property }) =>
    property === null ? [] : [html`<code>${claim}</code>: ${property}`],
  ),
)}
${list(
  "Claims without an experiment so far",
  report.laws.flatMap(({ claim, concept, property }) =>
    property === null ? [html`<code>${claim}</code>: ${concept}`] : [],
  ),
)}
${list(
  "In the store, but not as it should be",
  report.troubles.map(({ entry, reason }) => html`<code>${entry}</code>: ${reason}`),
)}
${list(
  "Other studies in the store",
  report.leftOut.map((name) => html`<code>${command} report ${name}</code>`),
)}`,
  );
}

function list(title: string, items: readonly Markup[]): Markup {
  if (items.length === 0) return html``;
  return html`<section><h2>${title}</h2><ul class="plain">${items.map((item) => html`<li>${item}</li>`)}</ul></section>`;
}

function holmNote(rows: readonly VerdictRow[]): Markup {
  const tests = rows.filter(({ adjusted }) => adjusted !== null).length;
  if (tests === 0) return html``;
  return html`<p class="note">p: of the exact test, after Holm's correction over ${countOf(tests, "test")} of this report. Quick verdicts rest on intervals; the full ones on p.</p>`;
}

function verdictTable(rows: readonly VerdictRow[], report: StoreReport): Markup {
  const body = rows.map((row) => tableRow(row, report));
  return html`<table class="verdicts"><thead><tr>${["claim", "verdict", "measured", "paper", "p (Holm)", "cost"].map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${body}</tbody></table>`;
}

function tableRow(row: VerdictRow, { studies }: StoreReport): Markup {
  const { claim, question, study, verdict, conclusion, note, adjusted, full } = row;
  const found = studies.find(
    ({ record }) => record.experiment === row.experiment && record.name === study?.name,
  );
  const name =
    found === undefined ? html`${claim}` : html`<a href="#${anchorOf(found.record)}">${claim}</a>`;
  const beside = full === null ? "" : html`<span class="note">${pill(full.verdict, "full")}</span>`;
  const effect = verdict?.effect;
  const [line = ""] = (note ?? "").split("\n");
  const words = [verdict?.measured, effect === undefined ? undefined : effectText(effect), line];
  const [first = "", ...more] = words.flatMap((text) =>
    text === undefined || text === "" ? [] : [text],
  );
  const measured = html`${first}${more.map((text) => html`<span class="note">${text}</span>`)}`;
  const adjustedText = adjusted === null ? undefined : formatProbability(adjusted);
  const cost = found === undefined ? undefined : timeOf(formatDuration(found.seconds));
  return html`<tr><th scope="row">${name}<span class="note">${question}</span></th>
<td>${pill(conclusion, study?.profile ?? null)}${beside}</td>
${cell(verdict === null ? "reason" : "measured", measured, "measured")}
${cell("paper", verdict?.paper, "paper")}
${cell("p (Holm)", adjustedText, "short")}
${cell("cost", cost, "short")}</tr>`;
}

/** A cell that names its column where columns become lines; there an empty one is none. */
function cell(label: string, content: Piece | undefined, kind: string): Markup {
  return content === undefined
    ? html`<td class="${kind} none"></td>`
    : html`<td class="${kind}" data-label="${label}">${content}</td>`;
}
