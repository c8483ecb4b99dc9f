/** Mutation testing: every op's source belongs to one shard, the table says what was measured, and the list is honest. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Ignorer } from "@stryker-mutator/api/ignore";
import { describe, expect, test } from "vitest";
import { type Equivalent, equivalents } from "./mutation/equivalent.ts";
import { readResults } from "./mutation/results.ts";
import { shards } from "./mutation/shards.ts";
import { isAbout, markers, mutationTable, scoreOf, withTable } from "./mutation/table.ts";
import type { Survivor, Tally } from "./mutation/tally.ts";
import { strykerPlugins } from "./mutation/tests-data.ts";

describe("the shards", () => {
  test("mutate every file of core/ops that computes, each in one shard", () => {
    const mutated = shards.flatMap(({ mutate }) => mutate);
    // Names alone, and what samples, definitions and bounds are made of: the tests' own data.
    const nothingToMutate = [
      "convolution-bounds",
      "convolution-definitions",
      "convolution-samples",
      "error-function-definitions",
      "index",
      "indexing",
      "join",
      "make",
      "normalization",
      "normalize-definitions",
      "random-definitions",
    ];
    for (const file of readdirSync("core/ops").map((name) => name.replace(/\.ts$/, ""))) {
      const times = mutated.filter((path) => path === `core/ops/${file}.ts`).length;
      const expected = [...nothingToMutate, "options", "registry", "view"].includes(file) ? 0 : 1;
      expect([file, times]).toEqual([file, expected]);
    }
  });

  test("mutate every file of core/data, each in one shard", () => {
    const mutated = shards.flatMap(({ mutate }) => mutate);
    const files = readdirSync("core/data").map((name) => `core/data/${name}`);
    const counts = files.map((file) => [file, mutated.filter((path) => path === file).length]);
    const names = ["core/data/index.ts", "core/data/registry.ts"];
    expect(counts).toEqual(files.map((file) => [file, names.includes(file) ? 0 : 1]));
  });

  test("name sources and test files that exist", () => {
    const plain = shards.flatMap(({ mutate }) => mutate.filter((path) => !/[*{!]/.test(path)));
    const files = shards.flatMap(({ tests }) => tests.map((name) => `spec/${name}.test.ts`));
    expect([...plain, ...files].filter((path) => !existsSync(path))).toEqual([]);
  });
});

describe("of an op's record", () => {
  const property = (key: string): object => ({
    node: { type: "ObjectProperty", key: { name: key } },
  });
  const [{ value: ignorer }] = strykerPlugins as readonly [{ readonly value: Ignorer }];

  test.each(["sample", "special", "errors", "reference", "bound", "formula"])(
    "%s stays as it is",
    (key) => {
      expect(ignorer.shouldIgnore(property(key))).toBe("the tests' own data");
    },
  );

  test.each(["infer", "forward", "vjp", "jvp", "push"])("%s is mutated", (key) => {
    expect(ignorer.shouldIgnore(property(key))).toBeUndefined();
    expect(
      ignorer.shouldIgnore({ node: { type: "Identifier", name: "sample" } } as object),
    ).toBeUndefined();
  });
});

describe("beside an op's record", () => {
  const [{ value: ignorer }] = strykerPlugins as readonly [{ readonly value: Ignorer }];
  const typed = (name: string): object => ({
    typeAnnotation: { type: "TSTypeReference", typeName: { type: "Identifier", name } },
  });
  const identifier = (name: string): object => ({ type: "Identifier", name });
  const parts = (type: string): Readonly<Record<string, object>> => ({
    "a function that gives it": {
      type: "FunctionDeclaration",
      params: [],
      returnType: typed(type),
    },
    "a function that takes it": { type: "ArrowFunctionExpression", params: [typed(type)] },
    "a constant of it": { type: "VariableDeclarator", id: typed(type) },
  });

  test.each(["ErrorExample", "NdArray", "Domain", "Sampler", "SpecialPoint"])(
    "what declares %s stays as it is, and what declares a tensor's type is mutated",
    (type) => {
      const said = (name: string): readonly unknown[] =>
        Object.values(parts(name)).map((node) => ignorer.shouldIgnore({ node } as object));
      expect(said(type)).toEqual(Array(3).fill("the tests' own data"));
      expect(said("TensorType")).toEqual(Array(3).fill(undefined));
    },
  );

  test("bounds, plain arrays and what is drawn stay as they are", () => {
    const nodes = [
      { type: "CallExpression", callee: identifier("ulps") },
      { type: "CallExpression", callee: identifier("nd") },
      { type: "ArrowFunctionExpression", params: [identifier("draw")] },
    ];
    for (const node of nodes) expect(ignorer.shouldIgnore({ node } as object)).toBeDefined();
    const other = { type: "CallExpression", callee: identifier("add") };
    expect(ignorer.shouldIgnore({ node: other } as object)).toBeUndefined();
  });
});

describe("the table in CONTRIBUTING.md", () => {
  test("is what results and the list of equivalent mutants give", () => {
    const page = readFileSync("CONTRIBUTING.md", "utf8");
    expect(withTable(page, mutationTable(readResults(), equivalents))).toBe(page);
  });

  test("counts a survivor that is listed neither for nor against, and any other against", () => {
    const survivor = (code: string): Survivor => ({ file: "a.ts", line: "x", code, becomes: "0" });
    const tally: Tally = {
      shard: "a",
      killed: 6,
      timedOut: 1,
      notCovered: 0,
      invalid: 5,
      survivors: [survivor("1"), survivor("2")],
    };
    const list: readonly Equivalent[] = [{ ...survivor("2"), reason: "dead" }];
    expect(scoreOf(tally, list)).toEqual({
      mutants: 9,
      noticed: 7,
      equivalent: 1,
      open: [survivor("1")],
      score: 7 / 8,
    });
    expect(mutationTable([tally], list)).toContain("| `a` | 9 | 7 | 1 | 1 | 87.5 % |");
  });

  test("stands between markers, each of which is there once", () => {
    const [first, last] = markers;
    expect(withTable(`a ${first} old ${last} b`, "new")).toBe(`a ${first}\n\nnew\n\n${last} b`);
    for (const page of ["", first, `${last} ${first}`, `${first}${first}${last}`]) {
      expect(() => withTable(page, "new")).toThrow("each once");
    }
  });
});

test("every mutant that is listed as equivalent survived the last run, and has a reason", () => {
  const survivors = readResults().flatMap((tally) => tally.survivors);
  for (const entry of equivalents) {
    expect([entry, survivors.some((survivor) => isAbout(entry, survivor))]).toEqual([entry, true]);
    expect(entry.reason.length).toBeGreaterThan(10);
  }
});
