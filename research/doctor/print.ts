/**
 * Findings as lines of text.
 * Rests on finding.
 */
import { checkNames, type Finding } from "./finding.ts";

const width = Math.max(...checkNames.map((name) => name.length));

/** A line, and below it what to do. Ends without a newline. */
export function formatFinding({ status, check, found, advice }: Finding): string {
  const line = `${status}  ${check.padEnd(width)}  ${found}`;
  return advice === null ? line : `${line}\n${" ".repeat(width + 8)}→ ${advice}`;
}
