/**
 * The gpu device beside the wasm device: what stays with the engine, what goes to wasm and says so, what is lost, and
 * what is refused. In every mode of this machine.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { gpuStatus, stopGpu } from "../core/devices/gpu/index.ts";
import { gpuStarted } from "../core/devices/gpu/state.ts";
import { WorkerEngine } from "../core/devices/gpu/worker-engine.ts";
import {
  add,
  crossEntropy,
  device,
  matmul,
  RandomSource,
  randomIntegers,
  randomNormal,
  relu,
  scope,
  setDevice,
  type Tensor,
  tensor,
  withDevice,
} from "../core/index.ts";
import { assemble, Conv2d, Flatten, Linear, ReLU, Sequential } from "../layers/index.ts";
import { adam } from "../optim/index.ts";
import type { TrainingRecord } from "../research/report/record.ts";
import { bitgrad, writeSmallMnist } from "./command-line.ts";
import {
  isWhole,
  modesHere,
  refusal,
  startTime,
  unlessAdapter,
  useMode,
} from "./devices/gpu-modes.ts";

const normal = (name: string, shape: readonly number[]): Tensor =>
  randomNormal(shape, { stream: new RandomSource(3).stream(name) });

const crossings = (): { uploads: number; fetches: number } => {
  const { uploads = 0, fetches = 0 } = gpuStatus()?.resident ?? {};
  return { uploads, fetches };
};

/** Losses of a small net over some steps. */
function losses(): readonly number[] {
  const net = new Sequential([
    new Conv2d(1, 4, { kernel: 3, padding: 1 }),
    new ReLU(),
    new Flatten(),
    new Linear(4 * 36, 3),
  ]);
  assemble(net, { seed: 1 });
  const x = normal("images", [8, 1, 6, 6]);
  const labels = randomIntegers([8], {
    stream: new RandomSource(3).stream("labels"),
    low: 0,
    high: 3,
  });
  const optimizer = adam(net.parameters(), { learningRate: 0.01 });
  return Array.from({ length: 8 }, () =>
    scope(() => optimizer.step(() => crossEntropy(net.forward(x), labels)).item()),
  );
}

describe.each(modesHere)("in mode %s", (mode) => {
  beforeAll(() => useMode(mode), startTime);
  afterAll(() => {
    setDevice("wasm");
    stopGpu();
  });

  test("an input that two kernels read crosses once, and what lies between two kernels not at all", () => {
    scope(() => {
      const [x, w] = [normal("x", [8, 8]), normal("w", [8, 8])];
      const before = crossings();
      const y = matmul(matmul(matmul(x, w), w), w);
      expect(crossings()).toEqual({ ...before, uploads: before.uploads + 2 });
      const got = y.elements();
      expect(crossings()).toEqual({ uploads: before.uploads + 2, fetches: before.fetches + 1 });
      const expected = withDevice("wasm", () => {
        const [a, b] = [normal("x", [8, 8]), normal("w", [8, 8])];
        return matmul(matmul(matmul(a, b), b), b).elements();
      });
      got.forEach((value, i) => {
        // Three sums of 8 terms, each some 8 units of its largest term, which grows eightfold at most each time.
        expect(Math.abs(Number(value) - Number(expected[i]))).toBeLessThan(1e-3);
      });
    });
  });

  test("what another kernel made of a value that was away is made of that value", () => {
    scope(() => {
      const [x, w] = [normal("x", [6, 8]), normal("w", [8, 4])];
      const y = matmul(x, w);
      const sum = add(relu(y), y).elements();
      const plain = y.elements();
      sum.forEach((value, i) => {
        const own = Number(plain[i]);
        expect(value).toBe(Math.fround(Math.max(own, 0) + own));
      });
    });
  });

  test("a parameter that was written to is read anew: a net learns as on wasm", () => {
    const here = losses();
    const expected = withDevice("wasm", losses);
    here.forEach((loss, i) => {
      // Rounding differs by some 1e-7 of a loss; Adam's first steps, signs of the gradient, may enlarge it.
      expect(Math.abs(loss - (expected[i] ?? 0))).toBeLessThan(1e-3);
    });
    expect(here.at(-1)).toBeLessThan(here[0] ?? 0);
    expect(gpuStatus()?.classes.conv2dWeightGradient.ran).toBeGreaterThan(0);
  });

  test("values that their scope released are released by the engine too", () => {
    const before = gpuStatus()?.resident.arrays;
    scope(() => {
      const x = normal("x", [8, 8]);
      matmul(x, x);
      expect(gpuStatus()?.resident.arrays).toBe((before ?? 0) + 2);
    });
    expect(gpuStatus()?.resident.arrays).toBe(before);
  });

  test("float64 runs on wasm, bit for bit, and is counted", () => {
    const values = [0.1, 0.2, 0.3, 0.4];
    const product = (): readonly number[] => {
      const x = tensor(Float64Array.from(values), { shape: [2, 2] });
      return [...matmul(x, x).elements()].map(Number);
    };
    expect(product()).toEqual(withDevice("wasm", product));
    expect(gpuStatus()?.classes.matmul.passedOn["not float32"]).toBeGreaterThan(0);
  });
});

