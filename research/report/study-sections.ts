/**
 * The sections of a report on studies: one for each, with its verdicts, figures, config, runs and the command that repeats it.
 * Rests on figures, html, page and tables. What differs when a study is repeated stands in `<time>` elements alone.
 */
import { textOf } from "../engine/knobs.ts";
import { varyingKeys } from "../engine/perform-studies.ts";
import { canonicalOf, type Value, type Values } from "../engine/values.ts";
import { armsTable } from "./arms.ts";
import { renderFigure } from "./figures.ts";
import { formatDuration, formatProbability, html, type Markup, type Piece } from "./html.ts";
import { unbroken } from "./page.ts";
import type { ReportedStudy } from "./store-report.ts";
import type { StudyRecord } from "./study-record.ts";
import { pairsTable } from "./tables.ts";
import type { CorrectedVerdict, VerdictRow } from "./verdict-rows.ts";
import { effectText, sentences, shortNumbers } from "./verdict-text.ts";

/** How many runs a report lists before it refers to the file beside it. */
const mostRuns = 200;

/** A duration or a moment, marked as such. */
export function timeOf(text: string): Markup {
  return html`<time>${text}</time>`;
}

/** The anchor of a study. */
export function anchorOf({
  experiment,
  name,
}: {
  readonly experiment: string;
  readonly name: string;
}): string {
  return `${experiment}-${name}`;
}

/** A verdict as a word that colours underline. */
export function pill(conclusion: VerdictRow["conclusion"], profile: string | null): Markup {
  const marks = { reproduced: "✓ ", "not reproduced": "✗ " } as const;
  const mark =
    conclusion === "reproduced" || conclusion === "not reproduced" ? marks[conclusion] : "";
  const suffix = profile === null || conclusion === "no verdict" ? "" : ` (${profile})`;
  return html`<span class="pill ${conclusion.replaceAll(" ", "-")}">${mark}${conclusion}${suffix}</span>`;
}

/** The command that makes a study again. */
export function commandOf(record: StudyRecord, invocation: string): string {
  const { command, profile, base, seeds, overrides, device } = record;
  const flags = [
    ...(base === "quick" ? [] : [`--profile ${base}`]),
    ...(profile === "custom" ? [`--seeds ${seeds.join(",")}${seeds.length === 1 ? "," : ""}`] : []),
    ...(device === "wasm" ? [] : [`--device ${device}`]),
  ];
  const words = Object.entries(overrides).map(([key, values]) =>
    quoted(`${key}=${values.map(textOf).join(",")}`),
  );
  return [invocation, "run", quoted(command), ...words, ...flags].join(" ");
}

