/**
 * The canonical run: a small net trained for 20 steps on procedural data, and the values of the other functions.
 * Rests on core, layers and optim. Its fingerprint must be one on all machines, engines and threads.
 */
import {
  add,
  crossEntropy,
  RandomSource,
  randomIntegers,
  randomNormal,
  scope,
  stack,
  type Tensor,
} from "../core/index.ts";
import { fingerprint } from "../core/io/index.ts";
import {
  assemble,
  BatchNorm,
  Conv2d,
  Dropout,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
  Tanh,
} from "../layers/index.ts";
import { adam } from "../optim/index.ts";
import { cosine } from "../schedules/index.ts";
import { canonicalValues } from "./fingerprint-values.ts";

const steps = 20;
const batchSize = 16;
const classes = 4;

/** Fingerprint of the trained canonical net (parameters, buffers, optimiser state, losses) and of `canonicalValues`. */
export function canonicalFingerprint({ seed = 0 }: { readonly seed?: number } = {}): string {
  const source = new RandomSource(seed);
  const net = assemble(
    new Sequential([
      new Conv2d(1, 4, { kernel: 3, padding: 1 }),
      new BatchNorm(4),
      new ReLU(),
      new MaxPool2d({ window: 2 }),
      new Conv2d(4, 8, { kernel: 3, stride: 2, padding: 1 }),
      new Tanh(),
      new Flatten(),
      new Dropout(0.25),
      new Linear(32, classes),
    ]),
    { seed },
  );
  const learningRate = cosine({ base: 0.01, totalSteps: steps });
  const optimizer = adam(net.parameters(), { learningRate });
  const prototypes = randomNormal([classes, 1, 8, 8], { stream: source.stream("data/prototypes") });
  const losses: Tensor[] = [];
  for (let step = 0; step < steps; step++) {
    const loss = scope(() => {
      const { x, y } = batch(source, step, prototypes);
      return optimizer.step(() => crossEntropy(net.forward(x), y));
    });
    losses.push(loss);
  }
  return fingerprint({
    ...prefixed("parameter", net.namedParameters()),
    ...prefixed("buffer", net.namedBuffers()),
    ...prefixed("optimizer", optimizer.namedState()),
    losses: stack(losses),
    ...canonicalValues(source),
  });
}

/** Noisy copies of the classes' prototypes. */
function batch(source: RandomSource, step: number, prototypes: Tensor): { x: Tensor; y: Tensor } {
  const y = randomIntegers([batchSize], {
    stream: source.stream(`data/labels${step}`),
    low: 0,
    high: classes,
  });
  const noise = randomNormal([batchSize, 1, 8, 8], { stream: source.stream(`data/noise${step}`) });
  return { x: add(prototypes.index(y, { axis: 0 }), noise), y };
}

function prefixed(
  prefix: string,
  tensors: Readonly<Record<string, Tensor>>,
): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [`${prefix}/${name}`, tensor]),
  );
}
