/**
 * The sampler that records draw their cases from, on top of fast-check: counterexamples shrink.
 * Rests on fast-check and core's sampling contract.
 *
 * Values lie on a grid of mapped integers. `fc.double` draws bit patterns instead, whose median magnitude in ±4
 * is about 1e-166: nearly every element would be a zero to a gradient check. The grid's step is not a power of two:
 * its numbers have 53 binary digits, so that sums and products of a few of them round.
 */
import fc from "fast-check";
import type { NdArray } from "../../core/nd-array.ts";
import type { Domain, Sampler, ShapeBounds } from "../../core/sampling.ts";
import { type Shape, sameShape, sizeOf } from "../../core/shape.ts";

/**
 * What a case is pushed towards: `empty` an input without elements, `scalar` a 0-d input, `broadcast` a
 * stretched input, `roomy` lengths about those of vectors and register tiles; `free` towards nothing.
 */
export type Stratum = "free" | "empty" | "scalar" | "broadcast" | "roomy";

/** A sampler that also tells whether it has handed out a shape to be stretched. */
export interface CaseSampler extends Sampler {
  /** Whether a shape drawn to broadcast to another differed from it. */
  stretched(): boolean;
}

const steps = 2 ** 16;
const half = steps / 2;
const defaultMargin = 0.05;
/** What the grid is shrunk by, about the middle of a domain: just below 1, with all its digits used. */
const shrink = 0.9999997182818284;
/** Of a drawn length, how often it is 0 where it may be: one in so many. */
const emptyOdds = 10;
/** Lengths below, at and above those that kernels go by: 2, 4, 8, 16, 32 and 64 elements at a time. */
const roomyLengths: readonly number[] = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 65];
/** Elements of a roomy shape at most. */
const roomySize = 3000;

const whole = (min: number, max: number): fc.Arbitrary<number> =>
  fc.noBias(fc.integer({ min, max }));
const wholes = (count: number, min: number, max: number): fc.Arbitrary<number[]> =>
  fc.array(whole(min, max), { minLength: count, maxLength: count });
const grid = (count: number): fc.Arbitrary<number[]> => wholes(count, -half, half);
const flag = (): fc.Arbitrary<boolean> => fc.noBias(fc.boolean());
const subset = (count: number): fc.Arbitrary<number[]> => fc.noBias(fc.subarray(range(count)));
const shuffle = (count: number): fc.Arbitrary<number[]> =>
  fc.noBias(fc.shuffledSubarray(range(count), { minLength: count, maxLength: count }));

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** A sampler whose draws come from `draw`, a value of `fc.gen()`, pushed towards `stratum`. */
export function samplerFrom(draw: fc.GeneratorValue, stratum: Stratum = "free"): CaseSampler {
  let stretched = false;
  const integer = (min: number, max: number): number => draw(whole, min, max);
  const length = (min: number, max: number): number => {
    const shortest = min === 0 && max > 0 && integer(0, emptyOdds - 1) < emptyOdds - 1 ? 1 : min;
    return integer(shortest, max);
  };

  const enlarged = (lengths: Shape): Shape => {
    let room = roomySize;
    return lengths.map((length) => {
      if (length === 0) return 0;
      const fitting = roomyLengths.filter((candidate) => candidate <= room);
      const chosen = fitting[integer(0, fitting.length - 1)] ?? 1;
      room = Math.floor(room / chosen);
      return chosen;
    });
  };

  const shape = (bounds: ShapeBounds = {}): Shape => {
    const { minRank = 0, maxRank = 3, minLength = 0, maxLength = 4 } = bounds;
    if (stratum === "scalar" && minRank === 0) return [];
    const emptied = stratum === "empty" && minLength === 0 && maxRank > 0;
    const rank = integer(emptied ? Math.max(minRank, 1) : minRank, maxRank);
    const lengths = range(rank).map(() => length(minLength, maxLength));
    if (emptied) lengths[integer(0, rank - 1)] = 0;
    return stratum === "roomy" && bounds.maxLength === undefined ? enlarged(lengths) : lengths;
  };

  const broadcastable = (target: Shape): Shape => {
    const dropped = integer(0, target.length);
    const ones = draw(subset, target.length);
    const reduced = target.map((n, axis) => (ones.includes(axis) ? 1 : n)).slice(dropped);
    const chosen =
      stratum === "broadcast" && sameShape(reduced, target) ? target.slice(1) : reduced;
    stretched ||= !sameShape(chosen, target);
    return chosen;
  };

  const values = (size: Shape, domain: Domain): NdArray => {
    const place = placement(domain);
    const places = draw(grid, sizeOf(size)).map((k) => place((k + half) / steps));
    return { shape: size, data: places, kind: "float" };
  };

  const distinct = (size: Shape, domain: Domain): NdArray => {
    const count = sizeOf(size);
    const place = placement(domain);
    const order = draw(shuffle, count);
    const jitter = draw(grid, count);
    const wobble = Math.max(0, 1 - (domain.max - domain.min) / (2 * allowedLength(domain)));
    const data = order.map((rank, i) => {
      const shift = (wobble / 2) * ((jitter[i] ?? 0) / half);
      return place((rank + 0.5 + shift) / count);
    });
    return { shape: size, data, kind: "float" };
  };

  const integers = (size: Shape, low: number, high: number): NdArray => ({
    shape: size,
    data: draw(wholes, sizeOf(size), low, Math.max(low, high - 1)),
    kind: "int32",
  });

  return {
    integer,
    number: (domain) => placement(domain)((integer(-half, half) + half) / steps),
    boolean: () => draw(flag),
    pick: (options) => {
      const chosen = options[integer(0, options.length - 1)];
      if (chosen === undefined) throw new RangeError("pick: expected at least one option");
      return chosen;
    },
    shape,
    broadcastable,
    axes: (rank) => draw(subset, rank),
    values,
    distinct,
    integers,
    booleans: (size) => ({ ...integers(size, 0, 2), kind: "bool" }),
    stretched: () => stretched,
  };
}

/** One value of the generator, a function of the seed. */
export function drawFrom(seed: number): fc.GeneratorValue {
  const [draw] = fc.sample(fc.gen(), { seed, numRuns: 1 });
  if (draw === undefined) throw new RangeError("drawFrom: expected a generator to give a value");
  return draw;
}

/** The parts of a domain that keep their distance from what it avoids, in order. */
function segments({ min, max, avoid = [], margin = defaultMargin }: Domain): [number, number][] {
  let parts: [number, number][] = [[min, max]];
  for (const point of avoid) {
    parts = parts.flatMap(([from, to]): [number, number][] => {
      if (point + margin <= from || point - margin >= to) return [[from, to]];
      const left: [number, number] = [from, point - margin];
      const right: [number, number] = [point + margin, to];
      return [left, right].filter(([a, b]) => a <= b);
    });
  }
  if (parts.length === 0) throw new RangeError("domain: everything in it is to be avoided");
  return parts;
}

function allowedLength(domain: Domain): number {
  return segments(domain).reduce((total, [from, to]) => total + (to - from), 0);
}

/** Maps [0, 1] onto the allowed parts of a domain: distances never shrink by more than their length. */
function placement(domain: Domain): (share: number) => number {
  const parts = segments(domain);
  const total = allowedLength(domain);
  return (share) => {
    let rest = (0.5 + (share - 0.5) * shrink) * total;
    for (const [from, to] of parts) {
      if (rest <= to - from) return from + rest;
      rest -= to - from;
    }
    return parts.at(-1)?.[1] ?? domain.max;
  };
}

/** Where tangents and cotangents come from. */
export const directions: Domain = { min: -1, max: 1 };
