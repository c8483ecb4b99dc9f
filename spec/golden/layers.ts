/**
 * The layers of the golden file layers.json, made and called by bitgrad.
 * Rests on layers, agreement and read.
 */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { clearGradients, parameter, type State, type Tensor, zerosLike } from "../../core/index.ts";
import * as layers from "../../layers/index.ts";
import { assemble, Layer } from "../../layers/index.ts";
import { expectAgreement } from "./agreement.ts";
import { type GoldenArray, toTensor } from "./read.ts";

/** One forward and backward pass: gradients by x and by each parameter, in their order. */
interface GoldenCall {
  readonly x: GoldenArray;
  readonly output: GoldenArray;
  readonly cotangent: GoldenArray;
  readonly gradients: readonly GoldenArray[];
}

/** One layer: make-layers.py says what each entry is. */
export interface GoldenLayer {
  readonly layer: string;
  readonly title: string;
  readonly arguments: readonly unknown[];
  readonly parameters: readonly GoldenArray[];
  readonly steps: readonly GoldenCall[];
  readonly buffers: readonly GoldenArray[];
  readonly evaluation: GoldenCall;
}

/** The file. */
interface LayersFile {
  readonly command: string;
  readonly torch: string;
  readonly cases: readonly GoldenLayer[];
}

/** All cases. */
export const layersFile: LayersFile = JSON.parse(
  readFileSync(new URL("./layers.json", import.meta.url), "utf8"),
);

/** The layer of a case, assembled in float64, with its parameters. */
export function makeGolden({ layer, arguments: given, parameters }: GoldenLayer): Layer {
  const make: unknown = Object.entries(layers).find(([name]) => name === layer)?.[1];
  if (typeof make !== "function") throw new RangeError(`golden: no layer named ${layer}`);
  const isClass = make.prototype instanceof Layer;
  const made: unknown = isClass ? Reflect.construct(make, given) : Reflect.apply(make, null, given);
  if (!(made instanceof Layer)) throw new RangeError(`golden: ${layer} makes no layer`);
  assemble(made, { dtype: "float64" });
  put(made, "parameters", Object.keys(made.namedParameters()), parameters);
  return made;
}

/** Buffers that hold statistics, by name, in order. */
export function statisticsOf(net: Layer): Readonly<Record<string, Tensor>> {
  return Object.fromEntries(
    Object.entries(net.namedBuffers()).filter(([name]) => !name.endsWith(".batches")),
  );
}

/** Puts the golden statistics in place of the layer's own. */
export function putStatistics(net: Layer, { buffers }: GoldenLayer): void {
  put(net, "buffers", Object.keys(statisticsOf(net)), buffers);
}

function put(
  net: Layer,
  part: "parameters" | "buffers",
  names: readonly string[],
  arrays: readonly GoldenArray[],
): void {
  expect(names.length, `the number of ${part}`).toBe(arrays.length);
  const state = net.state();
  const values = names.flatMap((name, index): [string, State][] => {
    const array = arrays[index];
    return array === undefined ? [] : [[name, toTensor(array)]];
  });
  const own = part === "parameters" ? net.namedParameters() : net.namedBuffers();
  net.restore({ ...state, [part]: { ...own, ...Object.fromEntries(values) } });
}

/** Calls the layer in its mode, and asserts output and all gradients. */
export function checkCall(net: Layer, golden: GoldenCall, what: string): void {
  const x = parameter(toTensor(golden.x));
  const variables = [x, ...net.parameters()];
  clearGradients(variables);
  const output = net.forward(x);
  expectAgreement(output, golden.output, `${what}: output`);
  output.backward(toTensor(golden.cotangent));
  golden.gradients.forEach((gradient, index) => {
    const variable = variables[index];
    if (variable === undefined) throw new RangeError(`golden: no variable ${index}`);
    const name = index === 0 ? "x" : variable.name;
    expectAgreement(variable.grad ?? zerosLike(variable), gradient, `${what}: gradient by ${name}`);
  });
  expect(variables.length).toBe(golden.gradients.length);
}
