/**
 * The checks of hyper-parameters and counts: shares in [0, 1), sizes ≥ 0, limits > 0.
 * Rests on core's state, errors and checks of numbers. Each gives the value that it lets pass.
 */
import { partOfState, type State, ValueError } from "../core/index.ts";
import { requireInteger, requirePositive } from "../core/require-number.ts";

/** `value`, or ValueError unless it is in [0, 1). */
export function requireShare(where: string, argument: string, value: number): number {
  if (Number.isFinite(value) && value >= 0 && value < 1) return value;
  throw new ValueError({
    where,
    argument,
    expected: "to be in [0, 1)",
    got: shown(value),
    fix: "Give the share that is kept from one step to the next, such as 0.9",
  });
}

/** `value`, or ValueError unless it is finite and ≥ 0. `fix` says what to give instead. */
export function requireSize(where: string, argument: string, value: number, fix: string): number {
  if (value >= 0 && Number.isFinite(value)) return value;
  const expected = "to be a finite number ≥ 0";
  throw new ValueError({ where, argument, expected, got: shown(value), fix });
}

/** `epsilon`, or ValueError unless it is finite and ≥ 0. */
export function requireEpsilon(where: string, epsilon: number): number {
  return requireSize(where, "epsilon", epsilon, "Use a small number such as 1e-7");
}

/** `value`, or ValueError unless it is finite and > 0. */
export function requireLimit(where: string, argument: string, value: number): number {
  const fix = "Give the largest size that a gradient may keep, such as 1, or leave it out";
  return requirePositive(where, argument, value, fix);
}

/** `value`, or ValueError unless it is an integer ≥ 1. */
export function requireAccumulate(where: string, value: number): number {
  const fix = "Give the number of calls of step that make one update";
  return requireInteger(where, "accumulate", value, 1, fix);
}

/** The part of a state as a count. Throws ValueError unless it is an integer ≥ 0. */
export function countOfState(where: string, name: string, part: State): number {
  const count = partOfState(where, name, part, "number");
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw new ValueError({
    where,
    argument: "state",
    expected: `to have an integer ≥ 0 as ${name}`,
    got: String(count),
    fix: "Restore a state that the same kind of object gave",
  });
}

/** A text in quotes: "0.1" is no number. */
function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
