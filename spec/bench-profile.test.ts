/**
 * Profiles: what kernels have to do is what their definitions say, for drawn shapes; shares, rooflines and traces follow from
 * what ran. Nothing here depends on how fast anything is.
 */
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { current } from "../core/devices/wasm/state.ts";
import type { Pass } from "../core/devices/wasm/task-watch.ts";
import {
  add,
  batchNorm,
  broadcastTo,
  clearGradients,
  compile,
  conv2d,
  DeviceError,
  matmul,
  memory,
  noGrad,
  parameter,
  relu,
  type Shape,
  scope,
  sum,
  type Tensor,
  UsageError,
  zeros,
} from "../core/index.ts";
import { conv2dInputGradient, conv2dWeightGradient } from "../core/ops/convolution.ts";
import { prepare } from "../research/bench/own.ts";
import { type Cost, costOf } from "../research/bench/profile/cost.ts";
import { measureLimits } from "../research/bench/profile/limits.ts";
import { Costs, leastSeconds, profileOf } from "../research/bench/profile/profile.ts";
import { profileTask } from "../research/bench/profile/run.ts";
import { profileRecord, profileTable } from "../research/bench/profile/table.ts";
import { traceEvents } from "../research/bench/profile/trace.ts";
import { type Event, type Span, watched } from "../research/bench/profile/watched.ts";
import type { TimedTask } from "../research/bench/task.ts";
import { requireProfilable } from "../research/commands/bench-profile.ts";
import { bitgrad } from "./command-line.ts";
import { bitsOf, messageOf } from "./plain.ts";

/** Calls after which a compiled step is repeated, and the next call does not look whether it is still the same. */
const settled = 8;

/** The costs of what `body` launches, and computes anything in. */
function costsOf(body: () => unknown): readonly Cost[] {
  const { events } = watched(() => scope(() => void body()), 1);
  return [...new Set(events.map(({ pass }) => pass))].map(costOf);
}

/** The cost of the only launch of a kernel called so. */
function costNamed(kernel: string, body: () => unknown): Cost {
  const found = costsOf(body).filter((cost) => cost.kernel.startsWith(kernel));
  expect(found.length).toBe(1);
  const [cost] = found;
  if (cost === undefined) throw new Error(kernel);
  return cost;
}

/** How often the innermost of nested loops of these lengths is reached. */
function turns([length, ...inner]: readonly number[]): number {
  if (length === undefined) return 1;
  let count = 0;
  for (let i = 0; i < length; i++) count += turns(inner);
  return count;
}

const small = fc.integer({ min: 1, max: 4 });
const convolutions = fc
  .record({
    ...{ images: small, groups: fc.integer({ min: 1, max: 2 }), channels: small, kernels: small },
    ...{ window: fc.tuple(small, small), stride: fc.tuple(small, small) },
    ...{ padding: fc.integer({ min: 0, max: 2 }), beyond: fc.tuple(small, small) },
  })
  .map(({ images, groups, channels, kernels, window, beyond, ...rest }) => ({
    x: [images, groups * channels, ...window.map((taps, axis) => taps + (beyond[axis] ?? 0))],
    w: [groups * kernels, channels, ...window],
    options: { ...rest, groups },
  }));

/** The three convolutions of a training step. */
function passesOf(
  x: Shape,
  w: Shape,
  options: NonNullable<Parameters<typeof conv2d>[2]>,
): { readonly y: Shape; readonly costs: readonly Cost[] } {
  return scope(() => {
    const [input, weight] = [zeros(x), zeros(w)];
    const dy = conv2d(input, weight, options);
    const costs = [
      costNamed("conv2d ", () => conv2d(input, weight, options)),
      costNamed("conv2dInputGradient ", () =>
        conv2dInputGradient(dy, weight, { ...options, inputShape: x }),
      ),
      costNamed("conv2dWeightGradient ", () =>
        conv2dWeightGradient(input, dy, { ...options, kernelShape: w }),
      ),
    ];
    return { y: dy.shape, costs };
  });
}

