/**
 * Every family of kernels gives the same bits on 1, 2, 3 and 8 threads, on shapes large enough to be shared. Each count
 * runs in a process of its own, since a process keeps its threads. BITGRAD_SPEC_SEED draws other shapes.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { singleBinary } from "../core/devices/wasm/binary.gen.ts";
import { caseNames } from "./devices/large-cases.ts";
import type { LargeRun } from "./devices/large-run.ts";
import { budget } from "./laws/run.ts";

/** Runs all cases on so many threads. */
async function runOn(threads: number): Promise<LargeRun> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", "tsx", "spec/devices/large-run.ts", String(budget.seed)],
    { env: { ...process.env, BITGRAD_THREADS: String(threads) }, timeout: 55_000 },
  );
  return JSON.parse(stdout);
}

let alone: LargeRun;
beforeAll(async () => {
  alone = await runOn(1);
}, 60_000);

test.each([2, 3, 8])("every case has the bits of one thread on %i threads", async (threads) => {
  const { fingerprints } = await runOn(threads);
  expect(fingerprints).toEqual(alone.fingerprints);
});

test("the cases differ from each other", () => {
  const { fingerprints } = alone;
  for (const dtype of ["float32", "float64"]) {
    const mine = caseNames.map((name) => fingerprints[`${name} in ${dtype}`]);
    expect(new Set(mine).size).toBe(caseNames.length);
  }
});

test("the cases let threads share every compiled kernel but those listed", () => {
  const ofRepeatedSteps = "of repeated steps alone: compile-fusion has it shared by two threads";
  const never = {
    heapStart: "no kernel",
    memory: "no kernel",
    finiteOrZero: "runs in one piece",
    peakF32: "measures, and computes nothing that anybody sees",
    biasReluF32: ofRepeatedSteps,
    chainF32: ofRepeatedSteps,
    fibreProductsMaskedF32: ofRepeatedSteps,
    normalizeChainF32: ofRepeatedSteps,
    projectMaskedF32: ofRepeatedSteps,
    sumReluGradientF32: ofRepeatedSteps,
    unpoolReluF32: ofRepeatedSteps,
    foldFinish: "shares only 16,384 sums or more, each of 4,097 numbers or more",
  };
  const module = new WebAssembly.Module(Buffer.from(singleBinary, "base64"));
  const compiled = WebAssembly.Module.exports(module).map(({ name }) => name);
  const missing = compiled.filter((name) => !alone.shared.includes(name));
  expect(missing.toSorted()).toEqual(Object.keys(never).toSorted());
});
