/** Experiments: their configs, arms and what a command line makes of them. */
import { existsSync, readFileSync } from "node:fs";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { z } from "zod";
import { BitgradError, UsageError } from "../core/index.ts";
import { claims } from "../research/claims.ts";
import { type ArmGrid, armsOf, planOf } from "../research/engine/arms.ts";
import { parseAssignments, splitValues } from "../research/engine/assignments.ts";
import { defineExperiment, type Experiment } from "../research/engine/index.ts";
import { nearest } from "../research/engine/knobs.ts";
import { listedExperiments } from "../research/engine/locate.ts";
import { importedBy, sourcesHash } from "../research/engine/sources.ts";
import clusters from "./experiments/clusters.ts";
import { messageOf } from "./plain.ts";

const seed = 20260731;
const where = "bitgrad run";

/** A definition with what a test changes. */
function define(changes: {
  readonly id?: string;
  readonly claims?: readonly string[];
  readonly config?: z.ZodObject;
  readonly arms?: Experiment["arms"];
}): Experiment {
  return defineExperiment({
    id: "bowl",
    title: "A bowl",
    question: "Is it round?",
    claims: ["lr-range"],
    source: "Made for tests",
    config: z.strictObject({
      a: z.int().min(0).default(1),
      b: z.int().min(0).default(2),
      c: z.int().min(0).default(3),
    }),
    arms: [{}],
    profiles: { quick: { seeds: 2, config: { c: 30 } }, full: { seeds: 3 } },
    run: () => ({}),
    figures: () => [],
    verdict: () => ({}),
    ...changes,
  });
}

describe("every experiment of the library", () => {
  const listed = listedExperiments();

  test("stands in the file of its id, of 40 to 200 lines", () => {
    const lines = listed.map(({ file }) =>
      existsSync(file) ? readFileSync(file, "utf8").split("\n").length : 0,
    );
    expect(lines.filter((count) => count < 40 || count > 200)).toEqual([]);
    expect(new Set(listed.map(({ file }) => file)).size).toBe(listed.length);
  });

  test("decides claims that there are, and says of each knob what it is", () => {
    const known = claims.map(({ id }) => id);
    const strange = listed.flatMap(({ experiment }) => [
      ...experiment.claims.filter((claim) => !known.includes(claim)),
      ...experiment.knobs.filter(({ description }) => description === "").map(({ key }) => key),
    ]);
    expect(strange).toEqual([]);
  });
});

describe("a definition is refused", () => {
  test.each([
    [{ id: "Init Depth" }, "id to be lower-case words joined by hyphens"],
    [{ claims: [] }, "claims to name one claim or more"],
    [{ config: z.strictObject({ a: z.int() }) }, "config.a to have a default"],
    [{ arms: [] }, "arms to be one or more"],
    [{ arms: [{ d: 1 }] }, 'every key to be one of a, b, c, got "d"'],
    [{ arms: { a: [-1] } }, "a to be an integer ≥ 0, got -1"],
  ] as const)("%#: %s", (changes, message) => {
    expect(messageOf(() => define(changes), BitgradError)).toContain(message);
  });
});

const lists = fc.uniqueArray(fc.nat(9), { minLength: 1, maxLength: 3 });
const grids = fc.record({ a: lists, b: lists, c: lists }, { requiredKeys: [] });

describe("the arms of a grid", () => {
  test.prop([grids, grids], { seed })(
    "are all combinations, each once, overrides in place of the arms' values",
    (arms: ArmGrid, overrides: ArmGrid) => {
      const experiment = define({ arms });
      const configs = armsOf(where, experiment, { profile: "quick", overrides });
      const expected = combinations({ a: [1], b: [2], c: [30], ...arms, ...overrides });
      const text = (list: readonly unknown[]): readonly string[] =>
        list.map((config) => JSON.stringify(config)).sort();
      expect(text(configs)).toEqual(text(expected));
    },
  );

  test.prop([grids, fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 4 })], { seed })(
    "meet every seed, all arms of one before the next",
    (arms: ArmGrid, seeds) => {
      const experiment = define({ arms });
      const plan = planOf(where, experiment, { profile: "full", seeds });
      const configs = armsOf(where, experiment, { profile: "full" });
      expect(plan).toEqual(
        seeds.flatMap((one) => configs.map((config) => ({ config, seed: one }))),
      );
    },
  );

  test("of a list keep together what belongs together", () => {
    const experiment = define({
      arms: [
        { a: 1, b: 10 },
        { a: 2, b: 20 },
      ],
    });
    const arms = (overrides: ArmGrid): unknown =>
      armsOf(where, experiment, { profile: "full", overrides }).map(({ a, b }) => [a, b]);
    expect(arms({})).toEqual([
      [1, 10],
      [2, 20],
    ]);
    expect(arms({ a: [2] })).toEqual([[2, 20]]);
    expect(arms({ a: [3] })).toEqual([
      [3, 10],
      [3, 20],
    ]);
    expect(arms({ a: [3, 1] })).toEqual([
      [3, 10],
      [3, 20],
      [1, 10],
    ]);
  });
});

