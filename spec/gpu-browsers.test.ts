/**
 * The gpu device in a browser: every mode gives what wasm gives, trains as well as wasm does, and says which mode ran.
 * Chromium is found in PATH; its own software adapter serves where the machine has no other. Only with BITGRAD_GPU=1;
 * BITGRAD_GPU_IMAGES=2000 trains on as many, three times, instead of on a few.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readMnist } from "../core/data/index.ts";
import { kernelClasses } from "../core/devices/gpu/launches.ts";
import { withDevice } from "../core/index.ts";
import { askBrowser, browsers, bundle } from "./browser/engines.ts";
import { computed, type GpuAnswer } from "./browser/gpu-in-worker.ts";
import type { SuiteAnswer } from "./browser/gpu-suite.ts";
import { type TrainingAnswer, type TrainingTask, trained } from "./browser/gpu-training.ts";
import { isWhole } from "./devices/gpu-modes.ts";
import { rightReasons, suite } from "./devices/gpu-suite.ts";

const code = await bundle("gpu-in-worker.ts");
const chromium = isWhole ? browsers().find(({ name }) => name === "chromium") : undefined;
const scripts = {
  "/gpu-browser.js": join(process.cwd(), "node_modules/gpu.js/dist/gpu-browser.js"),
};
/** Milliseconds in which the suite surely ran. */
const suiteTime = 240_000;
const flags = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-unsafe-swiftshader",
];

describe.skipIf(chromium === undefined)(
  "chromium, skipped unless it is in PATH and BITGRAD_GPU is 1,",
  () => {
    const ask = (name: string, isolated: boolean): Promise<GpuAnswer | null> =>
      chromium === undefined
        ? Promise.resolve(null)
        : askBrowser<GpuAnswer>(chromium, code, { isolated, threads: name, flags, scripts });

    test.each([
      ["gpu:webgpu", true],
      ["gpu:webgl2", false],
      ["gpu:webasm-threads", true],
      ["gpu:webasm", false],
      ["gpu", true],
    ] as const)("computes on %s what wasm computes (isolated page: %s)", async (name, isolated) => {
      const answer = await ask(name, isolated);
      expect(answer?.error).toBeNull();
      expect(answer?.device).toBe(name === "gpu" ? "gpu:webgpu" : name);
      expect(answer?.ran).toEqual({
        matmul: 1,
        conv2d: 1,
        conv2dInputGradient: 1,
        conv2dWeightGradient: 1,
      });
      const expected = withDevice("wasm", computed);
      expect(answer?.values.length).toBe(expected.length);
      // Sums of at most 1030 products of about 1: γ₁₀₃₀·Σ|a·b| is 1030·2⁻²⁴·1030 = 0.06 at most, of random signs 1e-3.
      answer?.values.forEach((value, i) => {
        expect(Math.abs(value - (expected[i] ?? Number.NaN))).toBeLessThan(1e-3);
      });
    });

    test("a WebGL context that was lost is an error, though zeros could be read from it", async () => {
      const answer = await ask("gpu:webgl2 lost", false);
      expect(answer?.values).toEqual([]);
      expect(answer?.error).toMatch(
        /DeviceError: gpu: expected the device, in mode webgl2 on .*got a WebGL context that was lost\./,
      );
    });

    test("a page without isolation refuses webgpu, as nobody can wait there, and says so", async () => {
      const answer = await ask("gpu:webgpu", false);
      expect(answer?.error).toContain("got webgpu: no memory that threads share");
    });
  },
);

