/**
 * The gpu device in a browser: every mode gives what wasm gives, and says which mode ran. Chromium is found in PATH;
 * its own software adapter serves where the machine has no other.
 */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { withDevice } from "../core/index.ts";
import { askBrowser, browsers, bundle } from "./browser/engines.ts";
import { computed, type GpuAnswer } from "./browser/gpu-in-worker.ts";

const code = await bundle("gpu-in-worker.ts");
const chromium = browsers().find(({ name }) => name === "chromium");
const scripts = {
  "/gpu-browser.js": join(process.cwd(), "node_modules/gpu.js/dist/gpu-browser.js"),
};
const flags = [
  "--enable-unsafe-webgpu",
  "--use-webgpu-adapter=swiftshader",
  "--enable-unsafe-swiftshader",
];

describe.skipIf(chromium === undefined)("chromium, skipped unless it is in PATH,", () => {
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

  test("a page without isolation refuses webgpu, as nobody can wait there, and says so", async () => {
    const answer = await ask("gpu:webgpu", false);
    expect(answer?.error).toContain("got webgpu: no memory that threads share");
  });
});
