/**
 * Gradient noise: how far the gradients of single examples lie apart beside their mean.
 * Rests on core, layers and untouched. McCandlish et al. 2018, "An Empirical Model of Large-Batch Training", section 2.2
 * and appendix A.1.
 */
import { functionalCall, scope, type Tensor, ValueError, valueAndGrad } from "../../core/index.ts";
import type { Layer } from "../../layers/index.ts";
import { keepingPlace } from "../training/evaluate.ts";
import { untouched } from "./untouched.ts";
import { norm } from "./updates.ts";

/** What the gradients of some batches say. */
export interface GradientNoise {
  /** Examples in a batch, and batches. */
  readonly batchSize: number;
  readonly batches: number;
  /** |G|² of the true gradient, without bias: it may be below 0 where noise drowns it. */
  readonly squaredGradient: number;
  /** tr Σ, the summed variances of the gradient of one example, without bias. */
  readonly variance: number;
  /** The simple noise scale tr Σ/|G|², in examples: larger batches than this gain little. Infinity where |G|² ≤ 0. */
  readonly scale: number;
}

/**
 * The simple noise scale of `net` as it stands, from the gradients of `batches`, two or more of one size; a loader gives one
 * epoch and keeps its place. Losses are means over a batch. The net runs in the modes it is in, and is put back afterwards:
 * statistics, streams, gradients. Frozen parameters are left out.
 *
 * With k batches of b examples, mean ḡ and s² = Σ|g_i - ḡ|²/(k - 1): tr Σ = b·s² and |G|² = |ḡ|² - s²/k.
 * Batches of one epoch hold no example twice, so tr Σ is that of drawing from an endless set of the same spread.
 * Throws ValueError for fewer than two batches, or of different sizes.
 *
 * @example
 * const { scale } = gradientNoise(net, loader, (logits, { y }) => crossEntropy(logits, y));
 */
export function gradientNoise<Batch extends { readonly x: Tensor }>(
  net: Layer,
  batches: Iterable<Batch>,
  loss: (outputs: Tensor, batch: Batch) => Tensor,
): GradientNoise {
  let [count, size, spread] = [0, 0, 0];
  let mean = new Float64Array(0);
  untouched(net, () =>
    keepingPlace(batches, () => {
      for (const batch of batches) {
        const [examples = 1] = batch.x.shape;
        if (count > 0 && examples !== size) throw unequal(size, examples);
        const gradient = flatGradient(net, batch, loss);
        if (count === 0) [size, mean] = [examples, new Float64Array(gradient.length)];
        count += 1;
        // Welford 1962: each new gradient beside the mean before it and the mean with it.
        for (let i = 0; i < gradient.length; i++) {
          const [g = 0, old = 0] = [gradient[i], mean[i]];
          const fresh = old + (g - old) / count;
          spread += (g - old) * (g - fresh);
          mean[i] = fresh;
        }
      }
    }),
  );
  if (count < 2) {
    throw new ValueError({
      where: "gradientNoise",
      argument: "batches",
      expected: "to give two batches or more",
      got: String(count),
      fix: "Take smaller batches: one gradient tells nothing of its noise",
    });
  }
  const deviation = spread / (count - 1);
  const length = norm(mean.length, (i) => mean[i] ?? 0);
  const squaredGradient = length * length - deviation / count;
  const variance = size * deviation;
  const scale = squaredGradient > 0 ? variance / squaredGradient : Infinity;
  return { batchSize: size, batches: count, squaredGradient, variance, scale };
}

/** The gradients of all parameters that are not frozen, one after the other: at the net as it stands, in the modes it is in. */
export function flatGradient<Batch extends { readonly x: Tensor }>(
  net: Layer,
  batch: Batch,
  loss: (outputs: Tensor, batch: Batch) => Tensor,
): Float64Array {
  const trained = Object.fromEntries(
    Object.entries(net.namedParameters()).filter(([, cell]) => cell.requiresGrad),
  );
  const parts = scope(() => {
    const f = (parameters: Readonly<Record<string, Tensor>>): Tensor =>
      loss(functionalCall(net, parameters, batch.x), batch);
    const { gradient } = valueAndGrad(f)(trained);
    return Object.values(gradient).map((part) => part.elements());
  });
  const flat = new Float64Array(parts.reduce((total, { length }) => total + length, 0));
  let place = 0;
  for (const part of parts) {
    flat.set(part, place);
    place += part.length;
  }
  return flat;
}

function unequal(size: number, examples: number): ValueError {
  return new ValueError({
    where: "gradientNoise",
    argument: "batches",
    expected: `to hold ${size} examples each, as the first`,
    got: String(examples),
    fix: "Make the loader with dropLast: true",
  });
}
