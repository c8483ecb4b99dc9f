/**
 * Winograd's convolution on the wasm device: the host half. Rests on convolution-plan; see kernels/winograd.ts.
 * An output that these sums leave without a finite value is summed once more, directly: transforms add numbers that
 * do not meet in the convolution, so they overflow and lose infinities where it does not.
 */
import { type Images, type Sweep, sweepWords } from "./convolution-plan.ts";
import { current } from "./state.ts";

/** Tiles of a forward block: their 16 slabs stay in a second-level cache beside the weights. */
const forwardTiles = 32;
/** Tiles of a block of the weight gradient: so many products are summed before the leaf is touched. */
const gradientTiles = 32;
/** Bytes of the slabs of one block at most, and of a thread's sums of a weight gradient. */
const slabBytes = 2 ** 18;

/** Weights as their transform reads them; strides in bytes: output channel, channel, r, s. */
export interface WinogradWeights {
  readonly pointer: number;
  readonly strides: readonly [number, number, number, number];
}

/** Rows of tiles, and tiles across, of a block of about `tiles` of them: looks at the shape of one image alone. */
function blockOf(
  channels: number,
  y: Images,
  tiles: number,
): { readonly band: number; readonly segment: number } {
  const [down, across] = [Math.ceil(y.height / 2), Math.ceil(y.width / 2)];
  const most = Math.min(tiles, Math.floor(slabBytes / (64 * channels)));
  const segment = Math.min(across, Math.max(4, most));
  return { band: Math.max(1, Math.min(down, Math.floor(most / segment))), segment };
}

/** y = weight ⋆ x. Gives whether every output is surely finite. */
export function winogradForward(
  sweep: Sweep,
  x: Images,
  weight: WinogradWeights,
  y: Images,
): boolean {
  const { channels, kernels } = sweep;
  if (y.count === 0) return true;
  const runtime = current();
  const weights = runtime.temporary(128 * kernels * (channels / 2 + 1));
  runtime.run(
    "winogradWeights",
    [weight.pointer, weights, channels, ...weight.strides],
    [],
    kernels / 8,
    Math.max(1, Math.ceil(2048 / (8 * channels))),
  );
  const { band, segment } = blockOf(channels, y, forwardTiles);
  const bands = Math.ceil(Math.ceil(y.height / 2) / band);
  const pieces = y.count * bands;
  const flags = runtime.temporary(4 * pieces);
  runtime.run(
    "winograd",
    [x.pointer, weights, y.pointer, ...sweepWords(sweep, x, y), band, segment, flags],
    [],
    pieces,
    Math.max(1, Math.ceil(131072 / (16 * band * segment * channels * kernels))),
  );
  return !runtime.isAnySet(flags, pieces);
}

/** How many panels of output channels a thread sums a weight gradient of at a time. */
function panelsOf(channels: number, kernels: number): number {
  return Math.max(1, Math.min(8, kernels / 8, Math.floor(slabBytes / (512 * channels))));
}

/** The leaves of dw, as `convolutionSum` takes them; see kernels/winograd-weight-gradient.ts. */
export function winogradLeaves(
  sweep: Sweep,
  x: Images,
  dy: Images,
  leaves: { readonly pointer: number; readonly bytes: number; readonly count: number },
  perLeaf: number,
): void {
  const { channels, kernels } = sweep;
  const perPiece = panelsOf(channels, kernels);
  const { band, segment } = blockOf(channels, dy, gradientTiles);
  current().run(
    "winogradWeightGradient",
    [
      ...[x.pointer, dy.pointer, leaves.pointer, ...sweepWords(sweep, x, dy), band, segment],
      ...[0, 0, x.count, perLeaf, leaves.bytes, perPiece],
    ],
    [],
    leaves.count * Math.ceil(kernels / 8 / perPiece),
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
