/**
 * What a kernel has to do: multiply-adds by its definition, those of the algorithm that does them, and memory that it must
 * touch. Rests on the kernel table's types and the table of Winograd's shapes: shapes decide, nothing is measured.
 */
import type { Operand } from "../../../core/devices/device.ts";
import type {
  Conv2dGeometry,
  KernelAttributes,
  KernelName,
} from "../../../core/devices/kernels.ts";
import type { LaunchNote } from "../../../core/devices/recorder.ts";
import type { Pass } from "../../../core/devices/wasm/task-watch.ts";
import { bytesPerElement } from "../../../core/dtype.ts";
import { formatShape, type Shape, sizeOf } from "../../../core/shape.ts";
import { winogradForm } from "../../../core/winograd-shapes.ts";

/** What a pass has to do. */
export interface Cost {
  /** The kernels' names, with what they compute: `"normalize + multiplyAdd + relu"`. */
  readonly kernel: string;
  /** Shapes that go in and come out: `"[8, 3, 5, 5], [4, 3, 3, 3] → [8, 4, 5, 5]"`. */
  readonly shapes: string;
  /**
   * Floating-point operations of the sums of products by their definition, two a multiply-add, those on padding counted;
   * 0 for a kernel without such sums. Of Winograd's algorithm these are effective: the direct sums' operations.
   */
  readonly flops: number;
  /** Operations of the products that the algorithm does: of F(2×2, 3×3), 16 multiply-adds in place of 36 a tile and pair of channels. */
  readonly work: number;
  /** Bytes that must be read, each element once, and written. */
  readonly bytes: number;
}

/** Operations by the definition, and those done. */
type Operations = Pick<Cost, "flops" | "work">;

type OperandsOf = Pick<LaunchNote, "inputs" | "outputs">;

/** Kernels that are sums of products. What is not here has none worth counting. */
const operations: {
  readonly [K in KernelName]?: (
    operands: OperandsOf,
    attributes: KernelAttributes[K],
  ) => Operations;
} = {
  matmul: ({ inputs, outputs }) =>
    direct(2 * sizeOf(shapeOf(outputs, 0)) * (shapeOf(inputs, 0).at(-1) ?? 0)),
  multiplyAdd: ({ outputs }) => direct(2 * sizeOf(shapeOf(outputs, 0))),
  conv2d: ({ inputs, outputs }, geometry) => {
    const y = shapeOf(outputs, 0);
    return convolution(inputs[1], y, y, geometry);
  },
  conv2dInputGradient: ({ inputs, outputs }, geometry) =>
    convolution(inputs[1], shapeOf(inputs, 0), shapeOf(outputs, 0), geometry),
  conv2dWeightGradient: ({ inputs, outputs }, geometry) => {
    const dy = shapeOf(inputs, 1);
    return convolution(outputs[0], dy, dy, geometry);
  },
};

/** The cost of a pass. Of several launches it reads and writes only what others than they see. */
export function costOf({ launches, inner }: Pass): Cost {
  const done = launches.map(operationsOf);
  return {
    kernel: launches.length === 0 ? "read" : launches.map(nameOf).join(" + "),
    shapes: launches.map(shapesOf).join("; "),
    flops: done.reduce((sum, { flops }) => sum + flops, 0),
    work: done.reduce((sum, { work }) => sum + work, 0),
    bytes: bytesOf(launches, inner),
  };
}

function operationsOf({ name, inputs, outputs, attributes }: LaunchNote): Operations {
  const count = operations[name] as
    | ((operands: OperandsOf, attributes: object) => Operations)
    | undefined;
  return count?.({ inputs, outputs }, attributes) ?? direct(0);
}

const direct = (flops: number): Operations => ({ flops, work: flops });

/**
 * Any of the three convolutions: each element of what lies as the output, [N, K, H′, W′], meets C/g·R·S numbers. Winograd's
 * algorithm goes in tiles over `tiled`: what a sum gives, or of the weight gradient dy.
 */
function convolution(
  weight: Operand | undefined,
  output: Shape,
  tiled: Shape,
  geometry: Conv2dGeometry,
): Operations {
  if (weight === undefined) return direct(0);
  const [kernels = 0, channels = 0] = weight.shape;
  const flops = 2 * sizeOf(output) * sizeOf(weight.shape.slice(1));
  const form = winogradForm(weight.dtype, weight.shape, output, geometry);
  if (form === null) return direct(flops);
  const [count = 0, , ...pixels] = tiled;
  const tiles = sizeOf(pixels.map((length) => Math.ceil(length / form.side)));
  return { flops, work: 2 * form.input.length ** 2 * count * tiles * kernels * channels };
}

/** Bytes that launches read of others, each element once, and write for others. */
function bytesOf(launches: readonly LaunchNote[], inner: ReadonlySet<unknown>): number {
  const read: Operand[] = [];
  const own = new Set<unknown>();
  let bytes = 0;
  for (const { name, inputs, outputs } of launches) {
    const given = outputs.reduce((sum, operand) => sum + distinct(operand), 0);
    inputs.forEach((operand, index) => {
      if (own.has(operand.handle) || read.some((other) => isSame(operand, other))) return;
      read.push(operand);
      const all = distinct(operand);
      // A gather reads no more of what it takes from than it gives.
      bytes += name === "gather" && index === 0 ? Math.min(all, given) : all;
    });
    for (const operand of outputs) {
      own.add(operand.handle);
      if (inner.has(operand.handle)) continue;
      bytes += distinct(operand);
      if (name === "update") bytes += distinct(operand); // what it writes it has read
    }
  }
  return bytes;
}

/** Whether two operands are the same elements of the same memory. */
function isSame(a: Operand, b: Operand): boolean {
  return (
    a.handle === b.handle &&
    a.offset === b.offset &&
    a.shape.join() === b.shape.join() &&
    a.strides.join() === b.strides.join()
  );
}

/** Bytes of the elements of an operand, those once that stand at many places of it. */
function distinct({ dtype, shape, strides }: Operand): number {
  if (sizeOf(shape) === 0) return 0;
  return bytesPerElement[dtype] * sizeOf(shape.filter((_, axis) => strides[axis] !== 0));
}

/** A kernel's name with what it computes; a function of one or two numbers by its own name. */
function nameOf({ name, inputs, outputs, attributes }: LaunchNote): string {
  const kind = detailOf(attributes);
  if (name === "unary" || name === "binary") return kind;
  if (!name.startsWith("conv2d")) return kind === "" ? name : `${name} ${kind}`;
  const weight = name === "conv2dWeightGradient" ? outputs[0] : inputs[1];
  const { stride } = attributes as Conv2dGeometry;
  const window = weight?.shape.slice(2).join("×") ?? "";
  const strided = stride.every((step) => step === 1) ? "" : `/${stride.join("×")}`;
  const { flops, work } = operationsOf({ name, inputs, outputs, attributes });
  return `${name} ${window}${strided}${work === flops ? "" : " Winograd"}`;
}

function detailOf(attributes: object): string {
  if ("fn" in attributes) return String(attributes.fn);
  if (!("distribution" in attributes)) return "";
  const { kind } = (attributes as KernelAttributes["random"]).distribution;
  return kind;
}

function shapesOf({ inputs, outputs }: LaunchNote): string {
  const list = (operands: readonly Operand[]): string =>
    operands.map(({ shape }) => formatShape(shape)).join(", ");
  return `${list(inputs)} → ${list(outputs)}`.trim();
}

function shapeOf(operands: readonly Operand[], index: number): Shape {
  return operands[index]?.shape ?? [];
}
