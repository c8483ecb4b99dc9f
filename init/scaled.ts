/**
 * Random initializers of mean 0 whose standard deviation follows from the weight's shape.
 * Rests on core.
 */
import { randomNormal, randomUniform, type Shape } from "../core/index.ts";
import type { Initializer } from "./initializer.ts";

/** The standard deviation that a weight of `shape` is given, ≥ 0. */
export type StandardDeviation = (shape: Shape) => number;

/** Normal weights of that standard deviation. */
export function normalOf(std: StandardDeviation): Initializer {
  return (shape, { stream, dtype }) =>
    randomNormal(shape, { stream, dtype, mean: 0, std: std(shape) });
}

/** Uniform weights in ±√3·std, which have that standard deviation. */
export function uniformOf(std: StandardDeviation): Initializer {
  return (shape, { stream, dtype }) => {
    const bound = Math.sqrt(3) * std(shape);
    return randomUniform(shape, { stream, dtype, low: -bound, high: bound });
  };
}
