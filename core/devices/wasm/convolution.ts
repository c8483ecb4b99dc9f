/**
 * Convolutions of the wasm device: the host half. Images may lie channels-last or -first, or anyhow.
 * Rests on convolution-plan, -clipped and -turned. The kernels copy the window of a band of output pixels
 * channels-last, padding as zeros, and run over it; see kernels/convolution.ts for the order of the sums.
 * Padding contributes nothing: where a factor that would meet those zeros is not finite, the sums are made once more,
 * of parts that need no zeros (convolution-clipped.ts). Finite sums have the same bits either way.
 */
import { bytesPerElement, type DType } from "../../dtype.ts";
import { type WinogradForm, winogradForm } from "../../winograd-shapes.ts";
import type { KernelTable } from "../device.ts";
import type { Conv2dGeometry, Pair } from "../kernels.ts";
import { clipped, columnStretches, columnsOf, tapStretch } from "./convolution-clipped.ts";
import {
  type Blocks,
  grainOf,
  type Images,
  imagesOf,
  planBlocks,
  type Sweep,
  sweepWords,
} from "./convolution-plan.ts";
import { type Turned, turnedAxis } from "./convolution-turned.ts";
import type { WasmHandle } from "./memory.ts";
import type { WasmOperand } from "./operands.ts";
import { current } from "./state.ts";
import { besides, leastPerLeaf, mend, winogradForward, winogradLeaves } from "./winograd.ts";

/** A forward window that goes through a first-level cache once for each panel of output channels. */
const forwardBlocks = { wanted: 32768, mostRows: 8, perPixel: 0 };
/** Rows of x and dy that the weight gradient goes over again and again; dy's pixels are packed into 32 bytes. */
const gradientBlocks = { wanted: 24576, mostRows: 8, perPixel: 32, inPlace: false };
/** Partial sums of a weight gradient: enough for threads to share. */
const mostLeaves = 16;
/** Bytes that all leaves may take, unless one alone takes more. */
const leavesBytes = 2 ** 25;
/** Panels of output channels for which a copied window serves. */
const panelsOfPiece = 8;

const suffixOf = (dtype: DType): string => (dtype === "float64" ? "F64" : "F32");
/** Output channels of a panel. */
const panelWidth = (dtype: DType): number => 32 / bytesPerElement[dtype];

function sweepOf(
  { dtype }: WasmOperand,
  weight: Images,
  { stride, padding, dilation, groups }: Conv2dGeometry,
): Sweep {
  return {
    dtype,
    groups,
    channels: weight.channels,
    kernels: weight.count / groups,
    window: [weight.height, weight.width],
    stride,
    dilation,
    before: [padding[0][0], padding[1][0]],
  };
}

/** Weights as the forward kernel wants them; strides in bytes. */
interface WeightLayout {
  readonly pointer: number;
  /** Group, output channel, channel, r, s. */
  readonly strides: readonly [number, number, number, number, number];
}

/** Room for a flag a piece, that kernels set where a number is not finite. */
function flagsFor(pieces: number): { readonly pointer: number; readonly isAnySet: () => boolean } {
  const pointer = current().temporary(4 * pieces);
  return {
    pointer,
    isAnySet: () => current().isAnySet(pointer, pieces),
  };
}

