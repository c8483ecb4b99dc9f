/**
 * Pooling over whole images: mean and maximum of each channel of [N, C, H, W].
 * Rests on bind, geometry and reduce, which brings the derivatives.
 */
import { bindOne } from "../bind.ts";
import { floatDTypes, requireDType } from "../dtype.ts";
import { exact, summation } from "../error-bound.ts";
import { ShapeError } from "../errors.ts";
import { average, fibre, mapElements, type NdArray, nd, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import { image } from "../op-examples.ts";
import type { Sampler } from "../sampling.ts";
import { formatShape, type Shape, sizeOf } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { requireFourAxes } from "./geometry.ts";
import { max, mean } from "./reduce.ts";
import type { UnaryRecord } from "./shorthand.ts";

/** Options of pooling over whole images. */
export interface GlobalPoolOptions {
  /** Whether height and width stay, with length 1; default false. */
  readonly keepDims?: boolean;
}

function inferGlobal(
  name: string,
  x: TensorType,
  { keepDims = false }: GlobalPoolOptions,
): TensorType {
  requireDType(name, "x", x.dtype, floatDTypes);
  const [n, channels, height, width] = requireFourAxes(name, "x", x.shape, "[N, C, H, W]");
  requirePixels(name, x.shape, height * width);
  return { shape: keepDims ? [n, channels, 1, 1] : [n, channels], dtype: x.dtype };
}

function requirePixels(name: string, shape: Shape, pixels: number): void {
  if (pixels === 0) {
    throw new ShapeError({
      where: name,
      argument: "x",
      expected: "to have at least one pixel",
      got: formatShape(shape),
      fix: "Check what came before: the image is empty",
    });
  }
}

/** What is common to both records of pooling over whole images. */
function globalPool(
  name: string,
  formula: string,
  pool: (x: Tensor, options: { axis: readonly number[]; keepDims?: boolean }) => Tensor,
  reduce: (pixels: readonly number[]) => number,
): Omit<UnaryRecord<GlobalPoolOptions>, "sample" | "special" | "bound"> {
  return {
    name,
    family: "pooling",
    inputNames: ["x"],
    formula,
    source: "Lin, Chen & Yan 2014, section 3.2",
    infer: ([x], options) => [inferGlobal(name, x, options)],
    forward: { compose: ([x], options) => [pool(x, { axis: [2, 3], ...options })] },
    errors: [
      {
        inputs: [nd([1, 2])],
        attributes: {},
        message: `${name}: expected x to have 4 axes [N, C, H, W], got [2]. Reshape it; a missing axis has length 1.`,
      },
      {
        inputs: [nd([[[[]]]])],
        attributes: {},
        message: `${name}: expected x to have at least one pixel, got [1, 1, 1, 0]. Check what came before: the image is empty.`,
      },
      {
        inputs: [nd([[[[1, 2]]]], "int32")],
        attributes: {},
        message: `${name}: expected x to be float32 or float64, got int32. Cast it, for example x.cast("float32").`,
      },
    ],
    reference: (inputs, options) => inputs.map((x) => globalArray(x, options, reduce)),
  };
}

function globalArray(
  x: NdArray,
  { keepDims = false }: GlobalPoolOptions,
  reduce: (pixels: readonly number[]) => number,
): NdArray {
  const lead = x.shape.slice(0, 2);
  const y = tabulate(lead, (index) => reduce(fibre(x, [...index, 0, 0], [2, 3])));
  return keepDims ? { ...y, shape: [...lead, 1, 1] } : y;
}

/** [N, C, H, W] with pixels. */
function drawImages(draw: Sampler): Shape {
  return [draw.integer(0, 2), draw.integer(1, 3), draw.integer(1, 4), draw.integer(1, 4)];
}

/** The record of `globalAvgPool2d`. */
export const globalAvgPool2dOp: UnaryRecord<GlobalPoolOptions> = {
  ...globalPool("globalAvgPool2d", "y[n,c] = mean of x[n,c,·,·]", mean, average),
  sample: (draw) => ({
    inputs: [draw.values(drawImages(draw), { min: -3, max: 3 })],
    attributes: { keepDims: draw.boolean() },
  }),
  special: [
    {
      title: "each pixel has an equal share of the gradient",
      inputs: [
        image([
          [1, 2],
          [3, 6],
        ]),
      ],
      attributes: {},
      output: nd([[3]]),
      gradients: [
        image([
          [0.25, 0.25],
          [0.25, 0.25],
        ]),
      ],
    },
  ],
  bound: summation(
    ({ inputs: [x] }) => (x ? sizeOf(x.shape.slice(2)) : 0) + 1,
    ({ inputs: [x], attributes, output }) =>
      x ? globalArray(mapElements(x, Math.abs), attributes, average) : output,
    "a sum of H·W terms and a division",
  ),
};

/** The record of `globalMaxPool2d`. */
export const globalMaxPool2dOp: UnaryRecord<GlobalPoolOptions> = {
  ...globalPool("globalMaxPool2d", "y[n,c] = max of x[n,c,·,·]", max, (xs) => Math.max(...xs)),
  sample: (draw) => ({
    inputs: [draw.distinct(drawImages(draw), { min: -3, max: 3 })],
    attributes: { keepDims: draw.boolean() },
  }),
  special: [
    {
      title: "equal maxima share the gradient, as in max",
      inputs: [
        image([
          [2, 2],
          [1, 0],
        ]),
      ],
      attributes: {},
      output: nd([[2]]),
      gradients: [
        image([
          [0.5, 0.5],
          [0, 0],
        ]),
      ],
    },
  ],
  bound: exact("elements are compared, never changed"),
};

/**
 * The mean of each image's channel. x: [N, C, H, W] → [N, C], or [N, C, 1, 1] with `keepDims`.
 * Throws ShapeError for another rank or an image without pixels. Lin, Chen & Yan 2014, section 3.2.
 */
export function globalAvgPool2d(x: Tensor, options: GlobalPoolOptions = {}): Tensor {
  return bindOne(globalAvgPool2dOp, [x], options);
}

/**
 * The maximum of each image's channel. x: [N, C, H, W] → [N, C], or [N, C, 1, 1] with `keepDims`.
 * Equal maxima share the gradient, unlike in maxPool2d. Throws ShapeError for another rank or an image
 * without pixels.
 */
export function globalMaxPool2d(x: Tensor, options: GlobalPoolOptions = {}): Tensor {
  return bindOne(globalMaxPool2dOp, [x], options);
}

/** The records of this file. */
export const globalPoolingOps: readonly OpRecord[] = [globalAvgPool2dOp, globalMaxPool2dOp];
