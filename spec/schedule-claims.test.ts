/** Schedules: what the lecture notes say of warm-up, epochs and scaling, and how schedules combine. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { ValueError } from "../core/index.ts";
import {
  constant,
  cosine,
  cosineRestarts,
  exponential,
  inIterations,
  inverseSquareRoot,
  iterationsPerEpoch,
  linear,
  linearScaling,
  multiStep,
  oneCycle,
  polynomial,
  product,
  rateSweep,
  type Schedule,
  sequence,
  squareRootScaling,
  step,
  warmup,
} from "../schedules/index.ts";
import { scheduleRegistry } from "../schedules/registry.ts";
import { samplerFrom } from "./laws/sampler.ts";
import { messageOf } from "./plain.ts";

const many = { seed: 1, numRuns: 100 };
const rates = fc.integer({ min: 1, max: 1000 }).map((n) => n / 997);
const iterations: readonly number[] = Array.from({ length: 200 }, (_, t) => t);

/** Any schedule of the registry. */
const anySchedule: fc.Arbitrary<Schedule> = fc
  .tuple(fc.constantFrom(...scheduleRegistry), fc.gen())
  .map(([record, draw]) => record.sample(samplerFrom(draw)).make());

const path = (schedule: Schedule): readonly number[] => iterations.map(schedule);

describe("warm-up", () => {
  test.prop([anySchedule, fc.constantFrom(0, 0.01, 7)], many)(
    "lr-warmup: W = 0 changes nothing, bit for bit",
    (schedule, start) => {
      expect(path(warmup(schedule, { steps: 0, start }))).toEqual(path(schedule));
    },
  );

  test.prop([anySchedule, fc.integer({ min: 1, max: 60 }), rates], many)(
    "lr-warmup: is start + (base - start)·t/W before W, and schedule(t - W) from W on, bit for bit",
    (schedule, steps, start) => {
      const warm = warmup(schedule, { steps, start });
      const base = schedule(0);
      expect(warm(0)).toBe(start);
      expect(iterations.slice(steps).map(warm)).toEqual(
        iterations.slice(0, iterations.length - steps).map(schedule),
      );
      const wrong = iterations.slice(0, steps).filter((t) => {
        const line = ((steps - t) * start + t * base) / steps;
        return !(Math.abs(warm(t) - line) <= 4 * Number.EPSILON * Math.max(start, base));
      });
      expect(wrong).toEqual([]);
    },
  );

  test.prop([rates, fc.integer({ min: 1, max: 60 })], many)(
    "lr-warmup: around an inverse square root of timescale W it is Vaswani's base·min(t/W, √(W/t))",
    (base, steps) => {
      const rate = warmup(inverseSquareRoot({ base, timescale: steps }), { steps });
      const wrong = iterations.slice(1).filter((t) => {
        const vaswani = base * Math.min(t / steps, Math.sqrt(steps / t));
        return !(Math.abs(rate(t) - vaswani) <= 4 * Number.EPSILON * base);
      });
      expect(wrong).toEqual([]);
    },
  );

  test("lr-warmup: a schedule that begins at no finite value cannot be warmed up to", () => {
    expect(messageOf(() => warmup(() => Number.NaN, { steps: 3 }), ValueError)).toBe(
      "warmup: expected schedule(0) to be a finite number, got NaN. Give the value of the hyper-parameter.",
    );
  });
});

