/** Exact sums: the nearest float64 to the sum of any numbers, in any order. */
import { fc, test } from "@fast-check/vitest";
import { all, type BigNumber, create } from "mathjs";
import { describe, expect } from "vitest";
import { ExactSum, ValueError } from "../core/index.ts";
import { messageOf } from "./plain.ts";

// Numbers from 2^-1074 to 2^1018 and their sums have at most 310 digits before the point and 1074 behind it.
const big = create(all ?? {}, { number: "BigNumber", precision: 1500 });

/** All digits of `x`. */
function exactly(x: number): BigNumber {
  let [m, e] = [x, 0];
  for (; !Number.isInteger(m); e--) m *= 2;
  for (; !Number.isSafeInteger(m); e++) m /= 2;
  return big.bignumber(m).times(big.bignumber(2).pow(e));
}

const sumOf = (values: readonly number[]): number => {
  const sum = new ExactSum();
  for (const x of values) sum.add(x);
  return sum.value;
};

/** Float64 numbers of every size, also subnormal ones: m · 2^e with 53 bits of m. */
const numbersOfAnySize = fc
  .tuple(fc.maxSafeInteger(), fc.integer({ min: -1074, max: 960 }))
  .map(([m, e]) => m * 2 ** Math.max(e, -1022) * 2 ** Math.min(0, e + 1022));
/** Numbers that nearly cancel: few bits, exponents apart by more than a float64 holds. */
const cancelling = fc
  .tuple(fc.integer({ min: -4, max: 4 }), fc.constantFrom(-60, -53, -52, 0, 1, 52, 53, 54, 110))
  .map(([m, e]) => m * 2 ** e);
const lists = fc.oneof(
  fc.array(numbersOfAnySize, { maxLength: 30 }),
  fc.array(cancelling, { maxLength: 30 }),
);
const many = { seed: 11, numRuns: 500 };

describe("an exact sum", () => {
  test.prop([lists], many)("is the float64 nearest to the sum in 1500 digits", (values) => {
    const exact = values.reduce((sum, x) => sum.plus(exactly(x)), big.bignumber(0));
    expect(sumOf(values)).toBe(Number(exact.toString()) + 0);
  });

  test.prop(
    [
      lists.chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
      ),
    ],
    many,
  )("does not depend on the order", ([values, shuffled]) => {
    expect(sumOf(shuffled)).toBe(sumOf(values));
  });

  test("rounds to even where two float64s are equally near, and by the last bit where they are not", () => {
    const tie = 2 ** -53;
    expect(sumOf([1, tie])).toBe(1);
    expect(sumOf([1, tie, Number.MIN_VALUE])).toBe(1 + Number.EPSILON);
    expect(sumOf([1, Number.EPSILON, tie])).toBe(1 + 2 * Number.EPSILON);
    expect(sumOf([-1, -tie, -Number.MIN_VALUE])).toBe(-1 - Number.EPSILON);
    expect(sumOf([Number.MIN_VALUE, Number.MIN_VALUE])).toBe(2 * Number.MIN_VALUE);
  });

  test("outlives an overflow on the way, and is infinite where the sum is out of reach", () => {
    const most = Number.MAX_VALUE;
    expect(sumOf([most, most, -most])).toBe(most);
    expect(sumOf([most, most])).toBe(Infinity);
    expect(sumOf([-most, -most])).toBe(-Infinity);
  });

  test.each([
    [[], 0],
    [[1, Infinity, 2], Infinity],
    [[-Infinity, 1], -Infinity],
    [[Infinity, -Infinity], Number.NaN],
    [[Number.NaN, 1], Number.NaN],
    [[Infinity, Number.NaN, Infinity], Number.NaN],
  ])("of %j is %s", (values, expected) => {
    expect(sumOf(values)).toBe(expected);
  });

  test.prop([lists, lists, fc.constantFrom(0, Infinity, -Infinity, Number.NaN)], {
    seed: 12,
    numRuns: 50,
  })("goes on from its state as if it had not stopped", (before, after, odd) => {
    const [sum, resumed] = [new ExactSum(), new ExactSum()];
    for (const x of [...before, odd]) sum.add(x);
    resumed.restore(sum.state());
    for (const x of after) resumed.add(x);
    expect(resumed.value).toBe(sumOf([...before, odd, ...after]));
  });

  test.each([
    [{ units: "1.5", rest: 0 }, '"1.5" and 0'],
    [{ units: "", rest: 0 }, '"" and 0'],
    [{ units: "1", rest: 2 }, '"1" and 2'],
  ])("refuses the state %j and keeps its own", (state, got) => {
    const sum = new ExactSum();
    sum.add(3);
    expect(messageOf(() => sum.restore(state), ValueError)).toBe(
      `sum.restore: expected state to hold a whole number of units, and a rest that is 0 or not finite, got ${got}. Restore a state that a sum gave.`,
    );
    expect(sum.value).toBe(3);
  });
});
