/**
 * Seeded float64 numbers that laws feed to whatever they check.
 * Rests on core.
 */
import { RandomSource, type Shape, type Tensor, tensor } from "../../core/index.ts";
import { normals } from "../../core/random/index.ts";
import { sizeOf } from "../../core/shape.ts";

/** Standard normal float64 numbers, a function of (shape, seed) alone. */
export function noise(shape: Shape, seed: number): Tensor {
  const stream = new RandomSource(seed).stream("spec");
  return tensor(normals(stream, sizeOf(shape)), { shape });
}

/** Distinct float64 numbers in random order, at least 0.1 from each other and from 0. */
export function distinct(shape: Shape, seed: number): Tensor {
  const values = normals(new RandomSource(seed).stream("spec"), sizeOf(shape));
  const rank = [...values.keys()].sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  const half = values.length / 2 - 0.25;
  const out = new Float64Array(values.length);
  rank.forEach((position, order) => {
    out[position] = (order - half) * 0.2;
  });
  return tensor(out, { shape });
}
