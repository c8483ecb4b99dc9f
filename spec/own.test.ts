/** What is not in bitgrad and is checked all the same: an op, a layer and an optimiser, each in one call. */
import { describe, expect, test, vi } from "vitest";
import { LawError } from "./index.ts";

/** The message of the LawError that an example ends with. */
async function messageOf(example: () => Promise<unknown>): Promise<string> {
  try {
    await example();
  } catch (error) {
    expect(error).toBeInstanceOf(LawError);
    return String(error instanceof LawError && error.message);
  }
  throw new Error("nothing was thrown");
}

describe("an example as a user would write it", () => {
  test.each([
    ["op", () => import("./examples/own-op.ts"), 11],
    ["layer", () => import("./examples/own-layer.ts"), 10],
    ["optimiser", () => import("./examples/own-optimizer.ts"), 9],
  ] as const)("of an %s obeys every law", async (_, example, laws) => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    await example();
    const lines = log.mock.calls.map(([line]) => String(line));
    log.mockRestore();
    expect(lines.filter((line) => /^[\w -]+: \d+$/.test(line))).toHaveLength(laws);
  });
});

describe("a mistake in it is told with the law, the shrunk case, both values and a call to paste", () => {
  test("where a cotangent rule forgets a square", async () => {
    expect(await messageOf(() => import("./examples/wrong-op.ts"))).toBe(
      [
        "adjoint is broken by softsign",
        "  at bind(softsignOp, [nd(-0.04999999999999982)], {})",
        "  expected ⟨c, J t⟩ = 8.447365531748334e-10 ± 1.0000001731709935e-13 for t = [0.000030517569527654942], c = [0] float64 [] 0.000030517569527654942",
        "  got ⟨Jᵀc, t⟩ = 8.869733808335749e-10 with Jᵀc = [0] float64 [] 0.00002906435193109995",
        '  to see it again: checkOp(softsignOp, { seed: 20260, runs: 32, only: "adjoint" })',
        "  (stratum free, path 0:0:1:0:0:0:0:0:0:0:0:0:0:0:0:2:1:1:1:1:1:1:1:1:1:1:1:1:1:1, 29 shrinks)",
      ].join("\n"),
    );
  });

  test("where a layer lets examples see each other when evaluating", async () => {
    expect(await messageOf(() => import("./examples/wrong-layer.ts"))).toBe(
      [
        "alone in evaluation is broken by MaxNorm",
        "  at MaxNorm on x [3,2], seed 0",
        '  expected example 0 alone to be "40f628e7d7facebf18eea66da8c6e3bf"',
        '  got "000000000000f03f000000000000f03f"',
        '  to see it again: checkLayer(…, { seed: 20260, runs: 10, only: "alone in evaluation" })',
        "  (path 0:0, 1 shrinks)",
      ].join("\n"),
    );
  });

  test("where an optimiser keeps what no checkpoint finds", async () => {
    expect(await messageOf(() => import("./examples/wrong-optimizer.ts"))).toBe(
      [
        "resume is broken by forgetful",
        "  at forgetful with {  }, on a bowl, stopped after 2 of 9 calls",
        '  expected parameters and state after 9 calls to be …c73f", "224bd3fa414cd4bf546c60589378d0bfa460286095c9c83f6c268349384ce8bfa216d3e0e0b0e43f74a89c2128e6923f"]',
        '  got …c73f", "224bd3fa414cd4bf546c60589378d0bfc2b5d4b38859a63f6c268349384ce8bfa216d3e0e0b0e43f74a89c2128e6923f"]',
        '  to see it again: checkOptimizer(…, { seed: 20260, runs: 8, only: "resume" })',
        "  (path 5:0:1:0:0, 4 shrinks)",
      ].join("\n"),
    );
  });
});
