/**
 * The place of a training loop: all that its next batch depends on which net, optimiser and loader do not know.
 * Rests on core.
 */
import { ExactSum, partOfState, recordOfState, type State, ValueError } from "../../core/index.ts";

/** How a loop ended before its last epoch; "" where it did not. */
export type EarlyEnd = "" | "stopped" | "diverged";

const restoring = "trainLoop.restore";
const counts = ["epoch", "batch", "iteration", "examples"] as const;

/** A place, and the losses of the epoch so far. */
export class LoopPlace {
  /** Epochs finished. */
  epoch = 0;
  /** Batches of this epoch done. */
  batch = 0;
  /** Batches of all epochs done. */
  iteration = 0;
  outcome: EarlyEnd = "";
  #examples = 0;
  #losses = new ExactSum();

  /** One batch of so many examples is done. */
  advance(loss: number, examples: number): void {
    this.batch += 1;
    this.iteration += 1;
    this.#examples += examples;
    this.#losses.add(loss * examples);
  }

  /** The epoch is done. Gives its mean loss, each batch's weighted by its examples. */
  endEpoch(): number {
    const mean = this.#losses.value / this.#examples;
    this.epoch += 1;
    this.batch = 0;
    this.#examples = 0;
    this.#losses = new ExactSum();
    return mean;
  }

  state(): State {
    return {
      epoch: this.epoch,
      batch: this.batch,
      iteration: this.iteration,
      outcome: this.outcome,
      examples: this.#examples,
      losses: this.#losses.state(),
    };
  }

  /** Throws ValueError for what is no place in epochs of `length` batches. */
  restore(state: State, length: number): void {
    const parts = recordOfState(restoring, state, [...counts, "outcome", "losses"]);
    const count = (name: (typeof counts)[number]): number => {
      const value = partOfState(restoring, name, parts[name], "number");
      if (Number.isSafeInteger(value) && value >= 0) return value;
      throw unfit(`to have an integer ≥ 0 as ${name}`, String(value));
    };
    const [epoch, batch, iteration] = [count("epoch"), count("batch"), count("iteration")];
    const examples = count("examples");
    if (batch > length || iteration !== epoch * length + batch) {
      throw unfit(
        `to be a place in epochs of ${length} batches`,
        `iteration ${iteration} as batch ${batch} after ${epoch} epochs`,
      );
    }
    const outcome = endOf(partOfState(restoring, "outcome", parts.outcome, "string"));
    const losses = new ExactSum();
    losses.restore(parts.losses);
    this.epoch = epoch;
    this.batch = batch;
    this.iteration = iteration;
    this.outcome = outcome;
    this.#examples = examples;
    this.#losses = losses;
  }
}

function endOf(outcome: string): EarlyEnd {
  if (outcome === "" || outcome === "stopped" || outcome === "diverged") return outcome;
  throw unfit('to have "", "stopped" or "diverged" as outcome', `"${outcome}"`);
}

function unfit(expected: string, got: string): ValueError {
  const fix = "Restore a state that a loop over as many batches gave";
  return new ValueError({ where: restoring, argument: "state", expected, got, fix });
}