describe("epochs and iterations", () => {
  test("lr-epochs: ×0.1 after 30, 60 and 90 epochs is ×0.1 after 30K, 60K and 90K iterations", () => {
    for (const length of [1, 3, 391]) {
      const milestones = [30, 60, 90];
      const byEpochs = inIterations(multiStep({ base: 0.1, milestones }), length);
      const direct = multiStep({ base: 0.1, milestones: milestones.map((m) => m * length) });
      const all = Array.from({ length: 100 * length }, (_, t) => t);
      expect(all.filter((t) => byEpochs(t) !== direct(t))).toEqual([]);
      [0.1, 0.01, 0.001, 0.0001].forEach((rate, i) => {
        const value = byEpochs((milestones[i - 1] ?? 0) * length);
        expect(Math.abs(value / rate - 1)).toBeLessThanOrEqual(2 * Number.EPSILON); // two roundings
      });
    }
  });

  const lengths = fc.integer({ min: 1, max: 6 });
  test.prop([rates, lengths, lengths, lengths], many)(
    "lr-epochs: redefining the epoch leaves the rate of every iteration as it was",
    (base, epochs, parts, length) => {
      // `epochs` epochs of parts·length iterations are parts·epochs epochs of length iterations.
      const long = parts * length;
      for (const make of [
        (n: number): Schedule => cosine({ base, totalSteps: n }),
        (n: number): Schedule => linear({ base, totalSteps: n }),
        (n: number): Schedule => polynomial({ base, totalSteps: n, power: 2 }),
      ]) {
        const [few, most] = [
          inIterations(make(epochs), long),
          inIterations(make(epochs * parts), length),
        ];
        // The share of the way done is computed with two roundings either way, and enters with a slope of 2 at most.
        const wrong = iterations.filter(
          (t) => !(Math.abs(few(t) - most(t)) <= 8 * Number.EPSILON * base),
        );
        expect(wrong).toEqual([]);
      }
      const [few, most] = [
        inIterations(step({ base, every: 2 }), long),
        inIterations(step({ base, every: 2 * parts }), length),
      ];
      expect(path(few)).toEqual(path(most));
    },
  );

  test.prop([anySchedule, lengths], many)(
    "lr-epochs: by epoch, all iterations of an epoch have the rate of its number",
    (schedule, length) => {
      const rate = inIterations(schedule, length, { byEpoch: true });
      expect(path(rate)).toEqual(iterations.map((t) => schedule((t - (t % length)) / length)));
      expect(path(inIterations(schedule, 1))).toEqual(path(schedule));
    },
  );

  test("lr-epochs: twice the data are twice the iterations, and another batch size changes their number", () => {
    const count = (examples: number, batchSize: number, dropLast = false): number =>
      iterationsPerEpoch({ examples, batchSize, dropLast });
    expect([count(50_000, 128), count(50_000, 128, true)]).toEqual([391, 390]);
    expect([count(9, 8), count(9, 8, true), count(8, 8), count(7, 8, true)]).toEqual([2, 1, 1, 0]);
    for (const batchSize of [1, 20, 1000]) {
      expect(count(60_000, batchSize)).toBe(60_000 / batchSize);
      expect(count(120_000, batchSize)).toBe(2 * count(60_000, batchSize));
    }
    expect(messageOf(() => count(10, 0), ValueError)).toBe(
      "iterationsPerEpoch: expected batchSize to be an integer ≥ 1, got 0. Give a number of examples.",
    );
  });
});

describe("scaling rules", () => {
  const batches = fc.integer({ min: 1, max: 8192 });
  test.prop([rates, batches, fc.integer({ min: 0, max: 12 })], many)(
    "lr-scaling: N times the batch is N times the rate by the linear rule, √N by the other",
    (base, baseBatch, k) => {
      const times = 2 ** k; // a power of two, so that nothing is rounded
      const options = { base, baseBatch, batch: baseBatch * times };
      expect(linearScaling(options)).toBe(base * times);
      expect(linearScaling({ base, baseBatch: options.batch, batch: baseBatch })).toBe(
        base / times,
      );
      expect(squareRootScaling({ ...options, batch: baseBatch * times * times })).toBe(
        base * times,
      );
      expect(
        [linearScaling, squareRootScaling].map((rule) => rule({ ...options, batch: baseBatch })),
      ).toEqual([base, base]);
    },
  );

  test.prop([rates, batches, batches, batches], many)(
    "lr-scaling: two changes of the batch in a row are one, to rounding",
    (base, a, b, c) => {
      for (const rule of [linearScaling, squareRootScaling]) {
        const there = rule({ base, baseBatch: a, batch: b });
        const twice = rule({ base: there, baseBatch: b, batch: c });
        const once = rule({ base, baseBatch: a, batch: c });
        expect(Math.abs(twice / once - 1)).toBeLessThanOrEqual(8 * Number.EPSILON);
      }
    },
  );

  test("lr-scaling: 0.1 at 256 is 3.2 at 8192 by the linear rule (Goyal et al. 2017)", () => {
    expect(linearScaling({ base: 0.1, baseBatch: 256, batch: 8192 })).toBe(0.1 * 32);
    expect(messageOf(() => linearScaling({ base: 1, baseBatch: 0, batch: 1 }), ValueError)).toBe(
      "linearScaling: expected baseBatch to be an integer ≥ 1, got 0. Give a number of examples.",
    );
    expect(
      messageOf(() => squareRootScaling({ base: Number.NaN, baseBatch: 1, batch: 1 }), ValueError),
    ).toBe("squareRootScaling: expected base to be a finite number, got NaN. Give a rate.");
  });
});

