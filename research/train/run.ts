/**
 * One training run from start to report: data, net, loop, files.
 * Rests on core/data, layers, optim, classifier and report.
 */
import { join, relative } from "node:path";
import {
  channelStatistics,
  DataLoader,
  imageDataset,
  readMnist,
  takeFirst,
} from "../../core/data/index.ts";
import { currentDevice } from "../../core/devices/current.ts";
import { device, type Shape, UsageError, withDevice } from "../../core/index.ts";
import { fingerprint } from "../../core/io/index.ts";
import { type Layer, summary } from "../../layers/index.ts";
import { adam } from "../../optim/index.ts";
import { cosine } from "../../schedules/index.ts";
import { deviceNotes } from "../device-notes.ts";
import { environment, invocation } from "../environment.ts";
import type { LayerRow, TrainingRecord } from "../report/record.ts";
import { renderReport } from "../report/render.ts";
import type { TextOutput } from "../terminal.ts";
import { trainClassifier } from "./classifier.ts";
import { makeFreshFolder, tryFolder, writeFiles } from "./folder.ts";
import { worstMistakes } from "./mistakes.ts";
import { smallCnn } from "./net.ts";
import { percent, progressFor } from "./progress.ts";

/** What decides the bits of a run. */
export interface TrainConfig {
  readonly data: "mnist";
  /** Training images, integer ≥ 1; all where undefined. */
  readonly limit?: number | undefined;
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  readonly device: string;
}

/** What a run does not depend on. */
export interface RunOutput {
  /** A folder for the report, without one so far; a fresh one under runs/train where undefined. */
  readonly folder: string | undefined;
  readonly output: TextOutput;
  /** Threads at work, for the record. */
  readonly threads: number;
}

/** Datasets as people write them. */
const titles: Readonly<Record<TrainConfig["data"], string>> = { mnist: "MNIST" };

const baseRate = 3e-3;
const testBatch = 250;
const runsFolder = join("runs", "train");
const recordFile = "record.json";
const reportFile = "report.html";

/**
 * Trains, evaluates, writes `report.html` and `record.json`, and prints what it does. Gives the record.
 * Throws UsageError if `limit` exceeds the training images or the folder cannot be used, and what
 * `readMnist` throws.
 */
export function trainAndReport(config: TrainConfig, run: RunOutput): TrainingRecord {
  return withDevice(config.device, () => trainHere(config, run));
}

/** The same, on the current device. */
function trainHere(wanted: TrainConfig, { folder, output, threads }: RunOutput): TrainingRecord {
  const started = new Date();
  const { train: all, test } = readMnist();
  const config = { ...wanted, limit: wanted.limit ?? all.count, device: device() };
  if (config.limit > all.count) {
    throw new UsageError({
      where: "bitgrad train",
      argument: "--limit",
      expected: `to be at most ${all.count}, the training images of ${config.data}`,
      got: String(config.limit),
      fix: `Leave it out, or write --limit ${all.count}`,
    });
  }
  tryFolder(folder ?? runsFolder, [recordFile, reportFile]);
  const train = takeFirst(all, config.limit);
  const statistics = channelStatistics(train);
  const { shape, classes } = train;
  const net = smallCnn({ shape, classes: classes.length, seed: config.seed });
  const rows = layerRows(net, shape);
  const trainLoader = new DataLoader(imageDataset(train, statistics), {
    batchSize: config.batch,
    seed: config.seed,
  });
  const testLoader = new DataLoader(imageDataset(test, statistics), {
    batchSize: testBatch,
    shuffle: false,
  });
  const totalSteps = config.epochs * trainLoader.length;
  const learningRate = cosine({ base: baseRate, totalSteps });
  const optimizer = adam(net.parameters(), { learningRate });
  const count = rows.reduce((total, { parameters }) => total + parameters, 0);
  output.write(
    `bitgrad train: ${train.count} images of ${config.data}, ${test.count} to test, ` +
      `${count} parameters, Adam from ${baseRate} by cosine, device ${config.device}, threads ${threads}\n`,
  );
  for (const line of deviceNotes()) output.write(`${line}\n`);
  const progress = progressFor(
    {
      epochs: config.epochs,
      stepsPerEpoch: trainLoader.length,
      trainCount: train.count,
      testCount: test.count,
    },
    output,
  );
  let trained: ReturnType<typeof trainClassifier>;
  try {
    trained = trainClassifier(
      { net, optimizer, train: trainLoader, test: testLoader, epochs: config.epochs },
      progress,
    );
  } finally {
    progress.stop();
  }
  const finished = new Date();
  const { outcome, evaluation, steps, epochs, epochSeconds } = trained;
  const record: TrainingRecord = {
    title: `A small CNN on ${titles[config.data]}`,
    command: commandOf(config),
    config: { ...config, optimizer: "adam", learningRate: baseRate, schedule: "cosine" },
    environment: environment(threads),
    dataset: {
      name: config.data,
      trainCount: train.count,
      testCount: test.count,
      ...statistics,
    },
    net: rows,
    lossName: "cross-entropy (nats)",
    outcome,
    steps,
    epochs,
    confusion: { classes, counts: evaluation.confusion.counts },
    mistakes: worstMistakes(evaluation.examples, test),
    testAccuracy: evaluation.accuracy,
    fingerprint: fingerprint({ ...net.namedParameters(), ...net.namedBuffers() }),
    bitReproducible: currentDevice().isReproducible,
    timing: {
      startedAt: started.toISOString(),
      finishedAt: finished.toISOString(),
      seconds: (finished.getTime() - started.getTime()) / 1000,
      epochSeconds,
    },
  };
  const target = folder ?? makeFreshFolder(join(runsFolder, runName(started, config.seed)));
  writeFiles(target, {
    [recordFile]: `${JSON.stringify(record, null, 2)}\n`,
    [reportFile]: renderReport(record),
  });
  if (outcome === "diverged") output.write(`diverged at step ${steps.length}\n`);
  output.write(`test accuracy ${percent(record.testAccuracy)} on ${test.count} images\n`);
  output.write(`report ${relative(process.cwd(), join(target, reportFile))}\n`);
  output.write(`fingerprint ${record.fingerprint}\n`);
  return record;
}

/** The command that repeats the run. */
function commandOf({ data, limit, epochs, batch, seed, device }: Required<TrainConfig>): string {
  return (
    `${invocation()} train --data ${data} --limit ${limit} --epochs ${epochs} ` +
    `--batch ${batch} --seed ${seed} --device ${device}`
  );
}

/** `<start>-seed<seed>`. */
function runName(started: Date, seed: number): string {
  return `${started.toISOString().slice(0, 19).replaceAll(":", "-")}-seed${seed}`;
}

/** The layers of a net, without itself, that its forward pass comes to. */
function layerRows(net: Layer, shape: Shape): readonly LayerRow[] {
  return summary(net, shape).rows.flatMap(({ name, depth, output, parameters }) =>
    depth === 0 || output === null
      ? []
      : [{ layer: name, outputShape: output.slice(1), parameters }],
  );
}
