/**
 * Mistakes in the rules of ops on whole arrays: reductions, products, convolution, pooling, views.
 * Rests on the records of those ops, of which a rule is overridden.
 */
import { divide, multiply, subtract } from "../../core/ops/arithmetic.ts";
import { equal, where } from "../../core/ops/compare.ts";
import { conv2dInputGradient, conv2dOp } from "../../core/ops/convolution.ts";
import { resolveConvolution } from "../../core/ops/convolution-shapes.ts";
import { concat } from "../../core/ops/join.ts";
import { batchMatmul, batchMatmulOp } from "../../core/ops/matmul.ts";
import { maxPool2dOp } from "../../core/ops/pooling.ts";
import { rsqrt } from "../../core/ops/power.ts";
import { prod, prodOp } from "../../core/ops/product.ts";
import { mean } from "../../core/ops/reduce.ts";
import { cumsum, cumsumOp } from "../../core/ops/scan.ts";
import { sliceOp } from "../../core/ops/slice.ts";
import { softmaxOp } from "../../core/ops/softmax.ts";
import { momentsOp, variance } from "../../core/ops/statistics.ts";
import { keepReduced, type ReduceOptions, sum } from "../../core/ops/sum.ts";
import { reshape, slice } from "../../core/ops/view.ts";
import { col2im, im2col } from "../../core/ops/window.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Fault } from "./fault.ts";
import { standardizeOp } from "./standardize.ts";

/** c·y/x, spread over the reduced axes: NaN where x is 0. */
function quotient(c: Tensor, y: Tensor, x: Tensor, { axis }: ReduceOptions): Tensor {
  return divide(multiply(keepReduced(c, x, axis), keepReduced(y, x, axis)), x);
}

/** A padding of one pixel more before and one less after, or the other way round. */
function shifted([before, after]: readonly [number, number]): readonly [number, number] {
  if (after > 0) return [before + 1, after - 1];
  return before > 0 ? [before - 1, after + 1] : [before, after];
}

/** x with the first slice along axis 0 last. */
function rolled(x: Tensor): Tensor {
  const [rows = 0] = x.shape;
  return rows < 2 ? x : concat([slice(x, [[1]]), slice(x, [[0, 1]])]);
}

