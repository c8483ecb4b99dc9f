/** Resuming: a run that was saved and continued by another process is the run that never stopped, bit for bit. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { examples, type LabelledExamples } from "../core/data/dataset.ts";
import { DataLoader } from "../core/data/loader.ts";
import { crossEntropy, RandomSource, ValueError } from "../core/index.ts";
import { encodeCheckpoint, type Parts, restoreCheckpoint } from "../core/io/index.ts";
import { normals } from "../core/random/index.ts";
import {
  assemble,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Flatten,
  Linear,
  ReLU,
  Sequential,
} from "../layers/index.ts";
import { adam, type Optimizer, sgd, weightAverage } from "../optim/index.ts";
import { cosine } from "../schedules/index.ts";
import { messageOf } from "./plain.ts";

/** Thirteen images of noise in three classes: three batches of four, and one of one. */
function dataset(): LabelledExamples {
  const pixels = normals(new RandomSource(5).stream("images"), 13 * 32);
  return examples({
    length: 13,
    fields: { x: { shape: [2, 4, 4], dtype: "float32" }, y: { shape: [], dtype: "int32" } },
    write: (position, epoch, { x, y }) => {
      // The data depend on the epoch too, as augmented ones do.
      x.set(pixels.subarray(32 * position, 32 * position + 32).map((v) => v + epoch / 8));
      y[0] = position % 3;
    },
  });
}

type MakeOptimizer = (parameters: Parameters<typeof adam>[0]) => Optimizer;

/** A run of two epochs: all that changes in it, and the steps left. */
class Run {
  readonly parts: Parts;
  readonly steps: Generator<number, void, undefined>;

  /** `seed` of the initial weights and of dropout: a run that is restored must not care for its own. */
  constructor(makeOptimizer: MakeOptimizer, seed: number) {
    const net = assemble(
      new Sequential([
        new Conv2d(2, 3, { kernel: 3 }),
        new BatchNorm2d(3),
        new ReLU(),
        new Dropout(0.4),
        new Flatten(),
        new Linear(12, 3),
      ]),
      { seed },
    );
    const optimizer = makeOptimizer(net.parameters());
    const loader = new DataLoader(dataset(), { batchSize: 4, seed: 3 });
    const average = weightAverage(net.parameters(), { decay: 0.9 });
    this.parts = { net, optimizer, loader, average };
    this.steps = (function* () {
      while (loader.epoch < 2) {
        for (const { x, y } of loader) {
          const loss = optimizer.step(() => crossEntropy(net.forward(x), y)).item();
          average.update();
          yield loss;
        }
      }
    })();
  }

  /** Of every tensor and number that the run consists of. */
  fingerprint(): string {
    return createHash("sha256").update(encodeCheckpoint(this.parts)).digest("hex");
  }
}

const byAdam: MakeOptimizer = (parameters) =>
  adam(parameters, { learningRate: cosine({ base: 0.05, totalSteps: 8 }) });
const optimizers: Readonly<Record<string, MakeOptimizer>> = {
  Adam: byAdam,
  "momentum over two batches": (parameters) =>
    sgd(parameters, { learningRate: 0.1, momentum: 0.9, accumulate: 2, clipNorm: 1 }),
};

describe.each(Object.entries(optimizers))("%s", (_, makeOptimizer) => {
  test("loop-checkpoints: resuming from any checkpoint, also within an epoch, gives the same bits as never stopping", () => {
    const run = new Run(makeOptimizer, 1);
    const saved: Uint8Array[] = [encodeCheckpoint(run.parts)];
    const losses: number[] = [];
    for (const loss of run.steps) {
      losses.push(loss);
      saved.push(encodeCheckpoint(run.parts));
    }
    expect(losses.length).toBe(8);
    expect(new Set(losses).size).toBe(8);
    const end = run.fingerprint();

    for (const [step, bytes] of saved.entries()) {
      const resumed = new Run(makeOptimizer, 2);
      restoreCheckpoint(bytes, resumed.parts);
      expect([step, ...resumed.steps]).toEqual([step, ...losses.slice(step)]);
      expect(resumed.fingerprint()).toBe(end);
    }
  });

  test.each(["net", "optimizer", "loader", "average"])(
    "without the state of %s the run goes on otherwise",
    (forgotten) => {
      const run = new Run(makeOptimizer, 1);
      for (let step = 0; step < 3; step++) run.steps.next();
      const all = encodeCheckpoint(run.parts);
      const resumed = new Run(makeOptimizer, 2);
      const own = encodeCheckpoint({ [forgotten]: partOf(resumed, forgotten) });
      restoreCheckpoint(all, resumed.parts);
      restoreCheckpoint(own, { [forgotten]: partOf(resumed, forgotten) });
      const rest = [...resumed.steps];
      const expected = [...run.steps];
      expect([rest, resumed.fingerprint()]).not.toEqual([expected, run.fingerprint()]);
    },
  );
});

function partOf({ parts }: Run, name: string): Parts[string] {
  const part = parts[name];
  if (part === undefined) throw new Error(`no part ${name}`);
  return part;
}

test("loop-checkpoints: a checkpoint of another net changes nothing, neither net nor optimiser nor loader", () => {
  const run = new Run(byAdam, 1);
  run.steps.next();
  const other = assemble(new Sequential([new Linear(2, 2)]), { seed: 1 });
  const target = new Run(byAdam, 2);
  target.steps.next();
  const before = target.fingerprint();
  const { parts } = target;
  for (const name of Object.keys(parts)) {
    const bytes = encodeCheckpoint({ ...run.parts, [name]: other });
    messageOf(() => restoreCheckpoint(bytes, parts), ValueError);
    expect([name, target.fingerprint()]).toEqual([name, before]);
  }
});