/** y = weight ⋆ x, one launch for the weights and one for the sums. */
function sweepForward(sweep: Sweep, x: Images, weight: WeightLayout, y: Images): void {
  const { dtype, groups, channels, kernels, window, stride, dilation, before } = sweep;
  const outputs = y.count * y.channels * y.height * y.width;
  if (outputs === 0) return;
  const panels = groups * Math.ceil(kernels / panelWidth(dtype));
  const weights = window[0] * window[1] * channels;
  const packed = current().temporary(panels * weights * 32);
  const flags = flagsFor(panels);
  current().run(
    `convolutionPack${suffixOf(dtype)}`,
    [weight.pointer, packed, kernels, channels, ...window, ...weight.strides, flags.pointer],
    [],
    panels,
    Math.max(1, Math.ceil(16384 / Math.max(1, weights * panelWidth(dtype)))),
  );
  const last = (y.width - 1) * stride[1] + (window[1] - 1) * dilation[1] - before[1];
  const padded = weights > 0 && (before[1] > 0 || last >= x.width);
  if (padded && flags.isAnySet()) {
    for (const { first, count, firstTap, taps } of columnStretches(sweep, x.width, y.width)) {
      const reached = { ...sweep, ...clipped(sweep, first, firstTap, taps) };
      const [, , , , column] = weight.strides;
      const part = { ...weight, pointer: weight.pointer + firstTap * column };
      sweepForward(reached, x, part, columnsOf(y, first, count));
    }
    return;
  }
  const inPlace = weights === 0 || (x.strides[1] === bytesPerElement[dtype] && !padded);
  const blocks = planBlocks(sweep, [y.height, y.width], { ...forwardBlocks, inPlace });
  const shift = inPlace && weights > 0 ? before[0] * x.strides[2] + before[1] * x.strides[3] : 0;
  const pieces = y.count * groups * Math.ceil(y.height / blocks.band);
  const perPiece = blocks.band * y.width * kernels * weights;
  current().run(
    `convolution${suffixOf(dtype)}`,
    [
      ...[x.pointer - shift, packed, y.pointer, ...sweepWords(sweep, x, y)],
      ...[blocks.band, blocks.segment, blocks.buffer, inPlace ? 1 : 0],
    ],
    [],
    pieces,
    blocks.buffer === 0 ? grainOf(perPiece) : pieces,
  );
}

/** `sweepForward`, or Winograd's algorithm by `form`. */
function forward(
  sweep: Sweep,
  x: Images,
  weight: WeightLayout,
  y: Images,
  form: WinogradForm | null,
): void {
  if (form === null) {
    sweepForward(sweep, x, weight, y);
    return;
  }
  const [, kernel, channel, row, column] = weight.strides;
  const strides = [kernel, channel, row, column] as const;
  if (winogradForward(form, sweep, x, { pointer: weight.pointer, strides }, y)) return;
  const direct = besides(y);
  sweepForward(sweep, x, weight, direct);
  mend(y, direct);
}

/** dx: for each phase of the stride, a forward sweep over dy with the weights that meet it, turned around. */
function inputGradient(
  sweep: Sweep,
  dy: Images,
  weight: Images,
  dx: Images,
  form: WinogradForm | null,
): void {
  const { channels, kernels, stride, before, window, dilation } = sweep;
  const [w0, w1, w2, w3] = weight.strides;
  const phases = (axis: 0 | 1, length: number): readonly Turned[] =>
    Array.from({ length: stride[axis] }, (_, phase) =>
      turnedAxis(
        {
          stride: stride[axis],
          dilation: dilation[axis],
          before: before[axis],
          taps: window[axis],
        },
        phase,
        length,
      ),
    );
  for (const rows of phases(0, dx.height)) {
    for (const columns of phases(1, dx.width)) {
      if (rows.count === 0 || columns.count === 0) continue;
      const empty = rows.taps === 0 || columns.taps === 0;
      const taps: Pair = empty ? [0, 0] : [rows.taps, columns.taps];
      const turned: Sweep = {
        ...sweep,
        channels: kernels,
        kernels: channels,
        window: taps,
        stride: [1, 1],
        dilation: [rows.dilation, columns.dilation],
        before: [rows.before, columns.before],
      };
      const layout: WeightLayout = {
        pointer: weight.pointer + rows.firstTap * w2 + columns.firstTap * w3,
        strides: [kernels * w0, w1, w0, rows.tapStep * w2, columns.tapStep * w3],
      };
      const [image, channel, row, column] = dx.strides;
      const part: Images = {
        ...dx,
        pointer: dx.pointer + rows.first * row + columns.first * column,
        height: rows.count,
        width: columns.count,
        strides: [image, channel, stride[0] * row, stride[1] * column],
      };
      forward(turned, dy, layout, part, form);
    }
  }
}

