/**
 * One shard through Stryker, incrementally: what was tried on the same code by the same tests is not tried again.
 * Rests on @stryker-mutator/core, shards and tally.
 */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { Stryker } from "@stryker-mutator/core";
import type { Shard } from "./shards.ts";
import { type Tally, tallyOf } from "./tally.ts";
import { testsDataName } from "./tests-data.ts";

/** Where runs leave what the next one goes on from: outside git, since it holds every source and test title in full. */
const folder = "runs/mutation";

/** Half of the laws' cases: what they notice, all do. */
const halfOfRuns = 16;

/** Mutates the sources of `shard` one by one and says what became of each mutant. `workers`: processes at a time. */
export async function runShard(shard: Shard, workers: number): Promise<Tally> {
  const { name, mutate, tests, loaded = [], runs = halfOfRuns, records = false } = shard;
  mkdirSync(folder, { recursive: true });
  process.env["BITGRAD_MUTATION_TESTS"] = filesOf(tests);
  process.env["BITGRAD_MUTATION_LOADED"] = filesOf(loaded);
  process.env["BITGRAD_SPEC_RUNS"] = String(runs);
  process.env["NODE_OPTIONS"] = "--import tsx"; // The processes that Stryker starts run sources too.
  const stryker = new Stryker({
    mutate: [...mutate],
    testRunner: "in-process",
    plugins: ["test-runner", "tests-data"].map((plugin) => resolve(`spec/mutation/${plugin}.ts`)),
    ignorers: records ? [testsDataName] : [],
    testRunnerNodeArgs: ["--expose-gc", "--single-threaded-gc"],
    coverageAnalysis: "perTest",
    concurrency: workers,
    incremental: true,
    incrementalFile: join(folder, `${name.replaceAll("/", "-")}.json`),
    ignorePatterns: ["runs", "dist"],
    tempDirName: join(folder, "sandboxes"),
    disableTypeChecks: false,
    timeoutMS: 60_000, // Of a busy machine: what takes longer counts as noticed.
    reporters: ["clear-text", "progress-append-only"],
    clearTextReporter: { reportTests: false, allowColor: false },
    checkers: [],
  });
  return tallyOf(name, await stryker.runMutationTest());
}

const filesOf = (tests: readonly string[]): string =>
  tests.map((test) => `spec/${test}.test.ts`).join(" ");
