/**
 * False alarms: everything, seed after seed, at a tenth of the default budget. What is broken at one of a thousand seeds and is
 * right is a law that cries wolf. A run can be cut off at any time: the file of its state says which seed comes next.
 * Rests on depths.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "../../core/index.ts";
import type { KeptExample } from "../laws/kept.ts";
import type { Run } from "./depths.ts";

/** What was done so far. */
export interface AlarmState {
  /** Random cases a law. */
  readonly runs: number;
  /** Commits of the sources that seeds ran on. */
  readonly commits: readonly string[];
  /** Seeds that are done: 0 to this one, without it. */
  readonly seeds: number;
  readonly examples: number;
  readonly alarms: readonly KeptExample[];
}

/** How to run. */
export interface AlarmOptions {
  readonly runs: number;
  /** Seeds in all, those of earlier runs among them. */
  readonly seeds: number;
  /** When to end for now. */
  readonly minutes: number;
  /** Path of the file. */
  readonly state: string;
  readonly commit: string;
}

/** The state in the file, or that of a run that begins. Throws UsageError where the file is of another budget. */
export function alarmState({ state, runs }: Pick<AlarmOptions, "state" | "runs">): AlarmState {
  if (!existsSync(state)) return { runs, commits: [], seeds: 0, examples: 0, alarms: [] };
  const found: AlarmState = JSON.parse(readFileSync(state, "utf8"));
  if (found.runs === runs) return found;
  throw new UsageError({
    where: "spec alarms",
    argument: "--runs",
    expected: `to be ${found.runs}, as in ${state}`,
    got: String(runs),
    fix: "Give the same budget, or another file with --state",
  });
}

/** Goes on from where the file says, seed by seed. Gives the exit status: 1 where a law cried. */
export async function alarms(run: Run, options: AlarmOptions): Promise<number> {
  const { output, clock, report } = run;
  const end = clock() + 60_000 * options.minutes;
  let state = alarmState(options);
  while (state.seeds < options.seeds && clock() < end) {
    state = await oneSeed(run, state, options.commit, report);
    save(options.state, state);
  }
  const { seeds, examples, alarms: found } = state;
  output.write(
    `${seeds} of ${options.seeds} seeds, ${examples} examples, ${found.length} alarms\n`,
  );
  return found.length === 0 ? 0 : 1;
}

async function oneSeed(
  { proofs, device }: Run,
  state: AlarmState,
  commit: string,
  report: Run["report"],
): Promise<AlarmState> {
  const { seeds: seed, runs } = state;
  const found: KeptExample[] = [];
  let { examples } = state;
  for (const proof of proofs) {
    for (const result of await proof.run({ seed, runs, device })) {
      examples += result.examples;
      if (result.found === null) continue;
      report(result.found);
      const { failure: _, ...example } = result.found;
      found.push(example);
    }
  }
  return {
    runs,
    commits: [...new Set([...state.commits, commit])],
    seeds: seed + 1,
    examples,
    alarms: [...state.alarms, ...found],
  };
}

/** Whole or not at all. */
function save(path: string, state: AlarmState): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(state, null, 1)}\n`);
  renameSync(`${path}.new`, path);
}
