/** What is written of the gpu device's speed: forms that multiply rightly, and sections that replace their like. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gpuStarted } from "../core/devices/gpu/state.ts";
import { setDevice, setGpuCutoff, stopGpu } from "../core/index.ts";
import { markers, section, withSection } from "../research/bench/gpu-document.ts";
import { forms, productBy } from "../research/bench/gpu-forms.ts";
import { agree, factors } from "../research/bench/gpu-product.ts";
import { TiledPeer, tiledTitle } from "../research/bench/tiled.ts";
import { betweenMarkers, withBetween } from "../research/markers.ts";
import { refusal, startTime, unlessAdapter } from "./devices/gpu-modes.ts";

/** Whole numbers in [-5, 5], which float32 multiplies and adds without rounding. */
const whole = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => ((i * 7 + seed * 5 + Math.floor(i / 13)) % 11) - 5);

beforeAll(() => {
  setGpuCutoff(0);
  setDevice("gpu:webasm");
}, startTime);
afterAll(() => {
  setDevice("wasm");
  stopGpu();
  setGpuCutoff(null);
});

test.each(forms.map((form) => [form.title, form] as const))(
  "%s a thread: all results are right, and where they belong",
  (_, form) => {
    const engine = gpuStarted()?.engine;
    if (engine === undefined) throw new Error("no engine");
    for (const n of [4, 12]) {
      const [a, b] = [whole(n * n, 1), whole(n * n, 2)];
      const expected = Array.from({ length: n * n }, (_, at) => {
        let sum = 0;
        for (let k = 0; k < n; k++) {
          sum += (a[n * Math.floor(at / n) + k] ?? 0) * (b[n * k + (at % n)] ?? 0);
        }
        return sum;
      });
      expect([...productBy(form, engine, n, a, b)]).toEqual(expected);
    }
  },
);

describe(`the product by hand ${unlessAdapter}`, () => {
  test.skipIf(refusal !== null)(
    "multiplies rightly, and what is wrong in one element does not agree",
    async () => {
      const tiled = new TiledPeer();
      try {
        for (const n of [64, 128]) {
          const [a, b] = factors(n);
          const found = Float32Array.from(await tiled.product(n));
          const expected = Float32Array.from({ length: n * n }, (_, at) => {
            let sum = 0;
            for (let k = 0; k < n; k++) {
              sum += (a[n * Math.floor(at / n) + k] ?? 0) * (b[n * k + (at % n)] ?? 0);
            }
            return sum;
          });
          expect(agree(found, expected, n)).toBe(true);
          expect(agree(found.with(n + 1, (found[n + 1] ?? 0) + 0.01), expected, n)).toBe(false);
          expect(await tiled.contestant(n)).toMatchObject({ name: tiledTitle });
        }
        expect(await tiled.contestant(100)).toBeNull();
      } finally {
        tiled.close();
      }
    },
    startTime,
  );
});

test("a section has a row for each form and workload, and no form is wrong", async () => {
  const extent = { turnSeconds: 0.001, forms: [8, 16], crossings: [8], workloads: ["matmul/64"] };
  const options = { peers: [], threads: 1, runs: 1 };
  const text = await section(extent, options);
  for (const { title } of forms) {
    expect(text).toMatch(new RegExp(`^\\| ${title} \\| [\\d.e-]+ \\| [\\d.e-]+ \\|$`, "m"));
  }
  expect(text).toContain("| workload | gpu | resident | naive | wasm |");
  expect(text).toMatch(/^\| matmul\/64, GFLOP\/s( \| [\d.]+){4} \|$/m);
  expect(text).toMatch(/No product up to 8³ is faster|Faster than wasm from 512 multiplications/);
});

describe("sections", () => {
  test("of the same title are replaced, and no other is touched", () => {
    const one = withSection("", "webgpu on one", "first");
    const two = withSection(one, "webgpu on one and more", "second");
    expect(two).toBe("#### webgpu on one\n\nfirst\n\n#### webgpu on one and more\n\nsecond");
    const again = withSection(two, "webgpu on one", "third");
    expect(again).toBe("#### webgpu on one\n\nthird\n\n#### webgpu on one and more\n\nsecond");
  });

  test("stand between the markers, and nothing else changes", () => {
    const document = readFileSync("CONTRIBUTING.md", "utf8");
    const written = withBetween(document, markers, "CONTRIBUTING.md", "#### a\n\nb");
    expect(betweenMarkers(written, markers, "CONTRIBUTING.md")).toBe("#### a\n\nb");
    const [before, after] = document.split(/<!-- gpu -->[\s\S]*<!-- \/gpu -->/);
    expect(written.startsWith(before ?? "?")).toBe(true);
    expect(written.endsWith(after ?? "?")).toBe(true);
  });
});