describe("what a kernel has to do", () => {
  test.prop([convolutions], { seed: 1, numRuns: 60 })(
    "in each of the three convolutions: two operations for each output, channel of its group and tap",
    ({ x, w, options }) => {
      const { y, costs } = passesOf(x, w, options);
      const flops = 2 * turns([...y, ...w.slice(1)]);
      expect(costs.map((cost) => [cost.flops, cost.work])).toEqual(costs.map(() => [flops, flops]));
    },
  );

  test.prop(
    [
      fc.record({ images: fc.integer({ min: 1, max: 2 }), channels: fc.constantFrom(16, 24) }),
      // Lengths of y: tiles of 2×2 outputs, of 4×4, and of 2×2 whose windows are 5×5.
      fc.constantFrom(
        ...([
          [6, 9, 2, 3],
          [10, 10, 2, 3],
          [7, 8, 4, 3],
          [13, 12, 4, 3],
          [6, 7, 2, 5],
        ] as const),
      ),
    ],
    { seed: 2, numRuns: 10 },
  )(
    "of Winograd's: the direct sums' operations, and a product for each element of a tile and pair of channels",
    ({ images, channels }, [height, width, side, taps]) => {
      const x = [images, channels, height + taps - 1, width + taps - 1];
      const w = [16, channels, taps, taps];
      const { y, costs } = passesOf(x, w, {});
      const flops = 2 * turns([...y, taps, taps]) * channels;
      const work = ([, , down = 0, across = 0]: Shape): number => {
        let tiles = 0;
        for (let i = 0; i < down; i += side) for (let j = 0; j < across; j += side) tiles += 1;
        return 2 * (side + taps - 1) ** 2 * images * tiles * channels * 16;
      };
      // The tiles go over what the sums give; those of the weight gradient over dy.
      expect(costs.map((cost) => cost.work)).toEqual([work(y), work(x), work(y)]);
      expect(costs.map((cost) => cost.flops)).toEqual([flops, flops, flops]);
      for (const { kernel } of costs) expect(kernel).toContain(` ${taps}×${taps} Winograd`);
    },
  );

  test.prop([fc.tuple(small, small, small, small)], { seed: 3, numRuns: 20 })(
    "in a product of matrices: two operations for each row, column and term, in each of a batch",
    ([batch, rows, terms, columns]) => {
      const body = () => matmul(zeros([batch, rows, terms]), zeros([batch, terms, columns]));
      const { flops, work, bytes } = costNamed("matmul", body);
      expect(flops).toBe(2 * turns([batch, rows, terms, columns]));
      expect(work).toBe(flops);
      expect(bytes).toBe(4 * batch * (rows * terms + terms * columns + rows * columns));
    },
  );

  test.prop([fc.array(fc.record({ length: small, a: fc.boolean(), b: fc.boolean() }))], {
    seed: 4,
    numRuns: 40,
  })("in memory: to touch each element once, however often it is repeated", (axes) => {
    const shape = axes.map(({ length }) => length);
    const own = (which: "a" | "b"): Shape => axes.map((axis) => (axis[which] ? axis.length : 1));
    const count = (numbers: Shape): number => turns(numbers);
    scope(() => {
      const [a, b] = [zeros(own("a")), zeros(own("b"))];
      const { bytes } = costNamed("add", () => add(broadcastTo(a, shape), broadcastTo(b, shape)));
      expect(bytes).toBe(4 * (count(own("a")) + count(own("b")) + count(shape)));
      expect(costNamed("add", () => add(a, a)).bytes).toBe(4 * 2 * count(own("a")));
    });
  });

  test("in one pass of several launches: nothing to read or write that nobody else sees", () => {
    const [rows, channels] = [70, 8];
    scope(() => {
      const of = (shape: Shape): Tensor => zeros(shape);
      const written = (x: Tensor, other: Tensor): Tensor => {
        const { output } = batchNorm(x, of([channels]), of([channels]));
        return relu(add(output, other));
      };
      const step = compile(written);
      const [x, other] = [of([rows, channels]), of([rows, channels])];
      const call = (): unknown => noGrad(() => step(x, other));
      for (let i = 0; i < settled; i++) scope(call);
      const kernel = "normalize + multiplyAdd + add + relu";
      // x, other and the result; mean, variance, γ and β. Nobody else reads x̂.
      expect(costNamed(kernel, call).bytes).toBe(4 * (3 * rows * channels + 4 * channels));
      const gamma = parameter(of([channels]));
      const training = compile((input: Tensor) => {
        clearGradients([gamma]);
        sum(relu(batchNorm(input, gamma, of([channels])).output)).backward();
      });
      const train = (): void => training(x);
      for (let i = 0; i < settled; i++) scope(train);
      // γ's gradient reads x̂ as well.
      expect(costNamed("normalize + multiplyAdd + relu", train).bytes).toBe(
        4 * (3 * rows * channels + 4 * channels),
      );
      const separate = costsOf(() => written(x, other)).reduce((sum, cost) => sum + cost.flops, 0);
      expect(costNamed(kernel, call).flops).toBe(separate);
    });
  });
});

