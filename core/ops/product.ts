/**
 * The product over axes. A reduced axis disappears unless `keepDims`.
 * Rests on multiply and view. Over no elements it is 1.
 */
import { bindOne } from "../bind.ts";
import { numericDTypes } from "../dtype.ts";
import { summation } from "../error-bound.ts";
import { nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import { numbersOnly } from "../op-examples.ts";
import type { UnaryRecord } from "../op-kinds.ts";
import { reducedShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { multiply } from "./arithmetic.ts";
import { scalarOn } from "./operands.ts";
import {
  axesOf,
  axisErrors,
  countOf,
  drawReduction,
  inferReduction,
  type ReduceOptions,
  reduceArray,
  reducedCount,
} from "./sum.ts";
import { broadcastTo, permute, reshape, slice } from "./view.ts";

/**
 * Π over the first axis of x [n, …], n ≥ 1, as a tree: one half times the other. The derivative of each
 * multiplication is the other factor itself, so zeros need no care. The order depends on n alone.
 */
function productTree(x: Tensor): Tensor {
  const [n = 1, ...rest] = x.shape;
  if (n === 1) return reshape(x, rest);
  const half = Math.floor(n / 2);
  const halves = multiply(slice(x, [[0, half]]), slice(x, [[half, 2 * half]]));
  const product = productTree(halves);
  return n % 2 === 0 ? product : multiply(product, slice(x, [n - 1]));
}

function product(x: Tensor, { axis, keepDims = false }: ReduceOptions): Tensor {
  const axes = axesOf(x.shape, axis);
  const keptAxes = reducedShape(
    x.shape.map((_, i) => i),
    axes,
    false,
  );
  const kept = reducedShape(x.shape, axes, false);
  const count = reducedCount(x.shape, axis);
  const y =
    count === 0
      ? broadcastTo(scalarOn(x, x.dtype, 1), kept)
      : productTree(reshape(permute(x, [...axes, ...keptAxes]), [count, ...kept]));
  return reshape(y, reducedShape(x.shape, axes, keepDims));
}

/** The record of `prod`. */
export const prodOp: UnaryRecord<ReduceOptions> = {
  name: "prod",
  family: "reduce",
  formula: "y = Π x over the axes",
  source: "definition",
  inputNames: ["x"],
  infer: ([x], options) => [inferReduction("prod", x, options, numericDTypes)],
  forward: { compose: ([x], options) => [product(x, options)] },
  sample: (draw) => {
    const { shape, options } = drawReduction(draw, { empty: true });
    return { inputs: [draw.values(shape, { min: -1.5, max: 1.5 })], attributes: options };
  },
  special: [
    {
      title: "where one element is zero, it alone has a gradient: the product of the others",
      inputs: [nd([2, 0, 3])],
      attributes: {},
      output: nd(0),
      gradients: [nd([0, 6, 0])],
    },
    {
      title: "where two elements are zero, no element has a gradient",
      inputs: [nd([0, 2, 0, 3, 5])],
      attributes: {},
      output: nd(0),
      gradients: [nd([0, 0, 0, 0, 0])],
    },
    {
      title: "an empty product is 1",
      inputs: [nd([])],
      attributes: {},
      output: nd(1),
      gradients: [nd([])],
    },
  ],
  errors: [...axisErrors("prod"), numbersOnly("prod", {})],
  reference: (inputs, options) =>
    inputs.map((x) => reduceArray("prod", x, options, (xs) => xs.reduce((a, b) => a * b, 1))),
  bound: summation(
    countOf,
    ({ output }) => output,
    "n − 1 roundings, each relative to the product so far: γ_n·|y|",
  ),
};

/**
 * Product over axes. x: [...] → x without the axes; 1 over no elements. The gradient is exact at zeros.
 * Throws AxisError for an axis outside [-rank, rank) or named twice, DTypeError for bool.
 *
 * @example
 * grad((x) => prod(x))(tensor([2, 0, 3])); // [0, 6, 0]
 */
export function prod(x: Tensor, options: ReduceOptions = {}): Tensor {
  return bindOne(prodOp, [x], options);
}

/** The records of this file. */
export const productOps: readonly OpRecord[] = [prodOp];
