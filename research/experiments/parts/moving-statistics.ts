/**
 * What BatchNorm normalizes by in evaluation, and what a net answers in training mode.
 * Rests on core, layers and probes.
 */
import { accuracyMetric, noGrad, scope } from "../../../core/index.ts";
import type { Layer } from "../../../layers/index.ts";
import type { MetricValues } from "../../engine/index.ts";
import { untouched } from "../../probes/index.ts";
import type { Labelled } from "../../training/evaluate.ts";

/** Means and variances, channel after channel. */
export interface Statistics {
  readonly mean: readonly number[];
  readonly variance: readonly number[];
}

/** What evaluation normalizes by: of all channels of all layers. */
export function statisticsOf(net: Layer): Statistics {
  const cells = Object.entries(net.namedBuffers());
  const all = (name: string): readonly number[] =>
    cells.flatMap(([key, cell]) => (key.endsWith(name) ? [...cell.elements()].map(Number) : []));
  return { mean: all("movingMean"), variance: all("movingVariance") };
}

/** How far moving means are off, in exact standard deviations, and moving over exact variances: means of all channels. */
export function distances(moving: Statistics, exact: Statistics): MetricValues {
  const n = exact.mean.length;
  let [meanOff, varianceRatio] = [0, 0];
  exact.variance.forEach((variance, c) => {
    meanOff +=
      Math.abs((moving.mean[c] ?? 0) - (exact.mean[c] ?? 0)) / Math.sqrt(variance + 1e-5) / n;
    varianceRatio += ((moving.variance[c] ?? 0) + 1e-5) / (variance + 1e-5) / n;
  });
  return { meanOff, varianceRatio };
}

/** The error where every batch is normalized by itself, as in training; the net is as before afterwards. */
export function errorInTraining(net: Layer, data: Iterable<Labelled>): number {
  const count = accuracyMetric.start();
  untouched(net, () => {
    for (const { x, y } of data) scope(() => noGrad(() => count.add(net.forward(x), y)));
  });
  return 1 - count.value();
}
