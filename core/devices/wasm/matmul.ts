/**
 * Matrix products of the wasm device: the host half, which chooses between packed panels and few rows.
 * Rests on operands. The choice moves no bit: every path sums over k in order. See kernels/matmul.ts.
 */
import { bytesPerElement } from "../../dtype.ts";
import type { KernelTable } from "../device.ts";
import type { WasmHandle } from "./memory.ts";
import { addressOf, dense, type WasmOperand } from "./operands.ts";
import { current } from "./state.ts";

/** With fewer rows than this, or columns, what the other operand's packing costs is not earned back. */
const fewRows = 16;
/** The same for small products, of at most so many multiplications: packing ahead is one more launch. */
const fewRowsOfSmall = 32;
const smallProduct = 262144;
/** Multiplications worth a thread of their own, about 7 microseconds. */
const productsPerThread = 131072;
/** Elements worth a thread of their own when packing. */
const elementsPerThread = 16384;
/** Batch axes that a task has room for, as in kernels/matmul.ts. */
const batchAxes = 8;
const tileRows = 4;

/** One of a, b and y as matrices; strides in bytes. */
interface Matrices {
  readonly pointer: number;
  readonly row: number;
  readonly column: number;
  readonly batch: readonly number[];
}

/** A product of matrices: y [rows, columns] = a [rows, depth]·b [depth, columns] for each index of the batch. */
interface Product {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly lengths: readonly number[];
  readonly a: Matrices;
  readonly b: Matrices;
  readonly y: Matrices;
}

function matrices(operand: WasmOperand): Matrices {
  const { strides, dtype } = operand;
  const size = bytesPerElement[dtype];
  const axes = strides.length - 2;
  return {
    pointer: addressOf(operand),
    row: (strides[axes] ?? 0) * size,
    column: (strides[axes + 1] ?? 0) * size,
    batch: axes === 0 ? [] : strides.slice(0, axes).map((stride) => stride * size),
  };
}

function productOf(a: WasmOperand, b: WasmOperand, y: WasmOperand): Product {
  const [rows = 1, columns = 1] = y.shape.slice(-2);
  const depth = a.shape.at(-1) ?? 0;
  const lengths = y.shape.slice(0, -2);
  return { rows, columns, depth, lengths, a: matrices(a), b: matrices(b), y: matrices(y) };
}

const withoutAxis = (list: readonly number[], axis: number): readonly number[] =>
  list.filter((_, i) => i !== axis);

function withoutBatchAxis(product: Product, axis: number): Product {
  const { lengths, a, b, y } = product;
  return {
    ...product,
    lengths: withoutAxis(lengths, axis),
    a: { ...a, batch: withoutAxis(a.batch, axis) },
    b: { ...b, batch: withoutAxis(b.batch, axis) },
    y: { ...y, batch: withoutAxis(y.batch, axis) },
  };
}

/**
 * The same product with fewer batch axes: those of length 1 go, and where all of the batch shares b, and the rows
 * of a and y go on from one matrix to the next, they become the rows of one matrix.
 */
function simplify(product: Product): Product {
  const { rows, lengths, a, b, y } = product;
  if (lengths.length === 0) return product;
  const single = lengths.indexOf(1);
  if (single >= 0) return simplify(withoutBatchAxis(product, single));
  const last = lengths.length - 1;
  const length = lengths[last];
  const goesOn =
    length !== undefined &&
    b.batch[last] === 0 &&
    a.batch[last] === rows * a.row &&
    y.batch[last] === rows * y.row;
  return goesOn ? simplify({ ...withoutBatchAxis(product, last), rows: rows * length }) : product;
}

/** yᵀ = bᵀ·aᵀ: the same sums. */
function transposed({ rows, columns, depth, lengths, a, b, y }: Product): Product {
  return { rows: columns, columns: rows, depth, lengths, a: flip(b), b: flip(a), y: flip(y) };
}

/** Whether each thread should pack its own columns of b only. */
function isSkinny({ rows, columns, depth }: Product): boolean {
  return rows < fewRows || (rows <= fewRowsOfSmall && rows * columns * depth <= smallProduct);
}

/** Whether to pack a, not b, ahead for all: where b is much larger, each thread packs a part of it as it goes. */
function sharesFewer({ rows, columns, depth }: Product): boolean {
  return 2 * rows <= columns && depth >= 256;
}

