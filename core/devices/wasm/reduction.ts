/**
 * Reductions and scans of the wasm device: the host half.
 * Rests on operands and axes. Sums run in float64, in the order that kernels/fold.ts fixes by the lengths alone.
 */
import { bytesPerElement, type DType } from "../../dtype.ts";
import { denseLayout } from "../../layout.ts";
import { sizeOf } from "../../shape.ts";
import type { KernelTable } from "../device.ts";
import type { ReduceFunction } from "../kernels.ts";
import {
  type Axes,
  axesOf,
  filling,
  isDescribable,
  laidOut,
  otherAxes,
  six,
  strideOf,
} from "./axes.ts";
import type { WasmHandle } from "./memory.ts";
import { addressOf, copyTo, dense, dtypeNumber, type WasmOperand } from "./operands.ts";
import { current } from "./state.ts";

/** What is folded, by its name and number in the kernels. */
const fold = {
  sum: ["Sum", 0],
  squares: ["Squares", 1],
  shifted: ["Shifted", 2],
  deviations: ["Deviations", 3],
  exponentials: ["Exponentials", 4],
  scaled: ["Scaled", 5],
  max: ["Largest", 6],
  min: ["Smallest", 7],
  largestSize: ["LargestSize", 8],
} as const;

/** What becomes of a fold, by its number in kernels/reduction.ts. */
const finish = {
  part: 0,
  result: 1,
  root: 2,
  logarithm: 3,
  mean: 4,
  shiftedMean: 5,
  scaledRoot: 6,
} as const;

/** Elements of a chunk and columns of a piece, as the kernels have them. */
const chunk = 4096;
const widest = 1024;
const narrowest = 64;
const fewest = 4;
/** Elements worth a thread of its own. */
const elementsPerThread = 16384;

const suffix = { float32: "F32", float64: "F64", int32: "I32", bool: "I32" } as const;

/** A reduction: x, split in axes that stay and axes that go. */
interface Split {
  readonly x: WasmOperand;
  readonly kept: Axes;
  readonly reduced: Axes;
  readonly outputs: number;
  readonly elements: number;
}

function split(operand: WasmOperand, axes: readonly number[]): Split {
  const others = otherAxes(operand.shape.length, axes);
  const groups = (x: WasmOperand): Split => ({
    x,
    kept: axesOf([x], others),
    reduced: axesOf([x], axes),
    outputs: others.reduce((n, axis) => n * (x.shape[axis] ?? 1), 1),
    elements: axes.reduce((n, axis) => n * (x.shape[axis] ?? 1), 1),
  });
  const direct = groups(operand);
  const fits = isDescribable(direct.kept) && isDescribable(direct.reduced);
  return fits ? direct : groups(laidOut(operand, [...others, ...axes]));
}

function splitWords({ kept, reduced }: Split): readonly number[] {
  return [
    kept.lengths.length,
    reduced.lengths.length,
    ...six(kept.lengths, 1),
    ...six(kept.strides[0] ?? [], 0),
    ...six(reduced.lengths, 1),
    ...six(reduced.strides[0] ?? [], 0),
  ];
}

interface Folding {
  readonly finish: number;
  /** Address and dtype of the outputs. */
  readonly target: number;
  readonly dtype: DType;
  /** Address of one float64 an output. */
  readonly shifts?: number;
  readonly divisor?: number;
}

