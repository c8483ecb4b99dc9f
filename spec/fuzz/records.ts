/**
 * Damages that only npy and files of records know: to npy's dictionary, whose length is told anew, and to whole records.
 * Rests on mutate.
 */
import type { Draws } from "./draws.ts";
import { type Mutation, replaced, textMutations } from "./mutate.ts";

const dictionaryWords: readonly string[] = [
  ...["'descr'", "'fortran_order'", "'shape'", "'<f4'", "'>f8'", "'|b1'", "'<i4'", "'|u1'", "'|O'"],
  ...["True", "False", "(", ")", ",", "()", "(3,)", "(4294967295, 4294967295)", "{", "}", ":", "'"],
  ...['"', "\n", " ", "L", "-", "1e3", "None"],
];

const shapes = ["()", "(2,)", "(3,)", "(2, 3)", "(3, 2)", "(1, 6)", "(2, 1, 2)", "(0, 4)", "(12,)"];

/** Another dictionary, well-formed: of another type, order or shape. */
function otherDictionary(draws: Draws): string {
  const descr = `${draws.of([..."<>|="])}${draws.of(["f4", "f8", "i4", "u1", "b1", "i8", "O"])}`;
  const order = draws.of(["True", "False"]);
  return `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${draws.of(shapes)}, }`;
}

/** Damages to the dictionary of an npy file of version 1. */
export const dictionaryMutations: readonly Mutation[] = [
  ...textMutations(dictionaryWords),
  ...[1, 2, 3, 4, 5, 6].map(() => ({
    name: "write another",
    apply: (_: string, draws: Draws): string => otherDictionary(draws),
  })),
].map(({ name, apply }) => ({
  name: `header: ${name}`,
  apply: (bytes, draws) => {
    if (bytes.length < 10) return bytes;
    const end = 10 + (bytes[8] ?? 0) + 256 * (bytes[9] ?? 0);
    const text = Buffer.from(bytes.subarray(10, end)).toString("latin1");
    // The newline stays where readers look for it.
    const changed = Buffer.from(`${apply(text.trimEnd(), draws)}\n`, "latin1").subarray(0, 65535);
    const out = replaced(bytes, 10, Math.min(bytes.length, end), changed);
    out[8] = changed.length & 255;
    out[9] = changed.length >> 8;
    return out;
  },
}));

/** Damages to files of records of `size` bytes. */
export function recordMutations(size: number): readonly Mutation[] {
  const records = (bytes: Uint8Array): number => Math.max(1, Math.floor(bytes.length / size));
  return [
    {
      name: "repeat records",
      apply: (bytes, draws) => {
        const copies = Array.from({ length: 1 + draws.below(4) }, () => bytes);
        return Buffer.concat(copies);
      },
    },
    {
      name: "delete a record",
      apply: (bytes, draws) => {
        const start = draws.below(records(bytes)) * size;
        const end = Math.min(bytes.length, start + size);
        return replaced(bytes, Math.min(start, end), end, new Uint8Array(0));
      },
    },
    {
      name: "change a label",
      apply: (bytes, draws) => {
        const at = Math.min(bytes.length, draws.below(records(bytes)) * size + draws.below(3));
        const label = draws.of([0, 1, 9, 10, 19, 20, 99, 100, 255]);
        return replaced(bytes, at, Math.min(bytes.length, at + 1), Uint8Array.of(label));
      },
    },
  ];
}
