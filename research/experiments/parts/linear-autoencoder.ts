/**
 * The net n – p – n without nonlinearities, all of whose critical points are known.
 * Rests on core, linear-algebra and random. Baldi & Hornik 1989, "Neural networks and principal component analysis", facts 3 and 4.
 */
import {
  jacobian,
  matmul,
  multiply,
  reshape,
  slice,
  square,
  subtract,
  sum,
  type Tensor,
  tensor,
  transpose,
} from "../../../core/index.ts";
import { qr } from "../../../core/linear-algebra/index.ts";

/** One critical point. */
export interface CriticalPoint {
  /** Encoder [p, n] and decoder [n, p], row by row, one after the other. */
  readonly weights: Float64Array;
  /**
   * Directions in which the loss falls from here: pairs of an eigenvector that the net keeps and one of higher variance that
   * it drops. Turning the one into the other is the only way down.
   */
  readonly waysDown: number;
}

/** The net's loss and critical points for n examples. */
export interface LinearAutoencoder {
  /** Parameters, 2·n·p. */
  readonly parameters: number;
  /** Half the squared distance of all examples from what the net gives. w: [parameters] → []. */
  loss(w: Tensor): Tensor;
  /** JᵀJ of what the net misses: the Hessian of the loss less what the net's own curvature adds. [parameters, parameters] */
  gaussNewton(w: Tensor): Tensor;
  /** One for each choice of p eigenvectors, up to a change of basis of the hidden units. */
  readonly points: readonly CriticalPoint[];
}

/**
 * n examples whose covariance has the eigenvalues n, …, 1 in directions that `noise` [n·n] decides, and their net with p hidden
 * units, in float64.
 */
export function linearAutoencoder(n: number, p: number, noise: Float64Array): LinearAutoencoder {
  const { q } = qr(noise, n, n);
  const columns = q.map((value, at) => value * Math.sqrt(n - (at % n)));
  const float64 = { dtype: "float64" } as const;
  const examples = tensor(columns, { shape: [n, n], ...float64 });
  const misses = (w: Tensor): Tensor => {
    const encoder = reshape(slice(w, [[0, n * p]]), [p, n]);
    const decoder = reshape(slice(w, [[n * p, 2 * n * p]]), [n, p]);
    return subtract(examples, matmul(decoder, matmul(encoder, examples)));
  };
  const direction = (k: number): Float64Array => q.filter((_, at) => at % n === k);
  return {
    parameters: 2 * n * p,
    loss: (w) => multiply(sum(square(misses(w))), 1 / 2),
    gaussNewton: (w) => {
      const rows = jacobian((at: Tensor) => reshape(misses(at), [n * n]))(w);
      const flat = reshape(rows as Tensor, [n * n, 2 * n * p]);
      return matmul(transpose(flat), flat);
    },
    points: choices(n, p).map((kept) => {
      const encoder = kept.flatMap((k) => [...direction(k)]);
      const decoder = encoder.map((_, at) => encoder[(at % p) * n + Math.floor(at / p)] ?? 0);
      return {
        weights: Float64Array.from([...encoder, ...decoder]),
        waysDown: inversions(kept, n),
      };
    }),
  };
}

/** All choices of p of from … n - 1, each ascending. */
function choices(n: number, p: number, from = 0): readonly (readonly number[])[] {
  if (p === 0) return [[]];
  return Array.from({ length: n - from }, (_, step) => from + step).flatMap((first) =>
    choices(n, p - 1, first + 1).map((rest) => [first, ...rest]),
  );
}

function inversions(kept: readonly number[], n: number): number {
  const dropped = Array.from({ length: n }, (_, k) => k).filter((k) => !kept.includes(k));
  return kept.reduce((count, k) => count + dropped.filter((other) => other < k).length, 0);
}
