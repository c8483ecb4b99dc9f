/** What memory of the wasm device held before a launch moves no bit of any op, and none writes beside its outputs. */
import { beforeAll, describe, expect, test } from "vitest";
import { wasmDevice } from "../core/devices/wasm/index.ts";
import type { WasmHandle } from "../core/devices/wasm/memory.ts";
import { current } from "../core/devices/wasm/state.ts";
import { add, registry, scope, setDevice, tensor } from "../core/index.ts";
import { caseNames, runCase } from "./devices/large-cases.ts";
import { withinOutputs } from "./laws/outside-writes.ts";
import { poisoned, poisonedMemory, watchScratch } from "./laws/poisoned-memory.ts";
import { budget, runLaw } from "./laws/run.ts";
import { numbers } from "./plain.ts";

beforeAll(() => {
  watchScratch();
  setDevice("wasm");
});

const laws = (["float32", "float64"] as const).map(poisonedMemory);

for (const record of registry) {
  describe(record.name, () => {
    for (const law of laws) {
      test(`${law.name}: ${law.claim}`, () => {
        const { failure } = runLaw(law, record, { ...budget, runs: budget.runs / 2 });
        if (failure !== null) throw failure;
      });
    }
  });
}

describe("shapes large enough for threads", () => {
  test.each(caseNames)("%s: no launch writes beside its outputs", (name) => {
    scope(() => {
      withinOutputs(() => runCase(name, "float32", budget.seed));
    });
  });
});

test("a kernel that writes an element too many is found, though the result is right", () => {
  const launch = wasmDevice.launch;
  wasmDevice.launch = (name, inputs, outputs, attributes) => {
    launch(name, inputs, outputs, attributes);
    for (const { handle } of outputs) {
      const { pointer, bytes } = handle as WasmHandle;
      const beyond = new Uint8Array(current().memory.buffer, pointer + bytes, 1);
      beyond[0] = (beyond[0] ?? 0) ^ 1;
    }
  };
  try {
    const [a, b] = [tensor([1, 2, 3]), tensor([1, 1, 1])];
    expect(numbers(add(a, b))).toEqual([2, 3, 4]);
    expect(() => withinOutputs(() => add(a, b))).toThrow(
      /^binary wrote to \d+, and may write to \[/,
    );
  } finally {
    wasmDevice.launch = launch;
  }
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
