/**
 * How far rounding may carry a convolution by Winograd's algorithm: the algorithm itself with absolute values of all that it
 * is given and of its transforms adds up what each rounding is relative to. Rests on winograd-shapes.
 * With n roundings on the way of a term, |error| ≤ γ_n·|A|ᵀ[(|G|·|w|·|G|ᵀ) ⊙ (|B|ᵀ·|x|·|B|)]|A| (Higham 2002, sections 3.1
 * and 24.2.2 for the way of counting). An output of which that is not finite is summed directly.
 */
import type { Conv2dGeometry } from "./devices/kernels.ts";
import { type Shape, sizeOf } from "./shape.ts";
import type { Matrix, WinogradForm } from "./winograd-shapes.ts";

/** The convolution and its two adjoints. */
export type ConvolutionName = "conv2d" | "conv2dInputGradient" | "conv2dWeightGradient";

/** Elements in row-major order. */
interface Elements {
  readonly shape: Shape;
  readonly data: ArrayLike<number>;
}

/** What was convolved. */
export interface WinogradSums {
  readonly name: ConvolutionName;
  readonly form: WinogradForm;
  /** In the order of the op: image and weight, dy and weight, image and dy. */
  readonly inputs: readonly [Elements, Elements];
  readonly padding: Conv2dGeometry["padding"];
  /** Of the result. */
  readonly shape: Shape;
  /** Unit roundoff and the smallest positive number. */
  readonly unit: number;
  readonly tiny: number;
}

/**
 * What a transform may be of, at the least, so that its roundings among the smallest numbers count as relative ones: this
 * times tiny/u. Rows of |G| along both axes make a quarter of it and more.
 */
const least = 8;
/** Room of a product among the smallest numbers, in `tiny`: |A| along both axes adds up less. */
const roomOfProduct = 128;

/** How far each element of the result may lie from the exact one, or from a direct sum where it is not finite. */
export function winogradRoom(sums: WinogradSums): readonly number[] {
  const { name, form, inputs, padding, shape, unit, tiny } = sums;
  const [a, b] = inputs.map((one) => absolute(one, (least * tiny) / unit));
  if (a === undefined || b === undefined) return [];
  const before = [padding[0][0], padding[1][0]] as const;
  const magnitudes = {
    conv2d: () => forward(form, a, b, before, shape),
    conv2dInputGradient: () =>
      forward(form, a, turned(b), [form.taps - 1 - before[0], form.taps - 1 - before[1]], shape),
    conv2dWeightGradient: () => weightGradient(form, a, b, before),
  }[name]();
  const n = termsOf(sums) + form.roundings;
  const gamma = (n * unit) / (1 - n * unit);
  return Array.from(magnitudes, (size) => gamma * size + roomOfProduct * n * tiny);
}

/** Products that an output sums in each element of its tile, at most. */
function termsOf({ name, inputs: [a, b] }: WinogradSums): number {
  const [n = 0, depth = 0] = a.shape;
  const [, , height = 0, width = 0] = b.shape;
  return name === "conv2dWeightGradient" ? n * height * width : depth;
}

function absolute({ shape, data }: Elements, more: number): Elements {
  return { shape, data: Float64Array.from(data, (value) => Math.abs(value) + more) };
}

/** w[k, c, r, s] with its first axes changed and its taps turned around: what the input gradient convolves dy with. */
function turned({ shape, data }: Elements): Elements {
  const [kernels = 0, channels = 0, ...window] = shape;
  const taps = sizeOf(window);
  const result = new Float64Array(data.length);
  for (let k = 0; k < kernels; k++) {
    for (let c = 0; c < channels; c++) {
      for (let tap = 0; tap < taps; tap++) {
        result[taps * (c * kernels + k) + taps - 1 - tap] =
          data[taps * (k * channels + c) + tap] ?? 0;
      }
    }
  }
  return { shape: [channels, kernels, ...window], data: result };
}

