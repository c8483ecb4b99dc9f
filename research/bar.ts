/**
 * A bar on a terminal: one line drawn over itself.
 * Rests on terminal. Spaces alone erase it: it needs no control codes and hides no cursor.
 */
import type { TextOutput } from "./terminal.ts";

/** A clock, in milliseconds. */
export type Clock = () => number;

/** Milliseconds between two drawings, at least. */
const drawnEvery = 100;
/** Characters of the bar, at most. */
const widestBar = 40;

/** What a drawing shows. */
export interface BarContent {
  /** Text before the bar. */
  readonly before: string;
  /** How much of it is filled, in [0, 1]. */
  readonly share: number;
  /** Text after it. */
  readonly after: string;
}

/** A line that shows how far something is. */
export class Bar {
  readonly #output: TextOutput;
  readonly #clock: Clock;
  #drawnAt: number = Number.NEGATIVE_INFINITY;
  #shown = "";

  constructor(output: TextOutput, clock: Clock = () => performance.now()) {
    this.#output = output;
    this.#clock = clock;
  }

  /** Draws what `content` says, unless the last drawing is less than a tenth of a second old. */
  draw(content: (now: number) => BarContent): void {
    const now = this.#clock();
    if (now - this.#drawnAt < drawnEvery) return;
    this.#drawnAt = now;
    const { before, share, after } = content(now);
    const room = (this.#output.columns ?? 80) - 1; // the last column would move the cursor on
    const width = Math.min(widestBar, Math.max(0, room - before.length - after.length));
    const filled = Math.round(share * width);
    const bar = "█".repeat(filled) + "░".repeat(width - filled);
    this.#replace(`${before}${bar}${after}`.slice(0, Math.max(0, room)));
  }

  /** Erases the line. */
  clear(): void {
    this.#replace("");
    this.#output.write("\r");
  }

  #replace(line: string): void {
    this.#output.write(`\r${line.padEnd(this.#shown.length)}`);
    this.#shown = line;
  }
}

/** `41 s left`, `12 min left`. */
export function formatLeft(seconds: number): string {
  return seconds < 100 ? `${Math.ceil(seconds)} s left` : `${Math.ceil(seconds / 60)} min left`;
}
