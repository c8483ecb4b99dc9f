/**
 * What an oracle is: an independent way to tell that a program's values or derivatives are wrong.
 * Rests on program.
 */
import type { Subject } from "./program.ts";

/** A claim about every program. */
export interface Oracle {
  /** A short name: `"adjoint"`. */
  readonly name: string;
  /** The claim, as a test's title. */
  readonly claim: string;
  /**
   * Throws GraphBroken where the claim is false of the subject. `false` where it says nothing: there is no float input,
   * say, or no derivative.
   */
  check(subject: Subject): boolean;
}

/** A claim was false. */
export class GraphBroken extends Error {
  override readonly name = "GraphBroken";
}

/** Throws GraphBroken. */
export function broken(oracle: string, expected: string, got: string): never {
  throw new GraphBroken(`${oracle}: expected ${expected}, got ${got}`);
}
