/**
 * Convolution: y = w ⋆ x over [N, C, H, W], and its adjoints in x and in w.
 * Rests on memory, patches and convolution-direct. Each image becomes columns, [C·R·S, pixels], a block of output rows
 * at a time; then all three are small matrix products. Sums are float64, rounded once into the output. Padding is
 * zeros in the columns; where a factor that would meet them is not finite, the sums run term by term without it.
 */
import type { TypedArray } from "../../dtype.ts";
import type { KernelTable, Operand } from "../device.ts";
import type { Conv2dGeometry } from "../kernels.ts";
import { allFinite, convolveDirectly, correlateDirectly } from "./convolution-direct.ts";
import { dense } from "./memory.ts";
import { columnsToImage, imageToColumns, type Sliding } from "./patches.ts";

/** Columns of one block: 2^15 float64, 256 KiB, stay in a second-level cache. */
const blockElements = 32768;

/** Everything the loops need to know, per group. */
interface Plan extends Sliding {
  readonly images: number;
  readonly groups: number;
  /** Output channels of one group. */
  readonly kernels: number;
  /** C/groups·R·S. */
  readonly taps: number;
  /** Output rows of one block. */
  readonly rows: number;
}

function planOf(
  x: Operand<TypedArray>,
  w: Operand<TypedArray>,
  y: Operand<TypedArray>,
  { stride, padding, dilation, groups }: Conv2dGeometry,
): Plan {
  const [images, , height, width] = x.shape as [number, number, number, number];
  const [allKernels, channels, r, s] = w.shape as [number, number, number, number];
  const [, , outHeight, outWidth] = y.shape as [number, number, number, number];
  const taps = channels * r * s;
  return {
    images,
    groups,
    channels,
    kernels: allKernels / groups,
    taps,
    rows: Math.max(1, Math.min(outHeight, Math.floor(blockElements / (taps * outWidth || 1)))),
    height,
    width,
    outHeight,
    outWidth,
    window: [r, s],
    stride,
    padding,
    dilation,
  };
}

/** Calls `visit` for each group of each image and each block of output rows, in this order. */
function forEachBlock(
  plan: Plan,
  visit: (group: number, image: number, row0: number, row1: number) => void,
): void {
  for (let n = 0; n < plan.images; n++) {
    for (let g = 0; g < plan.groups; g++) {
      for (let row = 0; row < plan.outHeight; row += plan.rows) {
        visit(g, n * plan.groups + g, row, Math.min(row + plan.rows, plan.outHeight));
      }
    }
  }
}

/**
 * c[m, l] = Σ_t a[m, t]·b[t, l] for every m < rows, with a[m, t] at start + m·aRow + t·aTap. For each element t
 * is in order. Two rows and four taps a sweep: an element of b is loaded once for two products, one of c
 * loaded and stored once for four.
 */
function matrixProduct(
  c: Float64Array,
  a: Float64Array,
  { start, aRow, aTap, rows, taps, length }: Product,
  b: Float64Array,
): void {
  c.fill(0, 0, rows * length);
  for (let m = 0; m < rows; m += 2) {
    const c0 = m * length;
    const a0 = start + m * aRow;
    if (m + 1 === rows) {
      for (let t = 0; t < taps; t++) addRow(c, c0, a[a0 + t * aTap]!, b, t * length, length);
      break;
    }
    const c1 = c0 + length;
    const a1 = a0 + aRow;
    let t = 0;
    for (; t + 4 <= taps; t += 4) {
      const at = t * aTap;
      const u0 = a[a0 + at]!;
      const u1 = a[a0 + at + aTap]!;
      const u2 = a[a0 + at + 2 * aTap]!;
      const u3 = a[a0 + at + 3 * aTap]!;
      const v0 = a[a1 + at]!;
      const v1 = a[a1 + at + aTap]!;
      const v2 = a[a1 + at + 2 * aTap]!;
      const v3 = a[a1 + at + 3 * aTap]!;
      const b0 = t * length;
      const b1 = b0 + length;
      const b2 = b1 + length;
      const b3 = b2 + length;
      for (let l = 0; l < length; l++) {
        const x0 = b[b0 + l]!;
        const x1 = b[b1 + l]!;
        const x2 = b[b2 + l]!;
        const x3 = b[b3 + l]!;
        c[c0 + l] = c[c0 + l]! + u0 * x0 + u1 * x1 + u2 * x2 + u3 * x3;
        c[c1 + l] = c[c1 + l]! + v0 * x0 + v1 * x1 + v2 * x2 + v3 * x3;
      }
    }
    for (; t < taps; t++) {
      addRow(c, c0, a[a0 + t * aTap]!, b, t * length, length);
      addRow(c, c1, a[a1 + t * aTap]!, b, t * length, length);
    }
  }
}

/** Where the factors of a matrix product lie. */
interface Product {
  readonly start: number;
  readonly aRow: number;
  readonly aTap: number;
  readonly rows: number;
  readonly taps: number;
  readonly length: number;
}

/** c[l] += v·b[l], each from its own start. */
function addRow(
  c: Float64Array,
  cStart: number,
  v: number,
  b: Float64Array,
  bStart: number,
  length: number,
): void {
  for (let l = 0; l < length; l++) c[cStart + l] = c[cStart + l]! + v * b[bStart + l]!;
}

