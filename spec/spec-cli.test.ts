/** `npm run spec` and `npm run spec:deep`: what they run, print, keep, and how they end. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { registry } from "../core/index.ts";
import { initRegistry } from "../init/registry.ts";
import { layerRegistry } from "../layers/registry.ts";
import { optimizers } from "../optim/registry.ts";
import { scheduleRegistry } from "../schedules/registry.ts";
import { main, type World } from "./cli.ts";
import { keepExample } from "./deep/keep.ts";
import type { Proof } from "./deep/proof.ts";
import { proofs } from "./deep/proofs.ts";
import type { KeptExample } from "./laws/kept.ts";
import { LawError } from "./laws/law-error.ts";

/** What a command left, and what it was told to keep. */
async function spec(args: readonly string[], more: Partial<World> = {}) {
  const kept: KeptExample[] = [];
  let [output, errors, now] = ["", "", 0];
  const terminal = {
    output: {
      write: (text: string) => {
        output += text;
      },
    },
    errors: {
      write: (text: string) => {
        errors += text;
      },
    },
  };
  /** Every look at the clock takes ten seconds. */
  const clock = (): number => {
    now += 10_000;
    return now;
  };
  const keep = (example: KeptExample): boolean => kept.push(example) > 0;
  const status = await main(args, terminal, { proofs, clock, keep, ...more });
  return { status, output, errors, kept };
}

/** A thing whose law holds below a seed, and is broken from it on. */
const breaking = (from: number): Proof => ({
  kind: "op",
  name: "brittle",
  run: ({ seed, runs }) => {
    const breach = { law: "tangent", subject: "brittle", example: "x", expected: "1", got: "2" };
    const failure = new LawError(breach);
    const found = seed < from ? null : { subject: "brittle", law: "tangent", seed, runs, failure };
    const observed = { measured: runs, worst: 0.25, exact: 0 };
    return [{ law: "tangent", claim: "it is right", examples: runs, observed, found }];
  },
});

test("everything that is in a registry can be named", () => {
  const lists = [registry, layerRegistry, optimizers, scheduleRegistry, initRegistry];
  const names = lists.flatMap((list) => list.map(({ name }) => name));
  const others = proofs.filter(({ kind }) => kind === "device" || kind === "part");
  const all = [...names, ...others.map(({ name }) => name)];
  expect(proofs.map(({ name }) => name).toSorted()).toEqual(all.toSorted());
  expect(others.filter(({ name }) => names.includes(name))).toEqual([]);
  expect(others.map(({ name }) => name)).toEqual([
    "wasm",
    "reference",
    "random graphs",
    "mathjs",
    "metamorphic",
    "models",
  ]);
});

describe("spec", () => {
  test("runs every law on what is named, at the seed that is given", async () => {
    const { status, output } = await spec(["--only", "relu", "--seed", "7", "--runs", "8"]);
    expect(status).toBe(0);
    expect(output).toMatch(/^op relu: \d+ laws, \d+ examples\n\d+ examples, 0 broken, seed 7\n$/);
  });

  test("prints what is broken, keeps it and ends with 1; --no-keep keeps nothing", async () => {
    const broken = await spec(["--seed", "3"], { proofs: [breaking(3)] });
    expect(broken.status).toBe(1);
    expect(broken.output).toContain(
      "tangent is broken by brittle\n  at x\n  expected 1\n  got 2\n",
    );
    expect(broken.kept).toEqual([{ subject: "brittle", law: "tangent", seed: 3, runs: 32 }]);
    const loose = await spec(["--seed", "3", "--no-keep"], { proofs: [breaking(3)] });
    expect([loose.status, loose.kept]).toEqual([1, []]);
  });

  test.each([
    [["--only", "nobody"], "spec: expected --only to name an op"],
    [["shallow"], 'spec: expected depth to be deep, alarms, or nothing, got "shallow".'],
    [["--seed", "x"], "--seed to be an integer"],
    [["--what"], "unknown option"],
  ])("does not understand %j and ends with 2", async (args, message) => {
    const { status, errors } = await spec(args);
    expect([status, errors.includes(message)]).toEqual([2, true]);
  });
});

describe("spec deep", () => {
  test("goes on with other seeds and twice the runs until the time is over", async () => {
    const args = ["deep", "--minutes", "1", "--seed", "5", "--runs", "8"];
    const { status, output } = await spec(args, { proofs: [breaking(100)] });
    expect(status).toBe(0);
    expect(output.split("\n")).toEqual([
      "pass 1: seed 5, 8 runs a law",
      "pass 2: seed 6, 16 runs a law",
      "pass 3: seed 7, 32 runs a law",
      "24 examples, none broken",
      "",
    ]);
  });

  test("ends with 1 at the first seed that breaks a law, and keeps that", async () => {
    const args = ["deep", "--minutes", "60", "--seed", "5"];
    const { status, kept } = await spec(args, { proofs: [breaking(7)] });
    const example = { subject: "brittle", law: "tangent", seed: 7, runs: 128 };
    expect([status, kept]).toEqual([1, [example]]);
  });

  test("draws a seed where none is given, and prints it", async () => {
    const first = await spec(["deep", "--minutes", "1"], { proofs: [breaking(2 ** 40)] });
    expect(first.output).toMatch(/^pass 1: seed \d+, /);
  });
});

test("an example is kept once, as a line of the list that runs first", () => {
  const path = join(mkdtempSync(join(tmpdir(), "kept-")), "kept.ts");
  writeFileSync(path, readFileSync("spec/laws/kept.ts"));
  const before = readFileSync(path, "utf8");
  const example = { subject: "relu", law: "tangent", seed: 12, runs: 64 };
  expect([keepExample(example, path), keepExample(example, path)]).toEqual([true, false]);
  const line = '  { subject: "relu", law: "tangent", seed: 12, runs: 64 },\n];\n';
  expect(readFileSync(path, "utf8")).toBe(before.replace("];\n", line));
});
