/**
 * Early stopping: when a measure has not got better for too long.
 * Rests on core. Prechelt 1998, Early Stopping – But When?, section 2, with patience in place of strips.
 */
import {
  partOfState,
  recordOfState,
  type State,
  type Stateful,
  ValueError,
} from "../../core/index.ts";
import { requireInteger } from "../../core/require-number.ts";
import { requireOneOf } from "../../core/require-one-of.ts";

/** Options of EarlyStopping. */
export interface EarlyStoppingOptions {
  /** Observations in a row without improvement after which it says stop, integer ≥ 1. */
  readonly patience: number;
  /** How much better than the best an observation must be to improve on it, finite and ≥ 0; default 0. */
  readonly minDelta?: number;
  /** What is better: a lower measure (default), as of a loss, or a higher one, as of accuracy. */
  readonly better?: "lower" | "higher";
}

/** What an observation means. */
export type Observed = "improved" | "waiting" | "stop";

/** The best observation so far. */
export interface Best {
  readonly value: number;
  /** Its number, counted from 0. */
  readonly observation: number;
}

const restoring = "earlyStopping.restore";

/**
 * Watches a measure. An observation improves if it is better than the best one by more than `minDelta`; the first number
 * does, NaN never. After `patience` observations in a row that do not, the verdict is stop, and stays so until one improves.
 * Throws ValueError for options out of range.
 *
 * @example
 * const watch = new EarlyStopping({ patience: 3 });
 * trainLoop({ …, on: { epoch: ({ stop }) => { if (watch.observe(validationLoss()) === "stop") stop(); } } });
 */
export class EarlyStopping implements Stateful {
  readonly patience: number;
  readonly minDelta: number;
  readonly better: "lower" | "higher";
  #best: Best | null = null;
  #observations = 0;
  #waited = 0;

  constructor({ patience, minDelta = 0, better = "lower" }: EarlyStoppingOptions) {
    const wait = "Give the observations to wait for an improvement, such as 5";
    this.patience = requireInteger("EarlyStopping", "patience", patience, 1, wait);
    if (!(minDelta >= 0 && Number.isFinite(minDelta))) {
      throw new ValueError({
        where: "EarlyStopping",
        argument: "minDelta",
        expected: "to be a finite number ≥ 0",
        got: String(minDelta),
        fix: 'Give the least improvement that counts, such as 0; better: "higher" is for measures that grow',
      });
    }
    this.minDelta = minDelta;
    this.better = requireOneOf("EarlyStopping", "better", better, ["lower", "higher"]);
  }

  /** The best observation so far, null before there is one. */
  get best(): Best | null {
    return this.#best;
  }

  /** Takes the next value of the measure, and says what it means. */
  observe(value: number): Observed {
    const observation = this.#observations++;
    if (this.#improves(value)) {
      this.#best = { value, observation };
      this.#waited = 0;
      return "improved";
    }
    this.#waited += 1;
    return this.#waited >= this.patience ? "stop" : "waiting";
  }

  state(): State {
    const best = this.#best && { value: this.#best.value, observation: this.#best.observation };
    return { best, observations: this.#observations, waited: this.#waited };
  }

  restore(state: State): void {
    const parts = recordOfState(restoring, state, ["best", "observations", "waited"]);
    const best = parts.best === null ? null : bestOf(parts.best);
    const observations = partOfState(restoring, "observations", parts.observations, "number");
    const waited = partOfState(restoring, "waited", parts.waited, "number");
    const seen = (best?.observation ?? -1) + 1 + waited;
    const isBest = best === null || (isCount(best.observation) && !Number.isNaN(best.value));
    if (!isBest || ![observations, waited].every(isCount) || seen !== observations) {
      throw new ValueError({
        where: restoring,
        argument: "state",
        expected: "to have waited since the best observation",
        got: `${observations} observations, the best ${shown(best)}, waited ${waited}`,
        fix: "Restore a state that EarlyStopping gave",
      });
    }
    this.#best = best;
    this.#observations = observations;
    this.#waited = waited;
  }

  #improves(value: number): boolean {
    if (this.#best === null) return !Number.isNaN(value);
    const gain = this.better === "lower" ? this.#best.value - value : value - this.#best.value;
    return gain > this.minDelta;
  }
}

function bestOf(state: State): Best {
  const { value, observation } = recordOfState(restoring, state, ["value", "observation"]);
  return {
    value: partOfState(restoring, "value", value, "number"),
    observation: partOfState(restoring, "observation", observation, "number"),
  };
}

function shown(best: Best | null): string {
  return best === null ? "none" : `${best.value} at ${best.observation}`;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
