/**
 * "What has been proven": one HTML file of everything that laws were held against, that loads nothing and runs no script.
 * Rests on the tally, the matrix, the lists of exceptions, and on the report's page.
 */
import { formatCount, html, type Markup } from "../../research/report/html.ts";
import { pageOf, unbroken } from "../../research/report/page.ts";
import type { Scalar } from "../../research/report/record.ts";
import { pairsTable } from "../../research/report/tables.ts";
import type { Kind } from "../deep/proof.ts";
import type { SpecTally, TalliedSubject } from "../deep/tally.ts";
import type { KeptExample } from "../laws/kept.ts";
import type { ExceptionList } from "./exceptions.ts";
import { lawMatrix, shownOf } from "./matrix.ts";
import { lawStyle } from "./style.ts";

/** What stands on the page besides the tally. */
export interface PageContext {
  /** Versions, commit, machine. */
  readonly environment: Readonly<Record<string, Scalar>>;
  /** The command that makes the page again. */
  readonly command: string;
  readonly exceptions: readonly ExceptionList[];
  readonly kept: readonly KeptExample[];
}

const titles: Readonly<Record<Exclude<Kind, "part">, string>> = {
  op: "Ops",
  layer: "Layers and nets",
  optimiser: "Optimisers",
  schedule: "Schedules",
  initializer: "Initializers",
  device: "Devices",
};

/** The page. The same tally gives the same bytes in the same environment. */
export function renderProven(tally: SpecTally, context: PageContext): string {
  const { subjects, cells, examples, broken } = tally;
  const laws = cells.filter((cell) => cell.examples > 0 || cell.broken !== null).length;
  const sections = (["op", "layer", "optimiser", "schedule", "initializer", "device"] as const).map(
    (kind) => matrixSection(titles[kind], of(subjects, kind)),
  );
  const outcome = broken === 0 ? "None is broken." : `${formatCount(broken)} broken.`;
  return pageOf(
    "What has been proven",
    html`<header><h1>What has been proven</h1>
<p>${formatCount(examples)} examples of ${formatCount(laws)} pairs of a law and what it is held against. ${outcome}</p></header>
${brokenSection(subjects)}
${keySection(subjects)}
${sections}
${partSection(of(subjects, "part"))}
${claimSection(subjects)}
${exceptionSection(context)}
${keptSection(context)}
${runSection(tally, context)}`,
    lawStyle,
  );
}

function of(subjects: readonly TalliedSubject[], kind: Kind): readonly TalliedSubject[] {
  return subjects.filter((subject) => subject.kind === kind);
}

function matrixSection(title: string, subjects: readonly TalliedSubject[]): Markup {
  if (subjects.length === 0) return html``;
  return html`<section><h2>${title}</h2>${lawMatrix(title, subjects)}</section>`;
}

/** What is broken comes first, word by word. */
function brokenSection(subjects: readonly TalliedSubject[]): Markup {
  const messages = subjects.flatMap(({ name, cells }) =>
    cells.flatMap(({ law, broken }) => (broken === null ? [] : [{ name, law, broken }])),
  );
  if (messages.length === 0) return html``;
  return html`<section><h2>Broken</h2>${messages.map(
    ({ name, law, broken }) =>
      html`<div class="breach"><h3>${law}, ${name}</h3><pre>${broken}</pre></div>`,
  )}</section>`;
}

/** How to read a cell, and what each kind amounts to. */
function keySection(subjects: readonly TalliedSubject[]): Markup {
  const kinds = [...Object.entries(titles), ["part", "Parts of the suite"] as const];
  const rows = kinds.flatMap(([kind, title]) => {
    const mine = subjects.filter((subject) => subject.kind === kind);
    if (mine.length === 0) return [];
    const cells = mine.flatMap((subject) => subject.cells);
    const examples = cells.reduce((total, cell) => total + cell.examples, 0);
    const compared = cells.reduce(
      (total, { observed }) => total + observed.measured + observed.exact,
      0,
    );
    const laws = new Set(cells.map(({ law }) => law)).size;
    return [
      html`<tr><th scope="row">${title}</th><td>${mine.length}</td><td>${laws}</td><td>${formatCount(examples)}</td><td>${formatCount(compared)}</td></tr>`,
    ];
  });
  const heads = ["", "subjects", "laws", "examples", "comparisons"];
  return html`<section><h2>In all</h2>
<div class="scroll totals" role="region" aria-label="In all" tabindex="0"><table class="numbers"><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>
<ul class="key">
<li><span class="swatch measured" style="--share: 43%">43</span>the worst error, in percent of the bound that the law allows it; 100 would just hold</li>
<li><span class="swatch exact">=</span>an exact law: equal bits, texts or shapes, in every comparison</li>
<li><span class="swatch held">✓</span>held; a law of yes or no, which measures nothing</li>
<li><span class="swatch broken">✗</span>broken</li>
</ul>
<p class="heat-scale"><span>0</span><span class="heat-bar" aria-hidden="true"></span><span>100 percent of the bound</span></p>
<p class="note">The small number beneath counts examples: random cases and special points that the law said something about. An empty cell is a law that does not speak of the thing, or met nothing to speak about.</p></section>`;
}

