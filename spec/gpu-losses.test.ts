/**
 * Memory that is not to be had, devices that are lost and adapters that disappear: each is an error or a fall-back that
 * is counted, never a number. In every mode of this machine.
 */
import { afterEach, describe, expect, test, vi } from "vitest";
import { kernelPlan } from "../core/devices/gpu/engine.ts";
import { gpuDevice, gpuStatus, stopGpu } from "../core/devices/gpu/index.ts";
import { matmulPlan } from "../core/devices/gpu/matmul-program.ts";
import { temporaryId } from "../core/devices/gpu/residency.ts";
import { gpuStarted } from "../core/devices/gpu/state.ts";
import { control, type Sabotage } from "../core/devices/gpu/worker-body.ts";
import { WorkerEngine } from "../core/devices/gpu/worker-engine.ts";
import {
  crossEntropy,
  matmul,
  RandomSource,
  randomIntegers,
  randomNormal,
  scope,
  setDevice,
  type Tensor,
  tensor,
  withDevice,
} from "../core/index.ts";
import { denseLayout } from "../core/layout.ts";
import { assemble, Conv2d, Flatten, Linear, Sequential } from "../layers/index.ts";
import { sgd } from "../optim/index.ts";
import { modesHere, startTime, useMode } from "./devices/gpu-modes.ts";

const normal = (name: string, shape: readonly number[]): Tensor =>
  randomNormal(shape, { stream: new RandomSource(3).stream(name) });

const square = (): Tensor =>
  tensor([
    [1, 2],
    [3, 4],
  ]);

afterEach(() => {
  setDevice("wasm");
  stopGpu();
});

/** A step of a small net, whose images need not be as many each time; gives the loss. */
function steps(): (images: number) => number {
  const net = new Sequential([
    new Conv2d(1, 4, { kernel: 3, padding: 1 }),
    new Flatten(),
    new Linear(4 * 36, 3),
  ]);
  assemble(net, { seed: 1 });
  const optimizer = sgd(net.parameters(), { learningRate: 0.01 });
  const stream = new RandomSource(3).stream("labels");
  return (images) =>
    scope(() => {
      const [x, y] = [
        normal("images", [images, 1, 6, 6]),
        randomIntegers([images], { stream, low: 0, high: 3 }),
      ];
      return optimizer.step(() => crossEntropy(net.forward(x), y)).item();
    });
}

/** Takes away, in this thread or the worker's, what memory is made with; gives what brings it back. */
function exhaust(): () => void {
  const engine = gpuStarted()?.engine;
  if (engine instanceof WorkerEngine) {
    engine.sabotage("exhaust");
    return () => {};
  }
  const spy = vi.spyOn(WebAssembly, "Memory").mockImplementation(function refuse() {
    throw new RangeError("could not allocate memory");
  });
  return () => spy.mockRestore();
}

describe.each(modesHere)("in mode %s", (mode) => {
  test(
    "memory that is not to be had in the midst of training is an error, and a new start trains on",
    () => {
      useMode(mode);
      const step = steps();
      expect(step(8)).toBeGreaterThan(0);
      const restore = exhaust();
      try {
        // Other shapes: kernels of webasm have the memory that they need.
        expect(() => [9, 10, 11].map(step)).toThrow(
          new RegExp(
            `^gpu: expected the device, in mode ${mode} on .*, to go on, got .*(memory|size|buffer).*Start again`,
            "is",
          ),
        );
        expect(() => matmul(square(), square())).toThrow(/^gpu: expected the device/);
      } finally {
        restore();
      }
      useMode(mode);
      expect(steps()(8)).toBeGreaterThan(0);
    },
    startTime,
  );

  test(
    "an array of more bytes than the adapter takes goes to wasm, bit for bit, and is counted",
    () => {
      useMode(mode);
      const engine = gpuStarted()?.engine ?? {};
      Object.defineProperty(engine, "mostBytes", { value: 4 * 100 });
      const product = (columns: number): readonly number[] =>
        scope(() =>
          [...matmul(normal("x", [10, 10]), normal("w", [10, columns])).elements()].map(Number),
        );
      const wide = product(11);
      expect(gpuStatus()?.classes.matmul).toMatchObject({
        ran: 0,
        passedOn: { "more than the adapter can bind": 1 },
      });
      expect(wide).toEqual(withDevice("wasm", () => product(11)));
      product(10);
      expect(gpuStatus()?.classes.matmul.ran).toBe(1);
    },
    startTime,
  );

  test(
    "a device that was stopped starts again in the mode that was asked for",
    () => {
      useMode(mode);
      const x = square();
      const y = matmul(x, x);
      stopGpu();
      expect(gpuStatus()).toBeNull();
      expect([...y.elements()]).toEqual([7, 10, 15, 22]);
      expect([...matmul(y, x).elements()]).toEqual([37, 54, 81, 118]);
      expect(gpuStatus()?.mode).toBe(mode);
    },
    startTime,
  );

  test(
    "what is written over the beginning of a value that is away leaves the rest of it",
    () => {
      useMode(mode);
      const y = matmul(square(), square());
      gpuDevice.write(y.storage.handle, Float32Array.of(-1, -2));
      expect([...y.elements()]).toEqual([-1, -2, 15, 22]);
    },
    startTime,
  );
});

