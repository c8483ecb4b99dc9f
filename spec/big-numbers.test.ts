/**
 * 64 digits as an oracle: reductions, softmax and its kin within the records' bounds, on both devices and in both floats;
 * schedules to a few roundings. Elementwise functions are in symbolic.test.ts, Adam in optimizer-claims.test.ts, scalar
 * mathematics in scalar-math.test.ts.
 * Rests on spec/mathjs.
 */
import { describe, expect, test } from "vitest";
import { bind } from "../core/bind.ts";
import { withDevice } from "../core/index.ts";
import type { OpRecord } from "../core/op.ts";
import { multiply } from "../core/ops/arithmetic.ts";
import { scheduleRegistry } from "../schedules/registry.ts";
import { recordNamed } from "./graphs/graph.ts";
import { exactOps, exactSchedules } from "./mathjs/definitions.ts";
import { checkOpDigits, checkScheduleDigits } from "./mathjs/digits.ts";

const { BITGRAD_GRAPH_SEED = "20261", BITGRAD_GRAPH_RUNS = "1" } = process.env;
const seed = Number(BITGRAD_GRAPH_SEED);
const runs = Number(BITGRAD_GRAPH_RUNS);

describe.each([
  ["wasm", 12 * runs],
  ["reference", 4 * runs],
] as const)("on %s", (device, cases) => {
  test.each(Object.keys(exactOps))("%s lies within its bound of the value of 64 digits", (name) => {
    const agreement = withDevice(device, () => checkOpDigits(recordNamed(name), seed, cases));
    expect(agreement.elements).toBeGreaterThan(cases);
    expect(agreement.worst).toBeGreaterThan(0);
  });
});

test("a sum that is off by eight roundings is noticed", () => {
  const sum = recordNamed("sum");
  const crooked: OpRecord = {
    ...sum,
    forward: {
      compose: (inputs, attributes) =>
        bind(sum, inputs, attributes).map((y) =>
          multiply(y, 1 + (y.dtype === "float32" ? 2 ** -21 : 2 ** -50)),
        ),
    },
  };
  expect(() => checkOpDigits(crooked, seed, 8)).toThrow(/^sum\(.*expected element \d+ to be /s);
});

/** Made of other schedules, which are compared. */
const combined = ["warmup", "sequence", "product", "inIterations"];

describe("a schedule equals its formula in 64 digits to a few roundings", () => {
  test("every one has a formula here, or is made of others", () => {
    const known = [...Object.keys(exactSchedules), ...combined];
    expect(scheduleRegistry.map(({ name }) => name).toSorted()).toEqual(known.toSorted());
  });

  test.each(scheduleRegistry.filter(({ name }) => exactSchedules[name]))("$name", (record) => {
    expect(checkScheduleDigits(record, seed, 8 * runs).worst).toBeLessThanOrEqual(1);
  });

  test("and one that is off by 2⁻⁴⁸ is noticed", () => {
    const record = scheduleRegistry.find(({ name }) => name === "cosine");
    if (record === undefined) throw new Error("there is a cosine schedule");
    const crooked: typeof record = {
      ...record,
      sample: (draw) => {
        const sampled = record.sample(draw);
        const value = sampled.make();
        return { ...sampled, make: () => (t) => value(t) * (1 + 2 ** -48) };
      },
    };
    expect(() => checkScheduleDigits(crooked, seed, 4)).toThrow(/^cosine\(/);
  });
});
