/**
 * Forms of tasks: what the words of a recorded walk say, as far as fusion asks.
 * Rests on the types of recordings; words are those of kernels/walk.ts.
 */
import type { LaunchNote } from "../recorder.ts";
import type { Step, TaskStep } from "./program.ts";

/** A launch, and what it came to. */
export interface FusibleLaunch extends LaunchNote {
  readonly steps: readonly Step[];
}

/** Rows of channels. */
export interface Rows {
  readonly rows: number;
  readonly channels: number;
}

/** Elements of a piece. */
export const segment = 4096;
/** Pieces worth a thread of their own. */
export const grain = 2;

/** Where the words of a walk have its rank, row length, segments, addresses, inner strides, outer lengths and strides. */
const at = { rank: 1, row: 2, segments: 3, pointers: 4, inner: 8, lengths: 12, outer: 18 } as const;

/** Whether an elementwise launch is of this function. */
export function isFunction({ attributes }: LaunchNote, fn: string): boolean {
  return "fn" in attributes && attributes.fn === fn;
}

/** The task of a launch that is nothing else, or null. */
export function only(launch: FusibleLaunch | undefined, kernel: string): TaskStep | null {
  return launch?.steps.length === 1 ? last(launch, kernel) : null;
}

/** The last task of a launch, if it is one of `kernel`. */
export function last({ steps }: FusibleLaunch, kernel: string): TaskStep | null {
  return taskOf(steps.at(-1), kernel);
}

/** A step that is a task of `kernel`, or null. */
export function taskOf(step: Step | undefined, kernel: string): TaskStep | null {
  return step !== undefined && "words" in step && step.name === kernel ? step : null;
}

/** The addresses of a walk's operands, the output first. */
export function pointersOf({ words }: TaskStep): readonly number[] {
  return words.slice(at.pointers, at.pointers + 4);
}

/** The length of a walk's rows. */
export function rowLengthOf({ words }: TaskStep): number {
  return words[at.row] ?? 0;
}

/** Whether a walk goes over one gapless run of `count` float32 elements in each of its `operands`. */
export function isRun({ words }: TaskStep, operands: number, count: number): boolean {
  if (words[at.rank] !== 0 || words[at.row] !== count) return false;
  return words.slice(at.inner, at.inner + operands).every((stride) => stride === 4);
}

/** Whether a walk goes over one run of float32 elements, gapless in the output, in `operands` gapless or one for all. */
export function isElementwise({ words }: TaskStep, operands: number): boolean {
  if (words[at.rank] !== 0 || words[at.inner] !== 4) return false;
  const strides = words.slice(at.inner + 1, at.inner + 1 + operands);
  return strides.every((stride) => stride === 4 || stride === 0);
}

/**
 * The rows and channels of a walk over gapless float32 rows of channels, where operand `k` has rows of its own if `hasRows[k]`,
 * else one row for all; null for another walk. Channels in fours, and few enough for a piece.
 */
export function rowsOf({ words }: TaskStep, hasRows: readonly boolean[]): Rows | null {
  const [channels = 0, rows = 0] = [words[at.row], words[at.lengths]];
  if (words[at.rank] !== 1 || words[at.segments] !== 1 || channels % 4 !== 0) return null;
  const isSo = hasRows.every((has, k) => {
    return words[at.inner + k] === 4 && words[at.outer + 6 * k] === (has ? 4 * channels : 0);
  });
  return isSo ? { rows, channels } : null;
}

/** Rows of a piece. */
export function rowsPerPiece({ channels }: Rows): number {
  return Math.max(1, Math.floor(segment / channels));
}

/** A task over rows of channels, so many rows a piece. */
export function rowsTask(name: string, form: Rows, words: readonly number[]): TaskStep {
  return { name, words, reals: [], pieces: Math.ceil(form.rows / rowsPerPiece(form)), grain };
}