/** |M|·x·|M|ᵀ of a square x. An entry of 0 takes nothing in, also of what is not finite. */
function sandwich(matrix: Matrix, x: ArrayLike<number>): Float64Array {
  const [rows, columns] = [matrix.length, matrix[0]?.length ?? 0];
  const half = new Float64Array(rows * columns);
  const whole = new Float64Array(rows * rows);
  matrix.forEach((row, i) => {
    row.forEach((factor, from) => {
      if (factor === 0) return;
      for (let j = 0; j < columns; j++) {
        half[i * columns + j] =
          (half[i * columns + j] ?? 0) + Math.abs(factor) * (x[from * columns + j] ?? 0);
      }
    });
  });
  for (let i = 0; i < rows; i++) {
    matrix.forEach((row, j) => {
      row.forEach((factor, from) => {
        if (factor === 0) return;
        whole[i * rows + j] =
          (whole[i * rows + j] ?? 0) + Math.abs(factor) * (half[i * columns + from] ?? 0);
      });
    });
  }
  return whole;
}

function transposed(matrix: Matrix): Matrix {
  return (matrix[0] ?? []).map((_, j) => matrix.map((row) => row[j] ?? 0));
}

/** The `side` × `side` pixels of plane `plane` from (top, left) on, zeros beside it. */
function square(
  { shape, data }: Elements,
  plane: number,
  [top, left]: readonly [number, number],
  side: number,
): Float64Array {
  const [, , height = 0, width = 0] = shape;
  return Float64Array.from({ length: side * side }, (_, place) => {
    const [row, column] = [top + Math.floor(place / side), left + (place % side)];
    const isInside = row >= 0 && row < height && column >= 0 && column < width;
    return isInside ? (data[(plane * height + row) * width + column] ?? 0) : 0;
  });
}

/** The corners of the tiles that cover height × width. */
function corners(
  side: number,
  height: number,
  width: number,
): readonly (readonly [number, number])[] {
  const across = Math.ceil(width / side);
  return Array.from({ length: Math.ceil(height / side) * across }, (_, tile) => [
    side * Math.floor(tile / across),
    side * (tile % across),
  ]);
}

function forward(
  { side, taps, input, weight, output }: WinogradForm,
  x: Elements,
  w: Elements,
  before: readonly [number, number],
  shape: Shape,
): Float64Array {
  const [n = 0, kernels = 0, height = 0, width = 0] = shape;
  const [, channels = 0] = x.shape;
  const weights = Array.from({ length: kernels * channels }, (_, plane) =>
    sandwich(weight, square(w, plane, [0, 0], taps)),
  );
  const y = new Float64Array(n * kernels * height * width);
  for (let image = 0; image < n; image++) {
    for (const [top, left] of corners(side, height, width)) {
      const corner = [top - before[0], left - before[1]] as const;
      const tiles = Array.from({ length: channels }, (_, c) =>
        sandwich(input, square(x, image * channels + c, corner, side + taps - 1)),
      );
      for (let k = 0; k < kernels; k++) {
        const sum = new Float64Array(input.length ** 2);
        for (const [c, tile] of tiles.entries()) {
          addProducts(sum, tile, weights[k * channels + c]);
        }
        const pixels = sandwich(output, sum);
        pixels.forEach((size, place) => {
          const [row, column] = [top + Math.floor(place / side), left + (place % side)];
          if (row >= height || column >= width) return;
          y[((image * kernels + k) * height + row) * width + column] = size;
        });
      }
    }
  }
  return y;
}

function weightGradient(
  { side, taps, input, weight, output }: WinogradForm,
  x: Elements,
  dy: Elements,
  before: readonly [number, number],
): Float64Array {
  const [n = 0, channels = 0] = x.shape;
  const [, kernels = 0, height = 0, width = 0] = dy.shape;
  const sums = Array.from(
    { length: kernels * channels },
    () => new Float64Array(input.length ** 2),
  );
  const spread = transposed(output);
  for (let image = 0; image < n; image++) {
    for (const [top, left] of corners(side, height, width)) {
      const corner = [top - before[0], left - before[1]] as const;
      const tiles = Array.from({ length: channels }, (_, c) =>
        sandwich(input, square(x, image * channels + c, corner, side + taps - 1)),
      );
      for (let k = 0; k < kernels; k++) {
        const cotangent = sandwich(spread, square(dy, image * kernels + k, [top, left], side));
        for (const [c, tile] of tiles.entries()) {
          addProducts(sums[k * channels + c], tile, cotangent);
        }
      }
    }
  }
  const gather = transposed(weight);
  return Float64Array.from(sums.flatMap((sum) => [...sandwich(gather, sum)]));
}

function addProducts(
  sum: Float64Array | undefined,
  a: Float64Array,
  b: Float64Array | undefined,
): void {
  if (sum === undefined || b === undefined) return;
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + (a[i] ?? 0) * (b[i] ?? 0);
}
