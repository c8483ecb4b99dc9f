/**
 * The oracles, listed by hand: a new one (a compiled program against an eager one, say) is one more entry.
 * Rests on the oracles beside it.
 */
import { adjointOracle, curvatureOracle } from "./adjoint.ts";
import { boundsOracle } from "./bounds.ts";
import { differenceOracle } from "./difference.ts";
import type { Oracle } from "./oracle.ts";
import type { Subject } from "./program.ts";
import { layoutOracle, recomputeOracle } from "./replays.ts";
import { secondDifferenceOracle } from "./second-difference.ts";

/** All oracles. */
export const oracles: readonly Oracle[] = [
  adjointOracle,
  differenceOracle,
  curvatureOracle,
  secondDifferenceOracle,
  recomputeOracle,
  layoutOracle,
  boundsOracle("wasm", "float32"),
  boundsOracle("wasm", "float64"),
  boundsOracle("reference", "float32"),
  boundsOracle("reference", "float64"),
];

/** The oracle of this name. Throws RangeError where there is none. */
export function oracleNamed(name: string): Oracle {
  const oracle = oracles.find((candidate) => candidate.name === name);
  if (oracle === undefined) throw new RangeError(`there is no oracle ${name}`);
  return oracle;
}

/** Checks one oracle on one subject; what printed programs call. Throws GraphBroken where its claim is false. */
export function checkSubject(oracle: string, subject: Subject): boolean {
  return oracleNamed(oracle).check(subject);
}
