/**
 * Mutations: small damages to bytes, of the kinds that disks, networks, editors and enemies do.
 * Rests on draws. Each gives new bytes and leaves those it was given alone.
 */
import type { Draws } from "./draws.ts";

/** A named damage. `others` are whole files of the same format, to take pieces from. */
export interface Mutation {
  readonly name: string;
  readonly apply: (bytes: Uint8Array, draws: Draws, others: readonly Uint8Array[]) => Uint8Array;
}

/** Sizes at which formats break: none, one, the edges of 8, 16, 31, 32, 53 and 64 bits. */
const sizes: readonly bigint[] = [
  ...[0n, 1n, 2n, 127n, 128n, 255n, 256n, 65535n, 65536n, 2147483647n, 2147483648n, 4294967295n],
  ...[4294967296n, 100000000n, 100000001n, 9007199254740991n, 9007199254740993n],
  ...[9223372036854775807n, 18446744073709551615n, 340282366920938463463374607431768211456n],
];

/** `middle` in place of the bytes from `start` up to `end`. */
export function replaced(
  bytes: Uint8Array,
  start: number,
  end: number,
  middle: Uint8Array,
): Uint8Array {
  const out = new Uint8Array(start + middle.length + (bytes.length - end));
  out.set(bytes.subarray(0, start));
  out.set(middle, start);
  out.set(bytes.subarray(end), start + middle.length);
  return out;
}

/** Two places, in order. */
function range(bytes: Uint8Array, draws: Draws): readonly [number, number] {
  const [a, b] = [draws.below(bytes.length + 1), draws.below(bytes.length + 1)];
  return a < b ? [a, b] : [b, a];
}

/** A range of at most 16 bytes. */
function shortRange(bytes: Uint8Array, draws: Draws): readonly [number, number] {
  const start = draws.below(bytes.length + 1);
  return [start, Math.min(bytes.length, start + draws.below(17))];
}

function noise(length: number, draws: Draws): Uint8Array {
  return Uint8Array.from({ length }, () => draws.below(256));
}

const none = new Uint8Array(0);

/** Damages to any bytes. */
export const anyMutations: readonly Mutation[] = [
  {
    name: "flip bits",
    apply: (bytes, draws) => {
      const out = bytes.slice();
      for (let n = draws.below(4); n >= 0 && out.length > 0; n--) {
        const at = draws.below(out.length);
        out[at] = (out[at] ?? 0) ^ (1 << draws.below(8));
      }
      return out;
    },
  },
  {
    name: "set a byte",
    apply: (bytes, draws) => {
      const at = draws.below(bytes.length);
      const byte = draws.of([0x00, 0xff, 0x7f, 0x80, 0x20, 0x22, draws.below(256)]);
      return replaced(bytes, at, Math.min(bytes.length, at + 1), Uint8Array.of(byte));
    },
  },
  { name: "cut the end", apply: (bytes, draws) => bytes.slice(0, draws.below(bytes.length + 1)) },
  { name: "cut the beginning", apply: (bytes, draws) => bytes.slice(shortRange(bytes, draws)[0]) },
  {
    name: "append",
    apply: (bytes, draws) =>
      replaced(bytes, bytes.length, bytes.length, noise(1 + draws.below(16), draws)),
  },
  {
    name: "insert",
    apply: (bytes, draws) => {
      const at = draws.below(bytes.length + 1);
      return replaced(bytes, at, at, noise(1 + draws.below(8), draws));
    },
  },
  { name: "delete", apply: (bytes, draws) => replaced(bytes, ...shortRange(bytes, draws), none) },
  {
    name: "repeat a piece",
    apply: (bytes, draws) => {
      const [start, end] = range(bytes, draws);
      return replaced(bytes, end, end, bytes.subarray(start, end));
    },
  },
  {
    name: "move a piece",
    apply: (bytes, draws) => {
      const [start, end] = shortRange(bytes, draws);
      const rest = replaced(bytes, start, end, none);
      const at = draws.below(rest.length + 1);
      return replaced(rest, at, at, bytes.subarray(start, end));
    },
  },
  {
    name: "splice two files",
    apply: (bytes, draws, others) => {
      const other = draws.of(others);
      const [start, end] = range(other, draws);
      return replaced(bytes, ...range(bytes, draws), other.subarray(start, end));
    },
  },
  {
    name: "lie about a size",
    apply: (bytes, draws) => {
      const width = draws.of([1, 2, 4, 8]);
      const out = bytes.slice();
      if (out.length < width) return out;
      // Sizes stand at the beginning: half of the lies are told there.
      const room = out.length - width + 1;
      const at = draws.below(draws.below(2) === 0 ? Math.min(room, 16) : room);
      const size = draws.of([...sizes, BigInt(draws.below(64)), BigInt(out.length)]);
      const bigEndian = draws.below(2) === 0;
      for (let i = 0; i < width; i++) {
        const place = bigEndian ? width - 1 - i : i;
        out[at + place] = Number((size >> BigInt(8 * i)) & 255n);
      }
      return out;
    },
  },
];

