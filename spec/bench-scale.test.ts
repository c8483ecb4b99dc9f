/**
 * How steps grow: what the model says follows from what it is given, a watched step is all of its passes, and the tables show
 * both. Nothing here depends on how fast anything is.
 */
import { readFileSync } from "node:fs";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { prepare } from "../research/bench/own.ts";
import { Costs } from "../research/bench/profile/profile.ts";
import { watched } from "../research/bench/profile/watched.ts";
import { answering } from "../research/bench/scale/answer.ts";
import { markers, section } from "../research/bench/scale/document.ts";
import { type Answerer, measureSteps } from "../research/bench/scale/measure.ts";
import { type Machine, predict, type StepModel } from "../research/bench/scale/model.ts";
import { observedStep } from "../research/bench/scale/observe.ts";
import { type ScaledStep, scaledSteps } from "../research/bench/scale/steps.ts";
import type { StepTask } from "../research/bench/task.ts";
import { betweenMarkers } from "../research/markers.ts";

const positive = fc.integer({ min: 1, max: 1e6 });
const tasks = fc.array(
  fc.record({ seconds: positive, pieces: positive, grain: fc.integer({ min: 1, max: 100 }) }),
  { maxLength: 3 },
);
const steps: fc.Arbitrary<StepModel> = fc.record({
  passes: fc.array(fc.record({ tasks, bytes: positive }), { maxLength: 4 }),
  between: positive,
});
/** More memory for all threads than for one. */
const machines: fc.Arbitrary<Machine> = fc
  .record({
    threads: fc.integer({ min: 1, max: 64 }),
    ofOne: positive,
    more: positive,
    forkJoin: fc.constant(0),
  })
  .map(({ more, ...rest }) => ({ ...rest, bandwidth: rest.ofOne + more }));

const measured = ({ passes, between }: StepModel): number =>
  passes.flatMap((pass) => pass.tasks).reduce((sum, { seconds }) => sum + seconds, between);

/** One rounding for each sum, product and quotient of a dozen tasks. */
const rounding = 64 * 2 ** -53;

describe("the model of more threads", () => {
  test.prop([steps, machines], { seed: 1, numRuns: 100 })(
    "says of one thread what was measured",
    (step, machine) => {
      const { seconds } = predict(step, { ...machine, threads: 1, forkJoin: 1e3 });
      expect(Math.abs(seconds / measured(step) - 1)).toBeLessThan(rounding);
    },
  );

  test.prop([steps, machines], { seed: 2, numRuns: 200 })(
    "says no more than threads times, and no less than once",
    (step, machine) => {
      const times = measured(step) / predict(step, machine).seconds;
      expect(times).toBeGreaterThan(1 - rounding);
      expect(times).toBeLessThan(machine.threads * (1 + rounding));
    },
  );

  test.prop([steps, machines, positive], { seed: 3, numRuns: 100 })(
    "says that more memory bandwidth never slows a step, and that forks and joins never speed it",
    (step, machine, more) => {
      const { seconds } = predict(step, machine);
      const wider = { ...machine, bandwidth: machine.bandwidth + more };
      expect(predict(step, wider).seconds).toBeLessThan(seconds * (1 + rounding));
      expect(predict(step, { ...machine, forkJoin: more }).seconds).toBeGreaterThan(
        seconds * (1 - rounding),
      );
    },
  );

  test("takes the longer of operations and bytes, and leaves what is not shared to one thread", () => {
    const pass = (bytes: number, pieces = 64) => ({
      tasks: [{ seconds: 80, pieces, grain: 1 }],
      bytes,
    });
    const machine = { threads: 8, ofOne: 1, bandwidth: 2, forkJoin: 1 };
    const of = (...passes: readonly ReturnType<typeof pass>[]) =>
      predict({ passes, between: 5 }, machine);
    expect(of(pass(10))).toEqual({ seconds: 16, computing: 10, moving: 0, alone: 6 });
    expect(of(pass(40))).toEqual({ seconds: 26, computing: 0, moving: 20, alone: 6 });
    // Faster than one thread can copy: it lay in a cache.
    expect(of(pass(100))).toEqual({ seconds: 16, computing: 10, moving: 0, alone: 6 });
    // Three pieces for eight threads, and one.
    expect(of(pass(10, 3)).computing).toBeCloseTo(80 / 3, 12);
    expect(of(pass(10, 1))).toEqual({ seconds: 85, computing: 0, moving: 0, alone: 85 });
  });
});

