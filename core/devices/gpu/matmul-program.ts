/**
 * Matrix products as programs: any strides of both factors, so that turned ones need no copy; any batch.
 * Rests on program. A thread makes four neighbouring columns of one row where the columns are a multiple of four.
 *
 * Four results a thread are the most that gpu.js can return. One result a thread is what `bitgrad bench` calls naive.
 * Four rows of one column are no faster on an adapter, and a third faster on webasm; but their results lie in groups of
 * four rows, and would have to be turned about before anybody else could read them.
 */
import type { Layout } from "../../layout.ts";
import {
  addProducts,
  address,
  digit,
  lanesOf,
  loop,
  one,
  type Plan,
  summing,
  type Term,
  thread,
} from "./program.ts";

/** One axis of the batch, and how far apart its matrices lie. */
interface BatchAxis {
  readonly length: number;
  readonly a: number;
  readonly b: number;
}

/** y [rows, columns] = a [rows, depth]·b [depth, columns] for each matrix of the batch. Strides in elements. */
interface Product {
  rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly a: readonly [row: number, column: number];
  readonly b: readonly [row: number, column: number];
  readonly batch: readonly BatchAxis[];
}

/**
 * The program of y = a·b, whose `a` is the first factor unless `turned`: then yᵀ = bᵀ·aᵀ is what is computed. Null
 * where y lies neither row-major nor, without a batch, column by column.
 */
export function matmulPlan(
  a: Layout,
  b: Layout,
  y: Layout,
  widest: 1 | 4,
): { readonly plan: Plan; readonly turned: boolean } | null {
  const rank = y.shape.length;
  const [rows = 1, columns = 1] = y.shape.slice(-2);
  const depth = a.shape.at(-1) ?? 0;
  const turned = rank === 2 && rows > 1 && columns > 1 && y.strides[0] === 1;
  if (!(turned && y.strides[1] === rows) && !isRowMajor(y)) return null;
  const [first, second] = [a, b].map(({ strides }) => [
    strides[rank - 2] ?? 0,
    strides[rank - 1] ?? 0,
  ]);
  if (first === undefined || second === undefined) return null;
  const [[a0 = 0, a1 = 0], [b0 = 0, b1 = 0]] = [first, second];
  const product: Product = turned
    ? { rows: columns, columns: rows, depth, a: [b1, b0], b: [a1, a0], batch: [] }
    : { rows, columns, depth, a: [a0, a1], b: [b0, b1], batch: batchOf(a, b, y) };
  return { plan: [programOf(merged(product), widest)], turned };
}

function isRowMajor({ shape, strides }: Layout): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] ?? 1;
    if (length !== 1 && strides[axis] !== step) return false;
    step *= length;
  }
  return true;
}

/** The batch's axes longer than one, neighbours joined where both factors step evenly over them. */
function batchOf(a: Layout, b: Layout, y: Layout): readonly BatchAxis[] {
  const axes: BatchAxis[] = [];
  for (let axis = 0; axis < y.shape.length - 2; axis++) {
    const length = y.shape[axis] ?? 1;
    if (length === 1) continue;
    const next: BatchAxis = { length, a: a.strides[axis] ?? 0, b: b.strides[axis] ?? 0 };
    const outer = axes.at(-1);
    if (outer !== undefined && outer.a === next.a * length && outer.b === next.b * length) {
      axes[axes.length - 1] = { ...next, length: outer.length * length };
    } else {
      axes.push(next);
    }
  }
  return axes;
}

/** With the innermost batch axis as rows, where all of it shares b and the rows of a go on. */
function merged(product: Product): Product {
  const last = product.batch.at(-1);
  if (last === undefined || last.b !== 0 || last.a !== product.rows * product.a[0]) return product;
  return merged({
    ...product,
    rows: product.rows * last.length,
    batch: product.batch.slice(0, -1),
  });
}

function programOf({ rows, columns, depth, a, b, batch }: Product, widest: 1 | 4): Plan[number] {
  const lanes = lanesOf(columns, widest);
  const matrices = batch.reduce((count, { length }) => count * length, 1);
  const matrixTerms = (of: "a" | "b"): readonly Term[] => {
    let inner = matrices;
    return batch.map((axis, i): Term => {
      inner /= axis.length;
      return [digit(thread.z, inner, axis.length, i === 0), axis[of]];
    });
  };
  const left = address("fromA", [...matrixTerms("a"), [thread.y, a[0]], ["k", a[1]]]);
  const right = (lane: number): string =>
    address("fromB", [
      ...matrixTerms("b"),
      ["k", b[0]],
      [thread.x, lanes * b[1]],
      [one, lane * b[1]],
    ]);
  const body = addProducts(lanes, `a[${left}]`, (lane) => `b[${right(lane)}]`);
  return {
    source: summing(lanes, loop("k", depth, body)),
    output: [columns / lanes, rows, matrices],
    lanes,
  };
}
