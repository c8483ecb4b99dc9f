/** Mutants of the wasm device's TypeScript that are the same program. Rests on equivalent. */
import type { Equivalent } from "../equivalent.ts";

export const wasmEquivalents: readonly Equivalent[] = [];
