/**
 * Layouts of outputs: channels last for images, otherwise as the inputs lie, so that nothing is turned about
 * between two kernels. Rests on layout. Bits never depend on it.
 */
import { denseLayout, isDense, type Layout } from "../../layout.ts";
import { type Shape, sameShape, sizeOf } from "../../shape.ts";
import type { OutputType } from "../device.ts";
import type { KernelName } from "../kernels.ts";
import type { WasmOperand } from "./operands.ts";

/** Kernels whose [N, C, H, W] outputs lie channels last. */
const convolutions: ReadonlySet<KernelName> = new Set(["conv2d", "conv2dInputGradient"]);

/** Kernels over windows: their outputs lie as their image input does. */
const windows: ReadonlySet<KernelName> = new Set(["maxPool2d", "avgPool2d", "avgPool2dGradient"]);

/** Kernels whose outputs lie as the first input of the same shape does. */
const alike: ReadonlySet<KernelName> = new Set([
  "unary",
  "clamp",
  "binary",
  "multiplyAdd",
  "compare",
  "logical",
  "logicalNot",
  "select",
  "normalize",
  "normalizeGradient",
  "dropout",
  "softmax",
  "logSoftmax",
]);

/** The layout of an output of `name`. */
export function layoutOf(
  name: KernelName,
  inputs: readonly WasmOperand[],
  { shape }: OutputType,
): Layout {
  if (convolutions.has(name)) return orderedLayout(shape, channelsLast);
  if (windows.has(name)) {
    const [image] = inputs;
    return image !== undefined && liesChannelsLast(image)
      ? orderedLayout(shape, channelsLast)
      : denseLayout(shape);
  }
  if (alike.has(name)) {
    for (const input of inputs) {
      if (!sameShape(input.shape, shape)) continue;
      if (isDense(input)) break;
      if (isGapless(input)) return orderedLayout(shape, orderOf(input));
    }
  }
  if (name === "scatterAdd") {
    // As the indices lie: those of a pooling lie as its image does.
    const [, indices] = inputs;
    if (indices && !isDense(indices) && isGapless(indices)) {
      return orderedLayout(shape, orderOf(indices));
    }
  }
  if (name === "matmul" && shape.length === 2) {
    const [a, b] = inputs;
    if (a && b && liesTurned(a) && !liesTurned(b)) return orderedLayout(shape, [1, 0]);
  }
  return denseLayout(shape);
}

/**
 * Whether a matrix lies column by column. The gradient of a weight [out, in], which the layers use turned, is such a
 * matrix by another and is turned back: laid out by columns, it ends up row-major.
 */
function liesTurned({ shape, strides }: Layout): boolean {
  const [rows = 1, columns = 1] = shape;
  return rows > 1 && columns > 1 && strides[0] === 1 && strides[1] !== 1;
}

/** N, H, W, C: the axes of [N, C, H, W], outermost first. */
const channelsLast: readonly number[] = [0, 2, 3, 1];

/** Whether an [N, C, H, W] tensor lies channels last (and not row-major at the same time). */
export function liesChannelsLast(layout: Layout): boolean {
  if (layout.shape.length !== 4 || !isGapless(layout)) return false;
  const [, channels = 1, height = 1, width = 1] = layout.shape;
  if (channels === 1 || height * width === 1) return false;
  return layout.strides[1] === 1;
}

/** Gapless strides with the axes in the given order, outermost first. */
function orderedLayout(shape: Shape, order: readonly number[]): Layout {
  const strides = new Array<number>(shape.length).fill(1);
  let step = 1;
  for (const axis of [...order].reverse()) {
    strides[axis] = step;
    step *= shape[axis] ?? 1;
  }
  return { shape, strides, offset: 0 };
}

/** The axes from the longest stride to the shortest; axes of length 1 keep their places. */
function orderOf({ shape, strides }: Layout): readonly number[] {
  const axes = shape.map((_, axis) => axis);
  const long = axes.filter((axis) => shape[axis] !== 1);
  long.sort((a, b) => (strides[b] ?? 0) - (strides[a] ?? 0));
  let next = 0;
  return axes.map((axis) => (shape[axis] === 1 ? axis : (long[next++] ?? axis)));
}

/** Whether the elements fill their memory without gaps or repeats, in any order of the axes. */
export function isGapless(layout: Layout): boolean {
  let step = 1;
  for (const axis of [...orderOf(layout)].reverse()) {
    const length = layout.shape[axis] ?? 1;
    if (length === 1) continue;
    if (layout.strides[axis] !== step) return sizeOf(layout.shape) === 0;
    step *= length;
  }
  return true;
}
