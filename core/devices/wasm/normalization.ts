/**
 * Normalization on the wasm device: the host half.
 * Rests on operands, axes and, for float64, on reduction. In float32 the statistics of a fibre are those of its rows
 * (the last axis normalized over), joined in a tree for each example, and the examples' joined in another.
 */
import { bytesPerElement } from "../../dtype.ts";
import { broadcastLayout, denseLayout } from "../../layout.ts";
import { type Shape, sizeOf } from "../../shape.ts";
import type { KernelTable } from "../device.ts";
import { axesOf, filling, isDescribable, otherAxes, six, strideOf } from "./axes.ts";
import type { WasmHandle } from "./memory.ts";
import { addressOf, dense, dtypeNumber, runRows, type WasmOperand, walkOver } from "./operands.ts";
import { fibresInFloat64 } from "./reduction.ts";
import { current } from "./state.ts";

/** Columns of a piece at most, as the kernel's scratch allows. */
const widest = 64;
/** Elements worth a thread of its own. */
const elementsPerThread = 8192;

/** Means and squared deviations [batch, fibres] in float64, and how many elements each is of. */
interface Statistics {
  readonly means: number;
  readonly squares: number;
  readonly batch: number;
  readonly count: number;
}

/** The axes normalized over, by their roles: the batch axis, those that number an example's rows, and the one along the rows. */
export function rolesOf(
  shape: Shape,
  axes: readonly number[],
): { readonly batch: number; readonly rows: readonly number[]; readonly row: number | null } {
  const long = axes.filter((axis) => shape[axis] !== 1);
  const [first, ...others] = long;
  // Examples are told apart where they have elements of their own to normalize over, and something stays: where
  // nothing does, it is one example without a batch axis, and its order is the one that it has in a batch.
  const batched = first === 0 && others.length > 0 && axes.length < shape.length;
  const inner = batched ? others : long;
  return {
    batch: batched ? (shape[0] ?? 1) : 1,
    rows: inner.slice(0, -1),
    row: inner.at(-1) ?? null,
  };
}

function statistics(operand: WasmOperand, axes: readonly number[], fibres: number): Statistics {
  const { shape } = operand;
  const { batch, rows, row } = rolesOf(shape, axes);
  const others = otherAxes(shape.length, axes);
  const length = row === null ? 1 : (shape[row] ?? 1);
  const size = bytesPerElement.float32;
  const stepOf = (x: WasmOperand): number => (row === null ? size : strideOf(x, row));
  const isFit = (x: WasmOperand): boolean => {
    const kept = axesOf([x], others);
    const inLine = stepOf(x) === size || kept.strides[0]?.at(-1) === size;
    return inLine && isDescribable(kept) && isDescribable(axesOf([x], rows));
  };
  const x = isFit(operand) ? operand : dense(operand);
  const kept = axesOf([x], others);
  const rowAxes = axesOf([x], rows);
  const along = stepOf(x) === size;
  const innermost = kept.lengths.at(-1) ?? 1;
  const columns = along ? 0 : Math.min(widest, innermost);
  const groups = along ? fibres : (fibres / innermost) * Math.ceil(innermost / columns);
  const rowCount = rows.reduce((n, axis) => n * (shape[axis] ?? 1), 1);
  const means = current().temporary(8 * batch * fibres);
  const squares = current().temporary(8 * batch * fibres);
  const words = [
    addressOf(x),
    means,
    squares,
    fibres,
    rowCount,
    batch === 1 ? 0 : strideOf(x, 0),
    length,
    stepOf(x),
    columns,
    0,
    0,
    kept.lengths.length,
    rowAxes.lengths.length,
    ...six(kept.lengths, 1),
    ...six(kept.strides[0] ?? [], 0),
    ...six(rowAxes.lengths, 1),
    ...six(rowAxes.strides[0] ?? [], 0),
  ];
  const perPiece = rowCount * length * Math.max(1, columns);
  const grain = Math.ceil(elementsPerThread / perPiece);
  current().run("fibreStatistics", words, [], batch * groups, grain);
  return { means, squares, batch, count: rowCount * length };
}

/** Kernels behind batch, layer and group normalization. */
export const normalizationKernels: Pick<KernelTable<WasmHandle>, "normalize"> = {
  normalize: ([x], [standard, mean, variance], { axes, epsilon }) => {
    if (!x || !standard || !mean || !variance || sizeOf(x.shape) === 0) return;
    const { dtype } = x;
    const fibres = sizeOf(mean.shape);
    const bytes = fibres * bytesPerElement[dtype];
    filling(mean, (means) =>
      filling(variance, (variances) => {
        const of = dtype === "float32" ? statistics(x, axes, fibres) : fibresInFloat64(x, axes);
        const scales = current().temporary(bytes);
        const targets = [addressOf(means), addressOf(variances), scales, dtypeNumber[dtype]];
        const words = [0, of.means, of.squares, fibres, of.batch, ...targets];
        const grain = Math.ceil(elementsPerThread / (8 * of.batch));
        current().run("finishStatistics", words, [of.count, epsilon], fibres, grain);
        const spread = (pointer: number): WasmOperand => ({
          handle: { pointer, bytes },
          dtype,
          ...broadcastLayout(denseLayout(mean.shape), x.shape),
        });
        const operands = [standard, x, spread(addressOf(means)), spread(scales)];
        runRows(dtype === "float32" ? "standardizeF32" : "standardizeF64", 0, walkOver(operands));
      }),
    );
  },
};
