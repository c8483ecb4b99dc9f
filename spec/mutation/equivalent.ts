/**
 * Mutants that no test can notice, since they are the same program: each with its reason.
 * Rests on tally. An entry that fits no survivor any more is reported by `npm run spec:mutation`.
 */
import type { Survivor } from "./tally.ts";

/** Survivors that are no other program, told as `Survivor` is, with why. */
export interface Equivalent extends Survivor {
  /** Why nothing that a caller can see changes. */
  readonly reason: string;
}

/** All of them, file by file. */
export const equivalents: readonly Equivalent[] = [];
