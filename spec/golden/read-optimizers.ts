/**
 * The golden file of optimisers: what PyTorch computed, as written by make-optimizers.py.
 * Rests on read.
 */
import { readFileSync } from "node:fs";
import type { NamedArrays } from "./read.ts";

/** Options by bitgrad's names. */
type Options = Readonly<Record<string, number | boolean>>;

/** Twenty steps of one optimiser on two groups. */
export interface GroupedRun {
  readonly rule: string;
  /** The class, and what it was told besides `options`. */
  readonly torch: { readonly class: string; readonly lr_decay?: number };
  /** Of both groups, the matrix and the vector. */
  readonly options: Options & { readonly learningRate: number };
  /** Of the vector's group, over `options`. */
  readonly own: Options;
  readonly clip: { readonly clipValue?: number; readonly clipNorm?: number };
  readonly parameters: NamedArrays;
  readonly constants: NamedArrays;
  /** The loss before each step, and the elements of the parameters after it. */
  readonly steps: readonly {
    readonly loss: number;
    readonly matrix: readonly number[];
    readonly vector: readonly number[];
  }[];
}

/** Averages of drawn weights, after each of them. */
interface AverageRun {
  readonly decay: number;
  readonly weights: readonly (readonly number[])[];
  readonly exponential: readonly (readonly number[])[];
  readonly mean: readonly (readonly number[])[];
}

/** The file. */
interface OptimizersFile {
  readonly command: string;
  readonly torch: string;
  readonly average: AverageRun;
  readonly runs: readonly GroupedRun[];
}

/** What the file holds. */
export const goldenOptimizers: OptimizersFile = JSON.parse(
  readFileSync(new URL("./optimizers.json", import.meta.url), "utf8"),
);
