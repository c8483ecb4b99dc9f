/**
 * A fault: an op with a mistake in it beside its right twin, and the law that must notice.
 * Rests on op.
 */
import type { OpRecord } from "../../core/op.ts";

/** A wrong record and what it should have been. */
export interface Fault {
  /** The mistake, in words. */
  readonly mistake: string;
  readonly right: OpRecord;
  readonly wrong: OpRecord;
  /** The name of the law that must be broken; others may be too. */
  readonly caughtBy: string;
}
