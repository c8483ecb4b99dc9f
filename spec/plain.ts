/**
 * What the engine's tests share: float64 tensors of seeded numbers, elements back, messages, differences.
 * Rests on core, and on the laws' arrays and central differences.
 */
import { expect } from "vitest";
import { BitgradError, type NestedData, type Tensor, tensor } from "../core/index.ts";
import { countingMemory, type MemoryCount } from "./counting-memory.ts";
import { bitsOf, numbers } from "./laws/arrays.ts";
import { centralDifference } from "./laws/central-difference.ts";
import { distinct, noise } from "./laws/noise.ts";

export { bitsOf, countingMemory, distinct, type MemoryCount, noise, numbers };

/** A float64 tensor of plain numbers. */
export function f64(data: NestedData): Tensor {
  return tensor(data, { dtype: "float64" });
}

/** The single number of a 0-d tensor. */
export function item(x: Tensor): number {
  expect(x.shape).toEqual([]);
  return numbers(x)[0] ?? Number.NaN;
}

/** The message of what `run` throws, checked to be an error of `kind` whose five parts compose it. */
export function messageOf(
  run: () => unknown,
  kind: new (...args: never[]) => BitgradError,
): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(kind);
    if (!(error instanceof BitgradError)) throw error;
    const { where, argument, expected, got, fix } = error;
    expect(error.message).toBe(`${where}: expected ${argument} ${expected}, got ${got}. ${fix}.`);
    return error.message;
  }
  throw new Error("nothing was thrown");
}

/** Checks elements against `expected` to `tolerance` times the largest magnitude (at least 1). */
export function expectClose(
  x: Tensor,
  expected: readonly number[] | Tensor,
  tolerance: number,
): void {
  const plain = "storage" in expected ? numbers(expected) : expected;
  if ("storage" in expected) expect(x.shape).toEqual(expected.shape);
  const elements = numbers(x);
  expect(elements.length).toBe(plain.length);
  const scale = Math.max(1, ...plain.map(Math.abs));
  elements.forEach((element, i) => {
    expect(Math.abs(element - (plain[i] ?? Number.NaN)), `element ${i}`).toBeLessThanOrEqual(
      tolerance * scale,
    );
  });
}

/** x + h·direction, elementwise, as a constant. */
export function shifted(x: Tensor, direction: Tensor, h: number): Tensor {
  const steps = numbers(direction);
  const moved = numbers(x).map((element, i) => element + h * (steps[i] ?? 0));
  return tensor(Float64Array.from(moved), { shape: x.shape });
}

/**
 * Checks `derivative` (elements) against the extrapolated central difference of f(h) at h = 0, whose last
 * correction bounds its own error. `magnitude` of f bounds its rounding: 1e-13 of it is 450 ulp.
 */
export function expectSlope(
  derivative: readonly number[],
  f: (h: number) => readonly number[],
  magnitude = 10,
): void {
  const slope = centralDifference(f, () => 1e-13 * magnitude);
  if (slope === null) throw new Error("the function has no derivative here");
  expect(derivative.length).toBe(slope.value.length);
  derivative.forEach((element, i) => {
    const error = Math.abs(element - (slope.value[i] ?? Number.NaN));
    expect(error, `element ${i}: ${element} against ${slope.value[i]}`).toBeLessThanOrEqual(
      slope.tolerance[i] ?? 0,
    );
  });
}