/** The product or its transpose: the one that packs less ahead, else the one whose rows of y are runs in memory. */
function facing(product: Product): Product {
  if (sharesFewer(product)) return transposed(product);
  const { y } = product;
  return y.row < y.column && !sharesFewer(transposed(product)) ? transposed(product) : product;
}

function flip({ pointer, row, column, batch }: Matrices): Matrices {
  return { pointer, row: column, column: row, batch };
}

const noAxes: readonly number[] = new Array(batchAxes).fill(0);

/** `list` filled up to the places that a task has for batch axes. */
const axesWords = (list: readonly number[]): readonly number[] =>
  list.length === 0 ? noAxes : [...list, ...noAxes.slice(list.length)];

const grainFor = (wanted: number, perPiece: number): number =>
  Math.max(1, Math.ceil(wanted / Math.max(1, perPiece)));

/** Words 0 to 11 of both products, with b at `b`, and `step` bytes from row to row or matrix to matrix of it. */
function productWords(product: Product, b: number, step: number): readonly number[] {
  const { rows, columns, depth, lengths, a, y } = product;
  const strides = [a.row, a.column, y.row, y.column] as const;
  return [a.pointer, b, y.pointer, rows, columns, depth, ...strides, step, lengths.length];
}

function multiplySkinny(product: Product, suffix: string, size: number, count: number): void {
  const { rows, columns, depth, lengths, a, b, y } = product;
  const width = 64 / size;
  const words = [
    ...productWords(product, b.pointer, b.row),
    ...axesWords(lengths),
    ...axesWords(a.batch),
    ...axesWords(y.batch),
    ...axesWords(b.batch),
    b.column,
  ];
  const grain = grainFor(productsPerThread, rows * depth * width);
  current().run(`matmulSkinny${suffix}`, words, [], count * Math.ceil(columns / width), grain);
}

function multiplyPacked(product: Product, suffix: string, size: number, count: number): void {
  const { rows, columns, depth, lengths, a, b, y } = product;
  const width = 32 / size;
  const panels = Math.ceil(columns / width);
  const bytes = panels * depth * 32;
  const shared = b.batch.every((stride) => stride === 0);
  const matricesOfB = shared ? 1 : count;
  const packed = current().temporary(matricesOfB * bytes);
  current().run(
    `matmulPack${suffix}`,
    [
      ...[b.pointer, packed, columns, depth, b.row, b.column, bytes, shared ? 0 : lengths.length],
      ...axesWords(lengths),
      ...axesWords(b.batch),
    ],
    [],
    matricesOfB * panels,
    grainFor(elementsPerThread, depth * width),
  );
  current().run(
    `matmulPacked${suffix}`,
    [
      ...productWords(product, packed, shared ? 0 : bytes),
      ...axesWords(lengths),
      ...axesWords(a.batch),
      ...axesWords(y.batch),
    ],
    [],
    count * Math.ceil(rows / tileRows),
    grainFor(productsPerThread, tileRows * depth * columns),
  );
}

/** The matrix product. */
export const matmulKernels: Pick<KernelTable<WasmHandle>, "matmul"> = {
  matmul: ([a, b], [y]) => {
    if (!a || !b || !y) throw new RangeError("wasm: expected a, b and y");
    let product = simplify(productOf(a, b, y));
    // Dense operands and a dense output walk all of their batch in one stride.
    if (product.lengths.length > batchAxes) product = flat(dense(a), dense(b), y);
    const count = product.lengths.reduce((total, length) => total * length, 1);
    if (count * product.rows * product.columns === 0) return;
    const suffix = y.dtype === "float64" ? "F64" : "F32";
    const size = bytesPerElement[y.dtype];
    const few = product.columns < product.rows ? transposed(product) : product;
    if (isSkinny(few)) multiplySkinny(few, suffix, size, count);
    else multiplyPacked(facing(product), suffix, size, count);
  },
};

/** The product of dense operands, with one batch axis. */
function flat(a: WasmOperand, b: WasmOperand, y: WasmOperand): Product {
  const product = productOf(a, b, y);
  const last = <T extends Matrices>(m: T): T => ({ ...m, batch: m.batch.slice(-1) });
  const count = product.lengths.reduce((total, length) => total * length, 1);
  return {
    ...product,
    lengths: [count],
    a: last(product.a),
    b: last(product.b),
    y: last(product.y),
  };
}
