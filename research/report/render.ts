/**
 * The report of a training run: one HTML file that needs nothing but itself.
 * Rests on the sections, the page, and the check of the record.
 */
import { checkRecord } from "./check-record.ts";
import { accuracySection, lossSection } from "./curve-sections.ts";
import { headline } from "./headline.ts";
import { formatCount, html } from "./html.ts";
import { confusionSection, mistakesSection } from "./mistakes.ts";
import { pageOf } from "./page.ts";
import type { TrainingRecord } from "./record.ts";
import { netSection, tableSections } from "./tables.ts";

/**
 * The HTML page of a run: accuracy, fingerprint and command; loss and accuracy curves; the
 * confusion matrix; the 24 worst mistakes as images; net, configuration, data, environment, times.
 * It loads nothing, runs no script, and is the same bytes for the same record.
 * Throws ValueError if the record contradicts itself (accuracy against confusion matrix, a picture
 * that is not of its size, …).
 * Example: `writeFileSync("report.html", renderReport(run))`.
 */
export function renderReport(run: TrainingRecord): string {
  checkRecord(run);
  const { name, trainCount } = run.dataset;
  return pageOf(
    run.title,
    html`<header><h1>${run.title}</h1>
<p>${name}, ${formatCount(trainCount)} training images, ${formatCount(run.steps.length)} steps in ${run.epochs.length} ${run.epochs.length === 1 ? "epoch" : "epochs"}${run.outcome === "finished" ? "" : `, ${run.outcome}`}</p></header>
${headline(run)}
${lossSection(run)}
${accuracySection(run)}
${confusionSection(run)}
${mistakesSection(run)}
${netSection(run)}
${tableSections(run)}`,
  );
}
