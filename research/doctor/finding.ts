/**
 * Findings: what a check says of a net, and what to do about it.
 * Rests on nothing.
 */

/** skip: the check has nothing to say here. */
export type FindingStatus = "pass" | "warn" | "fail" | "skip";

/** The checks, in the order in which they are made. */
export const checkNames = [
  "inputs",
  "loss",
  "initial-loss",
  "dead-units",
  "activations",
  "overfit-batch",
  "rate-range",
  "generalization",
] as const;

/** The name of a check. */
export type CheckName = (typeof checkNames)[number];

/** One line of a diagnosis. */
export interface Finding {
  readonly check: CheckName;
  readonly status: FindingStatus;
  /** What was found, with its numbers. */
  readonly found: string;
  /** What to do; null where there is nothing to do. */
  readonly advice: string | null;
  /** The numbers, by name. */
  readonly measures: Readonly<Record<string, number | null>>;
}

/** What a check says, without its name. */
export type Said = Omit<Finding, "check">;

/** Nothing to do. */
export function pass(found: string, measures: Finding["measures"] = {}): Said {
  return { status: "pass", found, advice: null, measures };
}

/** Something to look at. */
export function warn(found: string, advice: string, measures: Finding["measures"] = {}): Said {
  return { status: "warn", found, advice, measures };
}

/** Something to mend. */
export function fail(found: string, advice: string, measures: Finding["measures"] = {}): Said {
  return { status: "fail", found, advice, measures };
}

/** Nothing to say. */
export function skip(found: string): Said {
  return { status: "skip", found, advice: null, measures: {} };
}

/** A number as people read it: three digits. */
export function shown(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : String(value);
}

/** A share as percent. */
export function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
