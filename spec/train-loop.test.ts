/**
 * The training loop: it tells what it does when it does it, and ends when it should.
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { DataLoader, type Dataset } from "../core/data/index.ts";
import { meanMetric, mse, type State, tensor, ValueError } from "../core/index.ts";
import { assemble, Linear, Sequential } from "../layers/index.ts";
import { sgd } from "../optim/index.ts";
import {
  EarlyStopping,
  evaluate,
  TrainLoop,
  trainClassifier,
  trainLoop,
} from "../research/index.ts";
import { countingMemory, messageOf, numbers } from "./plain.ts";
import { type Batch, points, regression } from "./regression.ts";

describe("the loop", () => {
  test.prop(
    [
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 20 }),
    ],
    { seed: 51, numRuns: 40 },
  )(
    "tells each batch, each epoch, and as many checkpoints within an epoch, in this order",
    (length, batchSize, epochs, wanted) => {
      const batches = Math.ceil(length / batchSize);
      const checkpointsPerEpoch = Math.min(wanted, batches);
      const told: string[] = [];
      const tell =
        (kind: string) => (point: { readonly epoch: number; readonly iteration: number }) =>
          told.push(`${kind} ${point.iteration} ${point.epoch}`);
      const on = { batch: tell("batch"), epoch: tell("epoch"), checkpoint: tell("checkpoint") };
      trainLoop(regression({ length, batchSize }, { epochs, checkpointsPerEpoch, on }));
      const ends = Array.from({ length: checkpointsPerEpoch }, (_, i) =>
        Math.ceil(((i + 1) * batches) / checkpointsPerEpoch),
      );
      const expected = Array.from({ length: epochs * batches }, (_, i) => {
        const [epoch, batch] = [Math.floor(i / batches), (i % batches) + 1];
        const place = `${i + 1} ${epoch + batch / batches}`;
        return [
          `batch ${place}`,
          ...(batch === batches ? [`epoch ${place}`] : []),
          ...(ends.includes(batch) ? [`checkpoint ${place}`] : []),
        ];
      });
      expect(told).toEqual(expected.flat());
    },
  );

  test("gives an epoch the mean loss over its examples, also where the last batch is smaller", () => {
    const told: number[] = [];
    const options = regression(
      { length: 13, batchSize: 5, learningRate: 0 },
      { on: { epoch: ({ loss }) => told.push(loss) } },
    );
    trainLoop(options);
    const loss = meanMetric((outputs, y) => mse(outputs, y, { reduction: "none" }).reshape([-1]));
    const { all } = evaluate(options.net, [points(13).batch(Int32Array.from(Array(13).keys()))], {
      all: loss,
    });
    // Three float32 batch losses, each off by a few ulp of float32.
    expect(told).toHaveLength(3);
    for (const mean of told) expect(Math.abs(mean / all - 1)).toBeLessThan(1e-6);
  });

  test("shows what the net gave before the update, as a constant", () => {
    const seen: number[] = [];
    const expected: number[] = [];
    const options = regression({}, { epochs: 1 });
    const loss = options.loss;
    trainLoop({
      ...options,
      loss: (outputs, batch) => {
        expected.push(...numbers(outputs));
        return loss(outputs, batch);
      },
      on: {
        forward: (outputs) => {
          expect(outputs.traces).toEqual([]);
          seen.push(...numbers(outputs));
        },
      },
    });
    expect(seen).toEqual(expected);
    expect(seen).toHaveLength(12);
  });

  test("takes constant memory", () => {
    const peaks = [1, 6].map((epochs) =>
      countingMemory((count) => {
        trainLoop(regression({}, { epochs, on: { forward: () => {} } }));
        return [count.blocks, count.peakBytes];
      }),
    );
    expect(peaks[1]).toEqual(peaks[0]);
  });
});

describe("the end", () => {
  test.each([
    ["batch", 2, { outcome: "stopped", epochs: 0, iterations: 2 }],
    ["batch", 6, { outcome: "stopped", epochs: 1, iterations: 6 }],
    ["epoch", 3, { outcome: "stopped", epochs: 1, iterations: 3 }],
    ["checkpoint", 2, { outcome: "stopped", epochs: 0, iterations: 2 }],
    ["checkpoint", 3, { outcome: "stopped", epochs: 1, iterations: 3 }],
  ] as const)("comes where %s says stop at iteration %i", (kind, at, outcome) => {
    const told: number[] = [];
    const listen = ({ iteration, stop }: { iteration: number; stop(): void }): void => {
      told.push(iteration);
      if (iteration === at) stop();
    };
    const ended = trainLoop(regression({}, { checkpointsPerEpoch: 3, on: { [kind]: listen } }));
    expect(ended).toEqual(outcome);
    expect(told.at(-1)).toBe(at);
  });

  test("comes by early stopping at the epoch where patience runs out", () => {
    const watch = new EarlyStopping({ patience: 2, minDelta: 1e9 });
    const on = {
      epoch: ({ loss, stop }: { loss: number; stop(): void }) => {
        if (watch.observe(loss) === "stop") stop();
      },
    };
    expect(trainLoop(regression({}, { epochs: 50, on }))).toEqual({
      outcome: "stopped",
      epochs: 3,
      iterations: 9,
    });
  });

  test("of a diverging run is that outcome, at the first loss that is not finite", () => {
    const losses: number[] = [];
    const told: string[] = [];
    const options = regression(
      { learningRate: 1e15 },
      {
        epochs: 50,
        on: {
          batch: ({ loss }) => losses.push(loss),
          epoch: ({ iteration }) => told.push(`epoch ${iteration}`),
          checkpoint: ({ iteration }) => told.push(`checkpoint ${iteration}`),
        },
      },
    );
    const { outcome, iterations, epochs } = trainLoop(options);
    expect(outcome).toBe("diverged");
    expect(losses.findIndex((loss) => !Number.isFinite(loss))).toBe(iterations - 1);
    expect(losses).toHaveLength(iterations);
    expect(epochs).toBe(Math.floor((iterations - 1) / 3));
    expect(told.filter((line) => line.endsWith(` ${iterations}`))).toEqual([]);
  });

  test("of a diverging classifier leaves what it did, and an evaluation of the net as it is", () => {
    const net = assemble(new Linear(2, 3), { seed: 1 });
    const set: Dataset<Batch> = {
      length: 12,
      batch: (positions) => ({
        x: points(12).batch(positions).x,
        y: tensor(Int32Array.from(positions, (n) => n % 3)),
      }),
    };
    const seen: number[] = [];
    const { outcome, steps, epochs, evaluation } = trainClassifier(
      {
        net,
        optimizer: sgd(net.parameters(), { learningRate: 3e38 }),
        train: new DataLoader(set, { batchSize: 5 }),
        test: new DataLoader(set, { batchSize: 5, shuffle: false }),
        epochs: 4,
      },
      {
        onStep: ({ step }) => seen.push(step),
        onEvaluation: () => {},
        onEpoch: () => {},
      },
    );
    expect(outcome).toBe("diverged");
    expect(steps.at(-1)?.loss).toBe(null);
    expect(steps.slice(0, -1).every(({ loss }) => loss !== null)).toBe(true);
    expect(seen).toEqual(steps.map(({ step }) => step));
    expect(epochs).toHaveLength(Math.floor((steps.length - 1) / 3));
    expect(evaluation.examples).toHaveLength(12);
    expect(evaluation.loss).toBeNaN();
  });
});

describe("going on", () => {
  test("a loop that has ended stays so, and one with more epochs to go trains those", () => {
    const first = new TrainLoop(regression());
    first.run();
    expect(first.run()).toEqual({ outcome: "finished", epochs: 3, iterations: 9 });
    const longer = new TrainLoop(regression({}, { epochs: 5 }));
    longer.restore(first.state());
    expect(longer.run()).toEqual({ outcome: "finished", epochs: 5, iterations: 15 });
    const stopped = new TrainLoop(regression({}, { on: { batch: ({ stop }) => stop() } }));
    stopped.run();
    const again = new TrainLoop(regression());
    again.restore(stopped.state());
    expect(again.run()).toEqual({ outcome: "stopped", epochs: 0, iterations: 1 });
  });

  const place = { epoch: 1, batch: 2, iteration: 5, outcome: "", examples: 8 };
  const losses = { units: "0", rest: 0 };
  test.each<[State, string]>([
    [
      { ...place, iteration: 6, losses },
      "expected state to be a place in epochs of 3 batches, got iteration 6 as batch 2 after 1 epochs.",
    ],
    [
      { ...place, batch: 4, iteration: 7, losses },
      "expected state to be a place in epochs of 3 batches, got iteration 7 as batch 4 after 1 epochs.",
    ],
    [{ ...place, epoch: -1, losses }, "expected state to have an integer ≥ 0 as epoch, got -1."],
    [
      { ...place, outcome: "won", losses },
      'expected state to have "", "stopped" or "diverged" as outcome, got "won".',
    ],
  ])("refuses the state %j and keeps its own", (state, message) => {
    const loop = new TrainLoop(regression());
    expect(messageOf(() => loop.restore(state), ValueError)).toBe(
      `trainLoop.restore: ${message} Restore a state that a loop over as many batches gave.`,
    );
    expect(loop.state()).toEqual(new TrainLoop(regression()).state());
  });

  test("a loop restored without its loader is refused at the end of the epoch", () => {
    const loop = new TrainLoop(regression());
    loop.restore({ ...place, losses });
    expect(messageOf(() => loop.run(), ValueError)).toBe(
      "trainLoop: expected loader to give 3 batches in an epoch, as its length says, got 5. Restore the loader's state together with the loop's, or mend the loader's length.",
    );
  });
});

describe("refusals", () => {
  test.each([0, -1, 1.5, Number.NaN])("%s epochs", (epochs) => {
    expect(messageOf(() => trainLoop(regression({}, { epochs })), ValueError)).toBe(
      `trainLoop: expected epochs to be an integer ≥ 1, got ${epochs}. Train for one epoch or more.`,
    );
  });

  test.each([
    [0, "an integer ≥ 1"],
    [1.5, "an integer ≥ 1"],
    [4, "in [1, 3]"],
  ])("%s checkpoints in an epoch of 3 batches", (checkpointsPerEpoch, range) => {
    expect(messageOf(() => trainLoop(regression({}, { checkpointsPerEpoch })), ValueError)).toBe(
      `trainLoop: expected checkpointsPerEpoch to be ${range}, got ${checkpointsPerEpoch}. Take at least one and at most one a batch.`,
    );
  });

  test("a loader without batches", () => {
    expect(messageOf(() => trainLoop(regression({ length: 0 })), ValueError)).toBe(
      "trainLoop: expected loader.length to be an integer ≥ 1, got 0. Train on at least one example.",
    );
  });

  test("a net in evaluation mode; layers inside may be", () => {
    const options = regression();
    options.net.evaluate();
    expect(messageOf(() => trainLoop(options), ValueError)).toBe(
      "trainLoop: expected net to be in training mode, got a net in evaluation mode. Call net.train() first.",
    );
    const net = assemble(new Sequential([new Linear(2, 1)]));
    for (const layer of net.layers) layer.training = false;
    const optimizer = sgd(net.parameters(), { learningRate: 0.1 });
    expect(trainLoop({ ...options, net, optimizer }).outcome).toBe("finished");
    expect(net.layers.map(({ training }) => training)).toEqual([false]);
  });
});
