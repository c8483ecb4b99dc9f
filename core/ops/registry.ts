/**
 * The registry: every op's record, listed by hand. Laws, device suite and documentation are made from it.
 * Rests on the op files. An op's file lists its own records; a test finds any that is missing here.
 */
import type { OpRecord } from "../op.ts";
import { arithmeticOps } from "./arithmetic.ts";

/** All records. */
export const registry: readonly OpRecord[] = [...arithmeticOps];