const step: TimedTask = {
  kind: "step",
  net: { kind: "resnet", depth: 8 },
  batch: 2,
  optimizer: "sgd",
};

describe("a step that is watched", () => {
  test("has the same sums of products compiled as written, and touches less memory", () => {
    const [compiled, written] = [true, false].map((isCompiled) => {
      const call = prepare(step, { isCompiled });
      for (let i = 0; i < settled; i++) call();
      const costs = costsOf(call).filter(({ kernel }) => kernel !== "copy");
      return {
        flops: costs.reduce((sum, { flops }) => sum + flops, 0),
        bytes: costs.reduce((sum, { bytes }) => sum + bytes, 0),
      };
    });
    expect(compiled?.flops).toBe(written?.flops);
    expect(compiled?.bytes).toBeLessThan(written?.bytes ?? 0);
  });

  test("has its tasks one after the other, within its calls", () => {
    const { began, ended, events } = watched(prepare(step), 3);
    let at = began;
    for (const event of events) {
      expect(event.began).toBeGreaterThanOrEqual(at);
      expect(event.ended).toBeGreaterThanOrEqual(event.began);
      at = event.ended;
    }
    expect(ended).toBeGreaterThanOrEqual(at);
    expect([...new Set(events.map(({ call }) => call))]).toEqual([0, 1, 2]);
  });

  test("has the bits of one that is not, and nobody watches afterwards, also after an error", () => {
    const body = (): string =>
      scope(() => bitsOf(conv2d(zeros([1, 2, 4, 4]), zeros([3, 2, 3, 3]))));
    let bits = "";
    watched(() => {
      bits = body();
    }, 1);
    expect(bits).toBe(body());
    const failing = (): void => {
      throw new RangeError("its own");
    };
    expect(() => watched(failing, 1)).toThrow("its own");
    expect(current().watch).toBeNull();
    const twice = (): unknown => watched(() => void watched(() => {}, 1), 1);
    expect(twice).toThrow(DeviceError);
  });
});

describe("the machine's limits", () => {
  test("are those of a kernel that does all of its sums", () => {
    const runtime = current();
    const { pointer } = runtime.allocator.allocate(16);
    runtime.kernel("peakF32");
    runtime.run("peakF32", [10, 0x3f800000, pointer], [], 1, 1);
    const left = (): number => new Float32Array(runtime.memory.buffer, pointer, 4)[3] ?? 0;
    expect(left()).toBe(1 + 10);
    // 3 = 1·3 at first, ·3 each turn: the products are done as well.
    runtime.run("peakF32", [5, 0x40400000, pointer], [], 1, 1);
    expect(left()).toBe(3 ** 6);
  });

  test("are above 0, and leave no memory behind", () => {
    const before = memory().live;
    const { flops, bandwidth } = measureLimits({ runs: 1, elements: 100, settleSeconds: 0 });
    expect(Math.min(flops, bandwidth)).toBeGreaterThan(0);
    expect(memory().live).toBe(before);
  });
});