describe.skipIf(chromium === undefined)(
  "the suite in chromium, skipped unless it is in PATH and BITGRAD_GPU is 1,",
  () => {
    let code = "";
    beforeAll(async () => {
      code = await bundle("gpu-suite.ts");
    });

    // webgl2 gives one result a thread and compiles each kernel anew in SwiftShader: seconds for a launch at times.
    test.each([
      ["webgpu", true],
      ["webgl2", false],
      ["webasm-threads", true],
      ["webasm", false],
    ] as const)(
      "in mode %s every launch agrees with the reference, and gradients keep their laws",
      async (mode, isolated) => {
        if (chromium === undefined) return;
        const answer = await askBrowser<SuiteAnswer>(chromium, code, {
          isolated,
          threads: `gpu:${mode}`,
          flags,
          scripts,
          patience: suiteTime,
        });
        expect(answer.error).toBeNull();
        expect(answer.parts.map(({ title }) => title)).toEqual(suite.map(({ title }) => title));
        for (const { title, examples, worst, failure } of answer.parts) {
          expect(failure, title).toBeNull();
          expect(examples, title).toBeGreaterThan(2);
          expect(worst, title).toBeGreaterThan(0);
          expect(worst, title).toBeLessThanOrEqual(1);
        }
        const total = (of: (part: SuiteAnswer["parts"][number]) => number): number =>
          answer.parts.reduce((sum, part) => sum + of(part), 0);
        console.log(
          `${mode} on ${answer.where?.adapter}: ${total(({ examples }) => examples)} examples in ` +
            `${total(({ seconds }) => seconds).toFixed(0)} s; of its bound no launch took more than ` +
            `${Math.max(...answer.parts.map(({ worst }) => worst)).toPrecision(2)}`,
        );
        const { ran, ...where } = answer.where ?? {};
        expect(where).toMatchObject({
          device: `gpu:${mode}`,
          mode,
          refused: [],
          reasons: rightReasons,
        });
        for (const name of kernelClasses) expect(ran?.[name], name).toBeGreaterThan(0);
      },
      suiteTime,
    );
  },
);

const images = Number(process.env["BITGRAD_GPU_IMAGES"] || 0);
const patience = images > 0 ? 2_400_000 : 120_000;

describe.skipIf(chromium === undefined)(
  "training in chromium, skipped unless it is in PATH and BITGRAD_GPU is 1,",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "bitgrad-browser-images-"));
    const file = join(folder, "images");
    let code = "";
    beforeAll(async () => {
      code = await bundle("gpu-training.ts");
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    // A software adapter takes seconds for a step through textures.
    test.each([
      ["gpu:webgpu", true, { train: 320, test: 200, epochs: 2 }],
      ["gpu:webgl2", false, { train: 64, test: 100, epochs: 1 }],
    ] as const)(
      "%s learns digits as well as wasm, to a point",
      async (name, isolated, part) => {
        if (chromium === undefined) return;
        const size = images > 0 ? { train: images, test: images, epochs: 3 } : part;
        const task: TrainingTask = { ...size, device: name };
        const bytes = digits(task);
        writeFileSync(file, bytes);
        const answer = await askBrowser<TrainingAnswer>(chromium, code, {
          isolated,
          threads: JSON.stringify(task),
          flags,
          scripts: { ...scripts, "/images": file },
          patience,
        });
        expect(answer.error).toBeNull();
        expect(answer.device).toBe(name);
        expect(answer.passedOn).toBe(0);
        const steps = task.epochs * Math.ceil(task.train / 32);
        // Two convolutions a step; the images that the first one is given need no gradient.
        expect(answer.ran).toMatchObject({
          conv2dWeightGradient: 2 * steps,
          conv2dInputGradient: steps,
        });
        const expected = withDevice("wasm", () => trained(bytes, task));
        const [here, there] = [answer, expected].map(({ accuracy }) => `${100 * accuracy} %`);
        console.log(`${name} ${here}, wasm ${there}`);
        expect(Math.abs(answer.accuracy - expected.accuracy)).toBeLessThanOrEqual(0.01);
        expect(answer.losses).toHaveLength(steps);
        answer.losses.slice(0, 2).forEach((loss, i) => {
          // Some 1e-7 of a loss, which Adam's first step, signs of the gradient, may enlarge.
          expect(Math.abs((loss ?? Number.NaN) - (expected.losses[i] ?? 0))).toBeLessThan(1e-3);
        });
      },
      patience,
    );
  },
);

/** The first images of MNIST, as gpu-training wants them. */
function digits({ train: many, test: few }: TrainingTask): Uint8Array {
  const { train, test: rest } = readMnist();
  return new Uint8Array(
    Buffer.concat([
      train.images.subarray(0, many * 784),
      rest.images.subarray(0, few * 784),
      train.labels.subarray(0, many),
      rest.labels.subarray(0, few),
    ]),
  );
}
