/**
 * The sections of a report that show curves: loss and accuracy.
 * Rests on record, html, curves and chart.
 */
import { renderChart } from "./chart.ts";
import { accuracyAxis, envelope, lossAxis, type Point, smooth, smoothingWindow } from "./curves.ts";
import {
  formatCount,
  formatMeasure,
  formatPercent,
  html,
  isMeasured,
  type Markup,
} from "./html.ts";
import type { TrainingRecord } from "./record.ts";

/** Stretches of the raw loss that are drawn at most, and points of the smoothed one. */
const drawnBuckets = 600;

/** The last epoch that any curve reaches. */
function lastEpoch(run: TrainingRecord): number {
  const ends = [...run.steps, ...run.epochs].map(({ epoch }) => epoch);
  const end = ends.reduce((a, b) => Math.max(a, b), 0);
  return end > 0 ? end : 1;
}

/** What the caption of the loss says of points that cannot be drawn. */
function undrawn(count: number): string {
  if (count === 0) return "";
  return ` ${formatCount(count)} ${count === 1 ? "step" : "steps"} with a loss that is not finite ${count === 1 ? "is" : "are"} not drawn.`;
}

/** Section: the loss of each step, smoothed, and of the test set after each epoch. */
export function lossSection(run: TrainingRecord): Markup {
  const raw = run.steps.flatMap(({ epoch: x, loss: y }): Point[] =>
    isMeasured(y) ? [{ x, y }] : [],
  );
  const tests = run.epochs.flatMap(({ epoch: x, testLoss: y }): Point[] =>
    isMeasured(y) ? [{ x, y }] : [],
  );
  const window = smoothingWindow(raw.length);
  const smoothed = window > 1;
  const axis = lossAxis([...raw, ...tests].map(({ y }) => y));
  const thinned = raw.length > 2 * drawnBuckets;
  const last = run.epochs.at(-1);
  const colour = "var(--train)";
  const chart = renderChart(
    {
      id: "loss",
      title: "Loss during training",
      description: `Training loss of ${formatCount(run.steps.length)} steps and test loss of ${run.epochs.length} epochs, ${run.lossName}. Last test loss ${formatMeasure(last?.testLoss ?? null)}.`,
      yLabel: run.lossName,
      y: axis,
      xEnd: lastEpoch(run),
      series: [
        {
          name: "training, each step",
          colour,
          points: envelope(raw, drawnBuckets),
          ...(smoothed ? { width: 1, opacity: 0.45 } : {}),
        },
        ...(smoothed
          ? [
              {
                name: "training, smoothed",
                colour,
                width: 2.5,
                points: smooth(raw, window, drawnBuckets),
              },
            ]
          : []),
        {
          name: "test, after each epoch",
          colour: "var(--test)",
          points: tests,
          symbol: "square",
          tips: tests.map(({ x, y }) => `epoch ${x}: test loss ${formatMeasure(y)}`),
        },
      ],
    },
    `${
      smoothed
        ? `Smoothed: mean over a centred window of ${window} steps, cut off at both ends.`
        : "Too few steps to smooth."
    }${
      thinned ? ` Each step: lowest and highest of ${drawnBuckets} equal stretches.` : ""
    }${axis.type === "log" ? " Logarithmic axis." : ""}${undrawn(run.steps.length - raw.length)}`,
  );
  return html`<section><h2>Loss</h2>${chart}</section>`;
}

/** Section: accuracy on both sets after each epoch, as curves and as numbers. */
export function accuracySection(run: TrainingRecord): Markup {
  const last = run.epochs.at(-1);
  if (last === undefined) {
    return html`<section><h2>Accuracy</h2><p>No epoch was completed.</p></section>`;
  }
  const train = run.epochs.map(({ epoch: x, trainAccuracy }) => ({ x, y: 100 * trainAccuracy }));
  const tests = run.epochs.map(({ epoch: x, testAccuracy }) => ({ x, y: 100 * testAccuracy }));
  const tips = (name: string, points: readonly Point[]): readonly string[] =>
    points.map(({ x, y }) => `epoch ${x}: ${name} ${formatPercent(y / 100)}`);
  const axis = accuracyAxis([...train, ...tests].map(({ y }) => y));
  const chart = renderChart(
    {
      id: "accuracy",
      title: "Accuracy after each epoch",
      description: `After epoch ${last.epoch}: ${formatPercent(last.trainAccuracy)} of the training and ${formatPercent(last.testAccuracy)} of the test images.`,
      yLabel: "accuracy (%)",
      y: axis,
      xEnd: lastEpoch(run),
      series: [
        {
          name: "training",
          colour: "var(--train)",
          points: train,
          symbol: "circle",
          tips: tips("training", train),
        },
        {
          name: "test",
          colour: "var(--test)",
          points: tests,
          symbol: "square",
          tips: tips("test", tests),
        },
      ],
    },
    `Training: over the epoch's examples as they were trained on, while the net still changed. Test: after the epoch.${
      axis.domain[0] > 0 ? ` The axis begins at ${axis.domain[0]}\u00a0%.` : ""
    }`,
  );
  const rows = run.epochs.map(
    (point) =>
      html`<tr><th scope="row">${point.epoch}</th><td>${formatMeasure(point.trainLoss)}</td><td>${formatMeasure(point.testLoss)}</td><td>${formatPercent(point.trainAccuracy)}</td><td>${formatPercent(point.testAccuracy)}</td></tr>`,
  );
  const table = html`<div class="scroll" role="region" aria-label="Figures of each epoch" tabindex="0"><table class="numbers">
<thead><tr><th scope="col">epoch</th><th scope="col">training loss</th><th scope="col">test loss</th><th scope="col">training accuracy</th><th scope="col">test accuracy</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
  return html`<section><h2>Accuracy</h2>${chart}<details><summary>Figures of each epoch</summary>${table}</details></section>`;
}
