/**
 * LawError: a counterexample. The only error that a check throws about what it checks; options out of range are
 * ValueErrors, as everywhere.
 * Rests on nothing.
 */

/** What a law has to say against something. */
export interface Breach {
  /** The law's name: `"tangent"`. */
  readonly law: string;
  /** What broke it: an op's, layer's, optimiser's name, or `"f"`. */
  readonly subject: string;
  /** The shrunk counterexample, as an expression where there is one. */
  readonly example: string;
  readonly expected: string;
  readonly got: string;
}

/** How to see a breach again. */
export interface Replay {
  readonly seed: number;
  /** A call, or a command, to paste. */
  readonly again: string;
  /** How the example was reached: stratum, path, number of shrinks. */
  readonly path: string;
}

/**
 * A law is broken. Its message is made of its fields:
 *
 * tangent is broken by softsign
 *   at bind(softsignOp, [nd([1])], {})
 *   expected output 0, element 0 to change by 0.25 ± 1e-11 along [1]
 *   got 1
 *   to see it again: checkOp(softsignOp, { seed: 1, only: "tangent" })
 *   (stratum free, path 0:1, 12 shrinks)
 */
export class LawError extends Error implements Breach {
  override readonly name = "LawError";
  readonly law: string;
  readonly subject: string;
  readonly example: string;
  readonly expected: string;
  readonly got: string;
  /** Null where the breach does not come from a random case. */
  readonly replay: Replay | null;

  constructor(breach: Breach, options: { replay?: Replay | null; cause?: unknown } = {}) {
    const { law, subject, example, expected, got } = breach;
    const { replay = null, cause } = options;
    const lines = [
      `${law} is broken by ${subject}`,
      ...(example === "" ? [] : [`at ${example}`]),
      `expected ${expected}`,
      `got ${got}`,
      ...(replay === null ? [] : [`to see it again: ${replay.again}`, `(${replay.path})`]),
    ];
    super(lines.join("\n  "), cause === undefined ? {} : { cause });
    this.law = law;
    this.subject = subject;
    this.example = example;
    this.expected = expected;
    this.got = got;
    this.replay = replay;
  }

  /** The same breach with how to see it again. */
  seenAgain(replay: Replay): LawError {
    return new LawError(this, { replay, cause: this.cause });
  }
}

/** `error` as a breach of `law`: itself if it is one, else the error that came where none was expected. */
export function asLawError(error: unknown, about: Omit<Breach, "expected" | "got">): LawError {
  if (error instanceof LawError) return error;
  const got = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new LawError({ ...about, expected: "no error", got }, { cause: error });
}
