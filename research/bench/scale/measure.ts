/**
 * Measuring how steps grow: each on one thread and on two, by turns, in two processes.
 * Rests on answer, interleave and json-child.
 */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { type InterleaveOptions, interleave } from "../interleave.ts";
import { JsonChild } from "../json-child.ts";
import type { Answers, Question } from "./answer.ts";
import type { ObservedStep } from "./observe.ts";
import type { ScaledStep } from "./steps.ts";

/** A step as it was measured. */
export interface MeasuredStep extends ScaledStep {
  /** Seconds on one thread and on two: the least of the turns, since others on the machine only slow a step down. */
  readonly seconds: readonly [one: number, two: number];
  /** What it is made of, on one thread. */
  readonly observed: ObservedStep;
}

/** Who answers questions. */
export interface Answerer {
  ask<K extends Question["do"]>(question: Question & { readonly do: K }): Promise<Answers[K]>;
  close(): void;
}

/** A process with so many threads. */
export function answerer(threads: number): Answerer {
  const here = fileURLToPath(import.meta.url);
  const program = fileURLToPath(new URL(`child${extname(here)}`, import.meta.url));
  const loader = extname(here) === ".ts" ? ["--import", "tsx"] : [];
  const child = new JsonChild(process.execPath, [...loader, program, String(threads)]);
  return {
    ask: async <K extends Question["do"]>(question: Question & { readonly do: K }) => {
      const answer: unknown = await child.ask(question);
      return answer as Answers[K]; // the other side of this protocol is `answering`
    },
    close: () => child.close(),
  };
}

/** Calls that are watched to see what a step is made of. */
const observedCalls = 7;

/** Measures steps one after the other, on one thread and on two. A step that stands there twice is measured once. */
export async function* measureSteps(
  steps: readonly ScaledStep[],
  answerers: readonly [one: Answerer, two: Answerer],
  options: InterleaveOptions,
): AsyncGenerator<MeasuredStep, void, undefined> {
  const known = new Map<string, Omit<MeasuredStep, keyof ScaledStep>>();
  for (const step of steps) {
    const key = JSON.stringify(step.task);
    const found = known.get(key) ?? (await measureStep(step, answerers, options));
    known.set(key, found);
    yield { ...step, ...found };
  }
}

async function measureStep(
  { task }: ScaledStep,
  answerers: readonly [one: Answerer, two: Answerer],
  options: InterleaveOptions,
): Promise<Omit<MeasuredStep, keyof ScaledStep>> {
  for (const answerer of answerers) await answerer.ask({ do: "prepare", task });
  const contestants = answerers.map((answerer, index) => ({
    name: String(index + 1),
    time: async (calls: number) => (await answerer.ask({ do: "run", calls })).seconds,
  }));
  const [one = [], two = []] = await interleave(contestants, options);
  const observed = await answerers[0].ask({ do: "observe", calls: observedCalls });
  return { seconds: [Math.min(...one), Math.min(...two)], observed };
}