const amounts = fc.integer({ min: 0, max: 1e6 });
/** Passes that stand for kernels, with costs by their name. */
const kernels = ["a", "b", "c"].map((kernel) => ({
  kernel,
  pass: { launches: [], inner: new Set() } satisfies Pass,
}));

class KnownCosts extends Costs {
  readonly #byPass: ReadonlyMap<Pass, Cost>;

  constructor(byPass: ReadonlyMap<Pass, Cost>) {
    super();
    this.#byPass = byPass;
  }

  override of(pass: Pass): Cost {
    return this.#byPass.get(pass) ?? { kernel: "?", shapes: "", flops: 0, work: 0, bytes: 0 };
  }
}

const drawnCosts = fc
  .tuple(...kernels.map(() => fc.record({ flops: amounts, bytes: amounts })))
  .map((drawn) => {
    const entries = kernels.map(({ kernel, pass }, index): [Pass, Cost] => {
      const { flops = 0, bytes = 0 } = drawn[index] ?? {};
      return [pass, { kernel, shapes: "", flops, work: flops, bytes }];
    });
    return new KnownCosts(new Map(entries));
  });

/** Spans in milliseconds: tasks of random kernels and lengths, with gaps between them. */
const spans = fc
  .array(
    fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), amounts, amounts), {
      minLength: 1,
      maxLength: 8,
    }),
    { minLength: 1, maxLength: 5 },
  )
  .map((rounds) =>
    rounds.map((tasks): Span => {
      let at = 0;
      const events = tasks.map(([index, gap, length]): Event => {
        const began = at + gap;
        at = began + length;
        const { pass = { launches: [], inner: new Set() } } = kernels[index] ?? {};
        return { name: "task", began, ended: at, pieces: 1, grain: 1, pass, call: 0 };
      });
      return { calls: 1, began: 0, ended: at + 1, events };
    }),
  );

const limits = fc.record({
  flops: fc.integer({ min: 1, max: 1e12 }),
  bandwidth: fc.integer({ min: 1, max: 1e12 }),
});

