/**
 * Fuzzing: random graphs around every op, each judged by every oracle.
 * Rests on arbitrary, oracles and print.
 */
import fc from "fast-check";
import type { OpRecord } from "../../core/op.ts";
import { registry } from "../../core/ops/registry.ts";
import { joined, type Observed, observing, unobserved } from "../laws/observed.ts";
import { seedOf } from "../laws/run.ts";
import { graphs } from "./arbitrary.ts";
import { applicationsOf, type Graph, leavesOf } from "./graph.ts";
import type { GrowOptions } from "./grow.ts";
import type { Oracle } from "./oracle.ts";
import { oracles as everyOracle } from "./oracles.ts";
import { printGraph } from "./print.ts";
import { programOf } from "./program.ts";

/** What a run is made of; all of it has a default. */
export interface FuzzOptions extends Omit<GrowOptions, "include"> {
  /** Ops around which graphs are grown; the registry where absent. */
  readonly around?: readonly OpRecord[];
  readonly oracles?: readonly Oracle[];
  /** Hears of every graph that was judged. */
  readonly met?: (graph: Graph) => void;
}

/** A graph of which an oracle's claim is false, and the run that finds it again. */
interface Counterexample {
  readonly graph: Graph;
  readonly oracle: string;
  /** The op around which graphs were grown, and how many. */
  readonly around: string;
  readonly runs: number;
}

/** What became of a run. */
export interface GraphReport {
  /** Graphs that were judged. */
  graphs: number;
  /** In how many of them each op stood. */
  readonly ops: Map<string, number>;
  /** For each oracle how many graphs it spoke about, of how many it could say nothing, and what it compared. */
  readonly verdicts: Map<string, { said: number; silent: number; observed: Observed }>;
  /** The first counterexample, as small as it came: what is broken, and a program that shows it again. */
  failure: Error | null;
  /** That graph, the name of the oracle, and what it was found with. */
  counterexample: Counterexample | null;
}

/**
 * Grows graphs until every op has stood in `runs` of them, and has every oracle judge each; stops at the first
 * counterexample. The graphs are a function of `seed` and `runs`.
 *
 * @example
 * const { failure } = fuzzGraphs(Date.now(), 10);
 * if (failure !== null) console.log(failure.message); // what is broken, and a program that shows it again
 */
export function fuzzGraphs(
  seed: number,
  runs: number,
  { around = registry, oracles = everyOracle, met = () => {}, ...grow }: FuzzOptions = {},
): GraphReport {
  const report: GraphReport = {
    graphs: 0,
    ops: new Map(),
    verdicts: new Map(
      oracles.map(({ name }) => [name, { said: 0, silent: 0, observed: unobserved }]),
    ),
    failure: null,
    counterexample: null,
  };
  for (const include of around) {
    const missing = runs - (report.ops.get(include.name) ?? 0);
    if (missing > 0) {
      runAround(include, { seed, runs: missing }, { oracles, met, ...grow }, report);
    }
    if (report.failure !== null) break;
  }
  return report;
}

function runAround(
  include: OpRecord,
  { seed, runs }: { readonly seed: number; readonly runs: number },
  { oracles, met, ...grow }: GrowOptions & Required<Pick<FuzzOptions, "oracles" | "met">>,
  report: GraphReport,
): void {
  let found: GraphReport["counterexample"] = null;
  const details = fc.check(
    fc.property(graphs({ ...grow, include }), (graph) => {
      const subject = { program: programOf(graph), inputs: leavesOf(graph) };
      // While a counterexample is cut down, it must stay one for the same oracle.
      const asked = oracles.filter(({ name }) => found === null || name === found.oracle);
      for (const oracle of asked) {
        try {
          const { result: said, observed } = observing(() => oracle.check(subject));
          if (found === null) count(report, oracle, said, observed);
        } catch (error) {
          found = { graph, oracle: oracle.name, around: include.name, runs };
          throw error;
        }
      }
      if (found !== null) return;
      countOps(report, graph);
      met(graph);
    }),
    { numRuns: runs, seed: seedOf(seed, include.name) },
  );
  if (!details.failed) return;
  report.counterexample = found;
  const { errorInstance } = details;
  const why = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance));
  report.failure = why;
  if (found === null) return;
  const { graph, oracle }: Counterexample = found;
  why.message += `\n  to see it again: fuzzGraphs(${seed}, ${runs}, { around: [recordNamed("${include.name}")] })`;
  why.message += `\n  or run this with npx tsx in the repository's root:\n\n${printGraph(graph, oracle)}`;
}

function count({ verdicts }: GraphReport, { name }: Oracle, said: boolean, seen: Observed): void {
  const verdict = verdicts.get(name);
  if (verdict === undefined) return;
  verdict.observed = joined(verdict.observed, seen);
  if (said) verdict.said++;
  else verdict.silent++;
}

function countOps(report: GraphReport, graph: Graph): void {
  report.graphs++;
  for (const name of new Set(applicationsOf(graph).map(({ record }) => record.name))) {
    report.ops.set(name, (report.ops.get(name) ?? 0) + 1);
  }
}
