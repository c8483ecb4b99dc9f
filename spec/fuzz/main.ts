/**
 * A fuzzing run in a process of its own: `npx tsx spec/fuzz/main.ts <format> <seed> <first case> <cases> [<progress>]`.
 * Prints what was found as JSON and ends; the number of the case at work stands in the file `progress`.
 * Rests on cases, formats and the faulty formats that prove the fuzzer.
 */
import { openSync, writeSync } from "node:fs";
import { judge, makeCase } from "./cases.ts";
import { faultyFormats } from "./faulty.ts";
import { type Format, formats } from "./formats.ts";

/** What a run found. */
export interface Findings {
  readonly format: string;
  readonly cases: number;
  /** How many files were read all the same. */
  readonly read: number;
  /** How often each reason for refusing was given. */
  readonly refused: Readonly<Record<string, number>>;
  /** The first case with a problem, and a call that shows it again. */
  readonly problem: { readonly case: number; readonly text: string } | null;
}

const [name = "", seed = "1", first = "0", count = "1", progress] = process.argv.slice(2);
const format = [...formats, ...faultyFormats].find((known) => known.name === name);
if (format === undefined) throw new Error(`no format ${name}`);
const descriptor = progress === undefined ? null : openSync(progress, "w");
process.stdout.write(
  `${JSON.stringify(run(format, Number(seed), Number(first), Number(count)))}\n`,
);

function run(format: Format, seed: number, first: number, count: number): Findings {
  const refused = new Map<string, number>();
  let read = 0;
  for (let number = first; number < first + count; number++) {
    if (descriptor !== null) writeSync(descriptor, `${number}`.padEnd(12), 0);
    const { bytes, recipe } = makeCase(format, seed, number);
    const verdict = judge(format, bytes);
    if (verdict.kind === "read") read += 1;
    else if (verdict.kind === "refused") {
      refused.set(verdict.reason, (refused.get(verdict.reason) ?? 0) + 1);
    } else {
      const text = [
        verdict.problem,
        `made by: ${recipe.join(", ")}`,
        `again: npx tsx spec/fuzz/main.ts ${format.name} ${seed} ${number}`,
        `bytes: new Uint8Array(Buffer.from("${Buffer.from(bytes).toString("base64")}", "base64"))`,
      ].join("\n");
      const problem = { case: number, text };
      return { format: format.name, cases: number - first + 1, read, refused: {}, problem };
    }
  }
  const reasons = Object.fromEntries([...refused].sort(([, a], [, b]) => b - a));
  return { format: format.name, cases: count, read, refused: reasons, problem: null };
}
