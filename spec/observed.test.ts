/** What laws see: each comparison is judged and noted in one step, and a law's own comparisons are what is told of it. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { recordNamed } from "./graphs/graph.ts";
import { laws } from "./laws/index.ts";
import { isAlike, isNear, joined, observing, unobserved } from "./laws/observed.ts";
import { runLaw } from "./laws/run.ts";

const many = { seed: 31, numRuns: 200 };
const sizes = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e300, noNaN: true }));

describe("a comparison", () => {
  test.prop([fc.double(), sizes], many)(
    "is judged as |error| ≤ bound, and its share is above 1 exactly where it is broken",
    (error, bound) => {
      const { result, observed } = observing(() => isNear(error, bound));
      expect(result).toBe(Math.abs(error) <= bound);
      expect(observed.worst > 1).toBe(!result);
      expect([observed.measured, observed.exact]).toEqual(bound === 0 ? [0, 1] : [1, 0]);
    },
  );

  test("with no error is fine whatever the bound, and NaN never is", () => {
    expect([isNear(0, Number.NaN), isNear(-0, 0), isNear(Number.NaN, 1)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(observing(() => isNear(Number.NaN, 1)).observed.worst).toBe(Number.POSITIVE_INFINITY);
  });

  test("with an infinite bound says nothing, and is not counted", () => {
    expect(observing(() => isNear(5, Number.POSITIVE_INFINITY)).observed).toEqual(unobserved);
    expect(isNear(Number.NaN, Number.POSITIVE_INFINITY)).toBe(false);
  });
});

test("of several the worst share stays, and whoever looks on further out sees all of them", () => {
  const inner: unknown[] = [];
  const { observed } = observing(() => {
    isNear(1, 4);
    inner.push(observing(() => [isNear(-3, 4), isAlike(true)]).observed);
    isNear(2, 4);
  });
  expect(inner).toEqual([{ measured: 1, worst: 0.75, exact: 1 }]);
  expect(observed).toEqual({ measured: 3, worst: 0.75, exact: 1 });
  expect(joined(observed, observed)).toEqual({ measured: 6, worst: 0.75, exact: 2 });
});

test("an error on the way loses nothing of what was seen before", () => {
  const { observed } = observing(() => {
    try {
      observing(() => {
        isNear(2, 1);
        throw new RangeError("on purpose");
      });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  });
  expect(observed).toEqual({ measured: 1, worst: 2, exact: 0 });
});

describe("laws tell what they compared", () => {
  const law = (name: string) => {
    const found = laws.find((candidate) => candidate.name === name);
    if (found === undefined) throw new Error(name);
    return found;
  };
  const budget = { runs: 8, seed: 5 };

  test("every law of ops notes comparisons on softmax", () => {
    for (const each of laws.filter(({ applies }) => applies(recordNamed("softmax")))) {
      const { observed } = observing(() => runLaw(each, recordNamed("softmax"), budget));
      expect(observed.measured + observed.exact, each.name).toBeGreaterThan(0);
      expect(observed.worst, each.name).toBeLessThanOrEqual(1);
    }
  });

  test("a value that is off by half its bound is seen at a half, and one off by twice is broken", () => {
    const exp = recordNamed("exp");
    /** exp, off by `share` of what its bound allows, in float64. */
    const off = (share: number) => ({
      ...exp,
      reference: (...args: Parameters<typeof exp.reference>) => {
        const [inputs, attributes] = args;
        const outputs = exp.reference(inputs, attributes);
        return outputs.map((output) => {
          const given = { inputs, attributes, output, unit: 2 ** -53, tiny: Number.MIN_VALUE };
          const room = exp.bound.of(given).data;
          return { ...output, data: output.data.map((x, i) => x + share * (room[i] ?? 0)) };
        });
      },
    });
    const seen = (share: number) => observing(() => runLaw(law("reference"), off(share), budget));
    const plain = seen(0).observed.worst;
    const half = seen(0.5);
    expect(half.result.failure).toBeNull();
    // exp is off by `plain` itself; the disturbed reference is rounded once, a quarter of a bound of four roundings.
    expect(Math.abs(half.observed.worst - 0.5)).toBeLessThanOrEqual(plain + 0.25);
    expect(half.observed.worst).toBeGreaterThan(plain);
    expect(seen(20).result.failure).not.toBeNull();
    expect(seen(20).observed.worst).toBeGreaterThan(1);
  });
});
