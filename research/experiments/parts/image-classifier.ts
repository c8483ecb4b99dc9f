/**
 * A small net on images as experiments on optimisers train it: shared knobs, and what each run leaves.
 * Rests on the engine, core and layers.
 */
import { z } from "zod";
import { accuracyMetric } from "../../../core/index.ts";
import { sizeOf } from "../../../core/shape.ts";
import { assemble, type Layer, mlp } from "../../../layers/index.ts";
import type { Optimizer } from "../../../optim/index.ts";
import {
  type ImageLoaders,
  imageLoaders,
  type RunContext,
  type TrainRunOptions,
  trainRun,
} from "../../engine/index.ts";
import { evaluate } from "../../training/evaluate.ts";

/** Knobs of the data and of how long a run is. */
export interface ClassifierConfig {
  readonly width: number;
  readonly batch: number;
  readonly train: number;
  readonly test: number;
  readonly steps: number;
}

/** Their schema, to be spread into a config's. */
export const classifierKnobs: {
  readonly [Key in keyof ClassifierConfig]: z.ZodDefault<z.ZodInt>;
} = {
  width: z.int().min(1).default(64).describe("units of a hidden layer"),
  batch: z.int().min(1).default(64).describe("examples in a batch"),
  train: z.int().min(1).default(10000).describe("training images"),
  test: z.int().min(1).default(1000).describe("test images"),
  steps: z.int().min(1).default(600).describe("updates"),
};

/** What a run leaves. */
export interface ClassifierResult {
  /** Mean training loss of the last 20 updates, nats; Infinity where the run diverged. */
  readonly finalLoss: number;
  /** On the test images, %; 100 where the run diverged: worse than any other. */
  readonly testError: number;
  /** Fingerprint of the trained weights. */
  readonly weights: string;
}

/** Updates that the final loss is averaged over. */
const lastUpdates = 20;

/** What can be chosen besides. */
export interface ClassifierOptions extends Pick<TrainRunOptions, "onStep"> {
  readonly optimizer: (net: Layer) => Optimizer;
  /** The net, not assembled; default one hidden layer of ReLU. */
  readonly net?: (inputs: number, classes: number) => Layer;
  /** Called once with the assembled net, before training. */
  readonly before?: (net: Layer, loaders: ImageLoaders) => void;
}

/**
 * Trains a net on MNIST, the first images of the set in an order of the seed's, and tests it.
 *
 * @example
 * run: (context) => trainClassifier(context, { optimizer: (net) => sgd(net.parameters(), { learningRate: context.config.rate }) }),
 */
export function trainClassifier(
  context: RunContext<ClassifierConfig>,
  { optimizer: make, net: layers, before, onStep }: ClassifierOptions,
): ClassifierResult {
  const { config, seed, data, metrics } = context;
  const loaders = imageLoaders(data.images("mnist"), { ...config, seed });
  const inputs = sizeOf(loaders.shape);
  const built = layers?.(inputs, loaders.classes) ?? mlp([inputs, config.width, loaders.classes]);
  const net = assemble(built, { seed });
  before?.(net, loaders);
  const { outcome, weights } = trainRun(context, {
    net,
    optimizer: make(net),
    loader: loaders.train,
    steps: config.steps,
    ...(onStep === undefined ? {} : { onStep }),
  });
  if (outcome === "diverged") return { finalLoss: Infinity, testError: 100, weights };
  const losses = metrics.rows().map(({ values }) => Number(values["loss"]));
  const last = losses.slice(-lastUpdates);
  const { accuracy } = evaluate(net, loaders.test, { accuracy: accuracyMetric });
  return {
    finalLoss: last.reduce((sum, loss) => sum + loss, 0) / last.length,
    testError: 100 * (1 - accuracy),
    weights,
  };
}

/** Test errors of one arm by seed, %: a pair stands at one place in two such lists. */
export function errorsOf(
  runs: readonly { readonly seed: number; readonly result: ClassifierResult }[],
): readonly number[] {
  return [...runs].sort((a, b) => a.seed - b.seed).map(({ result }) => result.testError);
}