/** Words of a text: strings, numbers, and single characters. */
function wordsOf(text: string): string[] {
  return text.match(/"(?:[^"\\]|\\.)*"|'[^']*'|\d+|[^\d"']|["']/gs) ?? [];
}

/** Damages to a text, word by word; `vocabulary` are words of the format. */
export function textMutations(vocabulary: readonly string[]): readonly {
  readonly name: string;
  readonly apply: (text: string, draws: Draws) => string;
}[] {
  const edit =
    (change: (words: string[], draws: Draws) => void) =>
    (text: string, draws: Draws): string => {
      const words = wordsOf(text);
      change(words, draws);
      return words.join("");
    };
  return [
    {
      name: "change a number",
      apply: edit((words, draws) => {
        const numbers = [...words.keys()].filter((i) => /^\d/.test(words[i] ?? ""));
        if (numbers.length === 0) return;
        const at = draws.of(numbers);
        const old = BigInt(words[at] ?? "0");
        const size = draws.of([...sizes, old + 1n, old - 1n, old * 2n, BigInt(draws.below(64))]);
        words[at] = draws.of([
          `${size}`,
          `${size}`,
          `${size}`,
          `-${size}`,
          `0${size}`,
          `${size}.0`,
        ]);
      }),
    },
    {
      name: "change a word",
      apply: edit((words, draws) => {
        words[draws.below(words.length)] = draws.of(vocabulary);
      }),
    },
    {
      name: "insert a word",
      apply: edit((words, draws) => {
        words.splice(draws.below(words.length + 1), 0, draws.of(vocabulary));
      }),
    },
    {
      name: "delete words",
      apply: edit((words, draws) => {
        words.splice(draws.below(words.length), 1 + draws.below(3));
      }),
    },
    {
      name: "repeat a member",
      apply: edit((words, draws) => {
        // From behind a comma or a brace up to another: one or more members, or pieces of them.
        const joints = [...words.keys()].filter((i) => /[{},[\]]/.test(words[i] ?? ""));
        if (joints.length < 2) return;
        const [a, b] = [draws.of(joints), draws.of(joints)];
        const piece = words.slice(Math.min(a, b) + 1, Math.max(a, b));
        words.splice(draws.of(joints) + 1, 0, ...piece, ",");
      }),
    },
    {
      name: "swap words",
      apply: edit((words, draws) => {
        const [a, b] = [draws.below(words.length), draws.below(words.length)];
        [words[a], words[b]] = [words[b] ?? "", words[a] ?? ""];
      }),
    },
    {
      name: "nest deeply",
      apply: edit((words, draws) => {
        const bracket = draws.of(["[", "{", '{"a":']);
        words.splice(draws.below(words.length + 1), 0, bracket.repeat(1 + draws.below(20_000)));
      }),
    },
    {
      name: "lengthen a list",
      apply: edit((words, draws) => {
        const number = draws.of(["0", "1", "4294967295"]);
        words.splice(draws.below(words.length + 1), 0, `${number},`.repeat(draws.below(2_000)));
      }),
    },
  ];
}