const tiny: StepTask = {
  kind: "step",
  net: { kind: "resnet", depth: 8, width: 2 },
  batch: 2,
  optimizer: "sgd",
};

/** Calls, the first besides, after which a compiled step is repeated, and the next two are. */
const settled = 7;

describe("a watched step", () => {
  test("is its passes and what lies between, whatever else single calls do", () => {
    const call = prepare(tiny);
    const early = watched(call, 1); // as written
    for (let i = 0; i < settled; i++) call();
    const late = [watched(call, 1), watched(call, 1)];
    const usual = observedStep(late, new Costs());
    const own = late[0]?.events.map(({ pass }) => pass);
    expect(usual.passes.length).toBe(new Set(own).size);
    const tasks = usual.passes.reduce((sum, pass) => sum + pass.tasks.length, 0);
    expect(tasks).toBe(own?.length);
    const shapeOf = ({ passes }: StepModel) =>
      passes.map((pass) => [pass.bytes, pass.tasks.length]);
    expect(shapeOf(observedStep([...late, early], new Costs()))).toEqual(shapeOf(usual));
    expect(usual.flops).toBeGreaterThan(0);
  });
});

const some: readonly ScaledStep[] = ["2", "4"].map((value) => ({
  axis: "batch",
  value,
  task: { ...tiny, batch: Number(value) },
}));

/** One who answers in this process. */
function here(asked: string[]): Answerer {
  const answer = answering();
  return {
    ask: async (question) => {
      asked.push(question.do);
      return answer(question) as never;
    },
    close: () => {},
  };
}

describe("steps that grow", () => {
  test("change one thing at a time from one in the middle, and no two of an axis are the same", () => {
    const [middle] = scaledSteps.filter(({ value }) => value === "32");
    const flat = ({ task: { net, batch } }: ScaledStep) => ({ ...net, batch });
    for (const step of scaledSteps) {
      if (middle === undefined) throw new Error("none in the middle");
      const [own, other] = [flat(step), flat(middle)].map((it) => Object.entries(it));
      const changes = own?.filter(([key, value]) => new Map(other).get(key) !== value) ?? [];
      expect(changes.length).toBeLessThanOrEqual(1);
    }
    const names = scaledSteps.map(({ axis, task }) => `${axis} ${JSON.stringify(task)}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test("are measured by turns, each once, and stand in both tables", async () => {
    const asked: string[] = [];
    const both = [here(asked), here(asked)] as const;
    const found = [];
    const options = { runs: 1, turnSeconds: 1e-9 };
    for await (const step of measureSteps([...some, ...some.slice(0, 1)], both, options)) {
      found.push(step);
    }
    expect(asked.filter((what) => what === "prepare").length).toBe(4);
    expect(asked.filter((what) => what === "observe").length).toBe(2);
    expect(asked.slice(-3)).toEqual(["run", "run", "observe"]);
    const limits = { flops: 1e9, bandwidth: 1e9, forkJoin: 1e-6 };
    const text = section(found, [limits, { ...limits, bandwidth: 2e9 }], 1);
    const rows = text.split("\n").filter((line) => line.startsWith("| batch"));
    const number = String.raw`[\d.]+`;
    const share = String.raw`\d+; \d+; \d+ %`;
    const times = `${number}( to ${number})?`;
    for (const row of rows.slice(0, 3)) {
      expect(row).toMatch(new RegExp(`^\\| batch \\| [24]( \\| ${number}){6} \\|$`));
    }
    for (const row of rows.slice(3)) {
      expect(row).toMatch(
        new RegExp(`^\\| batch \\| [24] \\| ${times} \\| ${share} \\| ${times} \\| ${share} \\|$`),
      );
    }
    expect(rows.length).toBe(6);
    expect(text).toContain("1 GFLOP/s and 2 GB/s on two, 1 µs");
  });

  test("have their place in CONTRIBUTING.md", () => {
    const text = betweenMarkers(
      readFileSync("CONTRIBUTING.md", "utf8"),
      markers,
      "CONTRIBUTING.md",
    );
    for (const { axis, value } of scaledSteps) expect(text).toContain(`| ${axis} | ${value} |`);
  });
});