/** c[k·taps + t] += Σ_l a[k, l]·b[t, l] for every k < kernels and t < taps, two by two. */
function addDotProducts(
  c: Float64Array,
  cStart: number,
  a: Float64Array,
  kernels: number,
  b: Float64Array,
  taps: number,
  length: number,
): void {
  for (let k = 0; k < kernels; k += 2) {
    const a0 = k * length;
    // The last one alone is its own partner, and its second sum is thrown away.
    const pairK = k + 1 < kernels;
    const a1 = pairK ? a0 + length : a0;
    for (let t = 0; t < taps; t += 2) {
      const b0 = t * length;
      const pairT = t + 1 < taps;
      const b1 = pairT ? b0 + length : b0;
      let s00 = 0;
      let s01 = 0;
      let s10 = 0;
      let s11 = 0;
      for (let l = 0; l < length; l++) {
        const u0 = a[a0 + l]!;
        const u1 = a[a1 + l]!;
        const v0 = b[b0 + l]!;
        const v1 = b[b1 + l]!;
        s00 += u0 * v0;
        s01 += u0 * v1;
        s10 += u1 * v0;
        s11 += u1 * v1;
      }
      const to = cStart + k * taps + t;
      c[to]! += s00;
      if (pairT) c[to + 1]! += s01;
      if (pairK) c[to + taps]! += s10;
      if (pairK && pairT) c[to + taps + 1]! += s11;
    }
  }
}

/** The kernels of one block of dy, [kernels, (row1 − row0)·W′], in float64. */
function takeBlock(
  out: Float64Array,
  dy: TypedArray,
  plan: Plan,
  part: number,
  row0: number,
  row1: number,
): void {
  const plane = plan.outHeight * plan.outWidth;
  const length = (row1 - row0) * plan.outWidth;
  for (let k = 0; k < plan.kernels; k++) {
    const from = (part * plan.kernels + k) * plane + row0 * plan.outWidth;
    for (let l = 0; l < length; l++) out[k * length + l] = dy[from + l]!;
  }
}

/** The convolution and its two adjoints. */
export const convolutionKernels: Pick<
  KernelTable<TypedArray>,
  "conv2d" | "conv2dInputGradient" | "conv2dWeightGradient"
> = {
  conv2d: ([x, w], [y], geometry) => {
    const plan = planOf(x!, w!, y!, geometry);
    const { kernels, taps, outWidth, outHeight } = plan;
    const image = dense(x!);
    const weight = new Float64Array(dense(w!));
    const out = dense(y!);
    if (!allFinite(weight)) {
      convolveDirectly(image, weight, out, plan);
      return;
    }
    const columns = new Float64Array(taps * plan.rows * outWidth);
    const block = new Float64Array(kernels * plan.rows * outWidth);
    const imageSize = plan.channels * plan.height * plan.width;
    forEachBlock(plan, (group, part, row0, row1) => {
      const length = (row1 - row0) * outWidth;
      imageToColumns(image, part * imageSize, columns, plan, row0, row1);
      const start = group * kernels * taps;
      matrixProduct(
        block,
        weight,
        { start, aRow: taps, aTap: 1, rows: kernels, taps, length },
        columns,
      );
      for (let k = 0; k < kernels; k++) {
        const to = (part * kernels + k) * outHeight * outWidth + row0 * outWidth;
        for (let l = 0; l < length; l++) out[to + l] = block[k * length + l]!;
      }
    });
  },
  conv2dInputGradient: ([dy, w], [dx], geometry) => {
    const plan = planOf(dx!, w!, dy!, geometry);
    const { kernels, taps, outWidth } = plan;
    const from = dense(dy!);
    const weight = new Float64Array(dense(w!));
    const out = dense(dx!);
    const block = new Float64Array(kernels * plan.rows * outWidth);
    const columns = new Float64Array(taps * plan.rows * outWidth);
    const imageSize = plan.channels * plan.height * plan.width;
    const total = new Float64Array(out.length);
    forEachBlock(plan, (group, part, row0, row1) => {
      const length = (row1 - row0) * outWidth;
      takeBlock(block, from, plan, part, row0, row1);
      const start = group * kernels * taps;
      // The product with the transposed weight: its rows are taps, its taps the kernels.
      matrixProduct(
        columns,
        weight,
        { start, aRow: 1, aTap: taps, rows: taps, taps: kernels, length },
        block,
      );
      columnsToImage(columns, total, part * imageSize, plan, row0, row1);
    });
    out.set(total);
  },
  conv2dWeightGradient: ([x, dy], [dw], geometry) => {
    const plan = planOf(x!, dw!, dy!, geometry);
    const { kernels, taps, outWidth } = plan;
    const image = dense(x!);
    const from = dense(dy!);
    const out = dense(dw!);
    if (!allFinite(from)) {
      correlateDirectly(image, from, out, plan);
      return;
    }
    const block = new Float64Array(kernels * plan.rows * outWidth);
    const columns = new Float64Array(taps * plan.rows * outWidth);
    const imageSize = plan.channels * plan.height * plan.width;
    const total = new Float64Array(out.length);
    forEachBlock(plan, (group, part, row0, row1) => {
      const length = (row1 - row0) * outWidth;
      imageToColumns(image, part * imageSize, columns, plan, row0, row1);
      takeBlock(block, from, plan, part, row0, row1);
      addDotProducts(total, group * kernels * taps, block, kernels, columns, taps, length);
    });
    out.set(total);
  },
};
