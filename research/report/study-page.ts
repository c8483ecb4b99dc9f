/**
 * The report of a store as one HTML page: all verdicts on top, a section for each study, what is missing below.
 * Rests on the sections, html and page.
 */
import { countOf } from "../../core/data/extent.ts";
import { invocation } from "../environment.ts";
import { formatDuration, formatProbability, html, type Markup, type Piece } from "./html.ts";
import { pageOf } from "./page.ts";
import type { StoreReport } from "./store-report.ts";
import { anchorOf, pill, studySection, timeOf } from "./study-sections.ts";
import { seedsToStand, type VerdictRow } from "./verdict-rows.ts";
import { headlineOf, intervalOf } from "./verdict-text.ts";

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
<section><h2>Verdicts</h2><ul class="counts">${counts}</ul>${verdictTable(profiles, report)}${evidenceNotes(profiles)}</section>
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

/** What the verdicts rest on, and what was corrected over what. */
function evidenceNotes(rows: readonly VerdictRow[]): readonly Markup[] {
  const quick = rows.filter(({ verdict, study }) => verdict !== null && study?.profile === "quick");
  const tests = rows.filter(({ adjusted, full }) => (adjusted ?? full?.adjusted ?? null) !== null);
  return [
    ...(quick.length === 0
      ? []
      : [
          html`<p class="note">(quick): few seeds. Where chance decides, the verdict is whether the 95\u00a0% t-interval of the effect lies above 0, so about one null effect in 40 looks reproduced; nothing corrects that over ${countOf(quick.length, "verdict")}. Inconclusive says that so few seeds cannot tell.</p>`,
        ]),
    ...(tests.length === 0
      ? []
      : [
          html`<p class="note">(full): the exact paired sign-flip test decides. p is corrected by Holm over all ${countOf(tests.length, "test")} of full verdicts in this report: the chance that one null effect or more among them looks reproduced is at most 5\u00a0%. With n seeds no p is below 2<sup>1−n</sup>, so it takes ${seedsToStand(tests.length)} seeds to stand the correction.</p>`,
        ]),
  ];
}

function verdictTable(rows: readonly VerdictRow[], report: StoreReport): Markup {
  const tested = rows.some(({ adjusted }) => adjusted !== null);
  const names = ["claim", "verdict", "measured", "paper", ...(tested ? ["p (Holm)"] : []), "cost"];
  const body = rows.map((row) => tableRow(row, report, tested));
  return html`<table class="verdicts"><thead><tr>${names.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${body}</tbody></table>`;
}

function tableRow(row: VerdictRow, { studies }: StoreReport, tested: boolean): Markup {
  const { claim, question, study, verdict, conclusion, note, adjusted, full } = row;
  const found = studies.find(
    ({ record }) => record.experiment === row.experiment && record.name === study?.name,
  );
  const name =
    found === undefined ? html`${claim}` : html`<a href="#${anchorOf(found.record)}">${claim}</a>`;
  const beside =
    full === null ? "" : html`<span class="note">${pill(full.conclusion, "full")}</span>`;
  const effect = verdict?.effect;
  const [line = ""] = (note ?? "").split("\n");
  const words = [
    verdict === null ? "" : headlineOf(verdict),
    effect === undefined ? "" : intervalOf(effect),
    line,
  ];
  const [first = "", ...more] = words.filter((text) => text !== "");
  const measured = html`${first}${more.map((text) => html`<span class="note">${text}</span>`)}`;
  const adjustedText = adjusted === null ? undefined : formatProbability(adjusted);
  const cost = found === undefined ? undefined : timeOf(formatDuration(found.seconds));
  return html`<tr><th scope="row">${name}<span class="note">${question}</span></th>
<td>${pill(conclusion, study?.profile ?? null)}${beside}</td>
${cell(verdict === null ? "reason" : "measured", measured, "measured")}
${cell("paper", verdict?.paper, "paper")}
${tested ? cell("p (Holm)", adjustedText, "short") : ""}
${cell("cost", cost, "short")}</tr>`;
}

/** A cell that names its column where columns become lines; there an empty one is none. */
function cell(label: string, content: Piece | undefined, kind: string): Markup {
  return content === undefined
    ? html`<td class="${kind} none"></td>`
    : html`<td class="${kind}" data-label="${label}">${content}</td>`;
}
