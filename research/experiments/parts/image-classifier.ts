/**
 * A small net on images as experiments on optimisers train it: shared knobs, and what each run leaves.
 * Rests on image-training, training, the engine and layers.
 */
import { z } from "zod";
import { type Layer, mlp } from "../../../layers/index.ts";
import type { Optimizer } from "../../../optim/index.ts";
import { meanOf, type RunContext, type TrainRunOptions, trainRun } from "../../engine/index.ts";
import {
  beginTraining,
  type ImageConfig,
  type ImageTraining,
  imageKnobs,
} from "./image-training.ts";
import { judge } from "./training.ts";

/** Knobs of the data and of how long a run is. */
export interface ClassifierConfig extends ImageConfig {
  readonly width: number;
  readonly steps: number;
}

type Count = z.ZodDefault<z.ZodInt>;

/** Their schema, to be spread into a config's. */
export const classifierKnobs: ReturnType<typeof imageKnobs> & { width: Count; steps: Count } = {
  width: z.int().min(1).default(64).describe("units of a hidden layer"),
  ...imageKnobs({ batch: 64, train: 10000, test: 1000 }),
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
  readonly before?: (training: ImageTraining) => void;
}

/**
 * Trains a net on images, the first of the set in an order of the seed's, and tests it.
 *
 * @example
 * run: (context) => trainClassifier(context, { optimizer: (net) => sgd(net.parameters(), { learningRate: context.config.rate }) }),
 */
export function trainClassifier(
  context: RunContext<ClassifierConfig>,
  { optimizer: make, net: layers, before, onStep }: ClassifierOptions,
): ClassifierResult {
  const { width, steps } = context.config;
  const training = beginTraining(
    context,
    ({ inputs, classes }) => layers?.(inputs, classes) ?? mlp([inputs, width, classes]),
  );
  const { net, train, test } = training;
  before?.(training);
  const { outcome, weights } = trainRun(context, {
    net,
    optimizer: make(net),
    loader: train,
    steps,
    ...(onStep === undefined ? {} : { onStep }),
  });
  if (outcome === "diverged") return { finalLoss: Infinity, testError: 100, weights };
  const losses = context.metrics.rows().map(({ values }) => Number(values["loss"]));
  return {
    finalLoss: meanOf(losses.slice(-lastUpdates)),
    testError: 100 * judge(net, test).error,
    weights,
  };
}

/** The test error of a run, %. */
export const testErrorOf = ({ result }: { readonly result: ClassifierResult }): number =>
  result.testError;
