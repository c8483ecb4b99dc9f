/**
 * mathjs as an oracle: 64-digit values and symbolic derivatives of every elementwise op that it can express, and symbolic
 * derivatives of random compositions of them, by both modes and twice.
 * Rests on spec/mathjs. BITGRAD_GRAPH_SEED and BITGRAD_GRAPH_RUNS set seed and budget.
 */
import { afterAll, describe, expect, test } from "vitest";
import { bind } from "../core/bind.ts";
import type { OpRecord } from "../core/op.ts";
import { multiply } from "../core/ops/arithmetic.ts";
import { registry } from "../core/ops/registry.ts";
import { recordNamed } from "./graphs/graph.ts";
import { outputOf } from "./graphs/program.ts";
import { checkCompositions, checkDerivatives, checkValues } from "./mathjs/symbols.ts";
import { expressible, inexpressible } from "./mathjs/texts.ts";

const { BITGRAD_GRAPH_SEED = "20261", BITGRAD_GRAPH_RUNS = "1" } = process.env;
const seed = Number(BITGRAD_GRAPH_SEED);
const runs = Number(BITGRAD_GRAPH_RUNS);

describe("every elementwise op of floats", () => {
  test("is written for mathjs, or listed with the reason why not", () => {
    const kernels = ["unary", "binary", "clamp", "select", "multiplyAdd", "dropout"];
    const isElementwise = ({ forward, name }: OpRecord): boolean =>
      ("kernel" in forward && kernels.includes(forward.kernel)) ||
      ["identity", "detach", "cast"].includes(name);
    const names = registry.filter(isElementwise).map(({ name }) => name);
    const known = [...expressible.map(({ name }) => name), ...Object.keys(inexpressible)];
    expect(known.toSorted()).toEqual(names.toSorted());
  });

  let worst = 0;

  test.each(expressible)(
    "$name has the value of 64 digits within its bound, in both floats",
    (record) => {
      const agreement = checkValues(record, seed, 3 * runs);
      worst = Math.max(worst, agreement.worst);
      expect(agreement.elements).toBe(3 * 3 * 2 * runs);
    },
  );

  test.each(expressible)("$name has the symbolic derivative, by both modes and twice", (record) => {
    expect(checkDerivatives(record, seed, 2 * runs).elements).toBeGreaterThan(2 * 3 * runs);
  });

  afterAll(() => {
    process.stdout.write(`against 64 digits: at most ${(100 * worst).toFixed(0)} % of a bound\n`);
  });
});

describe("random compositions of elementwise ops", () => {
  test("have the symbolic derivatives, by both modes and twice", () => {
    expect(checkCompositions(seed, 60 * runs).elements).toBeGreaterThan(60 * 10 * runs);
  });

  test("show a wrong derivative: sin with the derivative of cosh", () => {
    const cosh = recordNamed("cosh");
    const wrong: OpRecord = {
      ...recordNamed("sin"),
      jvp: ([t], { inputs }) => [t ? multiply(t, outputOf(bind(cosh, inputs, {}), 0)) : null],
      vjp: ([c], { inputs }) => [c ? multiply(c, outputOf(bind(cosh, inputs, {}), 0)) : null],
    };
    expect(() => checkDerivatives(wrong, seed, 1)).toThrow("cos(x0) at x0 = ");
    expect(() => checkCompositions(seed, 20, [wrong])).toThrow("Counterexample");
  });
});
