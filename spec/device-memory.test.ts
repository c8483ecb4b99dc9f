/** What memory of the wasm device held before a launch moves no bit of any op. */
import { beforeAll, describe, expect, test } from "vitest";
import { wasmDevice } from "../core/devices/wasm/index.ts";
import { add, registry, setDevice, tensor } from "../core/index.ts";
import { poisoned, poisonedMemory, watchScratch } from "./laws/poisoned-memory.ts";
import { budget, runLaw } from "./laws/run.ts";
import { numbers } from "./plain.ts";

beforeAll(() => {
  watchScratch();
  setDevice("wasm");
});

describe.each(["float32", "float64"] as const)("in %s", (float) => {
  const law = poisonedMemory(float);
  test.each(registry.map(({ name }) => name))(`%s ${law.name}: ${law.claim}`, (name) => {
    const record = registry.find((candidate) => candidate.name === name);
    if (record === undefined) throw new RangeError(name);
    const { failure } = runLaw(law, record, { ...budget, runs: budget.runs / 2 });
    if (failure !== null) throw failure;
  });
});

test("a kernel that leaves an element unwritten shows the poison", () => {
  const launch = wasmDevice.launch;
  wasmDevice.launch = (name, inputs, outputs, attributes) => {
    const shorter = outputs.map((output) => ({ ...output, shape: [2] }));
    launch(
      name,
      inputs.map((input) => ({ ...input, shape: [2] })),
      shorter,
      attributes,
    );
  };
  try {
    const [a, b] = [tensor([1, 2, 3]), tensor([1, 1, 1])];
    expect(poisoned(() => numbers(add(a, b)))).toEqual([2, 3, Number.NaN]);
  } finally {
    wasmDevice.launch = launch;
  }
});