describe("cut-offs", () => {
  afterEach(() => {
    process.env["BITGRAD_GPU_CUTOFF"] = "0";
    setDevice("wasm");
    stopGpu();
  });

  test("below the cut-off a kernel runs on wasm, bit for bit, and is counted", () => {
    process.env["BITGRAD_GPU_CUTOFF"] = "1000";
    setDevice("gpu:webasm");
    const product = (): readonly number[] =>
      [...matmul(normal("x", [9, 10]), normal("w", [10, 11])).elements()].map(Number);
    const here = product();
    expect(gpuStatus()?.classes.matmul).toEqual({
      refused: null,
      ran: 0,
      passedOn: { "below the cut-off": 1 },
    });
    expect(here).toEqual(withDevice("wasm", product));
    scope(() => matmul(normal("x", [10, 10]), normal("w", [10, 10])));
    expect(gpuStatus()?.classes.matmul.ran).toBe(1);
  });

  test("a cut-off that is no count is refused by name", () => {
    process.env["BITGRAD_GPU_CUTOFF"] = "many";
    expect(() => setDevice("gpu:webasm")).toThrow(
      'BITGRAD_GPU_CUTOFF: expected the cut-off to be a count of multiplications, got "many". ' +
        "Write for example 16777216, or 0 to run everything on the gpu.",
    );
  });

  test("device() names the mode, and its name asks for the mode again", () => {
    setDevice("gpu:webasm");
    expect(device()).toBe("gpu:webasm");
    setDevice(device());
    setDevice("gpu");
    expect(gpuStatus()?.mode).toBe("webasm");
  });

  test("webgl2 is refused in Node, with the reason", () => {
    expect(() => setDevice("gpu:webgl2")).toThrow(
      "setDevice: expected the mode webgl2 of the device gpu to answer and to agree with the device wasm, " +
        "got webgl2: only a browser has it. Install what it lacks, name another mode with BITGRAD_GPU_MODE, or stay on the device wasm.",
    );
  });

  test.runIf(isWhole)("a value that was away comes back when the mode changes", () => {
    setDevice("gpu:webasm");
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    const y = matmul(x, x);
    expect(gpuStatus()?.resident.fetches).toBe(0);
    setDevice("gpu:webasm-threads");
    expect([...y.elements()]).toEqual([7, 10, 15, 22]);
    expect([...matmul(y, x).elements()]).toEqual([37, 54, 81, 118]);
  });
});

describe("a run on the gpu device", () => {
  const folder = mkdtempSync(join(tmpdir(), "bitgrad-gpu-run-"));
  afterAll(() => {
    delete process.env["BITGRAD_DATA"];
    rmSync(folder, { recursive: true });
    stopGpu();
  });

  test("says in what mode it ran, what ran there, and that its bits may not come again", async () => {
    writeSmallMnist(join(folder, "data"));
    process.env["BITGRAD_DATA"] = join(folder, "data");
    const train = async (name: string): Promise<readonly [string, TrainingRecord]> => {
      const out = join(folder, name.replace(":", "-"));
      const flags = ["--limit", "60", "--epochs", "2", "--batch", "10", "--device", name];
      const { output } = await bitgrad("train", ...flags, "--out", out);
      return [output, JSON.parse(readFileSync(join(out, "record.json"), "utf8"))];
    };
    const [output, record] = await train("gpu:webasm");
    expect(output).toContain("device gpu: mode webasm on this processor, for matmul and conv");
    expect(record.bitReproducible).toBe(false);
    expect(record.config["device"]).toBe("gpu:webasm");
    expect(record.environment["device"]).toBe("gpu:webasm");
    expect(record.environment["adapter"]).toBe("this processor");
    expect(record.environment["gpuLaunches"]).toMatch(/^matmul [1-9]\d*; conv2d [1-9]\d*; /);
    const [, onWasm] = await train("wasm");
    expect(onWasm.bitReproducible).toBe(true);
    expect(onWasm.environment["adapter"]).toBeUndefined();
    // A point: of the 40 images to test, none.
    expect(Math.abs(record.testAccuracy - onWasm.testAccuracy)).toBeLessThanOrEqual(0.01);
  });
});

const workers = (["webgpu", "webasm-threads"] as const).filter((mode) => modesHere.includes(mode));