describe("combinations", () => {
  test.prop([anySchedule, anySchedule, fc.integer({ min: 1, max: 100 })], many)(
    "lr-schedules: a sequence is each part from its own beginning, bit for bit",
    (first, second, milestone) => {
      expect(path(sequence([first, second], [milestone]))).toEqual(
        iterations.map((t) => (t < milestone ? first(t) : second(t - milestone))),
      );
      expect(path(sequence([first], []))).toEqual(path(first));
    },
  );

  test.prop([anySchedule, anySchedule], many)(
    "lr-schedules: a product multiplies values; 1 and nothing change nothing, bit for bit",
    (first, second) => {
      expect(path(product(first, second))).toEqual(iterations.map((t) => first(t) * second(t)));
      expect(path(product(first, constant(1)))).toEqual(path(first));
      expect(path(product())).toEqual(iterations.map(() => 1));
    },
  );

  test.prop([rates, fc.integer({ min: 1, max: 100 })], many)(
    "lr-schedules: a polynomial of power 1 is linear, step with every = 1 is exponential, to rounding",
    (base, totalSteps) => {
      const pairs = [
        [polynomial({ base, totalSteps }), linear({ base, totalSteps })],
        [step({ base, every: 1, factor: 0.9 }), exponential({ base, factor: 0.9 })],
        [multiStep({ base, milestones: [] }), constant(base)],
      ] as const;
      for (const [a, b] of pairs) {
        const wrong = iterations.filter(
          (t) => !(Math.abs(a(t) - b(t)) <= 4 * Number.EPSILON * base),
        );
        expect(wrong).toEqual([]);
      }
    },
  );

  test("lr-schedules: cosine is half way at half time, and symmetric about it", () => {
    const rate = cosine({ base: 0.1, totalSteps: 100 });
    for (let t = 0; t <= 100; t++) {
      // Two roundings in [0, 0.1], and the cosine's own error of less than an ulp.
      expect(Math.abs(rate(t) + rate(100 - t) - 0.1)).toBeLessThanOrEqual(0.1 * 2 * Number.EPSILON);
    }
  });

  test("lr-schedules: a schedule serves any hyper-parameter, also one that rises or is negative", () => {
    const momentum = linear({ base: 0.5, end: 0.75, totalSteps: 10 });
    expect([0, 5, 10, 11].map(momentum)).toEqual([0.5, 0.625, 0.75, 0.75]);
    expect([0, 1, 2].map(linear({ base: -1, end: 1, totalSteps: 2 }))).toEqual([-1, 0, 1]);
  });

  test("what a schedule is made of may change afterwards: it keeps what it was given", () => {
    const milestones = [10];
    const parts = [constant(1), constant(2)];
    const made = [multiStep({ base: 1, milestones }), sequence(parts, milestones)];
    const before = made.map((schedule) => path(schedule));
    milestones[0] = 5;
    parts[1] = constant(3);
    expect(made.map((schedule) => path(schedule))).toEqual(before);
  });
});

test("the examples of the docstrings come out as they are written", () => {
  const warm = warmup(cosine({ base: 0.1, totalSteps: 900 }), { steps: 100 });
  const cycle = oneCycle({ peak: 0.1, totalSteps: 100 });
  const restarts = cosineRestarts({ base: 0.1, period: 10, multiplier: 2 });
  const sweep = rateSweep({ low: 1e-6, high: 1, totalSteps: 60 });
  const pairs: readonly (readonly [value: number, written: number])[] = [
    [constant(1e-3)(100_000), 1e-3],
    [cosine({ base: 0.1, totalSteps: 100 })(50), 0.05],
    [step({ base: 0.1, every: 30 })(65), 0.001],
    [inIterations(multiStep({ base: 0.1, milestones: [30, 60, 90] }), 391)(30 * 391), 0.01],
    [exponential({ base: 0.1, factor: 0.5 })(3), 0.0125],
    [linear({ base: 0.1, totalSteps: 100 })(75), 0.025],
    [polynomial({ base: 0.1, totalSteps: 100, power: 2 })(50), 0.025],
    [inverseSquareRoot({ base: 0.1 })(3), 0.05],
    [cycle(0), 0.1 / 25],
    [cycle(30), 0.1],
    [cycle(100), 0.1 / 25 / 1e4],
    ...[0, 10, 30, 70].map((t) => [restarts(t), 0.1] as const),
    [warm(50), 0.05],
    ...[10, 20, 30].map((t) => [sweep(t), 1e-6 * 10 ** (t / 10)] as const),
    [linearScaling({ base: 0.1, baseBatch: 256, batch: 8192 }), 3.2],
    [squareRootScaling({ base: 1e-3, baseBatch: 64, batch: 256 }), 2e-3],
  ];
  for (const [value, written] of pairs) {
    expect(Math.abs(value / written - 1)).toBeLessThanOrEqual(4 * Number.EPSILON); // a few roundings
  }
});
