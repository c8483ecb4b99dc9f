/** Mutants of core/ops that are the same program. Rests on equivalent. */
import type { Equivalent } from "../equivalent.ts";

export const opsEquivalents: readonly Equivalent[] = [];