function runFold(
  [name, fn]: readonly [string, number],
  it: Split,
  { finish: end, target, dtype, ...rest }: Folding,
): void {
  const { x, outputs, elements } = it;
  if (outputs === 0) return;
  const { shifts = 0, divisor = 1 } = rest;
  const chunks = Math.max(1, Math.ceil(elements / chunk));
  const columns = columnsOf(it);
  const length = it.kept.lengths.at(-1) ?? 1;
  const groups = columns === 0 ? outputs : (outputs / length) * Math.ceil(length / columns);
  const parts = chunks === 1 ? target : current().temporary(8 * chunks * outputs);
  const words = (first: number, last: number, code: number, width: number): readonly number[] => [
    fn,
    dtypeNumber[x.dtype],
    first,
    outputs,
    elements,
    chunks,
    last,
    code,
    dtypeNumber[dtype],
    shifts,
    width,
    ...splitWords(it),
  ];
  const perPiece = Math.max(1, Math.min(elements, chunk) * Math.max(1, columns));
  current().run(
    `fold${name}${suffix[x.dtype]}`,
    words(addressOf(x), parts, chunks === 1 ? end : finish.part, columns),
    [divisor],
    chunks * groups,
    Math.ceil(elementsPerThread / perPiece),
  );
  if (chunks > 1) {
    const grain = Math.ceil(elementsPerThread / chunks);
    current().run("foldFinish", words(parts, target, end, 0), [divisor], outputs, grain);
  }
}

/** Columns that a piece folds side by side: 0 where the outputs' neighbours are not neighbours in x. */
function columnsOf({ x, kept, reduced }: Split): number {
  const size = bytesPerElement[x.dtype];
  const length = kept.lengths.at(-1) ?? 1;
  const across = kept.strides[0]?.at(-1) === size && length >= fewest;
  if (!across || reduced.strides[0]?.at(-1) === size) return 0;
  // How outputs are grouped moves no bit: wide groups read memory in long runs, one for each thread at least.
  const share = Math.ceil(length / current().threads);
  return Math.min(length, widest, Math.max(narrowest, Math.ceil(share / 16) * 16));
}

/** Float64 numbers, one an output, until the launch ends. */
function numbersFor({ outputs }: Split): number {
  return current().temporary(8 * outputs);
}

function reduceFloats(fn: ReduceFunction, it: Split, y: WasmOperand): void {
  const out = { target: addressOf(y), dtype: y.dtype };
  if (fn === "logSumExp") {
    const shifts = numbersFor(it);
    runFold(fold.max, it, { finish: finish.result, target: shifts, dtype: "float64" });
    runFold(fold.exponentials, it, { finish: finish.logarithm, shifts, ...out });
  } else if (fn === "norm2" && it.x.dtype === "float64") {
    const shifts = numbersFor(it);
    runFold(fold.largestSize, it, { finish: finish.result, target: shifts, dtype: "float64" });
    runFold(fold.scaled, it, { finish: finish.scaledRoot, shifts, ...out });
  } else if (fn === "norm2") {
    // In float64 no square of a float32 overflows.
    runFold(fold.squares, it, { finish: finish.root, ...out });
  } else if (fn === "sum" || fn === "max" || fn === "min") {
    runFold(fold[fn], it, { finish: finish.result, ...out });
  } else {
    decide(fn, it, out.target);
  }
}

function decide(fn: "any" | "all", it: Split, target: number): void {
  const words = [fn === "all" ? 1 : 0, 3, addressOf(it.x), it.outputs, it.elements, 1, target];
  const grain = Math.ceil(elementsPerThread / Math.max(1, it.elements));
  current().run("decideRows", [...words, 0, 3, 0, 0, ...splitWords(it)], [], it.outputs, grain);
}

/** Addresses of the means of the fibres, in float64. */
function meansOf(it: Split, axes: readonly number[]): number {
  const means = numbersFor(it);
  const out = { target: means, dtype: "float64", divisor: it.elements } as const;
  if (it.x.dtype === "float32" || it.elements === 0) {
    // A sum of fewer than 2^29 equal float32 is exact in float64, and so is their mean.
    runFold(fold.sum, it, { finish: finish.mean, ...out });
  } else {
    // Shifted by the first element, the mean of equal elements is exact and their variance 0.
    const shifts = numbersFor(it);
    const shape = it.x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
    const handle = { pointer: shifts, bytes: 8 * it.outputs };
    copyTo({ handle, dtype: "float64", ...denseLayout(shape) }, { ...it.x, shape });
    current().run("finiteOrZero", [shifts, it.outputs], [], 1, 1);
    runFold(fold.shifted, it, { finish: finish.shiftedMean, shifts, ...out });
  }
  return means;
}

