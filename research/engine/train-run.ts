/**
 * Training inside an experiment: the training loop with the run's metrics, checkpoints and progress.
 * Rests on training/train-loop and the run's context.
 */
import type { DataLoader, LabelledBatch } from "../../core/data/index.ts";
import { crossEntropy, type Tensor, ValueError } from "../../core/index.ts";
import { fingerprint, type Parts } from "../../core/io/index.ts";
import type { Layer } from "../../layers/index.ts";
import type { Optimizer } from "../../optim/index.ts";
import { type LoopPoint, TrainLoop, type TrainOutcome } from "../training/train-loop.ts";
import type { MetricValues, RunContext } from "./run-context.ts";

/** What is trained, and for how long. */
export interface TrainRunOptions {
  readonly net: Layer;
  readonly optimizer: Optimizer;
  readonly loader: DataLoader<LabelledBatch>;
  /** Default: mean cross-entropy, in nats. */
  readonly loss?: (outputs: Tensor, batch: LabelledBatch) => Tensor;
  /** Passes over the data, integer ≥ 1; or give `steps`. */
  readonly epochs?: number;
  /** Updates, integer ≥ 1: training ends after them, within an epoch or not. */
  readonly steps?: number;
  /** What else the next step depends on, to be saved with net, optimiser and loader. */
  readonly parts?: Parts;
  /** Measured after each update, besides the loss. */
  readonly onStep?: (point: LoopPoint) => MetricValues;
  /** Measured after each `every` updates, and after the last: by default at the end of each epoch. */
  readonly measure?: (point: LoopPoint) => MetricValues;
  /** Updates between two calls of `measure`, integer ≥ 1. */
  readonly every?: number;
}

/** How training ended. */
export interface TrainedRun {
  readonly outcome: TrainOutcome["outcome"];
  /** Updates made. */
  readonly steps: number;
  /** Fingerprint of parameters and buffers. */
  readonly weights: string;
}

/**
 * Trains, from the run's last checkpoint if it was interrupted. Writes the metric `loss` of each batch, taken before its
 * update, and what `onStep` and `measure` give. A loss that is not finite ends training, and the run's outcome is then
 * `diverged`. Throws ValueError unless one of `epochs` and `steps` is given.
 *
 * @example
 * const { weights } = trainRun(context, { net, optimizer, loader, steps: 200, measure: () => evaluate(net, test, metrics) });
 */
export function trainRun(
  context: Pick<RunContext<unknown>, "metrics" | "checkpoint" | "progress" | "diverged">,
  options: TrainRunOptions,
): TrainedRun {
  const { net, optimizer, loader, parts = {}, onStep = () => ({}), measure = () => ({}) } = options;
  const { loss = (outputs, { y }) => crossEntropy(outputs, y) } = options;
  const { metrics, checkpoint, progress } = context;
  const { epochs, total } = lengthOf(options, loader.length);
  const every = options.every ?? loader.length;
  const loop: TrainLoop<LabelledBatch> = new TrainLoop({
    net,
    optimizer,
    loader,
    epochs,
    loss,
    checkpointsPerEpoch: loader.length,
    on: {
      batch: (point) => {
        const { iteration, loss: value } = point;
        const isDue = iteration % every === 0 || iteration === total;
        const measured = isDue && Number.isFinite(value) ? measure(point) : {};
        metrics.write(iteration, { loss: value, ...onStep(point), ...measured });
        progress(iteration / total);
        if (iteration >= total) point.stop();
      },
      checkpoint: ({ iteration }) => {
        if (iteration < total) checkpoint.save(iteration, saved);
      },
    },
  });
  const saved: Parts = { net, optimizer, loader, loop, ...parts };
  checkpoint.restore(saved);
  const { outcome, iterations } = loop.run();
  if (outcome === "diverged") context.diverged(iterations);
  const ended = outcome === "stopped" && iterations >= total ? "finished" : outcome;
  return {
    outcome: ended,
    steps: iterations,
    weights: fingerprint({ ...net.namedParameters(), ...net.namedBuffers() }),
  };
}

/** Epochs to be begun, and updates to be made. */
function lengthOf(
  { epochs, steps }: TrainRunOptions,
  batches: number,
): { readonly epochs: number; readonly total: number } {
  if (steps !== undefined && epochs === undefined) {
    return { epochs: Math.ceil(steps / batches), total: steps };
  }
  if (epochs !== undefined && steps === undefined) return { epochs, total: epochs * batches };
  throw new ValueError({
    where: "trainRun",
    argument: "options",
    expected: "to have epochs or steps",
    got: epochs === undefined ? "neither" : "both",
    fix: "Say how long to train in one of them",
  });
}
