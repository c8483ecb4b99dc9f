/**
 * Re-estimation: puts the exact statistics of a whole set of examples in place of BatchNorm's averages.
 * Rests on batch-norm, modes and core. Chan, Golub & LeVeque 1983 for the moments of parts put together.
 */
import {
  assign,
  batchNorm,
  buffer,
  noGrad,
  scope,
  type Tensor,
  tensor,
  ValueError,
} from "../core/index.ts";
import { BatchNorm } from "./batch-norm.ts";
import type { Layer } from "./layer.ts";
import { whileEvaluating } from "./modes.ts";

/** What a batch must hold; labels may be there. */
export interface ReestimateBatch {
  /** What the net takes. */
  readonly x: Tensor;
}

/**
 * Gives every BatchNorm of `net` that tracks statistics the exact mean and variance, over all examples of `batches`, of
 * what it is given in evaluation mode. One layer after the other, in the order in which the forward pass comes to them:
 * those before it normalize by their new statistics already, so that afterwards the net in evaluation mode normalizes
 * these examples exactly, and the size of batches makes no difference but in rounding. (Averages over batches in
 * training mode, as in PyTorch's update_bn, depend on it.) Each layer takes a pass over `batches`, and one more finds
 * the order: they must be iterable again and again. A data loader counts these passes as epochs: use one of its own.
 *
 * Sums are taken in float64. A layer that the forward pass does not come to stays as it is. Modes stay, and after an
 * error so do all statistics. Throws ValueError where `net` has no such layer, or `batches`
 * gives none, or not as many in every pass.
 *
 * @example
 * reestimate(net, new DataLoader(trainingSet, { batchSize: 256, shuffle: false }));
 */
export function reestimate(net: Layer, batches: Iterable<ReestimateBatch>): void {
  const before = Object.values(net.namedBuffers()).map((cell) => [cell, buffer(cell)] as const);
  try {
    whileEvaluating(net, () => {
      const { order, count } = normalizationsOf(net, batches);
      for (const layer of order) {
        const moments = momentsAt(layer, net, batches);
        if (moments.batches !== count) {
          throw unfit(`to give ${count} batches in every pass`, String(moments.batches));
        }
        const { dtype } = layer.assembly.buffers["movingMean"] ?? { dtype: "float32" };
        scope(() =>
          layer.setStatistics(
            tensor(moments.mean, { dtype }),
            tensor(moments.variance, { dtype }),
            moments.count,
            moments.batches,
          ),
        );
      }
    });
  } catch (error) {
    for (const [cell, value] of before) assign(cell, value);
    throw error;
  } finally {
    for (const [, { storage }] of before) storage.release("statistics were estimated again");
  }
}

/** Those that track statistics, in the order of the forward pass, and the number of batches. */
function normalizationsOf(
  net: Layer,
  batches: Iterable<ReestimateBatch>,
): { readonly order: readonly BatchNorm[]; readonly count: number } {
  const found = [...net.walk()].filter((layer) => layer instanceof BatchNorm && layer.track);
  if (found.length === 0) {
    throw new ValueError({
      where: "reestimate",
      argument: "net",
      expected: "to hold a BatchNorm that tracks statistics",
      got: "none",
      fix: "Other layers have nothing to estimate",
    });
  }
  const order = new Set<BatchNorm>();
  const stop = net.observe({
    activation: ({ layer }) => {
      if (layer instanceof BatchNorm && layer.track) order.add(layer);
    },
  });
  let count = 0;
  try {
    for (const { x } of batches) {
      if (count === 0) pass(net, x);
      count += 1;
    }
  } finally {
    stop();
  }
  if (count === 0) throw unfit("to give at least one batch", "none");
  return { order: [...order], count };
}

/** Mean and biased variance of each channel, of so many elements in so many batches. */
interface Moments {
  readonly mean: Float64Array;
  readonly variance: Float64Array;
  readonly count: number;
  readonly batches: number;
}

/** The moments of what `layer` is given in a pass over all batches. */
function momentsAt(layer: BatchNorm, net: Layer, batches: Iterable<ReestimateBatch>): Moments {
  const { channels } = layer;
  const mean = new Float64Array(channels);
  const variance = new Float64Array(channels);
  let count = 0;
  let passes = 0;
  const stop = layer.observe({
    activation: ({ input }) => {
      const part = batchNorm(input.cast("float64"), null, null);
      const [means, variances] = [part.mean.elements(), part.variance.elements()];
      const size = input.size / channels;
      const total = count + size;
      for (let c = 0; c < channels; c++) {
        const apart = (means[c] ?? 0) - (mean[c] ?? 0);
        const within = (variance[c] ?? 0) * count + (variances[c] ?? 0) * size;
        variance[c] = (within + apart * apart * count * (size / total)) / total;
        mean[c] = (mean[c] ?? 0) + apart * (size / total);
      }
      count = total;
    },
  });
  try {
    for (const { x } of batches) {
      pass(net, x);
      passes += 1;
    }
  } finally {
    stop();
  }
  return { mean, variance, count, batches: passes };
}

function unfit(expected: string, got: string): ValueError {
  const fix = "Give what can be iterated again and again, such as a loader or an array";
  return new ValueError({ where: "reestimate", argument: "batches", expected, got, fix });
}

function pass(net: Layer, x: Tensor): void {
  noGrad(() =>
    scope(() => {
      net.forward(x);
    }),
  );
}
