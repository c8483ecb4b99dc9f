/**
 * The problems that optimisers are checked on, each with its gradient written out.
 * Rests on core and noise.
 */
import {
  add,
  multiply,
  slice,
  square,
  subtract,
  sum,
  type Tensor,
  tensor,
} from "../../core/index.ts";
import { numbers } from "./arrays.ts";
import { noise } from "./noise.ts";

/** A function of a vector. */
export interface Problem {
  readonly name: string;
  readonly start: readonly number[];
  /** A rate at which even plain gradient descent gets along. */
  readonly rate: number;
  /** f at step number `step`, from 0. */
  loss(x: Tensor, step: number): Tensor;
  /** ∇f, from its formula. */
  gradient(x: readonly number[], step: number): readonly number[];
}

/** ½·Σλ·(x - c)²: along each axis, gradient descent goes by 1 - α·λ. */
function quadratic(name: string, curvatures: readonly number[], rate: number): Problem {
  const start = curvatures.map((_, i) => (i % 2 === 0 ? 1.3 : -0.7));
  const minimum = curvatures.map((_, i) => 0.25 * i);
  return {
    name,
    start,
    rate,
    loss: (x) => {
      const [lambda, c] = [curvatures, minimum].map((v) => tensor([...v], { dtype: x.dtype }));
      if (lambda === undefined || c === undefined) throw new RangeError("two vectors");
      return multiply(sum(multiply(lambda, square(subtract(x, c)))), 0.5);
    },
    gradient: (x) => x.map((xi, i) => (curvatures[i] ?? 0) * (xi - (minimum[i] ?? 0))),
  };
}

/** Rosenbrock 1960: (1 - x)² + 100·(y - x²)², a bent valley. */
const rosenbrock: Problem = {
  name: "Rosenbrock",
  start: [-1.2, 1],
  rate: 1e-4,
  loss: (v) => {
    const [x, y] = [slice(v, [[0, 1]]), slice(v, [[1, 2]])];
    const valley = subtract(y, square(x));
    return sum(add(square(subtract(1, x)), multiply(square(valley), 100)));
  },
  gradient: ([x = 0, y = 0]) => [-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)],
};

/** Σ gₜ·x with gₜ drawn anew at each step: the signs of gradients and of their means change. */
const drift: Problem = {
  name: "a drift",
  start: [0.5, -1, 2],
  rate: 0.1,
  loss: (x, step) => sum(multiply(x, noise([3], 900 + step).cast(x.dtype))),
  gradient: (_x, step) => numbers(noise([3], 900 + step)),
};

/** A bowl, a valley a million times steeper across than along, a bent one, and noise. */
export const problems: readonly Problem[] = [
  quadratic("a bowl", [1, 2.5, 0.5], 0.1),
  quadratic("an ill-conditioned bowl", [1e-3, 1e3, 1], 1e-4),
  rosenbrock,
  drift,
];
