/**
 * The law of compiled ops, on every op of the registry. BITGRAD_SPEC_RUNS and BITGRAD_SPEC_SEED set budget and seed.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { registry, setDevice } from "../core/index.ts";
import { compiledLaw } from "./laws/compiled.ts";
import { budget, runLaw } from "./laws/run.ts";

beforeAll(() => setDevice("wasm"));

/** Ops of which nothing is repeated, and why. */
const never: Readonly<Record<string, string>> = {
  randomTruncatedNormal: "truncated normals are drawn by JavaScript",
};

describe.each(registry.map((record) => [record.name, record] as const))("%s", (name, record) => {
  test("value and derivatives of a compiled op are bit-identical to those as written", () => {
    let repeated = 0;
    const reasons = new Set<string>();
    const law = compiledLaw((count, why) => {
      repeated += count;
      for (const reason of why) reasons.add(reason);
    });
    const { failure } = runLaw(law, record, { ...budget, runs: Math.max(8, budget.runs / 4) });
    if (failure !== null) throw failure;
    if (Object.hasOwn(never, name)) expect([...reasons].join("; ")).toBe(never[name]);
    else expect(repeated, [...reasons].join("; ")).toBeGreaterThan(0);
  });
});