const workers = (["webgpu", "webasm-threads"] as const).filter((mode) => modesHere.includes(mode));

describe.each(workers)("behind a worker, in mode %s", (mode) => {
  test(
    "what fails while it is waited for is not handed out as done",
    () => {
      const engine = new WorkerEngine({ mode });
      const load = Atomics.load;
      let checks = Number.NEGATIVE_INFINITY;
      const spy = vi.spyOn(Atomics, "load").mockImplementation(((words: Int32Array, at: number) => {
        const value = load(words, at);
        // A fetch looks for a failure when it is asked for, when it is posted, and while it waits: right after that.
        if (at === control.failed && ++checks === 3) {
          words[control.text] = 0;
          Atomics.store(words, control.failed, 1);
          Atomics.add(words, control.done, 100);
          Atomics.notify(words, control.done);
        }
        return value;
      }) as typeof Atomics.load);
      try {
        engine.upload(1, Float32Array.of(1, 2));
        engine.sabotage("hang");
        checks = 0;
        expect(() => engine.fetch(1, new Float32Array(2))).toThrow(/^$/);
        expect(checks).toBeGreaterThan(3);
      } finally {
        spy.mockRestore();
        engine.close();
      }
    },
    startTime,
  );

  test.skipIf(mode !== "webgpu")(
    "results that nobody needs any more are not held by the kernels that made them",
    () => {
      const engine = new WorkerEngine({ mode });
      try {
        const before = process.memoryUsage().rss;
        const rows = 2048;
        for (let i = 0; i < 12; i++) launchOnce(engine, rows, 4096 + 4 * i); // 32 MiB each, 384 in all
        engine.finish();
        expect(engine.kernels()).toBe(12);
        // 192 MiB: what a software adapter and the caller keep takes some 120, what kernels held would add 384.
        expect(process.memoryUsage().rss - before).toBeLessThan(3 * 2 ** 26);
      } finally {
        engine.close();
      }
    },
    startTime,
  );
});

/** [rows, 1]·[1, columns] on the engine, whose result is given back at once. */
function launchOnce(engine: WorkerEngine, rows: number, columns: number): void {
  const shapes = [
    [rows, 1],
    [1, columns],
    [rows, columns],
  ];
  const [a = denseLayout([]), b = a, y = a] = shapes.map((shape) => denseLayout(shape));
  const [program] = matmulPlan(a, b, y, 4)?.plan ?? [];
  if (program === undefined) throw new Error("no program");
  const [left, right, result] = [temporaryId(), temporaryId(), temporaryId()];
  engine.upload(left, new Float32Array(rows).fill(1));
  engine.upload(right, new Float32Array(columns).fill(2));
  const inputs = { a: left, b: right, fromA: 0, fromB: 0 };
  engine.launch(kernelPlan(program, [rows, columns]), inputs, result);
  engine.finish();
  for (const id of [left, right, result]) engine.free(id);
}

describe.skipIf(!modesHere.includes("webgpu"))("an adapter, skipped where there is none,", () => {
  test(
    "that disappears is an error; then its mode is refused, and the device takes the next one and says so",
    () => {
      useMode("webgpu");
      const y = matmul(square(), square());
      const engine = gpuStarted()?.engine;
      const how: Sabotage = "lose";
      if (engine instanceof WorkerEngine) engine.sabotage(how);
      const { VK_ICD_FILENAMES: before } = process.env;
      process.env["VK_ICD_FILENAMES"] = "/none.json";
      try {
        expect(() => y.elements()).toThrow(/^gpu: expected the device, in mode webgpu on .*lost/);
        expect(() => setDevice("gpu:webgpu")).toThrow("got webgpu: no adapter answers");
        setDevice("gpu");
        const { mode, refused } = gpuStatus() ?? {};
        expect(mode).toBe("webasm-threads");
        expect(refused?.[0]).toEqual({ mode: "webgpu", reason: "no adapter answers" });
        expect([...matmul(square(), square()).elements()]).toEqual([7, 10, 15, 22]);
        expect(() => y.elements()).toThrow(/^gpu: .*lost/);
      } finally {
        if (before === undefined) delete process.env["VK_ICD_FILENAMES"];
        else process.env["VK_ICD_FILENAMES"] = before;
      }
    },
    startTime,
  );
});
