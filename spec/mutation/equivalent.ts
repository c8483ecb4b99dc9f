/**
 * Mutants that no test can notice, since they are the same program: each with its reason.
 * Rests on tally. An entry that fits no survivor any more is reported by `npm run spec:mutation`.
 */
import { dataEquivalents } from "./equivalents/data.ts";
import { initEquivalents } from "./equivalents/init.ts";
import { layersEquivalents } from "./equivalents/layers.ts";
import { opsEquivalents } from "./equivalents/ops.ts";
import { optimEquivalents } from "./equivalents/optim.ts";
import { schedulesEquivalents } from "./equivalents/schedules.ts";
import { wasmEquivalents } from "./equivalents/wasm.ts";
import type { Survivor } from "./tally.ts";

/** Survivors that are no other program, told as `Survivor` is, with why. */
export interface Equivalent extends Survivor {
  /** Why nothing that a caller can see changes. */
  readonly reason: string;
}

/** All of them, folder by folder. */
export const equivalents: readonly Equivalent[] = [
  ...schedulesEquivalents,
  ...initEquivalents,
  ...optimEquivalents,
  ...layersEquivalents,
  ...dataEquivalents,
  ...opsEquivalents,
  ...wasmEquivalents,
];
