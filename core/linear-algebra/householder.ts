/**
 * Householder's reflections: what takes a vector to a multiple of an axis.
 * Rests on matrix and scalar-math. Golub & Van Loan 2013, Matrix Computations, section 5.1.
 */
import { scaleByPowerOfTwo } from "../scalar-math/index.ts";
import { exponentOf } from "./matrix.ts";

/** H = I - β·v·vᵀ, v from entry `from` on; β = 0 is the identity. H = Hᵀ = H⁻¹. */
export interface Reflection {
  readonly from: number;
  readonly v: Float64Array;
  readonly beta: number;
}

/**
 * The reflection that takes entries of `vector` from `from` on to a multiple of the first axis: v = x + sign(x₀)·|x|·e₀,
 * whose first entry is a sum of two numbers of one sign, and β = 2/vᵀv. The entries may be tiny beside those before
 * them, so they are scaled by a power of two before they are squared.
 */
export function reflectionFor(vector: Float64Array, from: number): Reflection {
  const tail = vector.subarray(from);
  const exponent = exponentOf(tail);
  const v = tail.map((element) => scaleByPowerOfTwo(element, -exponent));
  const length = Math.sqrt(dot(v, v, 0));
  if (length === 0) return { from, v, beta: 0 };
  const first = v[0] ?? 0;
  v[0] = first < 0 ? first - length : first + length;
  return { from, v, beta: 2 / dot(v, v, 0) };
}

/** vector ← H·vector. */
export function reflect({ from, v, beta }: Reflection, vector: Float64Array): void {
  if (beta === 0) return;
  const factor = beta * dot(v, vector, from);
  for (let i = 0; i < v.length; i++) {
    vector[from + i] = (vector[from + i] ?? 0) - factor * (v[i] ?? 0);
  }
}

/** Σ v[i]·vector[from + i], in this order. */
export function dot(v: Float64Array, vector: Float64Array, from: number): number {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += (v[i] ?? 0) * (vector[from + i] ?? 0);
  return sum;
}
