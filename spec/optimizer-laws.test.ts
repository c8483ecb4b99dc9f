/**
 * Laws that every optimiser of the registry obeys, on four problems.
 * Rests on optim's registry, on plain implementations and on the sampler.
 */
import * as fs from "node:fs";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { add, assign, multiply, parameter, sum, type Tensor, withDevice } from "../core/index.ts";
import { withObserver } from "../core/interpreter.ts";
import * as optim from "../optim/index.ts";
import { Optimizer, type OptimizerOptions, type Trainable } from "../optim/index.ts";
import { type Hyperparameters, type OptimizerRecord, optimizers } from "../optim/registry.ts";
import { cosine } from "../schedules/index.ts";
import { samplerFrom } from "./laws/sampler.ts";
import { plainPath, plainSteps } from "./optimizer-plain.ts";
import { type Problem, problems } from "./optimizer-problems.ts";
import { bitsOf, f64, noise, numbers } from "./plain.ts";

const cases = optimizers.flatMap((record) => problems.map((problem) => ({ record, problem })));
const title = "$record.name on $problem.name";
const gen = fc.gen();

/** How an optimiser is made for some parameters. */
type Make = (parameters: Trainable<OptimizerOptions>, options: OptimizerOptions) => Optimizer;

const madeWith =
  (record: OptimizerRecord, hyper: Hyperparameters): Make =>
  (parameters, options) =>
    record.make(parameters, options, hyper);

/** The rate at which `record` gets along on `problem`: adaptive steps have about the length of the rate. */
const rateOf = ({ scaling }: OptimizerRecord, { rate }: Problem): number =>
  scaling === "proportional" ? rate : 0.01;

describe("the registry", () => {
  test("has every optimiser that is exported: functions that make one from parameters and options", () => {
    const w = parameter(f64([1]));
    const known = new Set(optimizers.map(({ call }) => call));
    const made = Object.entries(optim).filter(([, value]) => {
      if (!(value instanceof Function)) return false;
      try {
        return Reflect.apply(value, undefined, [[w], { learningRate: 0.1 }]) instanceof Optimizer;
      } catch {
        return false;
      }
    });
    expect(made.map(([name]) => name).sort()).toEqual([...known].sort());
    expect(made.length).toBeGreaterThanOrEqual(7);
  });

  test("names each entry once, and says what it is and who found it", () => {
    expect(new Set(optimizers.map(({ name }) => name)).size).toBe(optimizers.length);
    for (const { summary, source } of optimizers) {
      expect(summary).not.toBe("");
      expect(source).toMatch(/\d{4}/);
    }
  });

  test("stands in files of which each rule has its own, with source and formula", () => {
    for (const [name, value] of Object.entries(optim)) {
      if (!name.endsWith("Rule")) continue;
      const files = fs
        .readdirSync("optim")
        .filter((file) =>
          fs.readFileSync(`optim/${file}`, "utf8").match(`(function|const) ${name}\\b`),
        );
      expect(files, name).toEqual([expect.stringContaining(name.slice(0, -4).toLowerCase())]);
      const text = fs.readFileSync(`optim/${files[0]}`, "utf8");
      expect(text.split("*/", 1)[0], name).toMatch(/\d{4}/);
      expect(text, name).toMatch(/x ← x - α/);
      expect(value).toBeDefined();
    }
  });
});

describe("the first steps are the pseudo-code's, on plain numbers", () => {
  test.each(cases)(title, ({ record, problem }) => {
    const property = fc.property(
      gen,
      fc.constantFrom(undefined, 0, 0.1),
      fc.boolean(),
      (draw, weightDecay, decoupledDecay) => {
        const hyper = record.sample(samplerFrom(draw));
        const base = rateOf(record, problem);
        const rate = (t: number): number => base / (1 + 0.1 * t);
        const w = parameter(f64([...problem.start]));
        const optimizer = madeWith(record, hyper)([w], {
          learningRate: rate,
          ...(record.isDecoupled ? {} : { decoupledDecay }),
          ...(weightDecay === undefined ? {} : { weightDecay }),
        });
        const make = plainSteps[record.call];
        if (make === undefined) throw new RangeError(`no plain ${record.call}`);
        const path = plainPath(() => make(hyper), {
          start: problem.start,
          gradient: problem.gradient,
          steps: 12,
          rate,
          decay: weightDecay ?? record.defaultDecay,
          isDecoupled: record.isDecoupled || decoupledDecay,
        });
        for (const expected of path) {
          optimizer.step(() => problem.loss(w, optimizer.steps));
          numbers(w).forEach((x, i) => {
            const wanted = expected[i] ?? Number.NaN;
            // Some ten roundings a step, in gradients of up to 1e3 times x and in differences that cancel (centred).
            expect(Math.abs(x - wanted)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(wanted)));
          });
        }
      },
    );
    fc.assert(property, { seed: 1, numRuns: 12 });
  });
});

