/**
 * standardize: zero mean and unit variance along the last axis, with rules of its own.
 * Rests on statistics. The right twin of the stale statistic; its kernel is a composition that no interpreter sees.
 */
import { fibre, mapElements, type NdArray, tabulate } from "../../core/nd-array.ts";
import { divide, multiply, subtract } from "../../core/ops/arithmetic.ts";
import { rsqrt, sqrt } from "../../core/ops/power.ts";
import { mean } from "../../core/ops/reduce.ts";
import type { UnaryRecord } from "../../core/ops/shorthand.ts";
import { variance } from "../../core/ops/statistics.ts";
import type { Tensor } from "../../core/tensor.ts";

const along = { axis: -1, keepDims: true };

/** (t − mean t − y·mean(y ⊙ t))/σ. The Jacobian is symmetric. */
function derivative(t: Tensor, x: Tensor, y: Tensor): Tensor {
  const centred = subtract(t, mean(t, along));
  return multiply(
    subtract(centred, multiply(y, mean(multiply(y, t), along))),
    rsqrt(variance(x, along)),
  );
}

function standardized(x: NdArray): NdArray {
  const last = x.shape.length - 1;
  return tabulate(x.shape, (index) => {
    const row = fibre(x, index, [last]);
    const centre = row.reduce((a, b) => a + b, 0) / row.length;
    const spread = row.reduce((a, b) => a + (b - centre) ** 2, 0) / row.length;
    return ((fibre(x, index, [])[0] ?? 0) - centre) / Math.sqrt(spread);
  });
}

/** The record of `standardize`. */
export const standardizeOp: UnaryRecord = {
  name: "standardize",
  family: "teeth",
  formula: "y = (x − mean x)/σ along the last axis",
  source: "definition",
  inputNames: ["x"],
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  forward: {
    opaque: ([x]) => [divide(subtract(x, mean(x, along)), sqrt(variance(x, along)))],
  },
  jvp: ([t], { inputs: [x], outputs: [y] }) => [t && derivative(t, x, y)],
  vjp: ([c], { inputs: [x], outputs: [y] }) => [derivative(c, x, y)],
  sample: (draw) => {
    const rows = draw.shape({ maxRank: 2 });
    return {
      inputs: [draw.distinct([...rows, draw.integer(2, 4)], { min: -3, max: 3 })],
      attributes: {},
    };
  },
  special: [],
  errors: [],
  reference: (inputs) => inputs.map(standardized),
  bound: {
    reason: "roundings of magnitude max|x|/σ, which the distance of the samples keeps below 10³",
    of: ({ output, unit }) => mapElements(output, (y) => 1e4 * unit * (1 + Math.abs(y))),
  },
};
