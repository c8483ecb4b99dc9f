/**
 * The gradient of normalization on the wasm device: the host half.
 * Rests on operands, axes and fibres. Two passes: the sums of each fibre, then what they make of its elements.
 */
import { bytesPerElement } from "../../dtype.ts";
import { broadcastLayout, denseLayout } from "../../layout.ts";
import { sizeOf } from "../../shape.ts";
import type { KernelTable } from "../device.ts";
import { axesOf, filling, isDescribable, otherAxes, six, strideOf } from "./axes.ts";
import type { WasmHandle } from "./memory.ts";
import { rolesOf } from "./normalization.ts";
import { addressOf, dense, runRows, type WasmOperand, walkOver } from "./operands.ts";
import { current } from "./state.ts";

/** Columns of a piece at most, as the kernel's scratch allows. */
const widest = 1024;
/** Elements worth a thread of its own. */
const elementsPerThread = 8192;

/** Addresses of Σ t and Σ x̂t of each example's part of each fibre, and the number of examples. */
function sumsOf(
  t: WasmOperand,
  standard: WasmOperand,
  axes: readonly number[],
  fibres: number,
): { readonly sums: number; readonly batch: number } {
  const { shape, dtype } = t;
  const { batch, rows, row } = rolesOf(shape, axes);
  const both = [t, standard];
  const kept = axesOf(both, otherAxes(shape.length, axes));
  const rowAxes = axesOf(both, rows);
  if (!isDescribable(kept) || !isDescribable(rowAxes)) {
    return sumsOf(dense(t), dense(standard), axes, fibres);
  }
  const length = row === null ? 1 : (shape[row] ?? 1);
  const stepOf = (operand: WasmOperand): number => (row === null ? 0 : strideOf(operand, row));
  const rowCount = rows.reduce((n, axis) => n * (shape[axis] ?? 1), 1);
  const innermost = kept.lengths.at(-1) ?? 1;
  const across =
    dtype === "float32" && innermost > 1 && kept.strides.every((strides) => strides.at(-1) === 4);
  const columns = across ? Math.min(widest, innermost) : 0;
  const groups = across ? (fibres / innermost) * Math.ceil(innermost / columns) : fibres;
  const sums = current().temporary(16 * batch * fibres);
  const strideOfBatch = (operand: WasmOperand): number => (batch === 1 ? 0 : strideOf(operand, 0));
  const words = [
    ...both.map(addressOf),
    sums,
    fibres,
    rowCount,
    ...both.map(strideOfBatch),
    length,
    ...both.map(stepOf),
    columns,
    kept.lengths.length,
    rowAxes.lengths.length,
    ...[kept, rowAxes].flatMap(({ lengths, strides }) => [
      ...six(lengths, 1),
      ...strides.flatMap((list) => six(list, 0)),
    ]),
  ];
  const grain = Math.ceil(elementsPerThread / (rowCount * length * Math.max(1, columns)));
  const kernel = dtype === "float32" ? "fibreProductsF32" : "fibreProductsF64";
  current().run(kernel, words, [], batch * groups, grain);
  return { sums, batch };
}

/** The kernel behind the gradients of batch, layer and group normalization. */
export const normalizationGradientKernels: Pick<KernelTable<WasmHandle>, "normalizeGradient"> = {
  normalizeGradient: ([t, standard, variance, gamma], [y, products, totals], options) => {
    if (!t || !standard || !variance || !y || sizeOf(t.shape) === 0) return;
    if (!gamma || !products || !totals) {
      project([t, standard, variance], y, options, [0, 0, 0]);
      return;
    }
    filling(products, (first) =>
      filling(totals, (second) => {
        const places = [dense(gamma), first, second].map(addressOf);
        project([t, standard, variance], y, options, places);
      }),
    );
  },
};

/** `places`: addresses of γ, and of where Σ x̂t and Σ t go; or zeros. */
function project(
  [t, standard, variance]: readonly [WasmOperand, WasmOperand, WasmOperand],
  y: WasmOperand,
  { axes, epsilon }: { readonly axes: readonly number[]; readonly epsilon: number },
  places: readonly number[],
): void {
  const { dtype } = t;
  const single = dtype === "float32";
  const fibres = sizeOf(variance.shape);
  const { sums, batch } = sumsOf(t, standard, axes, fibres);
  const plane = fibres * bytesPerElement[dtype];
  const planes = current().temporary(3 * plane);
  const finish = [sums, fibres, batch, addressOf(dense(variance)), planes, ...places];
  const reals = [sizeOf(t.shape) / fibres, epsilon];
  const grain = Math.ceil(elementsPerThread / (4 * batch));
  current().run(single ? "finishProductsF32" : "finishProductsF64", finish, reals, fibres, grain);
  const spread: WasmOperand = {
    handle: { pointer: planes, bytes: plane },
    dtype,
    ...broadcastLayout(denseLayout(variance.shape), t.shape),
  };
  const walk = walkOver([y, t, standard, spread]);
  runRows(single ? "projectRowsF32" : "projectRowsF64", 0, walk, [plane]);
}
