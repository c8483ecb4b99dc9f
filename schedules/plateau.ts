/**
 * Reduce on plateau: a rate that falls when a metric no longer gets better. Unlike a schedule it depends on what
 * happened, so it is an object with a state.
 * Rests on schedule and core's state. After PyTorch's ReduceLROnPlateau.
 */
import {
  partOfState,
  recordOfState,
  type State,
  type Stateful,
  ValueError,
} from "../core/index.ts";
import { requireInteger, requirePositive, requireWithin } from "../core/require-number.ts";
import { requireOneOf } from "../core/require-one-of.ts";
import { requireValue, type Schedule } from "./schedule.ts";

/** Options of ReduceOnPlateau. */
export interface PlateauOptions {
  /** The rate to begin with, > 0. */
  readonly base: number;
  /** What the rate is multiplied by, in (0, 1); default 0.1. */
  readonly factor?: number;
  /** How many reports in a row may be no better before the rate falls, integer ≥ 0; default 10. */
  readonly patience?: number;
  /** What counts as better: a lower metric (default) or a higher one. */
  readonly better?: "lower" | "higher";
  /** By how much a metric must be better than the best, ≥ 0; default 1e-4. */
  readonly threshold?: number;
  /** Whether `threshold` is a share of the best metric's size (default) or an amount. */
  readonly thresholdKind?: "relative" | "absolute";
  /** Reports after a fall that are not counted, integer ≥ 0; default 0. */
  readonly cooldown?: number;
  /** The rate never falls below this, in [0, base]; default 0. */
  readonly minimum?: number;
}

/**
 * Gives a rate, and is told a metric after each epoch or evaluation. A report is better if it beats the best one so far
 * by more than the threshold; after `patience` reports that are not, the next one that is not multiplies the rate by
 * `factor`. Reports during a cooldown may set a new best, but are not counted as bad.
 *
 * Throws ValueError for options out of range, and for a metric that is NaN.
 * Two things differ from PyTorch, which takes a relative threshold of a negative best to the wrong side of it, and leaves
 * the rate alone where the fall would be 1e-8 or less.
 *
 * @example
 * const plateau = new ReduceOnPlateau({ base: 0.1, patience: 2 });
 * const optimizer = sgd(net.parameters(), { learningRate: plateau.schedule });
 * plateau.report(validationLoss); // once an epoch
 */
export class ReduceOnPlateau implements Stateful {
  /** The present rate at whatever iteration: what an optimiser takes. */
  readonly schedule: Schedule = () => this.#rate;
  readonly #options: Required<PlateauOptions>;
  #rate: number;
  #best: number;
  #bad = 0;
  #cooling = 0;

  constructor(options: PlateauOptions) {
    this.#options = checked(options);
    this.#rate = options.base;
    this.#best = this.#options.better === "lower" ? Infinity : -Infinity;
  }

  /** The present rate. */
  get rate(): number {
    return this.#rate;
  }

  /** Takes a metric, and gives the rate from now on. Throws ValueError for NaN. */
  report(metric: number): number {
    if (Number.isNaN(metric)) {
      throw new ValueError({
        where: "ReduceOnPlateau.report",
        argument: "metric",
        expected: "to be a number or an infinity",
        got: "NaN",
        fix: "End a run that has diverged, or turn on detectAnomalies to see where",
      });
    }
    const { patience, cooldown, factor, minimum } = this.#options;
    if (this.#isBetter(metric)) {
      this.#best = metric;
      this.#bad = 0;
    } else {
      this.#bad += 1;
    }
    if (this.#cooling > 0) {
      this.#cooling -= 1;
      this.#bad = 0;
    }
    if (this.#bad > patience) {
      this.#rate = Math.max(this.#rate * factor, minimum);
      this.#cooling = cooldown;
      this.#bad = 0;
    }
    return this.#rate;
  }

  /** The rate, the best metric, and the counts of reports: all that the next report depends on. */
  state(): State {
    return { rate: this.#rate, best: this.#best, bad: this.#bad, cooling: this.#cooling };
  }

  /** Puts a state back. Throws ValueError for what no such object gives, and then changes nothing. */
  restore(state: State): void {
    const where = "ReduceOnPlateau.restore";
    const parts = recordOfState(where, state, ["rate", "best", "bad", "cooling"]);
    const number = (name: keyof typeof parts): number =>
      partOfState(where, name, parts[name], "number");
    const { base, minimum, patience, cooldown } = this.#options;
    const fix = "Restore a state that an object with the same options gave";
    const rate = requireWithin(where, "state.rate", number("rate"), [minimum, base], fix);
    const best = requireWithin(where, "state.best", number("best"), [-Infinity, Infinity], fix);
    const count = (name: "bad" | "cooling", most: number): number =>
      requireWithin(
        where,
        `state.${name}`,
        requireInteger(where, `state.${name}`, number(name), 0, fix),
        [0, most],
        fix,
      );
    const [bad, cooling] = [count("bad", patience), count("cooling", cooldown)];
    this.#rate = rate;
    this.#best = best;
    this.#bad = bad;
    this.#cooling = cooling;
  }

  #isBetter(metric: number): boolean {
    const { better, threshold, thresholdKind } = this.#options;
    const best = this.#best;
    if (Math.abs(best) === Infinity) return better === "lower" ? metric < best : metric > best;
    const margin = thresholdKind === "relative" ? threshold * Math.abs(best) : threshold;
    return better === "lower" ? metric < best - margin : metric > best + margin;
  }
}

function checked(options: PlateauOptions): Required<PlateauOptions> {
  const where = "ReduceOnPlateau";
  const full: Required<PlateauOptions> = {
    factor: 0.1,
    patience: 10,
    better: "lower",
    threshold: 1e-4,
    thresholdKind: "relative",
    cooldown: 0,
    minimum: 0,
    ...options,
  };
  requireOneOf(where, "better", full.better, ["lower", "higher"]);
  requireOneOf(where, "thresholdKind", full.thresholdKind, ["relative", "absolute"]);
  requirePositive(where, "base", full.base, "Give the rate to begin with");
  requirePositive(where, "factor", full.factor, "Give a factor such as 0.1");
  if (full.factor >= 1) {
    throw new ValueError({
      where,
      argument: "factor",
      expected: "to be less than 1",
      got: String(full.factor),
      fix: "Give a factor such as 0.1",
    });
  }
  requireInteger(where, "patience", full.patience, 0, "Give a number of reports");
  requireInteger(where, "cooldown", full.cooldown, 0, "Give a number of reports");
  requireValue(where, "threshold", full.threshold);
  requireWithin(where, "threshold", full.threshold, [0, Infinity], "Give an amount such as 1e-4");
  requireWithin(where, "minimum", full.minimum, [0, full.base], "Give a rate, or leave it out");
  return full;
}