/** Means and squared deviations of fibres, two passes in float64: addresses, and the elements of a fibre. */
export function fibresInFloat64(
  x: WasmOperand,
  axes: readonly number[],
): {
  readonly means: number;
  readonly squares: number;
  readonly batch: number;
  readonly count: number;
} {
  const it = split(x, axes);
  const means = meansOf(it, axes);
  const squares = numbersFor(it);
  const out = { finish: finish.result, target: squares, dtype: "float64" } as const;
  runFold(fold.deviations, it, { ...out, shifts: means });
  return { means, squares, batch: 1, count: it.elements };
}

/** Operands of one shape that a kernel goes through along one axis. */
interface Lines {
  readonly x: WasmOperand;
  readonly words: readonly number[];
  /** How many lines there are. */
  readonly count: number;
}

function lines(operand: WasmOperand, y: WasmOperand, axis: number): Lines {
  const others = otherAxes(operand.shape.length, [axis]);
  const x = isDescribable(axesOf([operand, y], others)) ? operand : dense(operand);
  const { lengths, strides } = axesOf([x, y], others);
  return {
    x,
    count: others.reduce((n, other) => n * (x.shape[other] ?? 1), 1),
    words: [
      lengths.length,
      ...Array.from({ length: 5 }, () => 0),
      ...six(lengths, 1),
      ...six(strides[0] ?? [], 0),
      ...six(lengths, 1),
      ...six(strides[1] ?? [], 0),
    ],
  };
}

/** Kernels that reduce or scan along axes. */
export const reductionKernels: Pick<
  KernelTable<WasmHandle>,
  "reduce" | "moments" | "argReduce" | "cumulativeSum"
> = {
  reduce: ([x], [y], { fn, axes }) => {
    if (x && y) filling(y, (out) => reduceFloats(fn, split(x, axes), out));
  },
  moments: ([x], [mean, variance], { axes, divisor }) => {
    if (!x || !mean || !variance) return;
    const it = split(x, axes);
    const shifts = meansOf(it, axes);
    const handle = { pointer: shifts, bytes: 8 * it.outputs };
    copyTo(mean, { handle, dtype: "float64", ...denseLayout(mean.shape) });
    filling(variance, (out) =>
      runFold(fold.deviations, it, {
        finish: finish.mean,
        target: addressOf(out),
        dtype: out.dtype,
        shifts,
        divisor,
      }),
    );
  },
  argReduce: ([operand], [y], { fn, axis }) => {
    if (!operand || !y) return;
    // With a stride of 0 along the axis, which it may lack, y stands in line with x.
    const kept = y.shape.length === operand.shape.length ? 1 : 0;
    const beside = { ...y, shape: operand.shape, strides: y.strides.toSpliced(axis, kept, 0) };
    const { x, words, count } = lines(operand, beside, axis);
    const length = x.shape[axis] ?? 1;
    const first = [fn === "argmin" ? 1 : 0, dtypeNumber[x.dtype], addressOf(x), addressOf(y)];
    const grain = Math.ceil(elementsPerThread / Math.max(1, length));
    current().run(
      "extremeLines",
      [...first, length, strideOf(x, axis), 0, ...words],
      [],
      count,
      grain,
    );
  },
  cumulativeSum: ([operand], [y], { axis, reverse }) => {
    if (!operand || !y || sizeOf(operand.shape) === 0) return;
    const { x, words, count } = lines(operand, y, axis);
    const length = x.shape[axis] ?? 1;
    const ends = [x, y].map(
      (operand) => addressOf(operand) + (reverse ? (length - 1) * strideOf(operand, axis) : 0),
    );
    const steps = [x, y].map((operand) => (reverse ? -1 : 1) * strideOf(operand, axis));
    const grain = Math.ceil(elementsPerThread / length);
    const first = [0, dtypeNumber[x.dtype], ...ends, length, ...steps];
    current().run("cumulativeLines", [...first, ...words], [], count, grain);
  },
};
