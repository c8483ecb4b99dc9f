/** Mutants of core/data that are the same program. Rests on equivalent. */
import type { Equivalent } from "../equivalent.ts";

export const dataEquivalents: readonly Equivalent[] = [];
