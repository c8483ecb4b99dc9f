/**
 * Convolutions that Winograd's algorithm computes, for tests: shapes, arrays anywhere in memory, and what ran.
 * Rests on core, placement and the laws.
 */
import fc from "fast-check";
import { current } from "../../core/devices/wasm/state.ts";
import { type ConvolutionOptions, conv2d, scope, type Tensor, tensor } from "../../core/index.ts";
import { conv2dInputGradient, conv2dWeightGradient } from "../../core/ops/convolution-gradients.ts";
import type { Sampler } from "../../core/sampling.ts";
import { type Shape, sizeOf } from "../../core/shape.ts";
import { winogradForms } from "../../core/winograd-shapes.ts";
import { budget } from "../laws/run.ts";
import { samplerFrom } from "../laws/sampler.ts";
import { noise, numbers } from "../plain.ts";
import { placedTensor, withExtremes } from "./placement.ts";

/** A convolution that is Winograd's, and its arrays: standard normal numbers. */
export interface Case {
  readonly options: ConvolutionOptions;
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly dy: Tensor;
}

/** The convolution and its adjoints. */
export const names: readonly ["conv2d", "conv2dInputGradient", "conv2dWeightGradient"] = [
  "conv2d",
  "conv2dInputGradient",
  "conv2dWeightGradient",
];
/** One of them. */
export type Name = (typeof names)[number];

/** The convolution and its two adjoints. */
export function three({ options, x, weight, dy }: Case): Readonly<Record<Name, Tensor>> {
  return {
    conv2d: conv2d(x, weight, options),
    conv2dInputGradient: conv2dInputGradient(dy, weight, { ...options, inputShape: x.shape }),
    conv2dWeightGradient: conv2dWeightGradient(x, dy, { ...options, kernelShape: weight.shape }),
  };
}

/** Forms by their place in the list, with lengths of outputs about the edges of their tiles. */
const lengths = [
  [6, 9, 10],
  [7, 8, 11, 12, 13, 15, 16],
  [6, 7, 9, 12],
] as const;

/** Shapes about the edges of tiles, blocks and panels, of which every option may be any; by `form` of the list. */
export function shapesFrom(
  draw: Sampler,
  form: 0 | 1 | 2 = draw.pick([0, 1, 2]),
): {
  readonly options: { readonly padding: readonly [Pair, Pair] };
  readonly x: Shape;
  readonly weight: Shape;
  readonly dy: Shape;
} {
  const { taps = 3 } = winogradForms[form] ?? {};
  const pair = (): Pair => [draw.integer(0, taps), draw.integer(0, 3)];
  const padding = [pair(), pair()] as const;
  const [height, width] = [draw.pick(lengths[form]), draw.pick(lengths[form])];
  const [channels, kernels] = [draw.pick([16, 24]), draw.pick([16, 40])];
  const n = draw.integer(1, 3);
  const along = (length: number, [before, after]: Pair): number =>
    length + taps - 1 - before - after;
  return {
    options: { padding },
    x: [n, channels, along(height, padding[0]), along(width, padding[1])],
    weight: [kernels, channels, taps, taps],
    dy: [n, kernels, height, width],
  };
}

type Pair = readonly [number, number];

/** Normal numbers anywhere in memory, some of them extreme where that is asked for. */
export function anywhere(shape: Shape, draw: Sampler, extreme: boolean = false): Tensor {
  const data = numbers(noise(shape, draw.integer(0, 9999)));
  const array = { shape, data, kind: "float" } as const;
  return placedTensor(extreme ? withExtremes(array, "float32", draw) : array, "float32", draw);
}

/** The elements somewhere else in memory. */
export function moved(x: Tensor, draw: Sampler): Tensor {
  const array = { shape: x.shape, data: numbers(x), kind: "float" } as const;
  return placedTensor(array, "float32", draw, ["dense", "turned", "stepped"]);
}

/** One element replaced by what is not finite. */
export function spoil(
  x: Tensor,
  draw: Sampler,
  place: number = draw.integer(0, sizeOf(x.shape) - 1),
): Tensor {
  const elements = numbers(x);
  const bad = draw.pick([1 / 0, -1 / 0, 0 / 0]);
  return tensor(Float32Array.from(elements.with(place, bad)), { shape: x.shape });
}

/** The case with each of its arrays replaced. */
export function each({ options, x, weight, dy }: Case, f: (one: Tensor) => Tensor): Case {
  return { options, x: f(x), weight: f(weight), dy: f(dy) };
}
/** The elements in float64. */
export function cast64(one: Tensor): Tensor {
  return tensor(Float64Array.from(numbers(one)), { shape: one.shape });
}

/** Checks `body` on draws of the laws' seed, on so many of their runs. */
export function property(runs: number, body: (draw: Sampler) => void): void {
  fc.assert(
    fc.property(fc.gen(), (draw) => scope(() => body(samplerFrom(draw)))),
    { seed: budget.seed, numRuns: Math.ceil(budget.runs * runs) },
  );
}

/** The compiled kernels that `body` runs. */
export function kernelsOf(body: () => void): readonly string[] {
  const runtime = current();
  const names: string[] = [];
  runtime.run = (name, ...rest) => {
    names.push(name);
    Object.getPrototypeOf(runtime).run.call(runtime, name, ...rest);
  };
  try {
    body();
  } finally {
    Reflect.deleteProperty(runtime, "run");
  }
  return names;
}
