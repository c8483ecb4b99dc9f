/**
 * Stryker's test runner for this project: vitest's runner in the process at hand, over test files that are one script each.
 * vitest itself would start a worker and load three hundred modules for every mutant, which takes a hundred times as long as
 * the tests do.
 * Rests on Stryker's interface, bundle and run-file.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import type { InstrumenterContext, MutantCoverage } from "@stryker-mutator/api/core";
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

/** How many mutants are tried before memory of the ended ones is asked back. */
const collectAfter = 20;

/** Where the dry run leaves what it met for processes that are started anew: in the sandbox, which goes when the run ends. */
const metPath = "mutants-met.json";

/** What a test file did without a mutant. */
interface Met {
  /** Which mutants it ran, while it was loaded and in each test. */
  readonly coverage: MutantCoverage;
  /** The names of its tests. */
  readonly names: readonly string[];
}

class InProcessRunner implements TestRunner {
  static readonly inject = [] as const;
  readonly #scripts = new Map<string, Load>();
  /** What the dry run met, file by file. */
  #met: ReadonlyMap<string, Met> = new Map();
  #runs = 0;

  capabilities(): { reloadEnvironment: boolean } {
    return { reloadEnvironment: true };
  }

  async init(): Promise<void> {
    process.env["BITGRAD_THREADS"] = "1";
    for (const file of named("BITGRAD_MUTATION_TESTS")) {
      this.#scripts.set(file, await bundle(file));
    }
    if (existsSync(metPath)) this.#met = new Map(JSON.parse(readFileSync(metPath, "utf8")));
  }

  async dryRun(): Promise<DryRunResult> {
    delete switches.activeMutant;
    delete switches.hitCount;
    this.#met = new Map();
    const coverages = new Map<string, MutantCoverage>();
    const tests = await this.#run(
      () => true,
      (file) => {
        switches.mutantCoverage = { static: {}, perTest: {} };
        coverages.set(file, switches.mutantCoverage);
        return {
          at: (name) => {
            if (name === null) delete switches.currentTestId;
            else switches.currentTestId = idOf(file, name);
          },
        };
      },
    );
    const met = [...coverages].map(([file, coverage]): readonly [string, Met] => [
      file,
      {
        coverage,
        names: tests.filter(({ id, name }) => id === idOf(file, name)).map((t) => t.name),
      },
    ]);
    this.#met = new Map(met);
    writeFileSync(metPath, JSON.stringify(met));
    return { status: DryRunStatus.Complete, tests, mutantCoverage: sumOf(coverages.values()) };
  }

  async mutantRun(options: MutantRunOptions): Promise<MutantRunResult> {
    const { activeMutant, mutantActivation, hitLimit, testFilter, disableBail } = options;
    if (hitLimit === undefined) delete switches.hitLimit;
    else switches.hitLimit = hitLimit;
    const whileLoading = mutantActivation === "static";
    const about = testFilter === undefined ? this.#testsAbout(options.sandboxFileName) : testFilter;
    const ids = about === null ? null : new Set(about);
    const isWanted = (file: string, name: string): boolean =>
      (ids === null || ids.has(idOf(file, name))) &&
      (testFilter !== undefined || this.#meets(activeMutant.id, file, name));
    switches.hitCount = 0;
    const tests = await this.#run(isWanted, (file) => {
      if (whileLoading) switches.activeMutant = activeMutant.id;
      else delete switches.activeMutant;
      return {
        bail: !disableBail,
        wants: (name) => isWanted(file, name),
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

  /**
   * Whether a mutant can change a test: any of a file that runs it while it is loaded, which may even rename them, and of
   * another one those that run it; any at all where there was no dry run.
   */
  #meets(mutant: string, file: string, name: string): boolean {
    const coverage = this.#met.get(file)?.coverage;
    if (coverage === undefined || coverage.static[mutant] !== undefined) return true;
    return coverage.perTest[idOf(file, name)]?.[mutant] !== undefined;
  }

  /**
   * Who is asked about a mutant that is met while loading the instrumented source at `path`: the tests that run code of this
   * source, told by the mutants in it, those of suites whose names it holds, such as an op's laws, and those of the files
   * that speak of what is loaded. Null, all: where no file does, and where the source holds no such name.
   */
  #testsAbout(path: string): readonly string[] | null {
    const always = new Set(named("BITGRAD_MUTATION_LOADED"));
    if (always.size === 0) return null;
    const source = readFileSync(path, "utf8");
    const calls = source.matchAll(/stryMutAct_\w+\("(\d+)"\)/g);
    const own = Array.from(calls, ([, id]) => id ?? "");
    const isNamed = (name: string): boolean => source.includes(`"${name.split(" › ")[0]}"`);
    const all = [...this.#met].flatMap(([file, { coverage, names }]) =>
      names.map((name) => ({ file, name, ran: coverage.perTest[idOf(file, name)] ?? {} })),
    );
    if (!all.some(({ name }) => isNamed(name))) return null;
    return all
      .filter(
        ({ file, name, ran }) =>
          isNamed(name) || always.has(file) || own.some((id) => ran[id] !== undefined),
      )
      .map(({ file, name }) => idOf(file, name));
  }

  /** Runs the files of whose tests, as they were without a mutant, any is wanted; each as `optionsOf` says. */
  async #run(
    isWanted: (file: string, name: string) => boolean,
    optionsOf: (file: string) => RunFileOptions,
  ): Promise<TestResult[]> {
    const results: TestResult[] = [];
    for (const [file, load] of this.#scripts) {
      const names = this.#met.get(file)?.names;
      if (names !== undefined && !names.some((name) => isWanted(file, name))) continue;
      const options = optionsOf(file);
      const found = await runFile(file, load, options);
      results.push(...found.map((outcome) => resultOf(file, outcome)));
      if (options.bail === true && found.some(({ failure }) => failure !== null)) break;
    }
    return results;
  }
}

/** Test files named in a variable of the environment. */
const named = (variable: string): readonly string[] =>
  (process.env[variable] ?? "").split(" ").filter(Boolean);

/** What all files met together. */
function sumOf(parts: Iterable<MutantCoverage>): MutantCoverage {
  const sum: MutantCoverage = { static: {}, perTest: {} };
  for (const part of parts) {
    Object.assign(sum.perTest, part.perTest);
    for (const [mutant, hits] of Object.entries(part.static)) {
      sum.static[mutant] = (sum.static[mutant] ?? 0) + hits;
    }
  }
  return sum;
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