/** A word as a shell reads it back. */
function quoted(word: string): string {
  return /^[\w=.,:/@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The section of a study. */
export function studySection(
  study: ReportedStudy,
  rows: readonly VerdictRow[],
  invocation: string,
): Markup {
  const { record, lost, isOutdated, fingerprint, seconds } = study;
  const { title, question, source, profile, name, failures, figures, seeds } = record;
  const anchor = anchorOf(record);
  const own = rows.filter(
    (row) => row.experiment === record.experiment && row.study?.name === name,
  );
  const warnings = [
    ...(isOutdated ? ["Made by other sources than the present ones: repeat it for today's."] : []),
    ...(lost.length === 0
      ? []
      : [`${lost.length} of its runs are no longer whole in the store: repeat it.`]),
    ...failures.map(({ config, seed, message }) => {
      const [line = ""] = message.split("\n");
      return `A run failed, seed ${seed}, ${shortConfig(config, record)}: ${line}`;
    }),
  ];
  return html`<section id="${anchor}"><h2>${title}${profile === "custom" ? ", ablation" : ""}</h2>
<p class="question">${question}</p>
${warnings.map((text) => html`<p class="warning">${text}</p>`)}
${own.map(claimBlock)}
${figures.map((figure, at) => renderFigure(figure, `${anchor}-figure-${at}`))}
${profile === "custom" ? armsTable(study.runs) : ""}
<div class="repeat">${pairsTable([
    ["experiment", record.experiment],
    ["source", source],
    ["profile", profile === "custom" ? `${base(record)} (${name})` : profile],
    ["seeds", seeds.join(", ")],
    ["runs", runsText(study)],
    ["cost", timeOf(`${formatDuration(seconds)} of one process`)],
    ["fingerprint of all runs", html`<code class="hash">${fingerprint}</code>`],
  ])}</div>
<p class="label">Repeat it</p><pre><code>${unbroken(commandOf(record, invocation))}</code></pre>
${configDetails(study)}
${runsDetails(study)}
</section>`;
}

function base({ base: profile }: StudyRecord): string {
  return `${profile}, changed by hand`;
}

function runsText({ record, runs }: ReportedStudy): string {
  const diverged = runs.filter(({ run }) => run.outcome === "diverged").length;
  return [
    String(record.runs.length),
    ...(diverged === 0 ? [] : [`${diverged} diverged`]),
    ...(record.failures.length === 0 ? [] : [`${record.failures.length} failed`]),
  ].join(", ");
}

function shortConfig(config: Values, { overrides }: StudyRecord): string {
  const keys = Object.keys(overrides);
  const shown = Object.entries(config).filter(([key]) => keys.length === 0 || keys.includes(key));
  return shown.map(([key, value]) => `${key}=${textOf(value)}`).join(" ");
}

/** A claim: its verdict with threshold, reason, interval, the paper's number and the full verdict. */
function claimBlock(row: VerdictRow): Markup {
  const { claim, concept, conclusion, verdict, note, adjusted, full, study } = row;
  const effect = verdict?.effect;
  const entries: readonly (readonly [string, Piece | undefined])[] = [
    ["measured", verdict === null ? undefined : linesOf(verdict.measured)],
    ["effect", effect === undefined ? undefined : effectText(effect)],
    ["paper", verdict?.paper],
    ["threshold", verdict === null ? undefined : linesOf(verdict.threshold)],
    ["reason", verdict === null ? undefined : sentences(verdict.reason)],
    ["p", pText(verdict?.p, adjusted)],
    ["note", note ?? undefined],
    ["full profile", full === null ? undefined : fullText(full)],
  ];
  const shown = entries.flatMap(([name, value]) =>
    value === undefined ? [] : [html`<dt>${name}</dt><dd>${value}</dd>`],
  );
  return html`<div class="claim ${conclusion.replaceAll(" ", "-")}"><h3>${claim} ${pill(conclusion, study?.profile ?? null)}</h3>
${concept === "" ? "" : html`<span class="note">${concept}</span>`}
<dl>${shown}</dl></div>`;
}

/** What is joined by semicolons, each part on a line of its own. */
function linesOf(text: string): Markup {
  const [first = "", ...more] = shortNumbers(text).split("; ");
  return html`${first}${more.map((part) => html`<br>${part}`)}`;
}

/** Of the exact test, and after the correction; one that was not corrected says so. */
function pText(p: number | undefined, adjusted: number | null): string | undefined {
  if (p === undefined) return undefined;
  return adjusted === null
    ? `${formatProbability(p)}, not corrected for other tests`
    : `${formatProbability(p)}; ${formatProbability(adjusted)} after Holm's correction over the full verdicts of this report`;
}

function fullText({ verdict, conclusion, adjusted, note }: CorrectedVerdict): Markup {
  const p = pText(verdict.p, adjusted);
  const more = [p === undefined ? "" : `p = ${p}`, note ?? ""].filter((text) => text !== "");
  return html`${pill(conclusion, "full")} ${verdict.measured}${more.map((text) => html`<br><span class="note">${text}</span>`)}`;
}

/** What all runs share: config, data, environment. */
function configDetails({ runs }: ReportedStudy): Markup {
  const configs = runs.map(({ run }) => run.config);
  const varying = varyingKeys(configs);
  const config = Object.keys(configs[0] ?? {}).map((key): readonly [string, string] => {
    const texts = [...new Set(configs.map((one) => textOf(one[key] ?? null)))];
    return [varying.includes(key) ? `${key} (compared)` : key, texts.join(", ")];
  });
  const data = [
    ...new Set(
      runs.flatMap(({ identity }) =>
        Object.entries(identity.data).map(([name, hash]) => `${name} ${hash}`),
      ),
    ),
  ];
  const environments = [
    ...new Set(
      runs.map(({ environment: { data: _, ...rest } }) =>
        canonicalOf("report", "environment", rest),
      ),
    ),
  ];
  const shown = environments.map((text): readonly [string, string] => {
    const entries = Object.entries<Value>(JSON.parse(text));
    return [
      "environment",
      entries.map(([name, value]) => `${name} ${value === null ? "–" : textOf(value)}`).join(", "),
    ];
  });
  return html`<details><summary>Config, data and environment</summary>${pairsTable([
    ...config,
    ...data.map((text): readonly [string, string] => ["data (SHA-256)", text]),
    ...shown,
  ])}</details>`;
}

/** Every run with its arm, seed, outcome, fingerprint and duration. */
function runsDetails({ runs }: ReportedStudy): Markup {
  const keys = varyingKeys(runs.map(({ run }) => run.config));
  const rows = runs.slice(0, mostRuns).map(({ run, timing }) => {
    const outcome =
      run.divergence === null
        ? run.outcome
        : `diverged at step ${run.divergence.step}: ${run.divergence.cause ?? "no op found"}`;
    return html`<tr>${keys.map((key) => html`<td>${textOf(run.config[key] ?? null)}</td>`)}<td>${run.seed}</td><td>${outcome}</td><td><code>${run.fingerprint.slice(0, 16)}</code></td><td>${timeOf(formatDuration(timing.seconds))}</td></tr>`;
  });
  const head = [...keys, "seed", "outcome", "fingerprint", "time"];
  const more = runs.length - rows.length;
  return html`<details><summary>Runs and fingerprints</summary><div class="scroll" role="region" aria-label="Runs" tabindex="0"><table class="numbers runs">
<thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>${more > 0 ? html`<p class="note">${more} more in runs.csv beside this page.</p>` : ""}</details>`;
}
