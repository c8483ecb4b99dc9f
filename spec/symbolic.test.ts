/**
 * mathjs as an oracle: 64-digit values and symbolic derivatives of every elementwise op that it can express, and symbolic
 * derivatives of random compositions of them, by both modes and twice.
 * Rests on spec/graphs, the transforms and mathjs.
 */
import fc from "fast-check";
import { all, type BigNumber, create, derivative, type MathNode, parse } from "mathjs";
import { afterAll, describe, expect, test } from "vitest";
import { bind } from "../core/bind.ts";
import { isFloat } from "../core/dtype.ts";
import { grad, hvp, jvp, multiply, scope, sum, type Tensor } from "../core/index.ts";
import { mapElements, type NdArray, nothing } from "../core/nd-array.ts";
import type { OpRecord } from "../core/op.ts";
import { registry } from "../core/ops/registry.ts";
import { graphs } from "./graphs/arbitrary.ts";
import { applicationsOf, leavesOf } from "./graphs/graph.ts";
import { type Graph, isLeaf, outputOf, programOf } from "./graphs/index.ts";
import { expressible, inexpressible, textOf } from "./graphs/symbolic.ts";
import { numbers, tensorFrom } from "./laws/arrays.ts";
import { seedOf } from "./laws/run.ts";
import { samplerFrom } from "./laws/sampler.ts";
import { toBig } from "./scalar-math-samples.ts";

const { BITGRAD_GRAPH_SEED = "20261", BITGRAD_GRAPH_RUNS = "1" } = process.env;
const seed = Number(BITGRAD_GRAPH_SEED);
const runs = Number(BITGRAD_GRAPH_RUNS);
const big = create(all ?? {}, { number: "BigNumber", precision: 64 });

/** Values of three elements each: what is elementwise shows in any shape. */
const shape = [3];
/** The graph of one op on leaves of its own. */
function alone(record: OpRecord, draw: fc.GeneratorValue): Graph {
  const sampler = { ...samplerFrom(draw), shape: () => shape, broadcastable: () => shape };
  const { inputs, attributes } = record.sample(sampler);
  const refs = inputs.map((_, node) => ({ node, output: 0 }));
  const node = { record, attributes, inputs: refs };
  return {
    nodes: [...inputs.map((array) => ({ array })), node],
    outputs: [{ node: inputs.length, output: 0 }],
  };
}

describe("every elementwise op of floats", () => {
  test("is written for mathjs, or listed with the reason why not", () => {
    const kernels = ["unary", "binary", "clamp", "select", "multiplyAdd", "dropout"];
    const isElementwise = ({ forward, family, name }: OpRecord): boolean =>
      ("kernel" in forward && kernels.includes(forward.kernel)) ||
      ["identity", "detach", "cast"].includes(name) ||
      family === "arithmetic";
    const names = registry.filter(isElementwise).map(({ name }) => name);
    const known = [...expressible.map(({ name }) => name), ...Object.keys(inexpressible)];
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
    expect(known.filter((name) => !names.includes(name))).toEqual([]);
  });

  /** Worst errors met, as shares of their bounds. */
  const worst = { float32: 0, float64: 0 };

  test.each(expressible)(
    "$name has the value of 64 digits within its bound, in both floats",
    (record) => {
      for (const draw of fc.sample(fc.gen(), {
        seed: seedOf(seed, record.name),
        numRuns: 3 * runs,
      })) {
        const drawn = alone(record, draw);
        for (const [float, unit, tiny] of [
          ["float32", 2 ** -24, 2 ** -149],
          ["float64", 2 ** -53, Number.MIN_VALUE],
        ] as const) {
          const inputs = leavesOf(drawn).map((leaf) =>
            float === "float32" && leaf.kind === "float" ? mapElements(leaf, Math.fround) : leaf,
          );
          const attributes = applicationsOf(drawn)[0]?.attributes ?? {};
          const retyped = "dtype" in attributes ? { ...attributes, dtype: float } : attributes;
          const [y] = bind(
            record,
            inputs.map((input) => tensorFrom(input, float)),
            retyped,
          );
          if (y === undefined) throw new Error("no output");
          const exact = exactly(textOf(drawn, { node: inputs.length, output: 0 }), inputs);
          const output: NdArray = { shape, data: exact.map((x) => x.toNumber()), kind: "float" };
          const bound = record.bound.of({ inputs, attributes, output, unit, tiny }).data;
          numbers(y).forEach((got, i) => {
            const distance = toBig(got)
              .minus(exact[i] ?? 0)
              .abs()
              .toNumber();
            const room = bound[i] ?? 0;
            if (room > 0) worst[float] = Math.max(worst[float], distance / room);
            const isNearest = Math.fround(output.data[i] ?? 0) === got;
            if (!isNearest) expect(distance, `${got} for ${exact[i]}`).toBeLessThanOrEqual(room);
          });
        }
      }
    },
  );

  test.each(expressible)("$name has the symbolic derivative, by both modes and twice", (record) => {
    const draws = fc.sample(fc.gen(), { seed: seedOf(seed, `${record.name}'`), numRuns: 2 * runs });
    for (const draw of draws) scope(() => compareDerivatives(alone(record, draw)));
  });

  afterAll(() => {
    const { float32, float64 } = worst;
    const percent = (x: number): string => `${(100 * x).toFixed(0)} %`;
    process.stdout.write(
      `against 64 digits: at most ${percent(float32)} of the bound in float32, ${percent(float64)} in float64\n`,
    );
  });
});

