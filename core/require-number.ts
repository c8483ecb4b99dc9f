/**
 * Checks of hyper-parameters that are plain numbers, one complaint for all that take them.
 * Rests on errors.
 */
import { ValueError } from "./errors.ts";

/** Throws ValueError unless `value` is a finite number. Returns it. */
export function requireFinite(where: string, argument: string, value: number, fix: string): number {
  if (Number.isFinite(value)) return value;
  throw refusal(where, argument, "to be a finite number", value, fix);
}

/** Throws ValueError unless `value` is finite and > 0. Returns it. */
export function requirePositive(
  where: string,
  argument: string,
  value: number,
  fix = "Give a scale factor such as 1",
): number {
  if (value > 0 && Number.isFinite(value)) return value;
  throw refusal(where, argument, "to be a finite number > 0", value, fix);
}

/** Throws ValueError unless `value` is an integer ≥ `least`. Returns it. */
export function requireInteger(
  where: string,
  argument: string,
  value: number,
  least: number,
  fix: string,
): number {
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw refusal(where, argument, `to be an integer ≥ ${least}`, value, fix);
}

/** Throws ValueError unless `value` lies in [low, high]. Returns it. */
export function requireWithin(
  where: string,
  argument: string,
  value: number,
  [low, high]: readonly [number, number],
  fix: string,
): number {
  if (value >= low && value <= high) return value;
  throw refusal(where, argument, `to be in [${low}, ${high}]`, value, fix);
}

function refusal(
  where: string,
  argument: string,
  expected: string,
  value: number,
  fix: string,
): ValueError {
  return new ValueError({ where, argument, expected, got: String(value), fix });
}
