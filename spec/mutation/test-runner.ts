/**
 * Stryker's test runner for this project: vitest's runner in the process at hand, over test files that are one script each.
 * vitest itself would start a worker and load three hundred modules for every mutant, which takes a hundred times as long as
 * the tests do.
 * Rests on Stryker's interface, bundle and run-file.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { InstrumenterContext } from "@stryker-mutator/api/core";
import { declareClassPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import {
  type DryRunResult,
  DryRunStatus,
  determineHitLimitReached,
  type MutantRunOptions,
  type MutantRunResult,
  type TestResult,
  type TestRunner,
  TestStatus,
  toMutantRunResult,
} from "@stryker-mutator/api/test-runner";
import { bundle, type Load } from "./bundle.ts";
import { type Outcome, type RunFileOptions, runFile } from "./run-file.ts";

/** What Stryker's instrumented sources look at. */
const switches: InstrumenterContext = {};
Reflect.set(globalThis, "__stryker__", switches);

/** What each test runs, from the first run: Stryker's sandbox holds it, for processes that take over. */
const coverageFile = "coverage-of-tests.json";

/** How many mutants are tried before memory of the ended ones is asked back. */
const collectAfter = 20;

class InProcessRunner implements TestRunner {
  static readonly inject = [] as const;
  readonly #scripts = new Map<string, Load>();
  #runs = 0;

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: true };
  }

  async init(): Promise<void> {
    process.env["BITGRAD_THREADS"] = "1";
    for (const file of named("BITGRAD_MUTATION_TESTS")) {
      this.#scripts.set(file, await bundle(file));
    }
  }

  async dryRun(): Promise<DryRunResult> {
    delete switches.activeMutant;
    delete switches.hitCount;
    switches.mutantCoverage = { static: {}, perTest: {} };
    const tests = await this.#run(null, (file) => ({
      at: (name) => {
        if (name === null) delete switches.currentTestId;
        else switches.currentTestId = idOf(file, name);
      },
    }));
    const { perTest } = switches.mutantCoverage;
    const runs = tests.map(({ id }) => [id, Object.keys(perTest[id] ?? {})]);
    writeFileSync(coverageFile, JSON.stringify(runs));
    return { status: DryRunStatus.Complete, tests, mutantCoverage: switches.mutantCoverage };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, mutantActivation, hitLimit, testFilter, disableBail } = options;
    if (hitLimit === undefined) delete switches.hitLimit;
    else switches.hitLimit = hitLimit;
    const whileLoading = mutantActivation === "static";
    const wanted = new Set(testFilter ?? testsAbout(options.sandboxFileName));
    switches.hitCount = 0;
    const tests = await this.#run(wanted, (file) => {
      if (whileLoading) switches.activeMutant = activeMutant.id;
      else delete switches.activeMutant;
      return {
        bail: !disableBail,
        wants: (name) => wanted.has(idOf(file, name)),
        collected: () => {
          switches.activeMutant = activeMutant.id;
        },
      };
    });
    delete switches.activeMutant;
    this.#runs += 1;
    if (this.#runs % collectAfter === 0) globalThis.gc?.();
    const endless = determineHitLimitReached(switches.hitCount, hitLimit);
    return toMutantRunResult(endless ?? { status: DryRunStatus.Complete, tests });
  }

  /** Runs the files that have tests in `wanted` (all where null), each as `optionsOf` says. */
  async #run(
    wanted: ReadonlySet<string> | null,
    optionsOf: (file: string) => RunFileOptions,
  ): Promise<TestResult[]> {
    const results: TestResult[] = [];
    for (const [file, load] of this.#scripts) {
      if (wanted !== null && ![...wanted].some((id) => id.startsWith(idOf(file, "")))) continue;
      const options = optionsOf(file);
      const found = await runFile(file, load, options);
      results.push(...found.map((outcome) => resultOf(file, outcome)));
      if (options.bail === true && found.some(({ failure }) => failure !== null)) break;
    }
    return results;
  }
}

/**
 * Who is asked about a mutant that is met while loading the instrumented source at `path`: the tests that run code of this
 * source, told by the mutants in it, those of suites whose names it holds, such as an op's laws, and those of the files that
 * speak of what is loaded; all where no file does, and where the source holds no such name.
 */
function testsAbout(path: string): readonly string[] {
  const runs: readonly (readonly [string, readonly string[]])[] = JSON.parse(
    readFileSync(coverageFile, "utf8"),
  );
  const always = named("BITGRAD_MUTATION_LOADED");
  const source = readFileSync(path, "utf8");
  const calls = source.matchAll(/stryMutAct_\w+\("(\d+)"\)/g);
  const own = new Set(Array.from(calls, ([, id]) => id));
  const isNamed = ([test]: readonly [string, ...unknown[]]): boolean => {
    const [suite] = test.slice(test.indexOf("#") + 1).split(" › ");
    return source.includes(`"${suite}"`);
  };
  const everybody = always.length === 0 || !runs.some(isNamed);
  return runs
    .filter(
      ([test, mutants]) =>
        everybody ||
        isNamed([test]) ||
        always.some((file) => test.startsWith(idOf(file, ""))) ||
        mutants.some((id) => own.has(id)),
    )
    .map(([test]) => test);
}

/** Test files named in a variable of the environment. */
const named = (variable: string): readonly string[] =>
  (process.env[variable] ?? "").split(" ").filter(Boolean);

const idOf = (file: string, name: string): string => `${file}#${name}`;

function resultOf(file: string, { name, milliseconds, failure }: Outcome): TestResult {
  const part = { id: idOf(file, name), name, timeSpentMs: milliseconds };
  return failure === null
    ? { ...part, status: TestStatus.Success }
    : { ...part, status: TestStatus.Failed, failureMessage: failure };
}

/** What Stryker loads. */
export const strykerPlugins: readonly object[] = [
  declareClassPlugin(PluginKind.TestRunner, "in-process", InProcessRunner),
];
