/**
 * The law of an epoch: an order of examples is a permutation, a function of seed and epoch alone.
 * Rests on trial.
 */
import type { TrialLaw } from "./trial.ts";

/** What gives examples in an order. */
export interface Shuffler {
  /** Positions of examples, in the order of that epoch. */
  order(length: number, seed: number, epoch: number): readonly number[];
}

/** The law. */
export const epochLaw: TrialLaw<Shuffler> = {
  name: "epoch",
  claim: "an epoch holds every example exactly once, in an order that seed and epoch alone decide",
  check: ({ order }, trial) => {
    const [length, epoch] = [trial.draw.integer(1, 40), trial.draw.integer(0, 3)];
    trial.at(`${length} examples, seed ${trial.seed}, epoch ${epoch}`);
    const first = order(length, trial.seed, epoch);
    const every = Array.from({ length }, (_, i) => i);
    trial.same(
      "the positions, sorted",
      first.toSorted((a, b) => a - b),
      every,
    );
    trial.same("the order asked for again", order(length, trial.seed, epoch), first);
  },
};
