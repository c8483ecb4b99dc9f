/**
 * 64 digits as an oracle: reductions, softmax and its kin within the records' bounds, on both devices and in both floats;
 * schedules to a few roundings. Elementwise functions are in symbolic.test.ts, Adam in optimizer-claims.test.ts, scalar
 * mathematics in scalar-math.test.ts.
 * Rests on big-numbers.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bind } from "../core/bind.ts";
import { withDevice } from "../core/index.ts";
import { mapElements, type NdArray } from "../core/nd-array.ts";
import type { OpRecord } from "../core/op.ts";
import { multiply } from "../core/ops/arithmetic.ts";
import { scheduleRegistry } from "../schedules/registry.ts";
import { exactOps, exactSchedules } from "./big-numbers.ts";
import { recordNamed } from "./graphs/graph.ts";
import { numbers, tensorFrom } from "./laws/arrays.ts";
import { seedOf } from "./laws/run.ts";
import { samplerFrom } from "./laws/sampler.ts";
import { toBig } from "./scalar-math-samples.ts";

const { BITGRAD_GRAPH_SEED = "20261", BITGRAD_GRAPH_RUNS = "1" } = process.env;
const seed = Number(BITGRAD_GRAPH_SEED);
const runs = Number(BITGRAD_GRAPH_RUNS);

const floats = [
  ["float32", 2 ** -24, 2 ** -149],
  ["float64", 2 ** -53, Number.MIN_VALUE],
] as const;

/** Compares the op with its definition; throws where an element lies outside the bound. Gives how many were compared. */
function compareOp(record: OpRecord, count: number): number {
  const define = exactOps[record.name];
  if (define === undefined) throw new RangeError(`${record.name} has no definition in 64 digits`);
  let compared = 0;
  for (const draw of fc.sample(fc.gen(), { seed: seedOf(seed, record.name), numRuns: count })) {
    const { inputs, attributes } = record.sample(samplerFrom(draw));
    for (const [float, unit, tiny] of floats) {
      const rounded = inputs.map((input) =>
        float === "float32" ? mapElements(input, Math.fround) : input,
      );
      const exact = define(rounded, Object.fromEntries(Object.entries(attributes)));
      const outputs = bind(
        record,
        rounded.map((input) => tensorFrom(input, float)),
        attributes,
      );
      outputs.forEach((y, k) => {
        const data = (exact[k] ?? []).map((x) => x.toNumber());
        const output: NdArray = { shape: y.shape, data, kind: "float" };
        expect(data.length).toBe(y.size);
        const bound = record.bound.of({ inputs: rounded, attributes, output, unit, tiny }).data;
        numbers(y).forEach((got, i) => {
          const want = exact[k]?.[i];
          if (want === undefined || Number.isNaN(data[i])) return;
          compared++;
          const distance = toBig(got).minus(want).abs().toNumber();
          const isNearest = float === "float32" && got === Math.fround(data[i] ?? 0);
          if (!isNearest) expect(distance, `${got} for ${want}`).toBeLessThanOrEqual(bound[i] ?? 0);
        });
      });
    }
  }
  return compared;
}

describe.each(["wasm", "reference"])("on %s", (device) => {
  test.each(Object.keys(exactOps))("%s lies within its bound of the value of 64 digits", (name) => {
    const compared = withDevice(device, () => compareOp(recordNamed(name), 12 * runs));
    expect(compared).toBeGreaterThan(12 * runs);
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
  expect(() => compareOp(crooked, 12)).toThrow("to be less than or equal to");
});

/**
 * Roundings of the largest value: π·t/T is off by three roundings of an angle up to π, its cosine by one more, and
 * an interpolation adds three; a power by two ulp. The exponent of rateSweep enlarges its own rounding by ln(high/low),
 * at most 21.
 */
const roundings = (name: string): number => (name === "rateSweep" ? 48 : 16);

/** Made of other schedules, which are compared. */
const combined = ["warmup", "sequence", "product", "inIterations"];

describe("a schedule equals its formula in 64 digits to a few roundings", () => {
  test("every one has a formula here, or is made of others", () => {
    const known = [...Object.keys(exactSchedules), ...combined];
    expect(scheduleRegistry.map(({ name }) => name).toSorted()).toEqual(known.toSorted());
  });

  test.each(scheduleRegistry.filter(({ name }) => exactSchedules[name]))("$name", (record) => {
    const define = exactSchedules[record.name];
    for (const draw of fc.sample(fc.gen(), {
      seed: seedOf(seed, record.name),
      numRuns: 10 * runs,
    })) {
      const sampled = record.sample(samplerFrom(draw));
      const options = Object.fromEntries(Object.entries(sampled.options));
      const at = (name: string) => toBig(Number(options[name]));
      const value = sampled.make();
      const size = Math.max(...sampled.promise.bounds.map(Math.abs));
      for (const t of [0, 1, 2, 3, 7, 10, 13, 29, 30, 31, 50, 77, 100, 150]) {
        const want = define?.(at, t, options);
        if (want === undefined) throw new Error("no formula");
        const distance = toBig(value(t)).minus(want).abs().toNumber();
        const allowed = roundings(record.name) * 2 ** -53 * size;
        expect(distance, `${value(t)} for ${want} at ${t}`).toBeLessThanOrEqual(allowed);
      }
    }
  });
});