/** Three parameters that together are the problem's vector, or stand in a sum of two such problems. */
function trainer(problem: Problem, make: Make, options: OptimizerOptions, order = [0, 1, 2]) {
  const parts = [0, 1, 2].map((i) =>
    parameter(i === 0 ? f64([...problem.start]) : noise([3, i], 70 + i), { name: `part${i}` }),
  );
  const optimizer = make(
    order.flatMap((i) => parts[i] ?? []),
    options,
  );
  const loss = (): Tensor => {
    const [first, second, third] = parts;
    if (!first || !second || !third) throw new RangeError("three parts");
    const rest = add(sum(multiply(second, multiply(second, second))), sum(multiply(third, third)));
    return add(problem.loss(first, optimizer.steps), multiply(rest, 0.1));
  };
  return { parts, optimizer, loss };
}

const run = ({ optimizer, loss }: ReturnType<typeof trainer>, steps: number): void => {
  for (let step = 0; step < steps; step++) optimizer.step(loss);
};

describe.each(["reference", "wasm"])("on %s", (device) => {
  describe("a run that is stopped and resumed has the bits of one that is not", () => {
    test.each(cases)(title, ({ record, problem }) => {
      const property = fc.property(gen, fc.integer({ min: 1, max: 8 }), (draw, cut) => {
        withDevice(device, () => {
          const hyper = record.sample(samplerFrom(draw));
          const options: OptimizerOptions = {
            learningRate: cosine({ base: rateOf(record, problem), totalSteps: 9 }),
            weightDecay: (t) => 0.01 * t,
            clipNorm: 5,
            clipValue: 4,
            accumulate: 2, // An odd cut falls between two calls.
          };
          const whole = trainer(problem, madeWith(record, hyper), options);
          run(whole, 9);
          const before = trainer(problem, madeWith(record, hyper), options);
          run(before, cut);
          const after = trainer(problem, madeWith(record, hyper), options);
          after.parts.forEach((part, i) => {
            const from = before.parts[i];
            if (from !== undefined) assign(part, from);
          });
          after.optimizer.restore(before.optimizer.state());
          run(after, 9 - cut);
          const bits = ({ parts, optimizer }: typeof whole): readonly string[] =>
            [...parts, ...Object.values(optimizer.namedState())].map(bitsOf);
          expect(bits(after)).toEqual(bits(whole));
          expect(after.optimizer.steps).toBe(4);
        });
      });
      fc.assert(property, { seed: 2, numRuns: device === "wasm" ? 4 : 2 });
    });
  });

  test.each(optimizers)(
    "from a fresh state a zero gradient leaves parameters to the decay: $name",
    (record) => {
      const property = fc.property(gen, fc.boolean(), (draw, decays) => {
        withDevice(device, () => {
          const hyper = record.sample(samplerFrom(draw));
          const w = parameter(f64([1.5, -2, 0]));
          const weightDecay = decays && record.isDecoupled ? 0.1 : 0;
          const optimizer = record.make([w], { learningRate: 0.5, weightDecay }, hyper);
          for (let t = 1; t <= 3; t++) {
            optimizer.step(() => sum(multiply(w, 0)));
            const kept = weightDecay === 0 ? 1 : 1 - 0.5 * 0.1;
            const left = [1.5, -2, 0].map((x) =>
              Array(t)
                .fill(kept)
                .reduce((a, b) => a * b, x),
            );
            expect(numbers(w)).toEqual(left);
          }
        });
      });
      fc.assert(property, { seed: 3, numRuns: 6 });
    },
  );

  test.each(optimizers.filter(({ isDecoupled }) => !isDecoupled))(
    "coupled decay moves parameters also where the gradient is zero: $name",
    (record) => {
      withDevice(device, () => {
        const w = parameter(f64([1.5, -2]));
        const hyper = record.sample(samplerFrom(sampleOf(4)));
        record
          .make([w], { learningRate: 0.5, weightDecay: 0.1 }, hyper)
          .step(() => sum(multiply(w, 0)));
        const [a = 0, b = 0] = numbers(w);
        expect(a).toBeLessThan(1.5);
        expect(b).toBeGreaterThan(-2);
      });
    },
  );

  test.each(optimizers)(
    "with ε = 0, gradients times 2^k take the same steps, or those of a rate times 2^k: $name",
    (record) => {
      const property = fc.property(
        gen,
        fc.integer({ min: -20, max: 20 }),
        fc.constantFrom("float32", "float64"),
        (draw, k, dtype) => {
          withDevice(device, () => {
            const hyper = { ...record.sample(samplerFrom(draw)), epsilon: 0, initialSum: 0 };
            const path = (factor: number, rate: number): readonly string[] => {
              const w = parameter(noise([4], 5).cast(dtype === "float32" ? "float32" : "float64"));
              const optimizer = record.make([w], { learningRate: rate, weightDecay: 0 }, hyper);
              return Array.from({ length: 6 }, (_, t) => {
                const slope = multiply(noise([4], 100 + t).cast(w.dtype), factor);
                optimizer.step(() => sum(multiply(w, slope)));
                return bitsOf(w);
              });
            };
            const isSame = record.scaling === "invariant";
            expect(path(2 ** k, 0.125)).toEqual(path(1, isSame ? 0.125 : 0.125 * 2 ** k));
            if (isSame && k > 1) expect(path(2 ** k, 0.125)).not.toEqual(path(1, 0.125 * 2 ** k));
          });
        },
      );
      fc.assert(property, { seed: 6, numRuns: 6 });
    },
  );

  test.each(optimizers)("in one launch or op by op, the bits are the same: $name", (record) => {
    const property = fc.property(gen, fc.boolean(), fc.boolean(), (draw, decays, clips) => {
      withDevice(device, () => {
        const make = madeWith(record, record.sample(samplerFrom(draw)));
        const options = {
          learningRate: 0.02,
          ...(decays ? { weightDecay: 0.1 } : {}),
          ...(clips ? { clipNorm: 0.5 } : {}),
        };
        const [launched, watched] = [false, true].map((isWatched) =>
          (["float32", "float64"] as const).map((dtype) => {
            const w = parameter(noise([33], 60).cast(dtype));
            const optimizer = make([w], options);
            const body = (): void => {
              for (let t = 0; t < 4; t++) optimizer.step(() => sum(multiply(w, multiply(w, w))));
            };
            if (isWatched) withObserver(() => undefined, body);
            else body();
            return [w, ...Object.values(optimizer.namedState())].map(bitsOf);
          }),
        );
        expect(watched).toEqual(launched);
      });
    });
    fc.assert(property, { seed: 10, numRuns: 4 });
  });

  test.each(optimizers)("the order of parameters changes no bit: $name", (record) => {
    const property = fc.property(
      gen,
      fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
      (draw, order) => {
        withDevice(device, () => {
          const make = madeWith(record, record.sample(samplerFrom(draw)));
          const [problem] = problems;
          if (problem === undefined) throw new RangeError("a problem");
          const options = { learningRate: 0.02, weightDecay: 0.1, clipValue: 0.5 };
          const [straight, shuffled] = [[0, 1, 2], order].map((each) => {
            const trained = trainer(problem, make, options, each);
            run(trained, 4);
            return trained.parts.map(bitsOf);
          });
          expect(shuffled).toEqual(straight);
        });
      },
    );
    fc.assert(property, { seed: 7, numRuns: 4 });
  });

  test.each(optimizers)(
    "groups are optimisers side by side, each with its own options: $name",
    (record) => {
      withDevice(device, () => {
        const [hyper, other] = [8, 9].map((seed) => record.sample(samplerFrom(sampleOf(seed))));
        const start = [noise([3], 20), noise([2, 2], 21)];
        const own = { learningRate: (t: number) => 0.1 / (t + 1), weightDecay: 0.2, ...other };
        const paths = [true, false].map((grouped) => {
          const [a, b] = start.map((x) => parameter(x));
          if (a === undefined || b === undefined) throw new RangeError("two parameters");
          const all = { learningRate: 0.05, weightDecay: 0.01 };
          const optimizers = grouped
            ? [record.make([{ parameters: [a] }, { parameters: [b], ...own }], all, hyper ?? {})]
            : [
                record.make([a], all, hyper ?? {}),
                record.make([b], { ...all, ...own }, { ...hyper, ...other }),
              ];
          for (let t = 0; t < 5; t++) {
            for (const optimizer of optimizers) optimizer.clearGradients();
            sum(multiply(a, a)).backward();
            sum(multiply(b, multiply(b, b))).backward();
            for (const optimizer of optimizers) optimizer.update();
          }
          return [a, b].map(bitsOf);
        });
        expect(paths[0]).toEqual(paths[1]);
      });
    },
  );
});

/** One drawn value of the generator. */
function sampleOf(seed: number): fc.GeneratorValue {
  const [draw] = fc.sample(fc.gen(), { seed, numRuns: 1 });
  if (draw === undefined) throw new RangeError("a sample");
  return draw;
}
