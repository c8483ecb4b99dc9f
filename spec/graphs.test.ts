/**
 * Whole-graph fuzzing: random programs over all ops against independent oracles, and proof that the oracles bite.
 * Rests on spec/graphs. BITGRAD_GRAPH_SEED and BITGRAD_GRAPH_RUNS set seed and budget: graphs that every op stands in.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { registry } from "../core/ops/registry.ts";
import { formatShape, sizeOf } from "../core/shape.ts";
import { applicationsOf, leavesOf, recordNamed, valuesOf } from "./graphs/graph.ts";
import {
  fuzzGraphs,
  type Graph,
  type GraphReport,
  isLeaf,
  oracleNamed,
  oracles,
  printGraph,
} from "./graphs/index.ts";
import { breakKernel } from "./graphs/ulp-fault.ts";
import { faults } from "./teeth/index.ts";

const { BITGRAD_GRAPH_SEED = "20261", BITGRAD_GRAPH_RUNS = "1" } = process.env;
const seed = Number(BITGRAD_GRAPH_SEED);
const runs = Number(BITGRAD_GRAPH_RUNS);
/** The reference device is what definitions were checked with; with a larger budget it is judged as well. */
const judges = oracles.filter(({ name }) => runs > 1 || !name.startsWith("bounds of reference"));
const reports = new Map<string, GraphReport>();
/** Every graph that the first oracle judged; the others judge the same ones. */
const met: Graph[] = [];

describe("on random graphs over all ops", () => {
  test.each(judges)("$name: $claim", (oracle) => {
    const options = oracle === oracles[0] ? { met: (graph: Graph) => met.push(graph) } : {};
    const report = fuzzGraphs(seed, runs, { oracles: [oracle], ...options });
    reports.set(oracle.name, report);
    if (report.failure !== null) throw report.failure;
    const { said = 0, silent = 0 } = report.verdicts.get(oracle.name) ?? {};
    // Of the others nothing can be said: they are linear, or have no float to follow.
    expect(said).toBeGreaterThan((said + silent) / 4);
  });

  test("every op of the registry occurs", () => {
    const names = new Set(
      met.flatMap((graph) => applicationsOf(graph).map((it) => it.record.name)),
    );
    expect(registry.filter(({ name }) => !names.has(name)).map(({ name }) => name)).toEqual([]);
  });

  test("there are 0 to 4 axes, empty and single ones, shared values, several outputs, views of views", () => {
    const shapes = met.flatMap((graph) => valuesOf(graph).flat()).map(({ shape }) => shape);
    const ranks = new Set(shapes.map(({ length }) => length));
    expect([0, 1, 2, 3, 4].filter((rank) => !ranks.has(rank))).toEqual([]);
    expect(shapes.some((shape) => sizeOf(shape) === 0)).toBe(true);
    expect(shapes.some((shape) => shape.length > 1 && shape.includes(1))).toBe(true);
    expect(met.filter(({ outputs }) => outputs.length > 1).length).toBeGreaterThan(met.length / 4);
    const isShared = ({ nodes }: Graph): boolean => {
      const read = nodes.flatMap((node) => (isLeaf(node) ? [] : node.inputs));
      const names = read.map(({ node, output }) => formatShape([node, output]));
      return new Set(names).size < names.length;
    };
    expect(met.filter(isShared).length).toBeGreaterThan(met.length / 8);
    const isView = (graph: Graph, node: number): boolean => {
      const found = graph.nodes[node];
      return found !== undefined && !isLeaf(found) && "view" in found.record.forward;
    };
    const isTwice = (graph: Graph): boolean =>
      graph.nodes.some(
        (node, i) =>
          isView(graph, i) && !isLeaf(node) && node.inputs.some((ref) => isView(graph, ref.node)),
      );
    expect(met.filter(isTwice).length).toBeGreaterThan(0);
  });

  afterAll(() => {
    const lines = [...reports].map(([name, { graphs, verdicts }]) => {
      const { said = 0, silent = 0 } = verdicts.get(name) ?? {};
      return `  ${name}: ${said} of ${graphs} graphs (nothing to say of ${silent})`;
    });
    process.stdout.write(`graphs of seed ${seed}, each op in ${runs}:\n${lines.join("\n")}\n`);
  });
});

/** Mistakes are looked for in the same graphs, whatever the seed of the run. */
const seedOfTeeth = 20261;

