/**
 * Applying: from the gradients of parameters to their new values, in the order clip, decay, update.
 * Rests on slot, clip, formula and core.
 */
import { capturing } from "../core/capture.ts";
import type { UpdateFormula } from "../core/devices/kernels.ts";
import { add, assign, multiply, scope, ValueError } from "../core/index.ts";
import { varyingScalar } from "../core/ops/operands.ts";
import { type CellUpdate, updateCells } from "../core/update.ts";
import { clipByNorm, clipByValue } from "./clip.ts";
import { formulaOf } from "./formula.ts";
import type { RuleState, UpdateRule } from "./rule.ts";
import type { Slot } from "./slot.ts";

/** The gradient that a parameter is updated with, its slot and the cells of this. */
export interface Update extends CellUpdate {
  readonly slot: Slot;
}

/** What gradients are clipped to; null: no limit. */
export interface Limits {
  /** Of an element's magnitude. */
  readonly value: number | null;
  /** Of the norm of all gradients together. */
  readonly norm: number | null;
}

/** What a group is updated with. */
export interface Setting {
  readonly rule: UpdateRule;
  readonly rate: number;
  readonly decay: number;
  /** Number of this step, from 1. */
  readonly t: number;
}

/** The parameters that have a gradient, with it. */
export function updatesOf(slots: readonly Slot[]): readonly Update[] {
  const updates: Update[] = [];
  for (const slot of slots) {
    const { grad } = slot.parameter;
    if (grad !== null) updates.push({ slot, cells: slot.cells, gradient: grad });
  }
  return updates;
}

/** The same with clipped gradients: by value first, then by norm. */
export function clipped(updates: readonly Update[], { value, norm }: Limits): readonly Update[] {
  if (updates.length === 0 || (value === null && norm === null)) return updates;
  const given = updates.map(({ gradient }) => gradient);
  const cut = value === null ? given : clipByValue(given, value);
  const gradients = norm === null ? cut : clipByNorm(cut, norm);
  return updates.map((update, i) => ({ ...update, gradient: gradients[i] ?? update.gradient }));
}

/**
 * Decays and updates parameters of one group: in one launch what can be, and the others op by op. `read` gives what they
 * are updated with; where a compiled step is repeated it is asked again.
 */
export function applyUpdates(updates: readonly Update[], read: () => Setting): void {
  const setting = read();
  const all = setting.decay === 0 ? updates : updates.map((update) => decayed(update, read));
  const formula = formulaFor(setting);
  if (formula !== null) capturing()?.varies(formula, () => formulaFor(read()) ?? formula);
  const rest = formula === null ? all : updateCells(formula, all);
  if (rest.length === 0) return;
  capturing()?.refuse("an optimiser updates op by op");
  for (const update of all) {
    if (rest.includes(update)) scope(() => updateOne(update, setting));
  }
}

/** Coupled, the gradient of λ/2·‖x‖² is added; decoupled, the parameter shrinks now. */
function decayed(update: Update, read: () => Setting): Update {
  const { parameter, group } = update.slot;
  if (!group.decoupled) {
    const decay = varyingScalar(parameter, () => read().decay);
    return { ...update, gradient: add(update.gradient, multiply(parameter, decay)) };
  }
  scope(() => {
    const kept = varyingScalar(parameter, () => {
      const { decay, rate } = read();
      return 1 - rate * decay;
    });
    assign(parameter, multiply(parameter, kept));
  });
  return update;
}

function formulaFor({ rule, t, rate }: Setting): UpdateFormula | null {
  return formulaOf(rule, t, rate);
}

function updateOne({ slot, gradient }: Update, { rule, rate, t }: Setting): void {
  const { parameter, state } = slot;
  const next = rule.update({ parameter, gradient, state, t, rate });
  requireSameNames(rule.name, state, next.state);
  assign(parameter, next.parameter);
  for (const [name, cell] of Object.entries(state)) {
    const value = next.state[name];
    if (value !== undefined) assign(cell, value);
  }
}

/** What is remembered has a cell since `init`: a name more would be forgotten, a name less would stay as it was. */
function requireSameNames(rule: string, declared: RuleState, given: RuleState): void {
  const extra = Object.keys(given).filter((name) => !Object.hasOwn(declared, name));
  const missing = Object.keys(declared).filter((name) => !Object.hasOwn(given, name));
  if (extra.length === 0 && missing.length === 0) return;
  const got = [
    ...(missing.length > 0 ? [`none of ${missing.join(", ")}`] : []),
    ...(extra.length > 0 ? [`${extra.join(", ")} besides`] : []),
  ];
  throw new ValueError({
    where: `${rule}.update`,
    argument: "state",
    expected: `to have exactly ${Object.keys(declared).join(", ") || "nothing"}, as from init`,
    got: got.join(", "),
    fix: "Return from update all that init returns, and nothing else",
  });
}
