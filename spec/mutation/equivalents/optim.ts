/** Mutants of optim that are the same program. Rests on equivalent. */
import type { Equivalent } from "../equivalent.ts";

export const optimEquivalents: readonly Equivalent[] = [];
