/**
 * What large cases draw from, and images for them. Rests on core.
 */
import { permute, type Stream, type Tensor } from "../../core/index.ts";

/** The dtypes that cases run in. */
export type Float = "float32" | "float64";

/** What a case draws from. */
export interface Draw {
  readonly dtype: Float;
  readonly stream: Stream;
  /** A whole number in [low, high]. */
  readonly whole: (low: number, high: number) => number;
  /** Standard normal numbers. */
  readonly noise: (...shape: number[]) => Tensor;
  /** The gradients of Σ c·f with respect to the tensors, c standard normal. */
  readonly pulled: (f: (x: readonly Tensor[]) => Tensor, ...x: readonly Tensor[]) => Results;
}

/** What a case gives. */
export type Results = readonly Tensor[];

/** Some images, row-major or channels last. */
export const image: (draw: Draw) => Tensor = ({ whole, noise }) => {
  const x = noise(whole(9, 13), whole(5, 9), whole(20, 24), whole(20, 24));
  return whole(0, 1) === 0
    ? x
    : permute(
        noise(x.shape[0] ?? 1, x.shape[2] ?? 1, x.shape[3] ?? 1, x.shape[1] ?? 1),
        [0, 3, 1, 2],
      );
};

/** By name: values, and gradients where they have kernels of their own. */
export type Cases = Readonly<Record<string, (draw: Draw) => Results>>;
