/** The experiments of the library together: which claims they decide, and whether their seeds can. */
import { describe, expect, test } from "vitest";
import { claims } from "../research/claims.ts";
import { experiments } from "../research/experiments/index.ts";

const statistical = experiments.filter(({ kind }) => kind === "statistical");
const decided = experiments.flatMap((experiment) => experiment.claims);

describe("a claim", () => {
  test("is decided by one experiment at most: by one rule", () => {
    expect(decided.filter((claim, at) => decided.indexOf(claim) !== at)).toEqual([]);
  });

  test("that no law can check is decided by an experiment", () => {
    const open = claims.filter(({ id, property }) => property === null && !decided.includes(id));
    expect(open).toEqual([]);
  });

  test("that an experiment decides is one of the table", () => {
    const known = claims.map(({ id }) => id);
    expect(decided.filter((claim) => !known.includes(claim))).toEqual([]);
  });
});

describe.each(statistical.map((one) => [one.id, one] as const))("%s", (_, { profiles }) => {
  test("has three seeds or more in the quick profile, as an interval needs", () => {
    expect(profiles.quick.seeds).toBeGreaterThanOrEqual(3);
  });

  test("has so many in the full one that a clear result stands a correction over all experiments", () => {
    // The least p of the exact two-sided test is 2/2^n, and from 17 seeds on, where flips are drawn, 1/10000.
    const { seeds } = profiles.full;
    const least = seeds <= 16 ? 2 / 2 ** seeds : 1e-4;
    expect(least * decided.length).toBeLessThanOrEqual(0.05);
  });
});

test.each(experiments.map((one) => [one.id, one] as const))(
  "%s says what a run of each profile costs, so that the time left is known",
  (_, { profiles }) => {
    expect(profiles.quick.seconds).toBeGreaterThan(0);
    expect(profiles.full.seconds).toBeGreaterThan(0);
  },
);
