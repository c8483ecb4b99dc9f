/**
 * Runs one test file in the process at hand with vitest's own runner.
 * Rests on @vitest/runner and bundle.
 */
import { type Suite, startTests, type Test, type VitestRunner } from "@vitest/runner";
import { getTests } from "@vitest/runner/utils";
import type { Load } from "./bundle.ts";

/** What became of a test. */
export interface Outcome {
  /** Suites and test, from the outside in: `"matmul › adjoint: …"`. */
  readonly name: string;
  readonly milliseconds: number;
  /** What it failed with, or null. */
  readonly failure: string | null;
}

/** What may be asked of a run. */
export interface RunFileOptions {
  /** Which tests to run, by name; all where absent. */
  readonly wants?: (name: string) => boolean;
  /** Whether the first failure ends it; default false. */
  readonly bail?: boolean;
  /** Milliseconds after which a test has failed; default a minute. */
  readonly timeout?: number;
  /** Called when all tests are known and none has run. */
  readonly collected?: () => void;
  /** Called before each test with its name, and with null after it. */
  readonly at?: (name: string | null) => void;
}

/** Loads a test file and runs its tests; those that were skipped are left out. `path` names it in messages. */
export async function runFile(
  path: string,
  load: Load,
  { wants = () => true, bail = false, timeout = 60_000, collected, at }: RunFileOptions = {},
): Promise<readonly Outcome[]> {
  let failed = false;
  const runner: VitestRunner = {
    config: { ...config, testTimeout: timeout },
    importFile: () => load(),
    onCollected: (files) => {
      collected?.();
      for (const test of getTests(files)) {
        if (test.mode === "run" && !wants(nameOf(test))) test.mode = "skip";
      }
      for (const file of files) skipEmpty(file);
    },
    onBeforeRunTask: (test) => {
      if (bail && failed) test.mode = "skip";
      at?.(nameOf(test));
    },
    onAfterRunTask: (test) => {
      at?.(null);
      failed ||= test.result?.state === "fail";
    },
  };
  const files = await startTests([path], runner);
  return files.flatMap((file) => {
    const outcomes = getTests(file).flatMap(outcomeOf);
    const broken = firstError(file);
    if (broken === null || outcomes.some(({ failure }) => failure !== null)) return outcomes;
    // What fails outside of its tests (while loading, or in a hook) has no test to say so.
    return [...outcomes, { name: "(the file itself)", milliseconds: 0, failure: broken }];
  });
}

function outcomeOf(test: Test): readonly Outcome[] {
  const { result } = test;
  if (result?.state !== "pass" && result?.state !== "fail") return [];
  const failure = result.state === "fail" ? (result.errors?.[0]?.message ?? "") : null;
  return [{ name: nameOf(test), milliseconds: result.duration ?? 0, failure }];
}

function firstError(suite: Suite): string | null {
  const own = suite.result?.errors?.[0]?.message;
  if (own !== undefined) return own;
  for (const task of suite.tasks) {
    const inner = task.type === "suite" ? firstError(task) : null;
    if (inner !== null) return inner;
  }
  return null;
}

/** A suite none of whose tests is wanted runs no hooks either. */
function skipEmpty(suite: Suite): boolean {
  const any = suite.tasks
    .map((task) => (task.type === "suite" ? skipEmpty(task) : task.mode === "run"))
    .some(Boolean);
  if (!any && suite.mode === "run" && !("filepath" in suite)) suite.mode = "skip";
  return any;
}

function nameOf(test: Test): string {
  const parts = [test.name];
  for (let { suite } = test; suite !== undefined; { suite } = suite) parts.unshift(suite.name);
  return parts.join(" › ");
}

const config: VitestRunner["config"] = {
  root: process.cwd(),
  setupFiles: [],
  name: undefined,
  passWithNoTests: true,
  testNamePattern: undefined,
  allowOnly: true,
  sequence: { shuffle: false, concurrent: false, seed: 1, hooks: "stack", setupFiles: "list" },
  chaiConfig: undefined,
  maxConcurrency: 1,
  testTimeout: 60_000,
  hookTimeout: 60_000,
  retry: 0,
  includeTaskLocation: false,
  tags: [],
  tagsFilter: undefined,
  strictTags: false,
};
