/**
 * The gpu device against the reference device, in every mode of Node on this machine: its launches, and the laws of
 * gradients, at the bounds of sums in float32. A browser runs the same suite (gpu-browsers.test.ts). BITGRAD_SPEC_SEED
 * sets the seed.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stopGpu } from "../core/devices/gpu/index.ts";
import { kernelClasses } from "../core/devices/gpu/launches.ts";
import { scope, setDevice } from "../core/index.ts";
import { checkedLaunches } from "./devices/checked-launch.ts";
import { modesHere, startTime, unlessAdapter, useMode } from "./devices/gpu-modes.ts";
import { checkedGpu, rightReasons, suite, whereabouts } from "./devices/gpu-suite.ts";
import { runCase } from "./devices/large-cases.ts";
import { budget } from "./laws/run.ts";

describe.each(modesHere)("in mode %s", (mode) => {
  beforeAll(() => useMode(mode), startTime);
  afterAll(() => {
    setDevice("wasm");
    stopGpu();
  });

  test.each(suite.map((part) => [part.title, part] as const))("%s", (_, part) => {
    const { failure, examples, worst } = part.run();
    if (failure !== null) throw failure;
    expect(examples).toBeGreaterThan(2);
    expect(worst).toBeGreaterThan(0);
    expect(worst).toBeLessThanOrEqual(1);
  });

  test("every class passed its probe, and launches ran in this mode", () => {
    const { ran, ...where } = whereabouts();
    expect(where).toMatchObject({
      device: `gpu:${mode}`,
      mode,
      refused: [],
      reasons: rightReasons,
    });
    for (const name of kernelClasses) expect(ran[name]).toBeGreaterThan(0);
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
