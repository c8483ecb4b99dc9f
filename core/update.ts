/**
 * Updates in place: one step of an optimiser over many cells in one launch, with the bits of its rule run op by op.
 * Rests on tensor, storage, layout, interpreter and the kernel table's types.
 */
import { capturing } from "./capture.ts";
import type { Device, Operand } from "./devices/device.ts";
import type { UpdateFormula } from "./devices/kernels.ts";
import { isFloat } from "./dtype.ts";
import { isObserved } from "./interpreter.ts";
import { isDense } from "./layout.ts";
import { sameShape } from "./shape.ts";
import type { Storage } from "./storage.ts";
import { currentSubstitution } from "./substitution.ts";
import { operandOf, type Tensor } from "./tensor.ts";

/** A gradient, and the cells that it changes: the parameter, then what the rule remembers of it. */
export interface CellUpdate {
  readonly gradient: Tensor;
  readonly cells: readonly Tensor[];
}

/**
 * Overwrites cells as `formula` says, and bumps their versions. Not recorded for derivatives. Gives those that a rule
 * must be run for op by op: all of them while an observer looks at every op or where one reads what another writes, and
 * those whose gradient is not like the parameter. Throws ScopeError and OverwrittenError for tensors that cannot be read.
 */
export function updateCells(
  formula: UpdateFormula,
  updates: readonly CellUpdate[],
): readonly CellUpdate[] {
  if (isObserved() || currentSubstitution() !== null || !areApart(updates)) return updates;
  const [first] = updates.filter(isPlain);
  if (first === undefined) return updates;
  const { device, dtype } = first.gradient.storage;
  const together = updates.filter(
    (update) =>
      isPlain(update) &&
      update.gradient.storage.device === device &&
      update.gradient.dtype === dtype,
  );
  launch(device, formula, together);
  const rest = updates.filter((update) => !together.includes(update));
  return rest.length === 0 ? rest : updateCells(formula, rest);
}

/** Whether `updateCells` would write all cells itself, and leave none to be run op by op. */
export function areUpdatable(updates: readonly CellUpdate[]): boolean {
  return !isObserved() && areApart(updates) && updates.every(isPlain);
}

function launch(device: Device, formula: UpdateFormula, updates: readonly CellUpdate[]): void {
  const gradients: Operand[] = [];
  const cells: Operand[] = [];
  for (const update of updates) {
    gradients.push(operandOf("update", "grad", update.gradient));
    for (const cell of update.cells) cells.push(operandOf("update", "the parameter", cell));
  }
  device.launch("update", gradients, cells, formula);
  for (const update of updates) {
    for (const cell of update.cells) {
      cell.storage.version += 1;
      cell.version = cell.storage.version;
      capturing()?.writes(cell);
    }
  }
}

/** Whether every cell has memory of its own, apart from the gradients too: the order of the updates means nothing then. */
function areApart(updates: readonly CellUpdate[]): boolean {
  const written = new Set<Storage>();
  let cells = 0;
  for (const update of updates) {
    for (const { storage } of update.cells) written.add(storage);
    cells += update.cells.length;
  }
  return written.size === cells && !updates.some(({ gradient }) => written.has(gradient.storage));
}

/** Whether the gradient and all cells lie alike. */
function isPlain({ gradient, cells }: CellUpdate): boolean {
  const { device } = gradient.storage;
  return (
    isFloat(gradient.dtype) &&
    isDense(gradient) &&
    cells.every(
      (cell) =>
        cell.role !== "value" &&
        cell.storage.device === device &&
        cell.dtype === gradient.dtype &&
        sameShape(cell.shape, gradient.shape) &&
        isDense(cell),
    )
  );
}