/** The mistakes. */
export const arrayFaults: readonly Fault[] = [
  {
    mistake: "division by data: the gradient of prod as y/x",
    right: prodOp,
    wrong: {
      ...prodOp,
      forward: { opaque: ([x], options) => [prod(x, options)] },
      jvp: ([t], { inputs: [x], outputs: [y], attributes }) => [
        t &&
          reshape(sum(multiply(t, quotient(y, divide(y, y), x, attributes)), attributes), y.shape),
      ],
      vjp: ([c], { inputs: [x], outputs: [y], attributes }) => [quotient(c, y, x, attributes)],
    } satisfies typeof prodOp,
    caughtBy: "special points",
  },
  {
    mistake: "the softmax gradient without its sum",
    right: softmaxOp,
    wrong: {
      ...softmaxOp,
      jvp: ([t], { outputs: [y] }) => [t && multiply(t, y)],
      vjp: ([c], { outputs: [y] }) => [multiply(c, y)],
    } satisfies typeof softmaxOp,
    caughtBy: "tangent",
  },
  {
    mistake: "cumsum pulled back in its own direction",
    right: cumsumOp,
    wrong: {
      ...cumsumOp,
      vjp: ([c], { attributes }) => [cumsum(c, attributes)],
    } satisfies typeof cumsumOp,
    caughtBy: "adjoint",
  },
  {
    mistake: "the variance gradient divides by n instead of n − correction",
    right: momentsOp,
    wrong: {
      ...momentsOp,
      jvp: (tangents, at) =>
        momentsOp.jvp?.(tangents, { ...at, attributes: { ...at.attributes, correction: 0 } }) ?? [
          null,
          null,
        ],
      vjp: (cotangents, at, wanted) => {
        const attributes = { ...at.attributes, correction: 0 };
        return momentsOp.vjp?.(cotangents, { ...at, attributes }, wanted) ?? [null];
      },
    } satisfies typeof momentsOp,
    caughtBy: "tangent",
  },
  {
    mistake: "a stale statistic: the mean taken for a constant",
    right: standardizeOp,
    wrong: {
      ...standardizeOp,
      jvp: ([t], at) => [t && staleMean(t, at.inputs[0], at.outputs[0])],
      vjp: ([c], at) => [staleMean(c, at.inputs[0], at.outputs[0])],
    } satisfies typeof standardizeOp,
    caughtBy: "tangent",
  },
  {
    mistake: "a matrix reshaped where it should be transposed",
    right: batchMatmulOp,
    wrong: {
      ...batchMatmulOp,
      vjp: ([c], { inputs: [a, b] }, [wantA, wantB]) => [
        wantA ? batchMatmul(c, reshapedAsTranspose(b)) : null,
        wantB ? batchMatmul(reshapedAsTranspose(a), c) : null,
      ],
    } satisfies typeof batchMatmulOp,
    caughtBy: "adjoint",
  },
  {
    mistake: "padding off by one pixel in the convolution's input gradient",
    right: conv2dOp,
    wrong: {
      ...conv2dOp,
      vjp: (cotangents, at, wanted) => {
        const [c] = cotangents;
        const { inputs, attributes } = at;
        const [x, w] = inputs;
        const { geometry } = resolveConvolution("conv2d", x.shape, w.shape, attributes);
        const [rows, columns] = geometry.padding;
        const options = { ...geometry, padding: [shifted(rows), shifted(columns)] as const };
        const right = conv2dOp.vjp?.(cotangents, at, wanted) ?? [null, null];
        return [
          wanted[0] ? conv2dInputGradient(c, w, { ...options, inputShape: x.shape }) : null,
          right[1],
        ];
      },
    } satisfies typeof conv2dOp,
    caughtBy: "adjoint",
  },
  {
    mistake: "max-pool counts a tie twice",
    right: maxPool2dOp,
    wrong: {
      ...maxPool2dOp,
      vjp: ([c], { inputs: [x], outputs: [y], attributes }) => {
        if (c === null) return [null];
        const sliding = { ...attributes, stride: attributes.stride ?? attributes.window };
        const columns = im2col(x, sliding);
        const [n = 0, channels = 0, height = 0, width = 0] = y.shape;
        const taps = (columns.shape[1] ?? 0) / Math.max(1, channels);
        const windows = reshape(columns, [n, channels, taps, height * width]);
        const one = [n, channels, 1, height * width];
        const winners = where(equal(windows, reshape(y, one)), reshape(c, one), 0);
        return [col2im(reshape(winners, columns.shape), { ...sliding, inputShape: x.shape })];
      },
    } satisfies typeof maxPool2dOp,
    caughtBy: "special points",
  },
  {
    mistake: "the slice gradient lands one row off",
    right: sliceOp,
    wrong: {
      ...sliceOp,
      vjp: (cotangents, at, wanted) => {
        const [right] = sliceOp.vjp?.(cotangents, at, wanted) ?? [null];
        return [right && (right.rank > 0 ? rolled(right) : right)];
      },
    } satisfies typeof sliceOp,
    caughtBy: "adjoint",
  },
];

function reshapedAsTranspose(x: Tensor): Tensor {
  const [columns = 1, rows = 1] = x.shape.slice(-2).reverse();
  return reshape(x, [...x.shape.slice(0, -2), columns, rows]);
}

/** (t − y·mean(y ⊙ t))/σ: the term of the mean is missing. */
function staleMean(t: Tensor, x: Tensor, y: Tensor): Tensor {
  const along = { axis: -1, keepDims: true };
  return multiply(subtract(t, multiply(y, mean(multiply(y, t), along))), rsqrt(variance(x, along)));
}