/** How a weight gradient is summed: decides bits, so it is made once for all parts of one. */
interface GradientPlan {
  readonly blocks: Blocks;
  readonly perLeaf: number;
  readonly leaves: number;
}

/** Bytes of a leaf, and whether the columns of its window are joined in one run. */
function leafOf({ dtype, groups, channels, kernels, window, dilation }: Sweep): {
  readonly leafBytes: number;
  readonly joined: boolean;
} {
  const panels = Math.ceil(kernels / panelWidth(dtype));
  const joined = dilation[1] === 1;
  const padded = (length: number): number => 4 * Math.ceil(length / 4);
  const numbers = joined
    ? window[0] * padded(window[1] * channels)
    : window[0] * window[1] * padded(channels);
  return { leafBytes: groups * panels * numbers * 32, joined };
}

/** Partial sums of a weight gradient, `bytes` each; `joined`: see `leafOf`. */
interface Leaves {
  readonly pointer: number;
  readonly bytes: number;
  readonly count: number;
  readonly joined: boolean;
}

function planGradient(sweep: Sweep, x: Images, dy: Images): GradientPlan {
  const { leafBytes } = leafOf(sweep);
  const wanted = Math.min(mostLeaves, Math.max(1, Math.floor(leavesBytes / leafBytes)));
  const perLeaf = Math.max(1, Math.ceil(x.count / wanted));
  const leaves = Math.max(1, Math.ceil(x.count / perLeaf));
  return { blocks: planBlocks(sweep, [dy.height, dy.width], gradientBlocks), perLeaf, leaves };
}

/** dw; see `sumGradient`. */
function weightGradient(sweep: Sweep, x: Images, dy: Images, dw: Images): void {
  const { channels, window, stride, dilation, before } = sweep;
  if (dw.count * channels * window[0] * window[1] === 0) return;
  const plan = planGradient(sweep, x, dy);
  const finite = sumGradient(sweep, x, dy, dw, plan);
  const last = (dy.width - 1) * stride[1] + (window[1] - 1) * dilation[1] - before[1];
  if (finite || (before[1] <= 0 && last < x.width)) return;
  for (let tap = 0; tap < window[1]; tap++) {
    const { first, count } = tapStretch(sweep, tap, x.width, dy.width);
    const reached = { ...sweep, ...clipped(sweep, first, tap, 1) };
    sumGradient(reached, x, columnsOf(dy, first, count), columnsOf(dw, tap, 1), plan);
  }
}

/** Memory for the leaves of a weight gradient. */
function leavesOf(sweep: Sweep, count: number): Leaves {
  const { leafBytes, joined } = leafOf(sweep);
  return { pointer: current().temporary(count * leafBytes), bytes: leafBytes, count, joined };
}

/** dw: the leaves of the sum over images, then their tree. Gives whether all of it is finite. */
function sumGradient(
  sweep: Sweep,
  x: Images,
  dy: Images,
  dw: Images,
  { blocks: { band, segment, windowBytes, buffer }, perLeaf, leaves: count }: GradientPlan,
): boolean {
  const { dtype, groups, channels, kernels, window } = sweep;
  const leaves = leavesOf(sweep, count);
  const stretches = Math.ceil(Math.ceil(kernels / panelWidth(dtype)) / panelsOfPiece);
  const pieces = count * groups * stretches;
  const perPiece = perLeaf * dy.height * dy.width * kernels * channels * window[0] * window[1];
  current().run(
    `convolutionWeightGradient${suffixOf(dtype)}`,
    [
      ...[x.pointer, dy.pointer, leaves.pointer, ...sweepWords(sweep, x, dy)],
      ...[band, segment, buffer, windowBytes, x.count, perLeaf, leaves.bytes, panelsOfPiece],
    ],
    [],
    pieces,
    buffer === 0 ? grainOf(perPiece / stretches) : pieces,
  );
  return sumLeaves(sweep, leaves, dw);
}

