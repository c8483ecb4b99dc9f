/**
 * 64 digits against ops and schedules: each is compared with its definition on random cases.
 * Rests on definitions and check.
 */
import fc from "fast-check";
import { bind } from "../../core/bind.ts";
import { mapElements } from "../../core/nd-array.ts";
import type { OpRecord } from "../../core/op.ts";
import { scope } from "../../core/scope.ts";
import type { ScheduleRecord } from "../../schedules/schedule-record.ts";
import { tensorFrom } from "../laws/arrays.ts";
import { isNear } from "../laws/observed.ts";
import { seedOf } from "../laws/run.ts";
import { samplerFrom } from "../laws/sampler.ts";
import { toBig } from "../scalar-math-samples.ts";
import { type Agreement, compareDigits, MathDiffers, precisions } from "./check.ts";
import { exactOps, exactSchedules } from "./definitions.ts";

/** Compares an op with its definition in `runs` cases, in both floats, on the current device. Throws MathDiffers. */
export function checkOpDigits(record: OpRecord, seed: number, runs: number): Agreement {
  const define = exactOps[record.name];
  if (define === undefined) throw new RangeError(`${record.name} has no definition in 64 digits`);
  const agreement: Agreement = { elements: 0, worst: 0 };
  for (const draw of fc.sample(fc.gen(), { seed: seedOf(seed, record.name), numRuns: runs })) {
    const { inputs, attributes } = record.sample(samplerFrom(draw));
    for (const { float } of precisions) {
      const given = float === "float32" ? inputs.map((x) => mapElements(x, Math.fround)) : inputs;
      const exact = define(given, Object.fromEntries(Object.entries(attributes)));
      scope(() => {
        const points = given.map((input) => tensorFrom(input, float));
        bind(record, points, attributes).forEach((y, k) => {
          compareDigits(record, { inputs: given, attributes }, y, exact[k] ?? [], agreement);
        });
      });
    }
  }
  return agreement;
}

/**
 * Roundings of the largest value: π·t/T is off by three roundings of an angle up to π, its cosine by one more, and
 * an interpolation adds three; a power by two ulp. The exponent of rateSweep enlarges its own rounding by ln(high/low),
 * at most 21.
 */
const roundings = (name: string): number => (name === "rateSweep" ? 48 : 16);

const iterations: readonly number[] = [0, 1, 2, 3, 7, 10, 13, 29, 30, 31, 50, 77, 100, 150];

/** Compares a schedule with its formula in `runs` cases, at some iterations. Throws MathDiffers. */
export function checkScheduleDigits(record: ScheduleRecord, seed: number, runs: number): Agreement {
  const define = exactSchedules[record.name];
  if (define === undefined) throw new RangeError(`${record.name} has no formula in 64 digits`);
  const agreement: Agreement = { elements: 0, worst: 0 };
  for (const draw of fc.sample(fc.gen(), { seed: seedOf(seed, record.name), numRuns: runs })) {
    const sampled = record.sample(samplerFrom(draw));
    const options = Object.fromEntries(Object.entries(sampled.options));
    const value = sampled.make();
    const room =
      roundings(record.name) * 2 ** -53 * Math.max(...sampled.promise.bounds.map(Math.abs));
    for (const t of iterations) {
      const want = define((name) => toBig(Number(options[name])), t, options);
      const distance = toBig(value(t)).minus(want).abs().toNumber();
      agreement.elements++;
      agreement.worst = Math.max(agreement.worst, distance / room);
      if (!isNear(distance, room)) {
        throw new MathDiffers(
          `${record.name}(${JSON.stringify(options)})(${t}): expected ${want} ± ${room}, got ${value(t)}`,
        );
      }
    }
  }
  return agreement;
}
