/**
 * Pooling and windows on the wasm device: the host half. Images at any strides, channels-last among them.
 * Rests on operands and axes.
 */
import { bytesPerElement } from "../../dtype.ts";
import { sizeOf } from "../../shape.ts";
import type { KernelTable } from "../device.ts";
import type { WindowGeometry } from "../kernels.ts";
import { filling, strideOf } from "./axes.ts";
import type { WasmHandle } from "./memory.ts";
import { addressOf, dense, type WasmOperand } from "./operands.ts";
import { current } from "./state.ts";

const suffix = { float32: "F32", float64: "F64", int32: "I32", bool: "I32" } as const;
/** Elements worth a thread of its own. */
const elementsPerThread = 8192;

/** An address and four strides in bytes; those of axes that are not there are 0. */
function located(operand: WasmOperand): readonly number[] {
  return [addressOf(operand), ...[0, 1, 2, 3].map((axis) => strideOf(operand, axis))];
}

/** The words that all kernels of windows take: image, windows and positions, and the geometry. */
function windowWords(
  image: WasmOperand,
  windows: WasmOperand,
  positions: WasmOperand,
  [outHeight, outWidth]: readonly [number, number],
  { window, stride, padding, dilation }: WindowGeometry,
  countPadding = false,
): readonly number[] {
  return [
    ...located(image),
    ...located(windows),
    ...located(positions),
    ...image.shape,
    outHeight,
    outWidth,
    ...window,
    ...stride,
    padding[0][0],
    padding[1][0],
    ...dilation,
    countPadding ? 1 : 0,
  ];
}

/** Runs a kernel whose pieces are `pieces` equal shares of `elements`. */
function run(name: string, words: readonly number[], pieces: number, elements: number): void {
  if (elements === 0) return;
  current().run(name, words, [], pieces, Math.ceil((elementsPerThread * pieces) / elements));
}

/** Height and width of a pooled image. */
function heightAndWidth({
  shape: [, , height = 0, width = 0],
}: WasmOperand): readonly [number, number] {
  return [height, width];
}

/** Rows of all images. */
function rowsOf({ shape: [n = 0, , height = 0] }: WasmOperand): number {
  return n * height;
}

/** How often the window fits along both axes. */
function slots(
  { shape: [, , height = 0, width = 0] }: WasmOperand,
  { window, stride, padding, dilation }: WindowGeometry,
): readonly [number, number] {
  const along = (axis: 0 | 1, length: number): number => {
    const [before, after] = padding[axis];
    const room = length + before + after - dilation[axis] * (window[axis] - 1) - 1;
    return Math.floor(room / stride[axis]) + 1;
  };
  return [along(0, height), along(1, width)];
}

/** Kernels that slide a window over images. */
export const poolingKernels: Pick<
  KernelTable<WasmHandle>,
  "maxPool2d" | "avgPool2d" | "avgPool2dGradient" | "im2col" | "col2im"
> = {
  maxPool2d: ([x], [y, positions], geometry) => {
    if (!x || !y || !positions) return;
    const words = windowWords(x, y, positions, heightAndWidth(y), geometry);
    run(`maxPool${suffix[x.dtype]}`, words, rowsOf(y), sizeOf(x.shape));
  },
  avgPool2d: ([x], [y], { countPadding, ...geometry }) => {
    if (!x || !y) return;
    const words = windowWords(x, y, y, heightAndWidth(y), geometry, countPadding);
    run(`averagePool${suffix[x.dtype]}`, words, rowsOf(y), sizeOf(x.shape));
  },
  avgPool2dGradient: ([dy], [dx], { countPadding, ...geometry }) => {
    if (!dy || !dx) return;
    const words = windowWords(dx, dy, dy, heightAndWidth(dy), geometry, countPadding);
    run(`averageSpread${suffix[dx.dtype]}`, words, rowsOf(dx), sizeOf(dx.shape));
  },
  im2col: ([x], [y], geometry) => {
    if (!x || !y) return;
    filling(y, (columns) => {
      const words = windowWords(x, columns, columns, slots(x, geometry), geometry);
      const [images = 0, rows = 0] = y.shape;
      run(`columns${bytesPerElement[x.dtype]}`, words, images * rows, sizeOf(y.shape));
    });
  },
  col2im: ([y], [x], geometry) => {
    if (!x || !y) return;
    const columns = dense(y);
    const words = windowWords(x, columns, columns, slots(x, geometry), geometry);
    const [images = 0, channels = 0] = x.shape;
    run(`addColumns${suffix[x.dtype]}`, words, images * channels, sizeOf(x.shape));
  },
};
