/**
 * The training loop: sample a batch, forward, backward, update, and at the end of an epoch, or within it, time to look.
 * Rests on core, layers, optim and loop-place.
 */
import { capturing } from "../../core/capture.ts";
import {
  type CompiledStep,
  compile,
  detach,
  type State,
  type Stateful,
  type Tensor,
  ValueError,
} from "../../core/index.ts";
import { requireInteger, requireWithin } from "../../core/require-number.ts";
import type { Layer } from "../../layers/index.ts";
import type { Optimizer } from "../../optim/index.ts";
import { LoopPlace } from "./loop-place.ts";

const where = "trainLoop";

/** Batches of one epoch: a loader. Each `for … of` is the next epoch. */
export interface Batches<Batch> extends Iterable<Batch> {
  /** How many there are in an epoch, integer ≥ 1. */
  readonly length: number;
}

/** Where the loop stands. */
export interface LoopPoint {
  /** Passes over the data so far, with the share of this one that is done: 1.5 in the middle of the second. */
  readonly epoch: number;
  /** Batches trained on so far, in all epochs. */
  readonly iteration: number;
  /** Ends training after what is being told now; the outcome is "stopped". */
  stop(): void;
}

/** A batch that was trained on. */
export interface BatchPoint extends LoopPoint {
  /** Its loss, before the update. */
  readonly loss: number;
}

/** An epoch that was trained. */
export interface EpochPoint extends LoopPoint {
  /** The mean of its batches' losses, each weighted by its examples and as it was before its update. */
  readonly loss: number;
}

/** What is told as training goes on; evaluate, plot and save here. */
export interface LoopListener<Batch> {
  /** A batch went forward: what the net gave, as a constant that ends with the step. */
  readonly forward?: (outputs: Tensor, batch: Batch) => void;
  /** The update is done. */
  readonly batch?: (point: BatchPoint) => void;
  /** An epoch is done. */
  readonly epoch?: (point: EpochPoint) => void;
  /** Time to save: after `epoch` at its end, and `checkpointsPerEpoch` - 1 times within it. */
  readonly checkpoint?: (point: LoopPoint) => void;
}

/** Options of `trainLoop`. */
export interface TrainLoopOptions<Batch extends { readonly x: Tensor }> {
  /** In training mode; layers inside that are in evaluation mode stay so. */
  readonly net: Layer;
  readonly loader: Batches<Batch>;
  /** Its schedule, if it has one, counts its steps. */
  readonly optimizer: Optimizer;
  /** The loss, 0-d, of what the net gave for `batch.x`. */
  readonly loss: (outputs: Tensor, batch: Batch) => Tensor;
  /** Passes over the data in all, integer ≥ 1. */
  readonly epochs: number;
  /** Integer ≥ 1, at most the batches of an epoch; default 1, at its end. Evenly spaced. */
  readonly checkpointsPerEpoch?: number;
  /**
   * Whether steps are repeated from a list of kernels where they can be, see `compile`; default true. The bits are the
   * same. What `net` and `loss` read besides cells and the batch may change between epochs only: else UsageError.
   */
  readonly compile?: boolean;
  readonly on?: LoopListener<Batch>;
}

/** How training ended. */
export interface TrainOutcome {
  /** "diverged": the last loss was NaN or infinite. */
  readonly outcome: "finished" | "stopped" | "diverged";
  /** Epochs finished. */
  readonly epochs: number;
  /** Batches trained on. */
  readonly iterations: number;
}

/**
 * Trains `net` for `epochs` epochs: bit for bit the loop written by hand, `for (const batch of loader) optimizer.step(() =>
 * loss(net.forward(batch.x), batch))`. A loss that is NaN or infinite ends it, as a result and not an error.
 * Throws ValueError for counts out of range, a net in evaluation mode, and a loader that gives fewer or more batches than
 * its length says.
 *
 * @example
 * const { outcome } = trainLoop({
 *   net, loader, optimizer, epochs: 10,
 *   loss: (logits, { y }) => crossEntropy(logits, y),
 *   on: { epoch: ({ epoch, loss }) => console.log(epoch, loss, evaluate(net, testLoader, { accuracy: accuracyMetric })) },
 * });
 */
export function trainLoop<Batch extends { readonly x: Tensor }>(
  options: TrainLoopOptions<Batch>,
): TrainOutcome {
  return new TrainLoop(options).run();
}

/**
 * The same loop as an object, whose state is its place: epoch, batch, iteration, the epoch's losses so far. Saved in a
 * callback together with net, optimiser and loader, and restored with them, it goes on as if it had not stopped.
 * Throws ValueError for counts out of range.
 *
 * @example
 * const loop = new TrainLoop({ …, on: { checkpoint: () => save({ net, optimizer, loader, loop }) } });
 * loop.run();
 */
