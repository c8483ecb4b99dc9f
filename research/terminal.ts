/**
 * The terminal: where a command writes what it found and what went wrong.
 * Rests on nothing.
 */

/** Takes text; the process's standard streams do. */
export interface TextOutput {
  /** Whether a person watches: a line may be drawn over itself. */
  readonly isTTY?: boolean | undefined;
  /** Characters in a line; 80 where absent. */
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Both streams of a command. */
export interface Terminal {
  readonly output: TextOutput;
  readonly errors: TextOutput;
}