/** Which oracle notices a seeded mistake of spec/teeth; those not listed concern special points, messages or memory. */
const noticed: Readonly<Record<string, string>> = {
  "wrong sign of the derivative": "difference",
  "the tangent rule returns the primal": "difference",
  "the cotangent forgets a factor 2": "adjoint",
  "no rules at all": "difference",
  "right at first order, detached at second": "second difference",
  "the cotangent rule rests on an op whose own cotangent rule is wrong": "curvature",
  "the cotangents of a and b are swapped": "adjoint",
  "a lone tangent is dropped": "difference",
  "where sends the whole cotangent to a": "adjoint",
  "the softmax gradient without its sum": "difference",
  "cumsum pulled back in its own direction": "adjoint",
  "the variance gradient divides by n instead of n − correction": "difference",
  "a stale statistic: the mean taken for a constant": "difference",
  "a matrix reshaped where it should be transposed": "adjoint",
  "padding off by one pixel in the convolution's input gradient": "adjoint",
  "the slice gradient lands one row off": "adjoint",
  "log1p as log(1 + x)": "bounds of wasm in float32",
  "the variance as E[x²] − E[x]²": "bounds of wasm in float32",
  "a float64 sum that adds in float32": "bounds of wasm in float64",
  "the kernel ignores strides": "layout",
  "another formula while derivatives are taken": "recompute",
};

describe("a seeded mistake is found, and what is left of the graph is small:", () => {
  const listed = Object.entries(noticed).map(([mistake, oracle]) => ({ mistake, oracle }));
  test.each(listed)("$mistake ($oracle)", ({ mistake, oracle }) => {
    const fault = faults.find((candidate) => candidate.mistake === mistake);
    if (fault === undefined) throw new Error(`no such mistake: ${mistake}`);
    const { failure, counterexample } = fuzzGraphs(seedOfTeeth, 25, {
      around: [fault.wrong],
      oracles: [oracleNamed(oracle)],
    });
    expect(failure?.message).toMatch(new RegExp(`^${oracle.split(" of ")[0]}: expected `));
    expect(counterexample?.oracle).toBe(oracle);
    const calls = counterexample === null ? [] : applicationsOf(counterexample.graph);
    expect(calls.map(({ record }) => record.name)).toContain(fault.wrong.name);
    expect(calls.length).toBeLessThanOrEqual(2);
  });
});

describe("a printed program", () => {
  const folder = mkdtempSync(join(tmpdir(), "bitgrad-graphs-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const root = fileURLToPath(new URL("../", import.meta.url));
  const oracle = "bounds of wasm in float32";

  /** Runs a program in a process of its own; gives what it said, or complained about. */
  async function run(text: string, imports: readonly string[] = []): Promise<string> {
    const file = join(folder, "program.mts");
    writeFileSync(file, text);
    const args = ["tsx", ...imports.map((path) => join(root, path))].flatMap((it) => [
      "--import",
      it,
    ]);
    const options = { cwd: root, env: { ...process.env, BITGRAD_THREADS: "1" } };
    return promisify(execFile)(process.execPath, [...args, file], options).then(
      ({ stdout }) => stdout,
      ({ stderr }: { stderr: string }) => stderr,
    );
  }

  test("runs, and shows again what was found", async () => {
    const mend = breakKernel({ kernel: "unary", fn: "exp", ulps: 64 });
    const options = { around: [recordNamed("exp")], oracles: [oracleNamed(oracle)] };
    const { failure, counterexample } = fuzzGraphs(seedOfTeeth, 5, options);
    mend();
    if (counterexample === null) throw new Error("nothing was found");
    const { graph } = counterexample;
    expect(applicationsOf(graph).length).toBe(1);
    const text = printGraph(graph, oracle, { root });
    expect(failure?.message).toContain(printGraph(graph, oracle));
    expect(await run(text)).toBe("");
    const said = failure?.message.split("\n")[0] ?? "";
    expect(await run(text, ["spec/graphs/crooked-exp.ts"])).toContain(said);
  });

  test("has the values of its graph", async () => {
    const grown: Graph[] = [];
    fuzzGraphs(seedOfTeeth, 4, {
      around: [recordNamed("split")],
      oracles: [],
      met: (graph) => grown.push(graph),
    });
    const largest = grown.toSorted((one, other) => other.nodes.length - one.nodes.length)[0];
    if (largest === undefined) throw new Error("nothing grew");
    const [call, ...others] = printGraph(largest, oracle, { root })
      .split("checkSubject(")
      .toReversed();
    expect(call).toBeDefined();
    const text = `${others.toReversed().join("checkSubject(")}
import { setDevice } from "${root}core/index.ts";
import { numbers, tensorFrom } from "${root}spec/laws/arrays.ts";
setDevice("reference");
console.log(JSON.stringify(program(...inputs.map((input) => tensorFrom(input))).map(numbers)));
`;
    const got: readonly (readonly number[])[] = JSON.parse(await run(text));
    const values = valuesOf(largest);
    const expected = largest.outputs.map(({ node, output }) => values[node]?.[output]?.data ?? []);
    expect(got.length).toBe(expected.length);
    // The same definitions in other words: a few hundred roundings of float64.
    expected.flat().forEach((want, i) => {
      expect(Math.abs((got.flat()[i] ?? Number.NaN) - want)).toBeLessThanOrEqual(
        1e-12 * (1 + Math.abs(want)),
      );
    });
    expect(leavesOf(largest).length).toBeGreaterThan(0);
  });
});