/** Parts are few and their claims long: a row each. */
function partSection(parts: readonly TalliedSubject[]): Markup {
  if (parts.length === 0) return html``;
  const tables = parts.map(({ cells }) => {
    const rows = cells.map((cell) => {
      const { kind, text, words } = shownOf(cell);
      const share = kind === "measured" ? `--share: ${Math.round(100 * cell.observed.worst)}%` : "";
      const compared = cell.observed.measured + cell.observed.exact;
      const strong = kind === "measured" && cell.observed.worst > 0.6 ? " strong" : "";
      return html`<tr><th scope="row">${cell.law}<span class="note">${cell.claim}</span></th><td class="short" data-label="worst"><span class="swatch ${kind}${strong}" style="${share}" title="${words}">${text}</span></td><td class="short" data-label="examples">${formatCount(cell.examples)}</td><td class="short" data-label="comparisons">${compared === 0 ? "–" : formatCount(compared)}</td></tr>`;
    });
    const heads = ["law", "worst", "examples", "comparisons"];
    return html`<table class="verdicts part"><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead><tbody>${rows}</tbody></table>`;
  });
  return html`${parts.map(({ name }, at) => html`<section><h2>${name.slice(0, 1).toUpperCase()}${name.slice(1)}</h2>${tables[at] ?? ""}</section>`)}`;
}

/** What each law says. */
function claimSection(subjects: readonly TalliedSubject[]): Markup {
  const lists = Object.entries(titles).flatMap(([kind, title]) => {
    const cells = subjects.flatMap((subject) => (subject.kind === kind ? subject.cells : []));
    const claims = [...new Map(cells.map(({ law, claim }) => [law, claim])).entries()];
    if (claims.length === 0 || kind === "device") return [];
    return [
      html`<details><summary>${title}</summary>${pairsTable(claims.map(([law, claim]) => [law, claim]))}</details>`,
    ];
  });
  return html`<section><h2>What the laws say</h2>${lists}</section>`;
}

function exceptionSection({ exceptions }: PageContext): Markup {
  const lists = exceptions.map(
    ({ title, entries }) =>
      html`<h3>${title}</h3>${pairsTable(entries.map(({ names, reason }) => [reason, html`${names.map((name, i) => html`${i === 0 ? "" : ", "}<code>${name}</code>`)}`]))}`,
  );
  return html`<section><h2>Open exceptions</h2><p class="note">What is not claimed, and why.</p>${lists}</section>`;
}

function keptSection({ kept }: PageContext): Markup {
  const items = kept.map(
    ({ subject, law, seed }) =>
      html`<li><code>${subject}</code>, ${law}, seed ${String(seed)}</li>`,
  );
  return html`<section><h2>Examples that once failed</h2>${items.length === 0 ? html`<p class="note">None is kept.</p>` : html`<ul class="plain">${items}</ul>`}</section>`;
}

function runSection({ passes }: SpecTally, { environment, command }: PageContext): Markup {
  const seeds = passes.map(({ seed, runs }) => `${seed} with ${runs} cases a law`);
  return html`<section><h2>This run</h2>${pairsTable([
    [passes.length === 1 ? "seed and budget" : "seeds and budgets", seeds.join("; ")],
    ...Object.entries(environment).map(([name, value]): readonly [string, string] => [
      name,
      value === null ? "–" : String(value),
    ]),
  ])}
<p class="label">Make it again</p><pre><code>${unbroken(command)}</code></pre></section>`;
}
