/**
 * Everything of this folder and of mathjs's as functions of a seed and a budget, for runs that take as long as they like.
 * Rests on run, and on spec/mathjs.
 */
import { withDevice } from "../../core/devices/current.ts";
import { scheduleRegistry } from "../../schedules/registry.ts";
import { exactOps, exactSchedules } from "../mathjs/definitions.ts";
import { checkOpDigits, checkScheduleDigits } from "../mathjs/digits.ts";
import { checkCompositions, checkDerivatives, checkValues } from "../mathjs/symbols.ts";
import { expressible } from "../mathjs/texts.ts";
import { recordNamed } from "./graph.ts";
import { fuzzGraphs } from "./run.ts";

/** What a deep check came to. */
export interface DeepOutcome {
  /** Graphs that were judged, or elements that were compared. */
  readonly examples: number;
  /** The first counterexample, with how to see it again, or null. */
  readonly failure: Error | null;
}

/** A check that scales: `runs` 1 is what always runs. */
export interface DeepCheck {
  readonly name: string;
  run(seed: number, runs: number): DeepOutcome;
}

/** A check that throws, as one that gives what was thrown. */
function caught(name: string, body: (seed: number, runs: number) => number): DeepCheck {
  return {
    name,
    run: (seed, runs) => {
      try {
        return { examples: body(seed, runs), failure: null };
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(String(error));
        failure.message += `\n  to see it again: "${name}" of spec/graphs/deep.ts, run(${seed}, ${runs})`;
        return { examples: 0, failure };
      }
    },
  };
}

const total = (parts: readonly { readonly elements: number }[]): number =>
  parts.reduce((sum, { elements }) => sum + elements, 0);

/** All of them. */
export const deepChecks: readonly DeepCheck[] = [
  {
    name: "random graphs",
    run: (seed, runs) => {
      const { graphs, failure } = fuzzGraphs(seed, runs);
      return { examples: graphs, failure };
    },
  },
  caught("64 digits of elementwise ops", (seed, runs) =>
    total(expressible.map((record) => checkValues(record, seed, 3 * runs))),
  ),
  caught("symbolic derivatives", (seed, runs) =>
    total(expressible.map((record) => checkDerivatives(record, seed, 2 * runs))),
  ),
  caught("symbolic derivatives of compositions", (seed, runs) =>
    total([checkCompositions(seed, 60 * runs)]),
  ),
  caught("64 digits of reductions and softmax", (seed, runs) =>
    total(
      ["wasm", "reference"].flatMap((name) =>
        withDevice(name, () =>
          Object.keys(exactOps).map((op) => checkOpDigits(recordNamed(op), seed, 8 * runs)),
        ),
      ),
    ),
  ),
  caught("64 digits of schedules", (seed, runs) =>
    total(
      scheduleRegistry
        .filter(({ name }) => exactSchedules[name])
        .map((record) => checkScheduleDigits(record, seed, 8 * runs)),
    ),
  ),
];