/** The expression at each element of the leaves, to 64 digits. */
function exactly(text: string, inputs: readonly NdArray[]): readonly BigNumber[] {
  const program = big
    .parse(text.replace(/(?<![\w.])\d[\d.]*(e[+-]?\d+)?/g, exactLiteral))
    .compile();
  return Array.from({ length: shape[0] ?? 0 }, (_, i) => {
    const at = inputs.map(({ data }, k) => [`x${k}`, toBig(data[i] ?? 0)] as const);
    return program.evaluate(Object.fromEntries(at));
  });
}

/** A number of JavaScript's, to all its digits; longer ones stand for themselves. */
function exactLiteral(literal: string): string {
  return literal.length > 25 ? literal : toBig(Number(literal)).toString();
}

/** Both sides evaluate some dozen terms that may cancel: 10⁶ roundings of the larger of 1 and the largest number in sight. */
const relative = 1e-10;

/**
 * Value, all first derivatives, and the second ones along the first float leaf. mathjs writes each of them out as one
 * expression; only leaves that the value hangs on are asked.
 */
function compareDerivatives(graph: Graph): void {
  const inputs = leavesOf(graph);
  const program = programOf(graph);
  const floats = inputs.flatMap(({ kind }, k) => (kind === "float" ? [k] : []));
  const points = inputs.map((input) => tensorFrom(input));
  const [ref] = graph.outputs;
  if (ref === undefined) return;
  const node = parse(textOf(graph, ref));
  const value = (moved: readonly Tensor[]): Tensor => {
    const at = points.map((point, k) => moved[floats.indexOf(k)] ?? point);
    return outputOf(program(...at), 0);
  };
  const at = floats.map((k) => points[k]).filter((x) => x !== undefined);
  const asked = floats.slice(0, 3);
  expectElements(value(at), node, inputs);
  const gradient = grad((moved: readonly Tensor[]) => sum(value(moved)))(at);
  /** 1 along leaf k, 0 along the others. */
  const unit = (k: number): readonly Tensor[] =>
    floats.map((i) => tensorFrom(mapElements(inputs[i] ?? nothing, () => (i === k ? 1 : 0))));
  for (const k of asked) {
    const slope = derivative(node, `x${k}`, { simplify: false });
    const mine = gradient[floats.indexOf(k)];
    if (mine !== undefined) expectElements(mine, slope, inputs);
    expectElements(jvp(value, at, unit(k)).tangent, slope, inputs);
  }
  const [first] = asked;
  if (first === undefined) return;
  const slope = derivative(node, `x${first}`, { simplify: false });
  const along = hvp((moved: readonly Tensor[]) => sum(value(moved)), at, unit(first));
  for (const k of asked) {
    const curved = along[floats.indexOf(k)];
    if (curved !== undefined)
      expectElements(curved, derivative(slope, `x${k}`, { simplify: false }), inputs);
  }
}

function expectElements(got: Tensor, node: MathNode, inputs: readonly NdArray[]): void {
  expect(isFloat(got.dtype)).toBe(true);
  const compiled = node.compile();
  numbers(got).forEach((value, i) => {
    const at = inputs.map(({ data }, k) => [`x${k}`, data[i] ?? 0] as const);
    const want: number = compiled.evaluate(Object.fromEntries(at));
    const allowed = relative * (1 + Math.abs(want));
    expect(Math.abs(value - want), `${value} for ${want}`).toBeLessThanOrEqual(allowed);
  });
}

/** Longer expressions take mathjs seconds to differentiate twice. */
const longest = 600;

describe("random compositions of elementwise ops", () => {
  test("have the symbolic derivatives, by both modes and twice", () => {
    let judged = 0;
    fc.assert(
      fc.property(graphs({ ops: expressible, shape, most: 5 }), (graph) => {
        const deepest = graph.outputs.findLast(({ node }) => {
          const end = graph.nodes[node];
          return (
            end !== undefined &&
            !isLeaf(end) &&
            textOf(graph, { node, output: 0 }).length <= longest
          );
        });
        if (deepest === undefined) return;
        judged++;
        scope(() => compareDerivatives({ ...graph, outputs: [deepest] }));
      }),
      { seed, numRuns: 80 * runs },
    );
    expect(judged).toBeGreaterThan(40 * runs);
  });

  test("show a wrong derivative: sin with the derivative of sinh", () => {
    const sine = expressible.find(({ name }) => name === "sin");
    const cosh = expressible.find(({ name }) => name === "cosh");
    if (sine === undefined || cosh === undefined) throw new Error("sin and cosh are ops");
    const wrong: OpRecord = {
      ...sine,
      jvp: ([t], { inputs }) => [t ? multiply(t, bind(cosh, inputs, {})[0] ?? t) : null],
      vjp: ([c], { inputs }) => [c ? multiply(c, bind(cosh, inputs, {})[0] ?? c) : null],
    };
    const find = () =>
      fc.assert(
        fc.property(graphs({ ops: [wrong], shape, most: 2 }), (graph) => {
          scope(() => compareDerivatives(graph));
        }),
        { seed, numRuns: 20 },
      );
    expect(find).toThrow("Counterexample");
  });
});
