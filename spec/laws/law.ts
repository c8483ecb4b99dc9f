/**
 * What a law is: a claim about one op that could be false, checked on one case at a time.
 * Rests on op and sampling.
 */
import { isComposed, type OpRecord } from "../../core/op.ts";
import type { Sample, Sampler, SpecialPoint } from "../../core/sampling.ts";
import type { Stratum } from "./sampler.ts";

/** A case drawn from a record's domain, or one of its special points. */
export type Case = Sample<object>;

/** A claim about every op it applies to. */
interface Law {
  /** A short name: `"adjoint"`. */
  readonly name: string;
  /** The claim, as a test's title. */
  readonly claim: string;
  /** Whether the claim says anything about `record`; an op it does not speak about is counted as such. */
  applies(record: OpRecord): boolean;
}

/** A law on random cases, and on the record's special points where it holds at kinks too. */
export interface SampledLaw extends Law {
  /** Where cases are drawn: the first stratum gets what the budget leaves. Absent: free, empty, scalar, broadcast. */
  readonly strata?: readonly Stratum[];
  /** The test file that runs it; absent: the one of all laws on the device in use. */
  readonly file?: string;
  /** Whether the law holds at this special point too: at kinks and overflows some do not. */
  holdsAt(point: SpecialPoint<object>): boolean;
  /**
   * Throws LawError where the claim is false, returns false where the case says nothing (no float output, say).
   * `draw` gives tangents and cotangents.
   */
  check(record: OpRecord, sample: Case, draw: Sampler): boolean;
}

/** A law on what the record declares; returns how many declarations were checked. */
export interface DeclaredLaw extends Law {
  /** Throws LawError where the claim is false. */
  checkAll(record: OpRecord): number;
}

/** Whether the laws of derivatives speak about `record`: it has rules, or parts that bring them. */
export function hasRules(record: OpRecord): boolean {
  return isComposed(record) || (record.jvp !== undefined && record.vjp !== undefined);
}
