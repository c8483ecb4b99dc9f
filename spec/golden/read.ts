/**
 * The golden files: what PyTorch computed, as written by make-golden.py.
 * Rests on core.
 */
import { readFileSync } from "node:fs";
import { type DType, type Tensor, tensor } from "../../core/index.ts";

/** An array in a golden file; float64 where no dtype is given; NaN and infinities by name. */
export interface GoldenArray {
  readonly shape: readonly number[];
  readonly data: readonly (number | "NaN" | "Infinity" | "-Infinity")[];
  readonly dtype?: DType;
}

/** Arrays by the name of the input they belong to, in the order of arguments. */
export type NamedArrays = Readonly<Record<string, GoldenArray>>;

/** One call: golden_cases.py says what each entry is. */
export interface GoldenCase {
  readonly call: string;
  readonly title: string;
  readonly inputs: NamedArrays;
  /** What the call takes after the inputs, and its options after these. */
  readonly arguments: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly outputs: readonly GoldenArray[];
  readonly cotangents?: readonly GoldenArray[];
  readonly gradients?: NamedArrays;
  readonly direction?: NamedArrays;
  readonly curvature?: NamedArrays;
}

/** Ten steps of one update rule on one problem. */
export interface OptimizerRun {
  readonly problem: "quadratic" | "logistic";
  readonly rule: "sgd" | "adam";
  readonly options: {
    readonly learningRate: number;
    readonly momentum?: number;
    readonly epsilon?: number;
  };
  readonly constants: NamedArrays;
  readonly parameters: NamedArrays;
  /** The loss before each step, and the parameters after it. */
  readonly steps: readonly { readonly loss: number; readonly parameters: NamedArrays }[];
}

/** A few training steps of a small net. */
export interface NetRun {
  /** Parameters and buffers by bitgrad's names, before the first step and after the last. */
  readonly first: NamedArrays;
  readonly last: NamedArrays;
  readonly batches: readonly { readonly x: GoldenArray; readonly target: GoldenArray }[];
  readonly losses: readonly number[];
  /** Images, and the trained net's logits of them in evaluation mode. */
  readonly probe: GoldenArray;
  readonly logits: GoldenArray;
}

/** What every golden file says of itself. */
interface GoldenHead {
  readonly command: string;
  readonly torch: string;
}

/** The file of training runs. */
interface TrainingFile extends GoldenHead {
  readonly optimizers: readonly OptimizerRun[];
  readonly net: NetRun;
}

/** One file of cases. */
interface CaseFile extends GoldenHead {
  readonly cases: readonly GoldenCase[];
}

const load = (name: string): string =>
  readFileSync(new URL(`./${name}.json`, import.meta.url), "utf8");

/** The files of cases. */
export const caseFiles: readonly CaseFile[] = [
  "elementwise",
  "reduction",
  "structure",
  "image",
].map((name): CaseFile => JSON.parse(load(name)));

/** The training runs. */
export const training: TrainingFile = JSON.parse(load("training"));

/** The elements as numbers. */
export function numbersOf({ data }: GoldenArray): readonly number[] {
  return data.map(Number);
}

/** The array as a tensor. */
export function toTensor(array: GoldenArray): Tensor {
  const { shape, dtype = "float64" } = array;
  return tensor(numbersOf(array), { shape, dtype });
}
