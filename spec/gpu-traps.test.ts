/**
 * What gpu.js does wrong in silence does not reach a user of the gpu device: each trap has a case that would show it,
 * in every mode of this machine. BITGRAD_GPU=1 adds modes and long cases, BITGRAD_SLOW=1 more of them.
 */
import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DirectEngine } from "../core/devices/gpu/direct-engine.ts";
import { type Engine, kernelPlan } from "../core/devices/gpu/engine.ts";
import { gpuStatus, stopGpu } from "../core/devices/gpu/index.ts";
import { loadLibrary } from "../core/devices/gpu/library.ts";
import { matmulPlan } from "../core/devices/gpu/matmul-program.ts";
import type { Mode } from "../core/devices/gpu/modes.ts";
import { temporaryId } from "../core/devices/gpu/residency.ts";
import { WorkerEngine } from "../core/devices/gpu/worker-engine.ts";
import {
  conv2d,
  matmul,
  reshape,
  scope,
  setDevice,
  slice,
  type Tensor,
  tensor,
  vjp,
  withDevice,
} from "../core/index.ts";
import { denseLayout } from "../core/layout.ts";
import { sizeOf } from "../core/shape.ts";
import { isWhole, modesHere, startTime, useMode } from "./devices/gpu-modes.ts";

const isSlow = process.env["BITGRAD_SLOW"] === "1";

/** Whole numbers in [-5, 5], which float32 multiplies and adds without rounding. */
const whole = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => ((i * 7 + seed * 5 + Math.floor(i / 13)) % 11) - 5);

const matrix = (rows: number, columns: number, seed: number): Tensor =>
  tensor(whole(rows * columns, seed), { shape: [rows, columns] });

/** a·b by definition, of row-major matrices. */
function product(a: ArrayLike<number>, b: ArrayLike<number>, depth: number): number[] {
  const columns = b.length / depth;
  return Array.from({ length: (a.length / depth) * columns }, (_, at) => {
    const row = Math.floor(at / columns);
    let sum = 0;
    for (let k = 0; k < depth; k++) {
      sum += (a[row * depth + k] ?? 0) * (b[k * columns + (at % columns)] ?? 0);
    }
    return sum;
  });
}

/** Multiplies on the gpu device, or where the mode refuses it on wasm, and compares. */
function multiplied(a: Tensor, b: Tensor, runs: 0 | 1 = 1): void {
  const depth = a.shape.at(-1) ?? 0;
  const [left, right] = [a.elements(), b.elements()];
  const before = gpuStatus()?.classes.matmul.ran ?? 0;
  const got = [...scope(() => matmul(a, b)).elements()];
  expect(gpuStatus()?.classes.matmul.ran).toBe(before + runs);
  expect(got).toEqual(product([...left].map(Number), [...right].map(Number), depth));
}

