/** The cotangent rule of every op is linear in the cotangent. BITGRAD_SPEC_RUNS and BITGRAD_SPEC_SEED set budget and seed. */
import { describe, expect, test } from "vitest";
import type { UnaryRecord } from "../core/op-kinds.ts";
import { add } from "../core/ops/arithmetic.ts";
import { clamp } from "../core/ops/compare.ts";
import { registry } from "../core/ops/registry.ts";
import { abs, negate, negateOp } from "../core/ops/sign.ts";
import { runLaw } from "./laws/run.ts";
import { linearity } from "./metamorphic/linearity.ts";

const { BITGRAD_SPEC_RUNS = "8", BITGRAD_SPEC_SEED = "20260" } = process.env;
const budget = { runs: Number(BITGRAD_SPEC_RUNS), seed: Number(BITGRAD_SPEC_SEED) };

describe(linearity.claim, () => {
  test.each(registry.filter((record) => linearity.applies(record)))("$name", (record) => {
    const { failure } = runLaw(linearity, record, budget);
    if (failure !== null) throw failure;
  });
});

describe("it has teeth: a rule is caught", () => {
  const wrong: Readonly<Record<string, UnaryRecord>> = {
    "that cuts its cotangent off": {
      ...negateOp,
      vjp: ([c]) => [negate(clamp(c, { min: -0.5, max: 0.5 }))],
    },
    "that adds a constant": { ...negateOp, vjp: ([c]) => [negate(add(c, 1e-6))] },
    "that takes its cotangent's magnitude": { ...negateOp, vjp: ([c]) => [negate(abs(c))] },
  };
  test.each(Object.entries(wrong))("%s", (_, record) => {
    expect(runLaw(linearity, record, budget).failure?.message).toContain("linearity is broken by");
    expect(runLaw(linearity, negateOp, budget).failure).toBeNull();
  });
});
