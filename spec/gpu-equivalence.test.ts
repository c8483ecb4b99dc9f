/**
 * The gpu device against the reference device, in every mode of this machine: values and both derivative rules of
 * matmul and convolutions, launch by launch, at the bounds of sums in float32. BITGRAD_SPEC_SEED sets the seed.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gpuStatus, stopGpu } from "../core/devices/gpu/index.ts";
import { device, registry, scope, setDevice } from "../core/index.ts";
import { checkedLaunches } from "./devices/checked-launch.ts";
import { checkedGpu, modesHere, startTime, unlessAdapter, useMode } from "./devices/gpu-modes.ts";
import { runCase } from "./devices/large-cases.ts";
import { deviceEquality } from "./laws/device-equality.ts";
import { budget, runLaw } from "./laws/run.ts";

const names = ["matmul", "conv2d", "conv2dInputGradient", "conv2dWeightGradient"] as const;

describe.each(modesHere)("in mode %s", (mode) => {
  beforeAll(() => useMode(mode), startTime);
  afterAll(() => {
    setDevice("wasm");
    stopGpu();
  });

  test.each(names)(
    "%s: every launch of value and derivatives agrees with the reference",
    (name) => {
      const record = registry.find((candidate) => candidate.name === name);
      if (record === undefined) throw new Error(`no op ${name}`);
      const law = deviceEquality("float32", () => {}, checkedGpu);
      const { failure, examples } = runLaw(law, record, { ...budget, runs: 8 });
      if (failure !== null) throw failure;
      expect(examples).toBeGreaterThan(4);
    },
  );

  test.each(["matrix products", "batches of matrix products", "convolutions of many channels"])(
    "%s large enough for many threads agree with the reference",
    (name) => {
      scope(() =>
        checkedLaunches(
          () => runCase(name, "float32", budget.seed),
          () => {},
          checkedGpu,
        ),
      );
    },
  );

  test("every class passed its probe, and launches ran in this mode", () => {
    const { mode: ran, classes } = gpuStatus() ?? {};
    expect(ran).toBe(mode);
    expect(device()).toBe(`gpu:${mode}`);
    for (const name of names) {
      expect(classes?.[name].refused).toBeNull();
      expect(classes?.[name].ran).toBeGreaterThan(0);
    }
  });

  test("a kernel that is wrong by 1 in 10,000 in one element is found", () => {
    const launch = checkedGpu.device.launch;
    const wrong: typeof launch = (kernel, inputs, outputs, attributes) => {
      launch(kernel, inputs, outputs, attributes);
      const [y] = outputs;
      if (kernel !== "matmul" || y === undefined) return;
      const elements = checkedGpu.device.read(y);
      elements[0] = (elements[0] ?? 0) * 1.0001;
      checkedGpu.device.write(y.handle, elements);
    };
    checkedGpu.device.launch = wrong;
    try {
      const body = () => runCase("matrix products", "float32", budget.seed);
      expect(() => scope(() => checkedLaunches(body, () => {}, checkedGpu))).toThrow(
        /matmul .*element 0/s,
      );
    } finally {
      checkedGpu.device.launch = launch;
    }
  });
});

describe(`mode webgpu ${unlessAdapter}`, () => {
  test.skipIf(!modesHere.includes("webgpu"))("was among those compared", () => {
    expect(modesHere).toContain("webgpu");
  });
});