export class TrainLoop<Batch extends { readonly x: Tensor }> implements Stateful {
  readonly options: TrainLoopOptions<Batch>;
  readonly #place = new LoopPlace();
  readonly #train: (batch: Batch) => Tensor;
  readonly #compiled: CompiledStep<[Batch], Tensor> | null;
  /** The batch of the step that runs. */
  #batch: Batch | null = null;

  constructor(options: TrainLoopOptions<Batch>) {
    const { loader, epochs, checkpointsPerEpoch = 1 } = options;
    requireInteger(where, "loader.length", loader.length, 1, "Train on at least one example");
    requireInteger(where, "epochs", epochs, 1, "Train for one epoch or more");
    const fix = "Take at least one and at most one a batch";
    requireInteger(where, "checkpointsPerEpoch", checkpointsPerEpoch, 1, fix);
    requireWithin(where, "checkpointsPerEpoch", checkpointsPerEpoch, [1, loader.length], fix);
    this.options = options;
    const train = (batch: Batch): Tensor => this.#trainOn(batch);
    this.#compiled = options.compile === false ? null : compile(train);
    this.#train = this.#compiled ?? train;
  }

  /** Trains from where the loop stands to its end. A loop that stopped or diverged has ended. */
  run(): TrainOutcome {
    const { net, loader, epochs } = this.options;
    if (!net.training) {
      throw new ValueError({
        where,
        argument: "net",
        expected: "to be in training mode",
        got: "a net in evaluation mode",
        fix: "Call net.train() first",
      });
    }
    const place = this.#place;
    while (place.outcome === "" && place.epoch < epochs) {
      this.#runEpoch();
      if (place.outcome !== "") break;
      requireWhole(place.batch, loader.length);
      this.#endEpoch();
    }
    return {
      outcome: place.outcome === "" ? "finished" : place.outcome,
      epochs: place.epoch,
      iterations: place.iteration,
    };
  }

  state(): State {
    return this.#place.state();
  }

  restore(state: State): void {
    this.#place.restore(state, this.options.loader.length);
  }

  #runEpoch(): void {
    const { loader, checkpointsPerEpoch: count = 1, on = {} } = this.options;
    const { length } = loader;
    const place = this.#place;
    this.#compiled?.refresh();
    for (const batch of loader) {
      // What changes within an epoch is found at its end at the latest: in its last batch and the last whole one.
      if (place.batch >= length - 2) this.#compiled?.check();
      const loss = this.#step(batch);
      place.advance(loss, batch.x.shape[0] ?? 1);
      on.batch?.({ ...this.#point(), loss });
      if (!Number.isFinite(loss)) place.outcome = "diverged";
      if (place.outcome !== "") return;
      // The i-th of them comes once i/count of the batches are done; the last is that of the epoch's end.
      const [before, now] = [place.batch - 1, place.batch].map((done) =>
        Math.floor((done * count) / length),
      );
      if (now !== before && place.batch < length) on.checkpoint?.(this.#point());
      if (place.outcome !== "") return;
    }
  }

  #step(batch: Batch): number {
    this.#batch = batch;
    try {
      return this.#train(batch).item();
    } finally {
      this.#batch = null;
    }
  }

  #trainOn(batch: Batch): Tensor {
    const { net, optimizer, loss } = this.options;
    return optimizer.step(() => {
      const outputs = net.forward(batch.x);
      this.#tell(detach(outputs));
      return loss(outputs, batch);
    });
  }

  /** Tells the listener what the net gave for the batch, wherever that is kept while steps are repeated. */
  #tell(outputs: Tensor): void {
    const { forward } = this.options.on ?? {};
    if (forward === undefined) return;
    const tell = (given: Tensor | undefined): void => {
      if (given !== undefined && this.#batch !== null) forward(given, this.#batch);
    };
    const capture = capturing();
    if (capture === null) tell(outputs);
    else capture.aside([outputs], tell);
  }

  #endEpoch(): void {
    const { on = {} } = this.options;
    const loss = this.#place.endEpoch();
    on.epoch?.({ ...this.#point(), loss });
    on.checkpoint?.(this.#point());
  }

  #point(): LoopPoint {
    const place = this.#place;
    return {
      epoch: place.epoch + place.batch / this.options.loader.length,
      iteration: place.iteration,
      stop: () => {
        if (place.outcome === "") place.outcome = "stopped";
      },
    };
  }
}

function requireWhole(given: number, length: number): void {
  if (given === length) return;
  throw new ValueError({
    where,
    argument: "loader",
    expected: `to give ${length} batches in an epoch, as its length says`,
    got: String(given),
    fix: "Restore the loader's state together with the loop's, or mend the loader's length",
  });
}