describe("a profile", () => {
  test.prop([spans, limits, drawnCosts], { seed: 5, numRuns: 100 })(
    "has shares that add up to 1, and times that add up to its own",
    (drawn, machine, costs) => {
      const { seconds, rows, between } = profileOf(drawn, machine, costs);
      const parts = [...rows, between];
      const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
      // One rounding for each quotient and each of at most four sums.
      expect(Math.abs(sum(parts.map(({ share }) => share)) - 1)).toBeLessThanOrEqual(8 * 2 ** -53);
      expect(sum(parts.map((part) => part.seconds)) / seconds).toBeCloseTo(1, 12);
      for (const { share } of parts) expect(share).toBeGreaterThanOrEqual(0);
    },
  );

  test.prop([spans, limits, drawnCosts], { seed: 6, numRuns: 50 })(
    "is not moved by one slow round among three",
    ([round], machine, costs) => {
      if (round === undefined) return;
      const slow: Span = {
        ...round,
        ended: 1e9 + round.ended,
        events: round.events.map((event) => ({ ...event, ended: event.ended + 1e6 })),
      };
      const quiet = profileOf([round, round, round], machine, costs);
      expect(profileOf([slow, round, round], machine, costs)).toEqual(quiet);
    },
  );

  test.prop([amounts, amounts, limits], { seed: 7, numRuns: 100 })(
    "allows a kernel the lesser of the machine's operations and of what its bytes let through",
    (flops, bytes, machine) => {
      fc.pre(flops > 0 && bytes > 0);
      const cost = { kernel: "a", shapes: "", flops, work: flops, bytes };
      const roof = Math.min(machine.flops, (flops / bytes) * machine.bandwidth);
      // Three roundings on one side, two on the other.
      expect(Math.abs(flops / leastSeconds(cost, machine) / roof - 1)).toBeLessThan(8 * 2 ** -53);
    },
  );

  test("counts the launches of each call once, whatever tasks they have", () => {
    const [a, b] = kernels;
    if (a === undefined || b === undefined) throw new Error("no kernels");
    const events = [
      ...[a, b, a, a].map(({ pass }) => ({ pass, call: 0 })),
      ...[a, b].map(({ pass }) => ({ pass, call: 1 })),
    ].map((part, at) => ({ ...part, name: "", began: at, ended: at + 1, pieces: 1, grain: 1 }));
    const costs = new KnownCosts(
      new Map(
        kernels.map(({ kernel, pass }) => [
          pass,
          { kernel, shapes: "", flops: 10, work: 10, bytes: 4 },
        ]),
      ),
    );
    const span: Span = { calls: 2, began: 0, ended: 7, events };
    const { rows, between } = profileOf([span], { flops: 100, bandwidth: 10 }, costs);
    expect(rows).toMatchObject([
      { kernel: "a", launches: 1, seconds: 2e-3, flops: 10, bytes: 4, least: 0.4 },
      { kernel: "b", launches: 1, seconds: 1e-3, flops: 10, bytes: 4, least: 0.4 },
    ]);
    expect(between.seconds).toBe(0.5e-3);
  });

  test("as a table and as a record shows rates, limits and what was reached of them", () => {
    const rows = [
      { kernel: "sums", launches: 2, seconds: 4, share: 0.5, flops: 8e9, bytes: 4e9, least: 1 },
      { kernel: "moves", launches: 1, seconds: 2, share: 0.25, flops: 0, bytes: 8e9, least: 1 },
    ];
    const between = { seconds: 2, share: 0.25 };
    const conditions = { name: "x/y", isCompiled: true, threads: 2, node: "v20", device: "wasm" };
    const profile = { seconds: 8, rows, between };
    const record = profileRecord(conditions, profile, { flops: 8e9, bandwidth: 8e9 });
    expect(record).toEqual({
      ...conditions,
      milliseconds: 8000,
      limits: { gigaflops: 8, gigabytes: 8 },
      between: { milliseconds: 2000, share: 0.25 },
      kernels: [
        {
          ...{ kernel: "sums", launches: 2, milliseconds: 4000, share: 0.5 },
          ...{ gigaflops: 2, gigabytes: 1, limit: 8, ofLimit: 0.25 },
        },
        {
          ...{ kernel: "moves", launches: 1, milliseconds: 2000, share: 0.25 },
          ...{ gigaflops: null, gigabytes: 4, limit: 8, ofLimit: 0.5 },
        },
      ],
    });
    const lines = profileTable(record).split("\n");
    expect(lines.map((line) => line.split(/ {2,}/))).toEqual([
      ["x/y, compiled: 8000 ms; limits measured beside it on 2 threads: 8 GFLOP/s, 8 GB/s"],
      ["kernel", "launches", "ms", "share", "GFLOP/s", "GB/s", "limit", "of limit"],
      ["sums", "2", "4000", "50.0 %", "2", "1", "8 GFLOP/s", "25.0 %"],
      ["moves", "1", "2000", "25.0 %", "4", "8 GB/s", "50.0 %"],
      ["between kernels", "2000", "25.0 %"],
    ]);
  });
});

/** What a trace's reader asks of an event, in the words of the format. */
function requireEvent(event: unknown): void {
  const { ph } = event as { ph: string };
  const place = { pid: expect.any(Number), tid: expect.any(Number), ts: expect.any(Number) };
  const complete = { ...place, ph: "X", dur: expect.any(Number), name: expect.stringMatching(/./) };
  const naming = { ...place, ph: "M", name: expect.stringMatching(/^(process|thread)_name$/) };
  expect(event).toMatchObject(
    ph === "X" ? complete : { ...naming, args: { name: expect.any(String) } },
  );
}

