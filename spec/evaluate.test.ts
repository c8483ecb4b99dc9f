/** Evaluation: it looks at a net without touching it, and at a set without minding how it comes. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { DataLoader, type Dataset } from "../core/data/index.ts";
import {
  accuracy,
  accuracyMetric,
  calibrationMetric,
  confusionMetric,
  crossEntropy,
  meanMetric,
  noGrad,
  type Tensor,
  tensor,
  topKMetric,
  ValueError,
} from "../core/index.ts";
import {
  assemble,
  BatchNorm,
  Conv2d,
  Dropout,
  Flatten,
  type Layer,
  Linear,
  ReLU,
  Sequential,
} from "../layers/index.ts";
import { evaluate } from "../research/index.ts";
import { bitsOf, countingMemory, messageOf, noise, numbers } from "./plain.ts";

type Batch = { readonly x: Tensor; readonly y: Tensor };

const examples = 37;
const pixels = numbers(noise([examples, 1, 4, 4], 1));

/** Images of noise with labels in turn. */
const images: Dataset<Batch> = {
  length: examples,
  batch: (positions) => ({
    x: tensor(
      Float32Array.from([...positions].flatMap((n) => pixels.slice(16 * n, 16 * (n + 1)))),
      {
        shape: [positions.length, 1, 4, 4],
      },
    ),
    y: tensor(Int32Array.from(positions, (n) => n % 3)),
  }),
};

/** A net that does other things in training: normalizes by the batch, and drops. */
function makeNet(): Sequential {
  const layers = [
    new Conv2d(1, 3, { kernel: 3, padding: 1 }),
    new BatchNorm(3),
    new ReLU(),
    new Dropout(0.5),
    new Flatten(),
    new Linear(48, 3),
  ];
  return assemble(new Sequential(layers), { seed: 3 });
}

const metrics = {
  accuracy: accuracyMetric,
  two: topKMetric({ k: 2 }),
  confusion: confusionMetric,
  calibration: calibrationMetric({ bins: 4 }),
  loss: meanMetric((logits, y) => crossEntropy(logits, y, { reduction: "none" })),
};

const net = makeNet();
net.forward(images.batch(Int32Array.from({ length: 20 }, (_, n) => n)).x); // statistics that are not 0 and 1
const whole = evaluate(
  net,
  [images.batch(Int32Array.from({ length: examples }, (_, n) => n))],
  metrics,
);

/** Everything that a net remembers, its modes included. */
function memoryOf(layer: Layer): readonly unknown[] {
  const cells = { ...layer.namedParameters(), ...layer.namedBuffers() };
  return [
    ...Object.entries(cells).map(([name, cell]) => [name, bitsOf(cell), cell.grad]),
    ...[...layer.walk()].map(({ training }) => training),
  ];
}

describe("evaluate", () => {
  test.prop([fc.integer({ min: 1, max: 40 }), fc.nat(1000), fc.boolean()], {
    seed: 31,
    numRuns: 25,
  })(
    "gives the same bits for any batch size and order of the examples",
    (batchSize, seed, shuffle) => {
      const loader = new DataLoader(images, { batchSize, seed, shuffle });
      expect(evaluate(net, loader, metrics)).toEqual(whole);
    },
  );

  test("gives what the metrics say of the net's outputs in evaluation mode", () => {
    const other = makeNet();
    const { x, y } = images.batch(Int32Array.from({ length: examples }, (_, n) => n));
    for (const layer of other.walk()) layer.training = false;
    const share = accuracy(
      noGrad(() => other.forward(x)),
      y,
    );
    other.train();
    expect(evaluate(other, [{ x, y }], { share: accuracyMetric })).toEqual({ share });
  });

  test("leaves values, statistics, gradients and the mode of each layer as they were", () => {
    const other = makeNet();
    const [, normalization] = other.layers;
    if (normalization !== undefined) normalization.training = false; // frozen on purpose
    const before = memoryOf(other);
    evaluate(other, new DataLoader(images, { batchSize: 5 }), metrics);
    expect(memoryOf(other)).toEqual(before);
    expect([...other.walk()].map(({ training }) => training)).toEqual([
      ...[true, true, false],
      ...[true, true, true, true],
    ]);
  });

  test("gives modes back also where a metric throws", () => {
    const other = makeNet();
    const broken = {
      start: () => ({
        add: () => {
          throw new RangeError("broken");
        },
        value: () => 0,
      }),
    };
    expect(() => evaluate(other, new DataLoader(images, { batchSize: 5 }), { broken })).toThrow(
      "broken",
    );
    expect([...other.walk()].every(({ training }) => training)).toBe(true);
  });

  test("leaves a loader at the epoch where it was, so that training goes on in its order", () => {
    const loader = new DataLoader(images, { batchSize: 10, seed: 5 });
    const orders: (readonly number[])[] = [];
    for (let epoch = 0; epoch < 3; epoch++) {
      const seen: number[] = [];
      for (const { x } of loader) {
        seen.push(...numbers(x));
        if (seen.length === 160) evaluate(net, loader, { accuracy: accuracyMetric });
      }
      orders.push(seen);
      evaluate(net, loader, { accuracy: accuracyMetric });
    }
    const undisturbed = [0, 1, 2].map((epoch) => {
      const again = new DataLoader(images, { batchSize: examples, seed: 5 });
      again.epoch = epoch;
      return [...again].flatMap(({ x }) => numbers(x));
    });
    expect(orders).toEqual(undisturbed);
  });

  test("holds no more memory for many batches than for one", () => {
    const peaks = [1, 8].map((times) => {
      const batches = Array.from({ length: times }, () => images.batch(Int32Array.from([0, 1])));
      return countingMemory((count) => {
        evaluate(net, batches, metrics);
        return [count.blocks, count.peakBytes];
      });
    });
    expect(peaks[1]).toEqual(peaks[0]);
    expect(peaks[0]?.[0]).toBe(0);
  });

  test("tells after each batch how many examples are done", () => {
    const done: number[] = [];
    const loader = new DataLoader(images, { batchSize: 10 });
    evaluate(net, loader, {}, { onBatch: (count) => done.push(count) });
    expect(done).toEqual([10, 20, 30, 37]);
  });

  test("refuses a set without examples", () => {
    expect(messageOf(() => evaluate(net, [], { accuracy: accuracyMetric }), ValueError)).toBe(
      "accuracy: expected the set to hold at least one example, got none. Measure a set that is not empty.",
    );
  });
});
