/**
 * The sections that show where the net errs: the confusion matrix and the worst mistakes.
 * Rests on record, html and png.
 */
import { imageBytes } from "./check-record.ts";
import { formatCount, formatProbability, html, isMeasured, type Markup } from "./html.ts";
import { encodePng } from "./png.ts";
import type { Confusion, Mistake, TrainingRecord } from "./record.ts";

/** How many mistakes are shown. */
const shownMistakes = 24;

/** A share of `part` in `whole` in per cent, or a dash where nothing was counted. */
function shareOf(part: number, whole: number): string {
  return whole === 0 ? "–" : ((100 * part) / whole).toFixed(1);
}

/** One cell of the matrix. Mistakes are shaded by √(count / highest count), so that few still show. */
function cell(count: number, diagonal: boolean, highest: number): Markup {
  if (diagonal) return html`<td class="right">${formatCount(count)}</td>`;
  if (count === 0) return html`<td class="none">0</td>`;
  const shade = (0.08 + 0.72 * Math.sqrt(count / highest)).toFixed(2);
  return html`<td class="wrong" style="--shade:${shade}">${formatCount(count)}</td>`;
}

/** The matrix: a row for each true class with its recall, and each column's precision below. */
function matrix({ classes, counts }: Confusion): Markup {
  const at = (label: number, predicted: number): number => counts[label]?.[predicted] ?? 0;
  const highest = counts.reduce(
    (top, row, label) => row.reduce((a, n, p) => (p === label ? a : Math.max(a, n)), top),
    0,
  );
  const heads = classes.map((name) => html`<th scope="col">${name}</th>`);
  const rows = classes.map((name, label) => {
    const total = classes.reduce((sum, _, predicted) => sum + at(label, predicted), 0);
    const cells = classes.map((_, predicted) =>
      cell(at(label, predicted), label === predicted, highest),
    );
    return html`<tr><th scope="row">${name}</th>${cells}<td class="share">${shareOf(at(label, label), total)}</td></tr>
`;
  });
  const precisions = classes.map((_, predicted) => {
    const total = classes.reduce((sum, __, label) => sum + at(label, predicted), 0);
    return html`<td class="share">${shareOf(at(predicted, predicted), total)}</td>`;
  });
  return html`<table class="confusion">
<caption>Rows: true class. Columns: class read.</caption>
<thead><tr><th scope="col">true</th>${heads}<th scope="col">recall (%)</th></tr></thead>
<tbody>${rows}</tbody>
<tfoot><tr><th scope="row">precision (%)</th>${precisions}<td></td></tr></tfoot>
</table>`;
}

/** Section: the confusion matrix. */
export function confusionSection(run: TrainingRecord): Markup {
  return html`<section><h2>Confusion matrix</h2>
<div class="scroll" role="region" aria-label="Confusion matrix" tabindex="0">${matrix(run.confusion)}</div>
<p class="note">Test images of each true class by the class the net read. The stronger a mistake's colour, the more of them (by the square root of the count). Recall: share of the row on the diagonal; precision: of the column.</p>
</section>`;
}

/** The most mistaken first: highest loss, not finite above all, ties by index. */
function worstFirst(a: Mistake, b: Mistake): number {
  const lossA = isMeasured(a.loss) ? a.loss : Number.POSITIVE_INFINITY;
  const lossB = isMeasured(b.loss) ? b.loss : Number.POSITIVE_INFINITY;
  return lossA === lossB ? a.index - b.index : lossB - lossA;
}

/** One mistake: the image, enlarged without smoothing, and what was made of it. */
function figure(mistake: Mistake, classes: readonly string[]): Markup {
  const label = classes[mistake.label] ?? "";
  const predicted = classes[mistake.predicted] ?? "";
  const png = Buffer.from(encodePng(imageBytes(mistake), mistake.image)).toString("base64");
  const { width, height } = mistake.image;
  return html`<li><figure><img src="data:image/png;base64,${png}" width="${width}" height="${height}" alt="Test image ${mistake.index}, a ${label}">
<figcaption>${label} read as ${predicted}, <span class="whole">p(${label}) = ${formatProbability(mistake.probability)}</span><span class="note">loss ${isMeasured(mistake.loss) ? mistake.loss.toFixed(2) : "not finite"}, no.${"\u00a0"}${mistake.index}</span></figcaption></figure></li>
`;
}

/** Section: the mistakes with the highest loss, as images. */
export function mistakesSection(run: TrainingRecord): Markup {
  const worst = [...run.mistakes].sort(worstFirst).slice(0, shownMistakes);
  if (worst.length === 0) {
    return html`<section><h2>Worst mistakes</h2><p>No mistake was recorded.</p></section>`;
  }
  return html`<section><h2>Worst mistakes</h2>
<p class="note">Misread test images with the highest loss, at most ${shownMistakes}, worst first; p is what the net gave the true class, the number its place in the test set.</p>
<ol class="mistakes">${worst.map((mistake) => figure(mistake, run.confusion.classes))}</ol></section>`;
}