/** Objects with a, b, c from every combination. */
function combinations({ a = [], b = [], c = [] }: ArmGrid): readonly unknown[] {
  return a.flatMap((x) => b.flatMap((y) => c.map((z) => ({ a: x, b: y, c: z }))));
}

describe("words of a command line", () => {
  test.prop(
    [
      fc.array(fc.oneof(fc.nat(99).map(String), fc.constantFrom("[1,2]", '"a,b"', '{"x":[1,2]}')), {
        minLength: 1,
      }),
    ],
    { seed },
  )("are cut at commas that stand outside of brackets and quotes", (parts) => {
    expect(splitValues(parts.join(","))).toEqual(parts);
  });

  test("become values of the types that the knobs have", () => {
    const words = ["rate=0.1,1e-3", "widths=[4],[4,8]", "fail=true", "steps=5"];
    expect(parseAssignments(where, words, clusters.knobs)).toEqual({
      rate: [0.1, 1e-3],
      widths: [[4], [4, 8]],
      fail: [true],
      steps: [5],
    });
  });

  test.each([
    [
      "rat=1",
      'every key to be one of rate, widths, steps, pause, fail, got "rat". Did you mean rate.',
    ],
    [
      "rate",
      'every word after the experiment to be key=value or key=a,b,c, got "rate". Write for example rate=0.1.',
    ],
    ["rate=fast", 'rate to be a number > 0, got "fast". Write for example rate=0.1.'],
    ["rate=", 'rate to be a number > 0, got "".'],
    ["rate=0x10", 'rate to be a number > 0, got "0x10".'],
    ["fail=yes", 'fail to be true or false, got "yes". Write for example fail=false.'],
    ["rate=1,1.0", "rate to be given once, with different values"],
  ])("%s is refused", (word, message) => {
    expect(messageOf(() => parseAssignments(where, [word], clusters.knobs), UsageError)).toContain(
      `bitgrad run: expected ${message}`,
    );
  });

  test.each([
    [{ rate: -1 }, "rate to be a number > 0, got -1. Write for example rate=0.1."],
    [
      { widths: [0] },
      "widths to be a list such as [1,2], each of it an integer ≥ 1, got [0]. Write for example widths=[6].",
    ],
    [{ steps: 1.5 }, "steps to be an integer ≥ 1, got 1.5."],
  ])("%j is out of range, and what is allowed is said", (partial, message) => {
    expect(messageOf(() => clusters.resolve(where, partial), UsageError)).toContain(
      `bitgrad run: expected ${message}`,
    );
  });
});

test.prop([fc.constantFrom("init-relu-depth", "opt-zigzag"), fc.nat(), fc.constantFrom("x", "")], {
  seed,
})(
  "a name with one letter changed or left out is nearest to what was meant",
  (name, at, letter) => {
    const index = at % name.length;
    const typed = name.slice(0, index) + letter + name.slice(index + 1);
    expect(nearest(typed, ["init-relu-depth", "opt-zigzag", "bn-speed"])[0]).toBe(name);
  },
);

describe("the sources of an experiment", () => {
  const file = listedExperiments()[0]?.file ?? "";

  test("are those that load with it: of research what it imports, no types alone", () => {
    const names = [...importedBy(file)].map((path) =>
      path.replace(/^.*\/(?=research\/|core\/)/, ""),
    );
    expect(names).toContain("research/engine/train-run.ts");
    expect(names).toContain("research/training/train-loop.ts");
    expect(names).not.toContain("research/cli.ts");
  });

  test("have one hash, and another with another experiment", () => {
    expect(sourcesHash(file)).toMatch(/^[0-9a-f]{64}$/);
    expect(sourcesHash(listedExperiments()[1]?.file ?? "")).not.toBe(sourcesHash(file));
  });
});
