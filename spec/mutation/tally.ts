/**
 * What a mutation run amounts to: counts, and the mutants that no test noticed, told by their text and not by their line,
 * so that a list of them outlives edits elsewhere in the file.
 * Rests on Stryker's results.
 */
import { readFileSync } from "node:fs";
import type { MutantResult } from "@stryker-mutator/api/core";

/** A mutant that every test passed with. */
export interface Survivor {
  /** Path from the top. */
  readonly file: string;
  /** The line it stands in, trimmed. */
  readonly line: string;
  /** What was replaced, and by what; spaces and line breaks as one space. */
  readonly code: string;
  readonly becomes: string;
}

/** What became of the mutants of a shard. */
export interface Tally {
  readonly shard: string;
  /** Mutants that a test failed with. */
  readonly killed: number;
  /** Mutants that never ended: noticed as well. */
  readonly timedOut: number;
  /** Mutants that no test runs at all; they are among the survivors. */
  readonly notCovered: number;
  /** Mutants that were not tried: those that do not run as a program, and those of the tests' own data. */
  readonly invalid: number;
  readonly survivors: readonly Survivor[];
}

/** Counts `results`, which Stryker gave for the shard of this name. */
export function tallyOf(shard: string, results: readonly MutantResult[]): Tally {
  const count = (...kinds: readonly MutantResult["status"][]): number =>
    results.filter(({ status }) => kinds.includes(status)).length;
  return {
    shard,
    killed: count("Killed"),
    timedOut: count("Timeout"),
    notCovered: count("NoCoverage"),
    invalid: count("CompileError", "RuntimeError", "Ignored"),
    survivors: results
      .filter(({ status }) => status === "Survived" || status === "NoCoverage")
      .map(survivorOf)
      .sort((a, b) => compare(a.file, b.file)),
  };
}

function survivorOf({ fileName, location: { start, end }, replacement }: MutantResult): Survivor {
  const file = fileName.slice(process.cwd().length + 1);
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .slice(start.line - 1, end.line);
  const [line = ""] = lines;
  const last = lines.length - 1;
  const code = lines
    .map((text, i) =>
      // Columns count from 1. The end is cut first: both may stand in one line.
      text.slice(0, i === last ? end.column - 1 : undefined).slice(i === 0 ? start.column - 1 : 0),
    )
    .join(" ");
  return { file, line: oneLine(line), code: oneLine(code), becomes: oneLine(replacement) };
}

const oneLine = (text: string): string => text.replace(/\s+/g, " ").trim();
const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