/** dw: the tree of the leaves. Gives whether all of it is finite. */
function sumLeaves(sweep: Sweep, { pointer, bytes, count, joined }: Leaves, dw: Images): boolean {
  const { dtype, groups, channels, kernels, window } = sweep;
  const pieces = groups * Math.ceil(kernels / panelWidth(dtype)) * window[0] * window[1];
  const [w0, w1, w2, w3] = dw.strides;
  const flags = flagsFor(pieces);
  current().run(
    `convolutionSum${suffixOf(dtype)}`,
    [
      ...[pointer, dw.pointer, count, bytes, kernels, channels, ...window, joined ? 1 : 0],
      ...[kernels * w0, w0, w1, w2, w3, flags.pointer],
    ],
    [],
    pieces,
    Math.max(1, Math.ceil(16384 / (count * channels * panelWidth(dtype)))),
  );
  return !flags.isAnySet();
}

/** dw by Winograd's algorithm; its leaves are those of the direct one. */
function winogradGradient(
  form: WinogradForm,
  sweep: Sweep,
  x: Images,
  dy: Images,
  dw: Images,
): void {
  const perLeaf = Math.max(planGradient(sweep, x, dy).perLeaf, leastPerLeaf(form, dy));
  const leaves = leavesOf(sweep, Math.max(1, Math.ceil(x.count / perLeaf)));
  winogradLeaves(form, sweep, x, dy, leaves, perLeaf);
  if (sumLeaves(sweep, leaves, dw)) return;
  const direct = besides(dw);
  weightGradient(sweep, x, dy, direct);
  mend(dw, direct);
}

/** How the convolution with this weight and output is computed. */
function formOf(
  weight: WasmOperand,
  y: WasmOperand,
  geometry: Conv2dGeometry,
): WinogradForm | null {
  return winogradForm(weight.dtype, weight.shape, y.shape, geometry);
}

/** The operands of a kernel that takes two and gives one. */
function three(
  inputs: readonly WasmOperand[],
  outputs: readonly WasmOperand[],
): readonly [WasmOperand, WasmOperand, WasmOperand] {
  const [a, b] = inputs;
  const [c] = outputs;
  if (!a || !b || !c) throw new RangeError("wasm: expected two inputs and one output");
  return [a, b, c];
}

/** The convolution and its two adjoints. */
export const convolutionKernels: Pick<
  KernelTable<WasmHandle>,
  "conv2d" | "conv2dInputGradient" | "conv2dWeightGradient"
> = {
  conv2d: (inputs, outputs, geometry) => {
    const [x, w, y] = three(inputs, outputs);
    const weight = imagesOf(w);
    const sweep = sweepOf(x, weight, geometry);
    const [w0, w1, w2, w3] = weight.strides;
    const layout: WeightLayout = {
      pointer: weight.pointer,
      strides: [sweep.kernels * w0, w0, w1, w2, w3],
    };
    forward(sweep, imagesOf(x), layout, imagesOf(y), formOf(w, y, geometry));
  },
  conv2dInputGradient: (inputs, outputs, geometry) => {
    const [dy, w, dx] = three(inputs, outputs);
    const weight = imagesOf(w);
    const sweep = sweepOf(dy, weight, geometry);
    inputGradient(sweep, imagesOf(dy), weight, imagesOf(dx), formOf(w, dy, geometry));
  },
  conv2dWeightGradient: (inputs, outputs, geometry) => {
    const [x, dy, dw] = three(inputs, outputs);
    const weight = imagesOf(dw);
    const sweep = sweepOf(x, weight, geometry);
    const form = formOf(dw, dy, geometry);
    if (form === null) weightGradient(sweep, imagesOf(x), imagesOf(dy), weight);
    else winogradGradient(form, sweep, imagesOf(x), imagesOf(dy), weight);
  },
};
