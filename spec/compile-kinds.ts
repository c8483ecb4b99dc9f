import { expect } from "vitest";
import {
  type CompiledStep,
  compile,
  crossEntropy,
  RandomSource,
  randomIntegers,
  randomNormal,
  type Shape,
  type Tensor,
} from "../core/index.ts";
import {
  assemble,
  BatchNorm,
  Conv2d,
  Dropout,
  Flatten,
  GroupNorm,
  type Layer,
  LayerNorm,
  Linear,
  MaxPool2d,
  ReLU,
  Residual,
  Sequential,
} from "../layers/index.ts";
import type { Optimizer } from "../optim/index.ts";
import { bitsOf } from "./plain.ts";

/** Two captures, two repetitions, a check, a repetition, a check, a repetition. */
export const steps = 8;

/** A net and the shape of one example. */
export interface Kind {
  readonly shape: Shape;
  readonly make: () => Layer;
}

/** Nets with what may change between steps: masks, statistics, groups. */
export const kinds: Readonly<Record<string, Kind>> = {
  "an MLP with dropout": {
    shape: [6],
    make: () => new Sequential([new Linear(6, 8), new ReLU(), new Dropout(0.3), new Linear(8, 3)]),
  },
  "a convolutional net with batch normalization": {
    shape: [2, 6, 6],
    make: () =>
      new Sequential([
        new Conv2d(2, 4, { kernel: 3, padding: 1, bias: false }),
        new BatchNorm(4),
        new ReLU(),
        new MaxPool2d({ window: 2 }),
        new Residual(
          new Sequential([
            new Conv2d(4, 4, { kernel: 3, padding: 1 }),
            new GroupNorm(4, { groups: 2 }),
          ]),
        ),
        new Flatten(),
        new Dropout(0.2),
        new Linear(36, 3),
      ]),
  },
  "layer normalization": {
    shape: [5],
    make: () => new Sequential([new Linear(5, 6), new LayerNorm(6), new ReLU(), new Linear(6, 3)]),
  },
};
export const kindNames: readonly string[] = Object.keys(kinds);

/** The batches of a run: their sizes, as those of an epoch with a short last batch. */
export function batchesOf(
  { shape }: Kind,
  sizes: readonly number[],
): readonly (readonly [Tensor, Tensor])[] {
  const stream = new RandomSource(11).stream("spec/compile");
  return sizes.map((size) => [
    randomNormal([size, ...shape], { stream }),
    randomIntegers([size], { stream, low: 0, high: 3 }),
  ]);
}

export interface Trained {
  readonly cells: readonly string[];
  readonly losses: readonly string[];
  readonly gradients: readonly string[];
  readonly state: unknown;
}

/** Everything that a run leaves, as bits. */
export function leftBy(net: Layer, optimizer: Optimizer, losses: readonly string[]): Trained {
  const tensors = { ...net.namedParameters(), ...net.namedBuffers(), ...optimizer.namedState() };
  return {
    cells: Object.entries(tensors).map(([name, cell]) => `${name} ${cell.version} ${bitsOf(cell)}`),
    losses,
    gradients: net
      .parameters()
      .map(({ grad: g }) => (g === null ? "none" : `${g.name} ${bitsOf(g)}`)),
    state: [optimizer.steps, [...net.walk()].map((layer) => layer.assembly.stream.position)],
  };
}

/** A training step. */
export type Step = (x: Tensor, y: Tensor) => Tensor;

/** Trains a net of a kind by `wrap` of the step as written, and gives all that is left. */
export function trainedBy(
  kind: Kind,
  makeOptimizer: (net: Layer) => Optimizer,
  wrap: (step: Step) => Step,
  sizes: readonly number[] = Array.from({ length: steps }, () => 4),
  between: (net: Layer, optimizer: Optimizer, step: number) => void = () => {},
): Trained {
  const net = assemble(kind.make(), { seed: 5 });
  const optimizer = makeOptimizer(net);
  const step = wrap((x, y) => optimizer.step(() => crossEntropy(net.forward(x), y)));
  const losses = batchesOf(kind, sizes).map(([x, y], i) => {
    between(net, optimizer, i);
    return bitsOf(step(x, y));
  });
  return leftBy(net, optimizer, losses);
}

/** As written. */
export const plain = (step: Step): Step => step;

/** The kind of this name. */
export const kindOf = (name: string): Kind =>
  kinds[name] ?? { shape: [], make: () => new Flatten() };

/** Trains as written and compiled, and checks that both leave the same; gives the compiled step. */
export function expectSameBits(
  kind: Kind,
  makeOptimizer: (net: Layer) => Optimizer,
  sizes?: readonly number[],
  between?: (net: Layer, optimizer: Optimizer, step: number) => void,
): CompiledStep<[Tensor, Tensor], Tensor> {
  let compiled: CompiledStep<[Tensor, Tensor], Tensor> | null = null;
  const asWritten = trainedBy(kind, makeOptimizer, plain, sizes, between);
  const repeated = trainedBy(
    kind,
    makeOptimizer,
    (step) => {
      compiled = compile(step);
      return compiled;
    },
    sizes,
    between,
  );
  expect(repeated).toEqual(asWritten);
  if (compiled === null) throw new Error("a compiled step");
  return compiled;
}
