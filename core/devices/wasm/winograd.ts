/**
 * Winograd's convolution on the wasm device: the host half. Rests on convolution-plan; see kernels/winograd.ts.
 * An output that these sums leave without a finite value is summed once more, directly: transforms add numbers that
 * do not meet in the convolution, so they overflow and lose infinities where it does not.
 */
import type { WinogradForm } from "../../winograd-shapes.ts";
import { type Images, type Sweep, sweepWords } from "./convolution-plan.ts";
import { current } from "./state.ts";

/**
 * Tiles of a block: their slabs stay in a second-level cache beside the weights, and of a weight gradient so many products
 * are summed before the leaf is touched.
 */
const mostTiles = 32;
/** Tiles that a leaf of a weight gradient sums over at least, where there are as many. */
const leastTilesOfLeaf = 16;
/** Groups of images that are kept apart for threads, where there are as many images. */
const leastGroups = 16;
/** Bytes of the slabs of one block at most. */
const slabBytes = 2 ** 18;
/** Bytes of a thread's sums of a weight gradient at most, with what they are multiplied by; by the side of a tile. */
const sumBytes: Readonly<Record<number, number>> = { 4: 2 ** 18, 6: 2 ** 19 };

/** Weights as their transform reads them; strides in bytes: output channel, channel, r, s. */
export interface WinogradWeights {
  readonly pointer: number;
  readonly strides: readonly [number, number, number, number];
}

/** Elements of a tile. */
function elementsOf({ input }: WinogradForm): number {
  return input.length ** 2;
}

/** What of the images is transformed at a time. */
interface Block {
  /** Rows of tiles, and tiles across, of one image. */
  readonly band: number;
  readonly segment: number;
  /** Images. */
  readonly group: number;
}

/** A block of as many tiles as may be: looks at the shape of one image alone. */
function blockOf(channels: number, y: Images, form: WinogradForm): Block {
  const { side } = form;
  const [down, across] = [Math.ceil(y.height / side), Math.ceil(y.width / side)];
  const bytesOfTile = 4 * elementsOf(form) * channels;
  const most = Math.min(mostTiles, Math.floor(slabBytes / bytesOfTile));
  const segment = Math.min(across, Math.max(4, most));
  const band = Math.max(1, Math.min(down, Math.floor(most / segment)));
  return { band, segment, group: Math.max(1, Math.floor(most / (band * segment))) };
}

/** y = weight ⋆ x, by this form. Gives whether every output is surely finite. */
export function winogradForward(
  form: WinogradForm,
  sweep: Sweep,
  x: Images,
  weight: WinogradWeights,
  y: Images,
): boolean {
  const { channels, kernels } = sweep;
  if (y.count === 0) return true;
  const runtime = current();
  const { side, taps } = form;
  const elements = elementsOf(form);
  const weights = runtime.temporary(elements * (kernels / 8) * (32 * channels + 64));
  runtime.run(
    "winogradWeights",
    [weight.pointer, weights, channels, ...weight.strides, side, taps],
    [],
    kernels / 8,
    Math.max(1, Math.ceil(2048 / (8 * channels))),
  );
  const { band, segment, group: most } = blockOf(channels, y, form);
  // Bits do not depend on which images are transformed together: few enough that threads have pieces to share.
  const group = Math.max(1, Math.min(most, Math.floor(y.count / leastGroups)));
  const bands = Math.ceil(Math.ceil(y.height / side) / band);
  const pieces = Math.ceil(y.count / group) * bands;
  const flags = runtime.temporary(4 * pieces);
  const perPiece = elements * group * band * segment * channels * kernels;
  runtime.run(
    "winograd",
    [
      ...[x.pointer, weights, y.pointer, ...sweepWords(sweep, x, y)],
      ...[band, segment, flags, side, group, y.count],
    ],
    [],
    pieces,
    Math.max(1, Math.ceil(131072 / perPiece)),
  );
  return !runtime.isAnySet(flags, pieces);
}

/** Images of a leaf of dw at least: enough tiles that to begin and to end a leaf costs little beside them. */
export function leastPerLeaf({ side }: WinogradForm, dy: Images): number {
  const tiles = Math.ceil(dy.height / side) * Math.ceil(dy.width / side);
  return Math.ceil(leastTilesOfLeaf / tiles);
}

/** The leaves of dw, as `convolutionSum` takes them; see kernels/winograd-weight-gradient.ts. */
export function winogradLeaves(
  form: WinogradForm,
  sweep: Sweep,
  x: Images,
  dy: Images,
  leaves: { readonly pointer: number; readonly bytes: number; readonly count: number },
  perLeaf: number,
): void {
  const { channels, kernels } = sweep;
  const { band, segment, group } = blockOf(channels, dy, form);
  const tile = form.side + form.taps - 1;
  // A thread sums the gradients of so many panels of 8 output channels at a time.
  const bytesOfPanel = 32 * elementsOf(form) * (channels + group * band * segment);
  const panels = Math.max(
    1,
    Math.min(8, kernels / 8, Math.floor((sumBytes[tile] ?? 0) / bytesOfPanel)),
  );
  current().run(
    "winogradWeightGradient",
    [
      ...[x.pointer, dy.pointer, leaves.pointer, ...sweepWords(sweep, x, dy), band, segment],
      ...[0, 0, x.count, perLeaf, leaves.bytes, panels, form.side, group],
    ],
    [],
    leaves.count * Math.ceil(kernels / 8 / panels),
    1,
  );
}

/** Replaces what is not finite in `y` by what stands there in `other`. */
export function mend(y: Images, other: Images): void {
  const lengths = [y.count, y.height, y.width, y.channels];
  const strides = ({ strides: [image, channel, row, column] }: Images): readonly number[] => [
    ...[image, row, column, channel],
  ];
  current().run(
    "winogradMend",
    [y.pointer, other.pointer, ...lengths, ...strides(y), ...strides(other)],
    [],
    y.count,
    1,
  );
}

/** Images of the same size somewhere else, channels last, until the launch ends. */
export function besides({ count, channels, height, width }: Images): Images {
  const [column, row] = [4 * channels, 4 * channels * width];
  const image = row * height;
  const pointer = current().temporary(count * image);
  return { pointer, count, channels, height, width, strides: [image, 4, row, column] };
}