describe.each(workers)("losses in mode %s", (mode) => {
  afterEach(() => {
    setDevice("wasm");
    stopGpu();
  });

  const sabotage = (how: "end" | "lose"): void => {
    const engine = gpuStarted()?.engine;
    if (!(engine instanceof WorkerEngine)) throw new Error("no worker");
    engine.sabotage(how);
  };

  test(
    "a value lost with its worker is an error, and so is all that follows; wasm goes on, and a new start too",
    () => {
      useMode(mode);
      const x = tensor([
        [1, 2],
        [3, 4],
      ]);
      const y = matmul(x, x);
      sabotage("end");
      const z = matmul(y, x);
      const complaint = new RegExp(
        `^gpu: expected the device, in mode ${mode} on .*, to go on, got a worker that ended\\. Start again from the last checkpoint`,
      );
      expect(() => z.elements()).toThrow(complaint);
      expect(() => matmul(x, x)).toThrow(complaint);
      expect([...x.elements()]).toEqual([1, 2, 3, 4]);
      expect([
        ...withDevice("wasm", () => matmul(tensor([[2]]), tensor([[3]])).elements()),
      ]).toEqual([6]);
      useMode(mode);
      expect([...matmul(x, x).elements()]).toEqual([7, 10, 15, 22]);
      expect(() => y.elements()).toThrow(complaint);
      expect(() => matmul(y, x)).toThrow(complaint);
    },
    startTime,
  );

  test.skipIf(mode !== "webgpu")(
    "a value on a device that was lost is an error, never a number",
    () => {
      useMode(mode);
      const x = tensor([
        [1, 2],
        [3, 4],
      ]);
      const y = matmul(x, x);
      sabotage("lose");
      expect(() => y.elements()).toThrow(/^gpu: expected the device, in mode webgpu on .*lost/);
    },
    startTime,
  );

  test(
    "a worker that hears nothing is given up after the patience asked for, and ended",
    async () => {
      const engine = new WorkerEngine({ mode, patience: 10 });
      engine.upload(1, Float32Array.of(1, 2));
      engine.sabotage("hang");
      expect(() => engine.fetch(1, new Float32Array(2))).toThrow(
        "no sign of life for 11 waits of 100 ms",
      );
      engine.close();
      await new Promise((resolve) => setTimeout(resolve, 300));
      const before = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 500));
      const { user, system } = process.cpuUsage(before);
      expect(user + system).toBeLessThan(250_000); // a worker that hangs on takes all of the half second
    },
    startTime,
  );
});

describe("what is missing", () => {
  test("without gpu.js there is one message, and wasm works", async () => {
    const folder = mkdtempSync(join(tmpdir(), "bitgrad-alone-"));
    try {
      const contents = `
        import { matmul, setDevice, tensor } from "./core/index.ts";
        try { setDevice("gpu"); } catch (error) { console.log(error.name + ": " + error.message); }
        console.log([...matmul(tensor([[2]]), tensor([[3]])).elements()].join());`;
      const { outputFiles } = await build({
        stdin: { contents, resolveDir: process.cwd(), loader: "ts" },
        bundle: true,
        write: false,
        format: "esm",
        platform: "node",
        external: ["gpu.js"],
      });
      const file = join(folder, "alone.mjs");
      writeFileSync(file, outputFiles[0]?.text ?? "");
      const { stdout } = spawnSync(process.execPath, [file], { encoding: "utf8", timeout: 50_000 });
      expect(stdout).toBe(
        "DeviceError: setDevice: expected the device gpu to find the package gpu.js 2.24.1, got none. " +
          "Install it with npm install gpu.js@2.24.1 webgpu@0.6.2 and the overrides that the README gives, " +
          "load gpu-browser.js first in a browser, or stay on the device wasm.\n6\n",
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.runIf(isWhole)(
    "without an adapter the mode webgpu says so, and the device takes the next mode and says that",
    () => {
      const { VK_ICD_FILENAMES: before } = process.env;
      process.env["VK_ICD_FILENAMES"] = "/none.json";
      try {
        expect(() => setDevice("gpu:webgpu")).toThrow(
          "setDevice: expected the mode webgpu of the device gpu to answer and to agree with the device wasm, " +
            "got webgpu: no adapter answers. Install what it lacks, name another mode with BITGRAD_GPU_MODE, or stay on the device wasm.",
        );
        const env = { ...process.env, BITGRAD_GPU_CUTOFF: "" };
        const { status, stdout } = spawnSync(
          process.execPath,
          ["--import", "tsx", "research/cli.ts", "device", "--device", "gpu"],
          { encoding: "utf8", timeout: 50_000, env },
        );
        expect(status).toBe(0); // with a worker and its threads: it ends by itself
        expect(stdout).toMatch(
          /^device gpu: mode webasm-threads on .*, for nothing, as it is slower .*; not bit-reproducible\ndevice gpu: mode webgpu refused: no adapter answers\n/,
        );
      } finally {
        if (before === undefined) delete process.env["VK_ICD_FILENAMES"];
        else process.env["VK_ICD_FILENAMES"] = before;
      }
    },
    startTime,
  );

  test(`webgpu is among the modes tested ${unlessAdapter}`, ({ skip }) => {
    if (refusal !== null) skip(refusal);
    expect(modesHere).toContain("webgpu");
  });

  test("BITGRAD_GPU_MODE with what is no mode is refused by name", () => {
    process.env["BITGRAD_GPU_MODE"] = "cuda";
    try {
      expect(() => setDevice("gpu")).toThrow(
        'BITGRAD_GPU_MODE: expected the mode to be one of webgpu, webgl2, webasm-threads, webasm, got "cuda". ' +
          "Name one of them, or leave it unset: the best that answers is taken then.",
      );
    } finally {
      delete process.env["BITGRAD_GPU_MODE"];
    }
  });
});
