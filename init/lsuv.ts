/**
 * LSUV, layer-sequential unit variance: weights scaled by what a batch of data shows.
 * Rests on core. Mishkin & Matas 2016, "All you need is a good init", algorithm 1. It begins with orthogonal weights.
 */
import { assign, divide, noGrad, scope, type Tensor, ValueError, variance } from "../core/index.ts";
import { requireInteger, requirePositive } from "../core/require-number.ts";

/** What LSUV needs of a layer with a weight. */
export interface LsuvLayer {
  readonly name: string;
  /** Multiplies the layer's output: that of a linear layer or a convolution. */
  readonly weight: Tensor;
  /** What the layer gives, before its activation, for the batch and the weights as they are now. */
  output(): Tensor;
}

/** Options of `lsuv`. */
export interface LsuvOptions {
  /** How far the variance may be from 1, > 0; default 0.01. Tol_var in the paper is 0.1. */
  readonly tolerance?: number;
  /** Times that a layer is scaled at most, integer ≥ 1; default 10. T_max in the paper. */
  readonly attempts?: number;
}

/** What happened to a layer. */
export interface LsuvResult {
  readonly name: string;
  /** Variance of its output before and after. */
  readonly before: number;
  readonly after: number;
  /** How often its weight was divided by a standard deviation. */
  readonly attempts: number;
}

/**
 * Divides each layer's weight by the standard deviation of the layer's output, in the order of signals, until its
 * variance is 1 within `tolerance`. Without a bias once is enough, to rounding.
 * Throws ValueError for options out of range, and for an output that is constant or not finite.
 *
 * @example
 * lsuv([{ name: "first", weight: first.weight, output: () => first.forward(x) }]);
 */
export function lsuv(
  layers: Iterable<LsuvLayer>,
  { tolerance = 0.01, attempts = 10 }: LsuvOptions = {},
): readonly LsuvResult[] {
  requirePositive("lsuv", "tolerance", tolerance, "Give a distance from 1 such as 0.01");
  requireInteger("lsuv", "attempts", attempts, 1, "Give a number of times such as 10");
  return [...layers].map((layer) => {
    const before = outputVariance(layer);
    let [after, tried] = [before, 0];
    for (; Math.abs(after - 1) > tolerance && tried < attempts; tried++) {
      const std = Math.sqrt(after);
      noGrad(() => scope(() => assign(layer.weight, divide(layer.weight, std))));
      after = outputVariance(layer);
    }
    return { name: layer.name, before, after, attempts: tried };
  });
}

/** The biased variance over all elements of a layer's output. */
function outputVariance(layer: LsuvLayer): number {
  const found = noGrad(() => scope(() => variance(layer.output()).item()));
  if (found > 0 && found < Infinity) return found;
  throw new ValueError({
    where: "lsuv",
    argument: layer.name,
    expected: "to give outputs of a finite variance > 0",
    got: String(found),
    fix: "Give a batch of data that differ, and weights that are finite and not 0",
  });
}
