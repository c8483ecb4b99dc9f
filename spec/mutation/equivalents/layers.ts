/** Mutants of layers that are the same program. Rests on equivalent. */
import type { Equivalent } from "../equivalent.ts";

export const layersEquivalents: readonly Equivalent[] = [];
