/**
 * State: what a thing that changes consists of, as plain data and tensors, so that it can be saved and put back.
 * Rests on tensor, bind, create and errors. What restores checks everything before it changes anything.
 */
import { commonDevice } from "./bind.ts";
import { assign } from "./create.ts";
import { DTypeError, ShapeError, ValueError } from "./errors.ts";
import { formatShape, sameShape } from "./shape.ts";
import { operandOf, Tensor } from "./tensor.ts";
import { isPlainObject } from "./tree.ts";

/** Plain data with tensors in it: arrays, and objects written with braces. Numbers may be NaN or infinite. */
export type State =
  | Tensor
  | number
  | string
  | boolean
  | null
  | readonly State[]
  | { readonly [name: string]: State };

/** An object of states by name. */
export type StateRecord = { readonly [name: string]: State };

/** What can be saved and put back: nets, optimisers, loaders, schedules with a memory. */
export interface Stateful {
  /** All that the next step depends on. Its tensors are the live ones: save or copy them before the next step. */
  state(): State;
  /** Puts a state back, also one of another process. Throws what is wrong with it before it changes anything. */
  restore(state: State): void;
}

/** What is expected of a part of a state. */
type Kind = "number" | "string" | "boolean";

/**
 * `state` as an object of exactly these names. Throws ValueError, naming what is missing and what is too many.
 *
 * @example
 * const { steps } = recordOfState("optimizer.restore", state, ["steps"]);
 */
export function recordOfState<Name extends string>(
  where: string,
  state: State,
  names: readonly Name[],
): Readonly<Record<Name, State>> {
  if (!isPlainObject(state)) {
    throw unfit(where, `to be an object with ${listed(names)}`, describeState(state));
  }
  const given = Object.keys(state);
  const missing = names.filter((name) => !given.includes(name));
  const extra = given.filter((name) => !names.some((known) => known === name));
  if (missing.length > 0 || extra.length > 0) {
    const got = [
      ...(missing.length > 0 ? [`none of ${listed(missing)}`] : []),
      ...(extra.length > 0 ? [`${listed(extra)} besides`] : []),
    ];
    throw unfit(where, `to have exactly ${listed(names)}`, got.join(", "));
  }
  return state as Readonly<Record<Name, State>>;
}

/** A part of a state that is a number, string or boolean. Throws ValueError, naming the part. */
export function partOfState(where: string, name: string, part: State, kind: "number"): number;
export function partOfState(where: string, name: string, part: State, kind: "string"): string;
export function partOfState(where: string, name: string, part: State, kind: "boolean"): boolean;
export function partOfState(where: string, name: string, part: State, kind: Kind): State {
  if (typeof part === kind) return part;
  throw unfit(where, `to have a ${kind} as ${name}`, describeState(part));
}

/**
 * The writes that put `state`, tensors by name, into parameters and buffers of the same names: checked now, done when
 * the function that comes back is called.
 *
 * Throws ValueError where names differ, ShapeError and DTypeError where a tensor does not fit its cell, DeviceError where
 * it lies on another device, ScopeError and OverwrittenError where it cannot be read.
 */
export function restoringCells(
  where: string,
  cells: Readonly<Record<string, Tensor>>,
  state: State,
): () => void {
  const values = recordOfState(where, state, Object.keys(cells));
  const writes = Object.entries(cells).map(([name, cell]): readonly [Tensor, Tensor] => {
    const value = values[name] ?? null;
    if (!(value instanceof Tensor)) {
      throw unfit(where, `to have a tensor as ${name}`, describeState(value));
    }
    const complaint = { where, argument: name, fix: "Restore a state of the same net" };
    if (!sameShape(cell.shape, value.shape)) {
      const expected = `to have shape ${formatShape(cell.shape)}`;
      throw new ShapeError({ ...complaint, expected, got: formatShape(value.shape) });
    }
    if (cell.dtype !== value.dtype) {
      throw new DTypeError({ ...complaint, expected: `to be ${cell.dtype}`, got: value.dtype });
    }
    commonDevice(where, [cell, value]);
    operandOf(where, name, value);
    return [cell, value];
  });
  return () => {
    for (const [cell, value] of writes) assign(cell, value);
  };
}

function unfit(where: string, expected: string, got: string): ValueError {
  const fix = "Restore a state that the same kind of object gave";
  return new ValueError({ where, argument: "state", expected, got, fix });
}

function describeState(state: State): string {
  if (state instanceof Tensor) return state.describe();
  if (Array.isArray(state)) return `an array of ${state.length}`;
  return typeof state === "object" && state !== null
    ? `an object with ${listed(Object.keys(state))}`
    : JSON.stringify(state);
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return "nothing";
  const shown = names.slice(0, 8).join(", ");
  return names.length > 8 ? `${shown} and ${names.length - 8} more` : shown;
}