describe.each(modesHere)("in mode %s", (mode) => {
  beforeAll(() => useMode(mode), startTime);
  afterAll(() => {
    setDevice("wasm");
    stopGpu();
  });

  test.each([1001, 2500])("a sum of %i terms does not end at the thousandth", (depth) => {
    multiplied(matrix(3, depth, 1), matrix(depth, 4, 2));
    multiplied(matrix(2, depth, 3), matrix(depth, 5, 4));
  });

  test.each([1, 2, 3, 5, 6, 7, 9])(
    "a width of %i, no multiple of 4, has all its columns",
    (width) => {
      multiplied(matrix(6, 10, width), matrix(10, width, 2));
    },
  );

  test("an array smaller than the one before it is read to its own end", () => {
    multiplied(matrix(8, 12, 1), matrix(12, 8, 2));
    multiplied(matrix(8, 5, 3), matrix(5, 8, 4));
    multiplied(matrix(8, 12, 5), matrix(12, 8, 6));
  });

  test("more than 65,535 groups of threads go to wasm, which is said", () => {
    const rows = 8 * 65535 + 1;
    const a = tensor(whole(rows, 1), { shape: [rows, 1] });
    const y = scope(() => matmul(a, tensor([[2, 3, 5]]))).elements();
    const of = (row: number): number[] => [2, 3, 5].map((x) => x * (a.elements()[row] as number));
    expect([...y.subarray(3 * (rows - 1))]).toEqual(of(rows - 1));
    const reasons = Object.keys(gpuStatus()?.classes.matmul.passedOn ?? {});
    expect(reasons).toEqual([`more than 65535 groups of threads (3 × ${rows} × 1 threads)`]);
  });

  test.skipIf(!isWhole && !isSlow)(
    "elements beyond 2²⁴, which float32 cannot count, are the ones asked for; webasm counts in float32, and is refused",
    () => {
      const length = 2 ** 24 + 101;
      const far = new Float32Array(length).fill(1000);
      far.set(whole(100, 7), length - 100);
      scope(() => {
        const a = reshape(slice(tensor(far), [[length - 99, length - 59]]), [5, 8]);
        const b = reshape(slice(tensor(far), [[length - 49, length - 1]]), [8, 6]);
        multiplied(a, b, mode === "webgpu" ? 1 : 0);
      });
    },
  );

  test.skipIf(mode !== "webgpu")(
    "nor do a convolution and its gradients lose count of pixels beyond 2²⁴",
    () => {
      const length = 2 ** 24 + 501;
      const far = new Float32Array(length).fill(1000);
      far.set(whole(500, 3), length - 500);
      const pulled = (): readonly (readonly number[])[] =>
        scope(() => {
          const all = tensor(far);
          const part = (from: number, shape: readonly number[]): Tensor => {
            const begin = length - 500 + from;
            return reshape(slice(all, [[begin, begin + sizeOf(shape)]]), shape);
          };
          const at = [part(0, [2, 4, 5, 6]), part(240, [8, 2, 3, 3])] as const;
          const { value, pull } = vjp(
            ([x, weight]: readonly [Tensor, Tensor]) =>
              conv2d(x, weight, { padding: 1, stride: 2, groups: 2 }),
            at,
          );
          return [value, ...pull(part(350, [2, 8, 3, 3]))].map((y) =>
            [...y.elements()].map(Number),
          );
        });
      const names = ["conv2d", "conv2dInputGradient", "conv2dWeightGradient"] as const;
      const ran = (): readonly number[] =>
        names.map((name) => gpuStatus()?.classes[name].ran ?? Number.NaN);
      const before = ran();
      expect(pulled()).toEqual(withDevice("wasm", pulled));
      expect(ran()).toEqual(before.map((count) => count + 1));
    },
  );

  test.skipIf(mode === "webasm")("what is sent to a slower worker does not pile up", () => {
    const engine = engineOf(mode);
    try {
      const block = new Float32Array(2 ** 21);
      const before = process.memoryUsage().rss;
      for (let i = 0; i < 512; i++) {
        const id = temporaryId();
        engine.upload(id, block);
        engine.free(id);
      }
      // 4 GiB were sent; 256 MiB may be on their way, as much with the adapter, and some of it garbage of both sides.
      expect(process.memoryUsage().rss - before).toBeLessThan(1.5 * 2 ** 30);
    } finally {
      engine.close();
    }
  });

  test("kernels are destroyed, the oldest first, when there are more shapes than are kept", {
    timeout: isSlow ? 600_000 : 60_000,
  }, () => {
    const engine = engineOf(mode);
    try {
      const threaded = mode === "webasm-threads";
      const shapes = threaded && !isSlow ? 40 : 1000;
      const most = threaded ? 2048 : 0; // gpu.js shares 4096 results or more between threads
      const before = process.memoryUsage().rss;
      for (let i = 1; i <= shapes; i++) {
        const rows = most + i;
        expect(multipliedOn(engine, rows)).toEqual(product(whole(3 * rows, 1), whole(6, 2), 3));
        expect(engine.kernels()).toBe(Math.min(i, kept(mode)));
      }
      // 256 MiB: a thousand kernels that nobody destroys hold 20 MiB each on webasm's threads, 1 MiB elsewhere.
      expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 28);
    } finally {
      engine.close();
    }
  });

  test.skipIf(mode === "webasm")("an idle device takes no processor's time", async () => {
    multiplied(matrix(4, 4, 1), matrix(4, 4, 2));
    const before = process.cpuUsage();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const { user, system } = process.cpuUsage(before);
    // A thread that spins takes the whole second; the warden, the beat and vitest take some milliseconds.
    expect(user + system).toBeLessThan(500_000);
  });
});

const kept = (mode: Mode): number => (mode === "webasm" ? 16 : 8);

function engineOf(mode: Mode): Engine {
  return mode === "webgpu" || mode === "webasm-threads"
    ? new WorkerEngine({ mode, mostKernels: kept(mode) })
    : new DirectEngine({ library: loadLibrary(), mode });
}

/** [rows, 3]·[3, 2] on the engine. */
function multipliedOn(engine: Engine, rows: number): readonly number[] {
  const layouts = [
    [rows, 3],
    [3, 2],
    [rows, 2],
  ].map((shape) => denseLayout(shape));
  const [a = denseLayout([]), b = a, y = a] = layouts;
  const [program] = matmulPlan(a, b, y, 4)?.plan ?? [];
  if (program === undefined) throw new Error("no program");
  const [left, right, result] = [temporaryId(), temporaryId(), temporaryId()];
  engine.upload(left, whole(3 * rows, 1));
  engine.upload(right, whole(6, 2));
  engine.launch(
    kernelPlan(program, [3 * rows, 6]),
    { a: left, b: right, fromA: 0, fromB: 0 },
    result,
  );
  const target = new Float32Array(2 * rows);
  engine.fetch(result, target);
  for (const id of [left, right, result]) engine.free(id);
  return [...target];
}

const spawning = modesHere.filter(() => isWhole || isSlow);

test.each(spawning)("a process that used mode %s ends by itself, without a signal", (mode) => {
  const { status, signal, stdout } = spawnSync(
    process.execPath,
    ["--import", "tsx", "research/cli.ts", "device", "--device", `gpu:${mode}`],
    { encoding: "utf8", timeout: 55_000 },
  );
  expect({ status, signal }).toEqual({ status: 0, signal: null });
  expect(stdout).toMatch(new RegExp(`^device gpu: mode ${mode} on `));
});
