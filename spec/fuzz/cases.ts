/**
 * Cases: damaged files, each a function of format, seed and number, and the verdict on what reads them.
 * Rests on formats, mutate and core's errors.
 */
import { BitgradError, FormatError } from "../../core/index.ts";
import { Draws } from "./draws.ts";
import type { Format } from "./formats.ts";
import { anyMutations } from "./mutate.ts";

/** A damaged file, and how it was damaged. */
export interface Case {
  readonly bytes: Uint8Array;
  readonly recipe: readonly string[];
}

/** The damaged file number `number`. */
export function makeCase({ name, seeds, mutations }: Format, seed: number, number: number): Case {
  const draws = new Draws(name, seed, number);
  const recipe: string[] = [];
  const start = draws.below(seeds.length);
  recipe.push(`seed file ${start}`);
  let bytes = seeds[start] ?? new Uint8Array(0);
  for (let n = draws.of([1, 1, 1, 1, 2, 2, 3]); n > 0; n--) {
    // What only the format knows reaches deeper: three damages of four where there is any.
    const own = mutations.length > 0 && draws.below(4) > 0;
    const mutation = draws.of(own ? mutations : anyMutations);
    recipe.push(mutation.name);
    bytes = mutation.apply(bytes, draws, seeds);
  }
  return { bytes, recipe };
}

/** Memory that reading, writing and reading again may take: copies as text, names, lists, wider elements. */
const heapPerByte = 200;
const arraysPerByte = 20;
/** What is taken whatever the size: small objects, and the engine's own. */
const heapAtLeast = 2 ** 21;
const arraysAtLeast = 2 ** 18;

/** `"read"`; the error's words without what differs from file to file; or a problem, in words. */
export type Verdict =
  | { readonly kind: "read" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "problem"; readonly problem: string };

/** Reads a case. Anything but an exact reading or a FormatError with five parts is a problem, and so is much memory. */
export function judge(format: Format, bytes: Uint8Array): Verdict {
  const copy = bytes.slice();
  const before = process.memoryUsage();
  const verdict = judgeReading(format, bytes);
  const after = process.memoryUsage();
  const heap = after.heapUsed - before.heapUsed - heapPerByte * bytes.length;
  const arrays = after.arrayBuffers - before.arrayBuffers - arraysPerByte * bytes.length;
  if (verdict.kind === "problem") return verdict;
  if (heap > heapAtLeast || arrays > arraysAtLeast) {
    const taken =
      heap > heapAtLeast
        ? `${after.heapUsed - before.heapUsed} bytes of heap`
        : `${after.arrayBuffers - before.arrayBuffers} bytes of arrays`;
    return { kind: "problem", problem: `took ${taken} to read ${bytes.length} bytes` };
  }
  if (Buffer.compare(copy, bytes) !== 0) return { kind: "problem", problem: "changed its input" };
  return verdict;
}

function judgeReading(format: Format, bytes: Uint8Array): Verdict {
  try {
    const [first, second] = format.readTwice(bytes);
    if (first === second) return { kind: "read" };
    return { kind: "problem", problem: `read ${brief(first)}, then ${brief(second)}` };
  } catch (error) {
    if (!(error instanceof FormatError)) {
      const name = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      const kind =
        error instanceof BitgradError ? "another error than FormatError" : "no error of bitgrad's";
      return { kind: "problem", problem: `${kind}: ${brief(name)}` };
    }
    const { where, argument, expected, got, fix, message } = error;
    const parts = [where, argument, expected, got, fix];
    if (parts.some((part) => part.trim() === "") || argument !== "case" || message.length > 1_000) {
      return { kind: "problem", problem: `an unclear error: ${brief(message)}` };
    }
    return {
      kind: "refused",
      reason: reasonOf(expected),
    };
  }
}

function brief(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}… (${text.length} characters)` : text;
}

/** What was expected, without the names and numbers of one file. */
function reasonOf(expected: string): string {
  return expected
    .replace(/"(?:[^"\\]|\\.)+"…?(?: \(\d+ characters\))?/g, "_")
    .replace(/\[.*\]/, "[]")
    .replace(/\b\d{2,}\b/g, "_");
}
