/**
 * Stryker's test runner for this project: vitest's runner in the process at hand, over test files that are one script each.
 * vitest itself would start a worker and load three hundred modules for every mutant, which takes a hundred times as long as
 * the tests do.
 * Rests on Stryker's interface, bundle and run-file.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { CoveragePerTestId, InstrumenterContext } from "@stryker-mutator/api/core";
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
    for (const file of (process.env["BITGRAD_MUTATION_TESTS"] ?? "").split(" ").filter(Boolean)) {
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
    writeFileSync(coverageFile, JSON.stringify(switches.mutantCoverage.perTest));
    return { status: DryRunStatus.Complete, tests, mutantCoverage: switches.mutantCoverage };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, mutantActivation, hitLimit, testFilter, disableBail } = options;
    if (hitLimit === undefined) delete switches.hitLimit;
    else switches.hitLimit = hitLimit;
    const whileLoading = mutantActivation === "static";
    const run = (wanted: ReadonlySet<string> | null): Promise<TestResult[]> => {
      switches.hitCount = 0;
      return this.#run(wanted, (file) => {
        if (whileLoading) switches.activeMutant = activeMutant.id;
        else delete switches.activeMutant;
        return {
          bail: !disableBail,
          wants: (name) => wanted?.has(idOf(file, name)) ?? true,
          collected: () => {
            switches.activeMutant = activeMutant.id;
          },
        };
      });
    };
    const endless = (): DryRunResult | undefined =>
      determineHitLimitReached(switches.hitCount, hitLimit);
    // What is met while loading may be noticed anywhere, but soonest by what runs the same source.
    const soonest = testFilter ?? testsThatRun(options.sandboxFileName);
    let tests = await run(soonest && new Set(soonest));
    const noticed = tests.some(({ status }) => status === TestStatus.Failed) || endless();
    if (testFilter === undefined && soonest !== null && !noticed) tests = await run(null);
    delete switches.activeMutant;
    this.#runs += 1;
    if (this.#runs % collectAfter === 0) globalThis.gc?.();
    return toMutantRunResult(endless() ?? { status: DryRunStatus.Complete, tests });
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

/** The tests that run code of the instrumented source at `path`, told by the mutants in it; null where most do. */
function testsThatRun(path: string): readonly string[] | null {
  if (!existsSync(coverageFile)) return null;
  const coverage: CoveragePerTestId = JSON.parse(readFileSync(coverageFile, "utf8"));
  const called = readFileSync(path, "utf8").matchAll(/stryMutAct_\w+\("(\d+)"\)/g);
  const ids = Array.from(called, ([, id = ""]) => id);
  const all = Object.keys(coverage);
  const those = all.filter((test) => ids.some((id) => coverage[test]?.[id]));
  return those.length > all.length / 2 ? null : those;
}

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
