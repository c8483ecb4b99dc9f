/**
 * The README: its examples are the files in spec/examples, and those run.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { matmul, RandomSource, randomNormal, scope } from "../core/index.ts";

const readme = readFileSync("README.md", "utf8");
const examples = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);
const files = ["training-loop.ts", "own-experiment.ts", "derivatives.ts", "own-op.ts", "gpu.ts"];

function run(file: string): string {
  return execFileSync(process.execPath, ["--import", "tsx", `spec/examples/${file}`], {
    encoding: "utf8",
  });
}

test("every example of the README is a file that is linted, type-checked and run", () => {
  expect(examples).toEqual(files.map((file) => readFileSync(`spec/examples/${file}`, "utf8")));
});

test("the README's training loop brings the loss down by half", () => {
  const losses = [...run("training-loop.ts").matchAll(/loss ([\d.]+)/g)].map(([, loss]) =>
    Number(loss),
  );
  expect(losses).toHaveLength(10);
  expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 2);
});

test("the README's own experiment has fewer than 60 lines, runs, and decides its claim", () => {
  expect(examples[1]?.trimEnd().split("\n").length).toBeLessThan(60);
  const out = mkdtempSync(join(tmpdir(), "bitgrad-readme-"));
  const words = ["run", "./spec/examples/own-experiment.ts", "--workers", "1", "--out", out];
  const lines = execFileSync(
    process.execPath,
    ["--import", "tsx", "research/cli.ts", ...words, "--json"],
    { encoding: "utf8" },
  );
  rmSync(out, { recursive: true });
  const { runs, verdicts } = JSON.parse(lines);
  expect(runs).toHaveLength(16);
  expect(verdicts).toMatchObject({ "momentum-in-valleys": { verdict: "reproduced" } });
});

test("the README's derivatives print readable tensors", () => {
  const lines = run("derivatives.ts");
  expect(lines.match(/Tensor \[3\] float64/g)).toHaveLength(5);
  expect(lines).toContain("Tensor [3, 3] float64");
});

test("the README's product on the gpu device ran there, and is what wasm computes", () => {
  const lines = run("gpu.ts");
  expect(lines).toMatch(/^1 product in mode (webgpu|webasm-threads|webasm) on ./m);
  const expected = scope(() => {
    const x = randomNormal([64, 64], { stream: new RandomSource(0).stream("x") });
    return matmul(x, x).sum().item();
  });
  // 4096 sums of 64 products of about 1: some 1e-6 each, of random signs.
  expect(Number(/^gpu (\S+)/.exec(lines)?.[1])).toBeCloseTo(expected, 2);
});

test("the README's own op obeys every law, says on how many examples, and is applied", () => {
  const lines = run("own-op.ts");
  expect(lines.match(/^[\w -]+: \d+$/gm)).toHaveLength(11);
  expect(lines).toContain("0.857143");
});
