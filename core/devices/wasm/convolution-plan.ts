/**
 * Plans of convolutions on the wasm device: images with strides, and how far a window goes at a time.
 * Rests on operands. A plan decides memory traffic and, for the weight gradient, the blocks of its sums; it looks
 * at the shape of one image and, for that gradient's leaves, at the number of images.
 */
import { bytesPerElement, type DType } from "../../dtype.ts";
import type { Pair } from "../kernels.ts";
import { addressOf, type WasmOperand } from "./operands.ts";
import { current } from "./state.ts";

/** An operand [N, C, H, W]; strides in bytes. */
export interface Images {
  readonly pointer: number;
  readonly count: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Image, channel, row, column. */
  readonly strides: readonly [number, number, number, number];
}

/** The images of an operand. */
export function imagesOf(operand: WasmOperand): Images {
  const size = bytesPerElement[operand.dtype];
  const [count = 0, channels = 0, height = 0, width = 0] = operand.shape;
  const [image = 0, channel = 0, row = 0, column = 0] = operand.strides;
  return {
    pointer: addressOf(operand),
    count,
    channels,
    height,
    width,
    // A single channel may have any stride: it is its own neighbour.
    strides: [image * size, (channels === 1 ? 1 : channel) * size, row * size, column * size],
  };
}

/** A convolution as the kernels know it; `before` may be negative: so much is cut off. */
export interface Sweep {
  readonly dtype: DType;
  readonly groups: number;
  /** Channels of one group, of the input and of the output. */
  readonly channels: number;
  readonly kernels: number;
  readonly window: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly before: Pair;
}

/** How much of the output is made from one copied window, and where the window lies. */
export interface Blocks {
  /** Output rows of a band. */
  readonly band: number;
  /** Output columns of a segment. */
  readonly segment: number;
  /** Bytes of the window, a multiple of 64. */
  readonly windowBytes: number;
  /** Memory beside the threads' scratch, or 0. Only one thread can use it. */
  readonly buffer: number;
}

/** What a plan aims at. */
export interface BlockOptions {
  readonly wanted: number;
  readonly mostRows: number;
  readonly perPixel: number;
  readonly inPlace: boolean;
}

/** What the scratch has room for: 1 MiB less a tile and the reach of vectors past a window's end. */
const scratchBytes = 2 ** 20 - 1024;

/**
 * The largest band, of at most `mostRows` rows, whose window takes no more than `wanted` bytes; at least one row, and
 * less than a row where not even that fits into the scratch. `perPixel`: bytes needed besides for an output pixel;
 * `inPlace`: the window is not copied, so that nothing must fit.
 */
export function planBlocks(
  sweep: Sweep,
  [outHeight, outWidth]: Pair,
  { wanted, mostRows, perPixel, inPlace }: BlockOptions,
): Blocks {
  const bytes = (band: number, segment: number): number =>
    reach(sweep, 0, band) *
    reach(sweep, 1, segment) *
    sweep.channels *
    bytesPerElement[sweep.dtype];
  const fits = (band: number, segment: number): boolean =>
    inPlace || bytes(band, segment) + band * segment * perPixel <= scratchBytes;
  let segment = outWidth;
  while (segment > 4 && !fits(1, segment)) segment = 4 * Math.ceil(segment / 8);
  const alone = !fits(1, segment);
  let band = 1;
  while (band < Math.min(mostRows, outHeight) && bytes(band + 1, segment) <= wanted) band++;
  const windowBytes = 64 * Math.ceil((bytes(band, segment) + 16) / 64);
  const buffer = alone ? current().temporary(windowBytes + band * segment * perPixel) : 0;
  return { band, segment, windowBytes, buffer };
}

/** Pixels of the input that `length` neighbouring outputs see along an axis. */
function reach({ window, stride, dilation }: Sweep, axis: 0 | 1, length: number): number {
  return (length - 1) * stride[axis] + (window[axis] - 1) * dilation[axis] + 1;
}

/** Words 3 to 25 of the convolution's kernels. */
export function sweepWords(sweep: Sweep, x: Images, y: Images): readonly number[] {
  return [
    ...[sweep.groups, sweep.channels, sweep.kernels, x.height, x.width, y.height, y.width],
    ...[...sweep.window, ...sweep.stride, ...sweep.dilation, ...sweep.before],
    ...x.strides,
    ...y.strides,
  ];
}

/** Pieces worth a thread of their own: together 131,072 multiplications, about 7 microseconds. */
export function grainOf(multiplications: number): number {
  return Math.max(1, Math.ceil(131072 / Math.max(1, multiplications)));
}
