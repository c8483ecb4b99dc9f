/**
 * A small regression to train: what the tests of the training loop share.
 * Rests on core, layers, optim and the training loop.
 */
import { DataLoader, type Dataset } from "../core/data/index.ts";
import { mse, type Tensor, tensor } from "../core/index.ts";
import { assemble, type Layer, Linear } from "../layers/index.ts";
import { sgd } from "../optim/index.ts";
import type { TrainLoopOptions } from "../research/index.ts";
import { noise, numbers } from "./plain.ts";

/** Points and their values. */
export type Batch = { readonly x: Tensor; readonly y: Tensor };

const [inputs, targets] = [numbers(noise([40, 2], 1)), numbers(noise([40], 2))];

/** The first `length` of forty points of noise. */
export const points = (length: number): Dataset<Batch> => ({
  length,
  batch: (positions) => ({
    x: tensor(Float32Array.from([...positions].flatMap((n) => inputs.slice(2 * n, 2 * n + 2))), {
      shape: [positions.length, 2],
    }),
    y: tensor(
      Float32Array.from(positions, (n) => targets[n] ?? 0),
      {
        shape: [positions.length, 1],
      },
    ),
  }),
});

/** What a test may change about it. */
export interface RegressionOptions {
  /** How many points, of forty. */
  readonly length?: number;
  readonly batchSize?: number;
  readonly learningRate?: number;
}

/** A linear regression over so many points. */
export function regression(
  { length = 12, batchSize = 4, learningRate = 0.05 }: RegressionOptions = {},
  more: Partial<TrainLoopOptions<Batch>> = {},
): TrainLoopOptions<Batch> & { readonly net: Layer } {
  const net = assemble(new Linear(2, 1), { seed: 1 });
  return {
    net,
    loader: new DataLoader(points(length), { batchSize, seed: 2 }),
    optimizer: sgd(net.parameters(), { learningRate }),
    loss: (outputs, { y }) => mse(outputs, y),
    epochs: 3,
    ...more,
  };
}
