/** Mutants of init that are the same program. Rests on equivalent. */
import type { Equivalent } from "../equivalent.ts";

export const initEquivalents: readonly Equivalent[] = [];
