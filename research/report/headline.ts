/**
 * The head of a report: accuracy with its interval, fingerprint, and the command that repeats them.
 * Rests on record, html and page.
 */
import { tally } from "./check-record.ts";
import { formatCount, formatPercent, html, type Markup } from "./html.ts";
import { unbroken } from "./page.ts";
import type { TrainingRecord } from "./record.ts";

/**
 * The 95 % interval of a share of `right` in `total`.
 * (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n), z = 1.96. Wilson 1927, "Probable inference".
 */
export function wilsonInterval(right: number, total: number): readonly [number, number] {
  const z = 1.959963984540054;
  const p = right / total;
  const centre = p + (z * z) / (2 * total);
  const spread = z * Math.sqrt((p * (1 - p)) / total + (z * z) / (4 * total * total));
  const scale = 1 + (z * z) / total;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}

/** The figures that count: accuracy, fingerprint, and the command that repeats them. */
export function headline(run: TrainingRecord): Markup {
  const { total, right } = tally(run.confusion);
  const [low, high] = wilsonInterval(right, total);
  return html`<section class="headline" aria-label="Headline figures">
<div class="accuracy"><span class="label">Test accuracy</span><strong>${formatPercent(run.testAccuracy)}</strong>
<span class="note">${formatCount(right)} of ${formatCount(total)} test images; 95${"\u00a0"}% interval for the draw of the test set ${formatPercent(low)} to ${formatPercent(high)} (Wilson)</span></div>
<dl>
<dt>Fingerprint</dt><dd><code class="hash">${run.fingerprint}</code><br><span class="note">${
    run.bitReproducible
      ? "The command below gives the same one on any machine."
      : "Not bit-reproducible: on this device the next run may give another one."
  }</span></dd>
<dt>Repeat this run</dt><dd><pre><code>${unbroken(run.command)}</code></pre></dd>
</dl>
</section>`;
}
