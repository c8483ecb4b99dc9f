/**
 * Stryker's test runner for this project: vitest's runner in the process at hand, over test files that are one script each.
 * vitest itself would start a worker and load three hundred modules for every mutant, which takes ten times as long as the
 * tests do.
 * Rests on Stryker's interface, @vitest/runner and bundle.
 */

import type { InstrumenterContext } from "@stryker-mutator/api/core";
import { declareClassPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import type {
  DryRunResult,
  MutantRunOptions,
  MutantRunResult,
  TestResult,
  TestRunner,
} from "@stryker-mutator/api/test-runner";
import {
  DryRunStatus,
  determineHitLimitReached,
  TestStatus,
  toMutantRunResult,
} from "@stryker-mutator/api/test-runner";
import { type File, type Suite, startTests, type Test, type VitestRunner } from "@vitest/runner";
import { getTests } from "@vitest/runner/utils";
import { bundle, type Load } from "./bundle.ts";

/** What Stryker's instrumented sources look at. */
const switches: InstrumenterContext = {};
Reflect.set(globalThis, "__stryker__", switches);

/** How many mutants are tried before memory of the ended ones is asked back. */
const collectAfter = 20;

class InProcessRunner implements TestRunner {
  static readonly inject = [] as const;
  readonly #files = (process.env["BITGRAD_MUTATION_TESTS"] ?? "").split(" ").filter(Boolean);
  readonly #scripts = new Map<string, Load>();
  #runs = 0;

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: true };
  }

  async init(): Promise<void> {
    process.env["BITGRAD_THREADS"] = "1";
    for (const file of this.#files) this.#scripts.set(file, await bundle(file));
  }

  async dryRun(): Promise<DryRunResult> {
    delete switches.activeMutant;
    delete switches.hitCount;
    switches.mutantCoverage = { static: {}, perTest: {} };
    const tests = await this.#run({ wanted: null, bail: false });
    return { status: DryRunStatus.Complete, tests, mutantCoverage: switches.mutantCoverage };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, mutantActivation, hitLimit, testFilter, disableBail } = options;
    switches.hitCount = 0;
    if (hitLimit === undefined) delete switches.hitLimit;
    else switches.hitLimit = hitLimit;
    if (mutantActivation === "static") switches.activeMutant = activeMutant.id;
    else delete switches.activeMutant;
    const wanted = testFilter === undefined ? null : new Set(testFilter);
    const tests = await this.#run({ wanted, bail: !disableBail, mutant: activeMutant.id });
    delete switches.activeMutant;
    this.#runs += 1;
    if (this.#runs % collectAfter === 0) globalThis.gc?.();
    const endless = determineHitLimitReached(switches.hitCount, hitLimit);
    return toMutantRunResult(endless ?? { status: DryRunStatus.Complete, tests });
  }

  /** Runs the tests that are `wanted` (all where null), with `mutant` switched on once its file is loaded. */
  async #run({
    wanted,
    bail,
    mutant,
  }: {
    wanted: ReadonlySet<string> | null;
    bail: boolean;
    mutant?: string;
  }): Promise<TestResult[]> {
    const results: TestResult[] = [];
    const files = this.#files.filter(
      (file) => wanted === null || [...wanted].some((id) => id.startsWith(`${file}#`)),
    );
    for (const file of files) {
      const before = switches.activeMutant;
      const found = await runFile(file, this.#scripts.get(file), wanted, bail, mutant);
      if (before === undefined) delete switches.activeMutant;
      results.push(...found);
      if (bail && found.some(({ status }) => status === TestStatus.Failed)) break;
    }
    return results;
  }
}

async function runFile(
  file: string,
  load: Load | undefined,
  wanted: ReadonlySet<string> | null,
  bail: boolean,
  mutant: string | undefined,
): Promise<TestResult[]> {
  let failed = false;
  const runner: VitestRunner = {
    config,
    importFile: () => load?.(),
    onCollected: (files) => {
      if (mutant !== undefined) switches.activeMutant = mutant;
      if (wanted === null) return;
      for (const test of getTests(files)) if (!wanted.has(idOf(file, test))) skip(test);
      for (const made of files) skipEmpty(made);
    },
    onBeforeRunTask: (test) => {
      if (bail && failed) test.mode = "skip";
      switches.currentTestId = idOf(file, test);
    },
    onAfterRunTask: (test) => {
      delete switches.currentTestId;
      failed ||= test.result?.state === "fail";
    },
  };
  const files = await startTests([file], runner);
  return files.flatMap((made) => resultsOf(file, made));
}

function resultsOf(file: string, made: File): TestResult[] {
  const broken = firstError(made);
  const ran = getTests(made).filter(
    ({ result }) => result?.state === "pass" || result?.state === "fail",
  );
  const results = ran.map((test): TestResult => {
    const part = {
      id: idOf(file, test),
      name: nameOf(test),
      timeSpentMs: test.result?.duration ?? 0,
    };
    return test.result?.state === "fail"
      ? {
          ...part,
          status: TestStatus.Failed,
          failureMessage: test.result.errors?.[0]?.message ?? "",
        }
      : { ...part, status: TestStatus.Success };
  });
  if (broken === null || results.some(({ status }) => status === TestStatus.Failed)) return results;
  // A suite that fails outside its tests (while loading, or in a hook) has no test to say so.
  const name = "(the file itself)";
  return [
    ...results,
    {
      id: `${file}#${name}`,
      name,
      timeSpentMs: 0,
      status: TestStatus.Failed,
      failureMessage: broken,
    },
  ];
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

function skip(test: Test): void {
  if (test.mode === "run") test.mode = "skip";
}

/** A suite none of whose tests is wanted runs no hooks either. */
function skipEmpty(suite: Suite): boolean {
  const kept = suite.tasks.map((task) =>
    task.type === "suite" ? skipEmpty(task) : task.mode === "run",
  );
  const any = kept.some(Boolean);
  if (!any && suite.mode === "run" && !("filepath" in suite)) suite.mode = "skip";
  return any;
}

function nameOf(test: Test): string {
  const parts = [test.name];
  for (let suite = test.suite; suite !== undefined; suite = suite.suite) parts.unshift(suite.name);
  return parts.join(" › ");
}

const idOf = (file: string, test: Test): string => `${file}#${nameOf(test)}`;

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

/** What Stryker loads. */
export const strykerPlugins: readonly object[] = [
  declareClassPlugin(PluginKind.TestRunner, "in-process", InProcessRunner),
];
