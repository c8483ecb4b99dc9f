/**
 * What a process that measures steps answers, on the threads that it has.
 * Rests on own and profile. Threads are chosen once in a process, so there is one for each number of them.
 */
import { current } from "../../../core/devices/wasm/state.ts";
import { prepare } from "../own.ts";
import { type Limits, measureLimits } from "../profile/limits.ts";
import { Costs } from "../profile/profile.ts";
import { watched } from "../profile/watched.ts";
import { median } from "../statistics.ts";
import type { StepTask } from "../task.ts";
import { type ObservedStep, observedStep } from "./observe.ts";

/** What is asked. Steps are compiled; `run` and `observe` are of the step prepared last. */
export type Question =
  | { readonly do: "limits" }
  | { readonly do: "prepare"; readonly task: StepTask }
  | { readonly do: "run"; readonly calls: number }
  | { readonly do: "observe"; readonly calls: number };

/** What is answered to each. */
export interface Answers {
  readonly limits: Limits & { readonly forkJoin: number };
  readonly prepare: Readonly<Record<string, never>>;
  readonly run: { readonly seconds: number };
  readonly observe: ObservedStep;
}

/** Gives a function that answers question after question. */
export function answering(): (question: Question) => Answers[keyof Answers] {
  let step = (): void => {};
  return (question) => {
    switch (question.do) {
      case "limits":
        return { ...measureLimits(), forkJoin: forkJoin() };
      case "prepare":
        step = prepare(question.task);
        return {};
      case "run": {
        const began = performance.now();
        for (let call = 0; call < question.calls; call++) step();
        return { seconds: (performance.now() - began) / 1000 };
      }
      case "observe":
        return observedStep(
          Array.from({ length: question.calls }, () => watched(step, 1)),
          new Costs(),
        );
    }
  };
}

/** Seconds that it takes to share a task in which there is nothing to do. */
function forkJoin(): number {
  const runtime = current();
  const rest = runtime.allocator.allocate(16);
  const times = Array.from({ length: 1000 }, () => {
    const began = performance.now();
    runtime.run("peakF32", [0, 0, rest.pointer], [], 2 * runtime.threads, 1);
    return (performance.now() - began) / 1000;
  });
  runtime.allocator.release(rest);
  return median(times);
}
