/**
 * A golden case as a call of bitgrad's public function of that name.
 * Rests on core and read. A call takes the inputs, then the case's further arguments, then its options.
 */
import * as bitgrad from "../../core/index.ts";
import { Tensor } from "../../core/index.ts";
import type { GoldenCase } from "./read.ts";

/** How a case's parts become the arguments of its function. */
type Arrange = (inputs: readonly Tensor[], golden: GoldenCase) => readonly unknown[];

const list: Arrange = (inputs, { options }) => [inputs, options];
const biased: Arrange = ([x, weight, bias], { options }) => [
  x,
  weight,
  bias === undefined ? options : { ...options, bias },
];

/** The functions whose arguments stand in another order. */
const arrangements: Readonly<Record<string, Arrange>> = {
  concat: list,
  stack: list,
  conv2d: biased,
  convTranspose2d: biased,
  einsum: (inputs, { arguments: [equation] }) => [equation, ...inputs],
};

const inOrder: Arrange = (inputs, { arguments: further, options }) => [
  ...inputs,
  ...further,
  ...(Object.keys(options).length > 0 ? [options] : []),
];

const functions: Readonly<Record<string, unknown>> = bitgrad;

/** The outputs of the case's function for these inputs. */
export function perform(golden: GoldenCase, inputs: readonly Tensor[]): readonly Tensor[] {
  const { call } = golden;
  const f = functions[call];
  if (typeof f !== "function") throw new TypeError(`golden: no function named ${call}`);
  const result: unknown = Reflect.apply(f, undefined, [
    ...(arrangements[call] ?? inOrder)(inputs, golden),
  ]);
  return outputsOf(result);
}

/** One tensor, several, or the three of batchNorm. */
function outputsOf(result: unknown): readonly Tensor[] {
  if (result instanceof Tensor) return [result];
  if (Array.isArray(result)) return result.flatMap(outputsOf);
  const { output, mean, variance } = result as Readonly<Record<string, Tensor>>;
  return [output, mean, variance].flatMap(outputsOf);
}