describe("a trace", () => {
  test("holds each task within its call, with shapes and what it has to do", async () => {
    const task = { kind: "conv3x3", pass: "forward", batch: 2, channels: 16, size: 8 } as const;
    const { spans: single } = await profileTask(task, {
      ...{ runs: 1, turnSeconds: 1e-9, isCompiled: false },
      limits: { runs: 1, elements: 16, settleSeconds: 0 },
    });
    const own = [...single, watched(prepare(task), 3)];
    const events = traceEvents(own, new Costs(), { name: "x/y", id: 3, threads: 2 });
    for (const event of events) requireEvent(event);
    expect(new Set(events.map(({ pid, tid }) => `${pid};${tid}`))).toEqual(new Set(["3;1"]));
    const complete = events.filter(({ ph }) => ph === "X");
    const calls = complete.filter(({ cat }) => cat === "call");
    expect(calls.map(({ name, args }) => [name, args["round"]])).toEqual([
      ["x/y", 0],
      ["x/y", 1],
    ]);
    const end = ({ ts, dur = 0 }: (typeof events)[number]): number => ts + dur;
    const tasks = complete.filter(({ cat }) => cat !== "call");
    const first = own.flatMap((span) => span.events.filter(({ call }) => call === 0));
    expect(tasks.map(({ name, dur }) => [name, dur])).toEqual(
      first.map(({ name, began, ended }) => [name, 1e3 * (ended - began)]),
    );
    for (const task of tasks) {
      // A nanosecond for the rounding of both.
      const around = calls.filter((call) => call.ts <= task.ts && end(call) + 1e-3 >= end(task));
      expect(around.length).toBe(1);
      expect(task.args).toMatchObject({
        kernel: "conv2d 3×3 Winograd",
        shapes: "[2, 16, 8, 8], [16, 16, 3, 3] → [2, 16, 8, 8]",
        flops: 2 * 2 * 16 * 16 * 9 * 64,
      });
    }
  });
});

describe("the command", () => {
  const run = (...args: readonly string[]): ReturnType<typeof bitgrad> =>
    bitgrad("bench", ...args, "--runs", "1", "--threads", "1");

  test("prints a profile, and writes a trace with a process for each workload", async () => {
    const trace = join(mkdtempSync(join(tmpdir(), "bitgrad-")), "trace.json");
    const names = ["matmul/64", "overhead/op"];
    const { status, output, errors } = await run(...names, "--json", "--trace", trace);
    expect([status, errors]).toEqual([0, ""]);
    const records = output.trimEnd().split("\n");
    expect(records.map((line) => JSON.parse(line))).toMatchObject([
      {
        ...{ name: "matmul/64", isCompiled: false, threads: 1, device: "wasm" },
        kernels: [{ kernel: "matmul", launches: 1, gigaflops: expect.any(Number) }],
      },
      { name: "overhead/op", kernels: [{ kernel: "add", launches: 100, gigaflops: null }] },
    ]);
    const { traceEvents: events, displayTimeUnit } = JSON.parse(readFileSync(trace, "utf8"));
    expect(displayTimeUnit).toBe("ms");
    for (const event of events) requireEvent(event);
    const named = events.filter(({ name }: { name: string }) => name === "process_name");
    expect(
      named.map(({ pid, args }: { pid: number; args: { name: string } }) => [pid, args.name]),
    ).toEqual([
      [1, "matmul/64"],
      [2, "overhead/op"],
    ]);
  });

  test("refuses what cannot be profiled, and before it measures a trace that cannot be written", async () => {
    for (const args of [
      ["nonsense", "--profile"],
      ["memory", "--profile"],
      ["--profile", "--against", "torch"],
      ["--profile", "--device", "reference"],
      ["matmul/64", "--as-written"],
      ["matmul/64", "--trace", " "],
      ["matmul/64", "--trace", join(tmpdir(), "no-such-folder", "trace.json")],
    ]) {
      const { status, output, errors } = await run(...args);
      const isFile = args.at(-1)?.endsWith(".json") === true;
      expect([status, output.includes("GFLOP/s")], args.join(" ")).toEqual([isFile ? 1 : 2, false]);
      expect(errors).toMatch(/^bitgrad bench: expected .+, got .+\. .+\.\n$/);
    }
    expect(messageOf(() => requireProfilable("gpu", undefined), UsageError)).toBe(
      "bitgrad bench: expected --device to be wasm with --profile or --trace, got gpu. Write for example bitgrad bench step/resnet20-b32 --profile --threads 2.",
    );
  });
});
