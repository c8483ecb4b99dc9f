/**
 * Verdicts: what runs say about a claim.
 * Rests on nothing.
 */

/** What a claim comes to. */
export type Conclusion = "reproduced" | "not reproduced" | "inconclusive";

/** A verdict, with all that a reader needs to judge it. */
export interface Verdict {
  readonly verdict: Conclusion;
  /** The predicate in words: `"the 95 % interval of the difference lies above 0"`. */
  readonly threshold: string;
  /** Why it is this threshold, and what decided here. */
  readonly reason: string;
  /** What came out, with its interval and unit. */
  readonly measured: string;
  /** What the source says, with section or figure. */
  readonly paper?: string;
  /** An effect with its interval, for the table and for comparing profiles. */
  readonly effect?: {
    /** What is measured: `"difference of final losses (nats)"`. */
    readonly name: string;
    readonly mean: number;
    readonly low: number;
    readonly high: number;
    /** Of the interval, in (0, 1): 0.95. */
    readonly confidence: number;
    /** Standardised: d_z. */
    readonly standardised?: number;
  };
  /** Of the exact test, where there is one: a report corrects all of them together. */
  readonly p?: number;
}

/** Which of its profiles an experiment ran under; `"custom"` where its config was changed by hand. */
export type ProfileName = "quick" | "full" | "custom";

/** What a verdict may depend on besides the runs. */
export interface VerdictContext {
  readonly profile: ProfileName;
  /** How many seeds each arm has. */
  readonly seeds: number;
}
