/** Mutants of init that are the same program. Rests on equivalent. */
import type { Equivalent } from "../equivalent.ts";

export const initEquivalents: readonly Equivalent[] = [
  {
    file: "init/identity.ts",
    line: "for (let o = 0; o < out; o++) {",
    code: "o < out",
    becomes: "o <= out",
    reason: "what one output more would write lies beyond the end of the elements, which drop it",
  },
  {
    file: "init/orthogonal.ts",
    line: "for (let j = 0; j < wide; j++) {",
    code: "j < wide",
    becomes: "j <= wide",
    reason:
      "of a tall matrix it writes the first element of the next row, which that row then writes itself; else, and after the last row, beyond the end of the elements, which drop it",
  },
];
