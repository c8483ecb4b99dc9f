/** Benchmarks: names, statistics, turns and records. Nothing here depends on how fast anything is. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { DeviceError, UsageError, ValueError } from "../core/index.ts";
import { type Contestant, interleave } from "../research/bench/interleave.ts";
import { loadPeer } from "../research/bench/javascript-peers.ts";
import { JsonChild } from "../research/bench/json-child.ts";
import { prepare } from "../research/bench/own.ts";
import { peakMebibytes } from "../research/bench/peak-memory.ts";
import { type BenchRecord, recordOf, tableRow } from "../research/bench/record.ts";
import { bench } from "../research/bench/run.ts";
import { select } from "../research/bench/select.ts";
import { inUnit, median, ratioOf } from "../research/bench/statistics.ts";
import type { Task, TimedTask } from "../research/bench/task.ts";
import { findTorch } from "../research/bench/torch.ts";
import { type Unit, type Workload, workloads } from "../research/bench/workload.ts";
import { useThreads } from "../research/threads.ts";
import { bitgrad } from "./command-line.ts";
import { countingMemory, messageOf } from "./plain.ts";

/** One small task of each kind and net. */
const tiny: readonly TimedTask[] = [
  { kind: "matmul", size: 3 },
  ...(["forward", "input-grad", "weight-grad", "training"] as const).map(
    (pass): TimedTask => ({ kind: "conv3x3", pass, batch: 2, channels: 2, size: 4 }),
  ),
  { kind: "add", length: 8 },
  { kind: "sum", length: 8 },
  { kind: "overhead", length: 2, ops: 3 },
  {
    kind: "step",
    net: { kind: "mlp", widths: [4, 3, 10], batchNorm: true },
    batch: 2,
    optimizer: "adam",
  },
  { kind: "step", net: { kind: "lenet" }, batch: 1, optimizer: "adam" },
  { kind: "step", net: { kind: "resnet", depth: 8 }, batch: 1, optimizer: "sgd" },
  { kind: "forward", net: { kind: "tanh", width: 3, layers: 2 }, batch: 2 },
];

const titled = tiny.map((task) => {
  const detail = "net" in task ? task.net.kind : "pass" in task ? task.pass : "";
  return [`${task.kind} ${detail}`.trim(), task] as const;
});

function named(name: string, unit: Unit = "ms"): Workload {
  return { name, unit, amount: 1, task: { kind: "sum", length: 2 } };
}

describe("workloads", () => {
  test("have the names that figures are quoted under", () => {
    expect(workloads.map(({ name }) => name)).toEqual([
      ...["64", "128", "256", "512", "1024", "2048"].map((n) => `matmul/${n}`),
      ...["c16", "c32", "c64"].flatMap((c) =>
        ["forward", "input-grad", "weight-grad", "training"].map((pass) => `conv3x3/${c}/${pass}`),
      ),
      "elementwise/add",
      "reduce/sum",
      "overhead/op",
      "step/mlp-b64",
      "step/lenet-b64",
      "step/mlp6x1024-b128",
      "step/resnet20-b32",
      "step/resnet20-b128",
      "forward/tanh6x4096-b16",
      "memory/resnet20-b128",
    ]);
  });

  test("count two operations for each multiply-add, and each byte read or written once", () => {
    const amounts = Object.fromEntries(workloads.map(({ name, amount }) => [name, amount]));
    expect(amounts["matmul/512"]).toBe(2 * 512 ** 3);
    expect(amounts["conv3x3/c32/weight-grad"]).toBe(2 * 32 * 32 * 32 * 16 * 16 * 9);
    expect(amounts["conv3x3/c32/training"]).toBe(3 * (amounts["conv3x3/c32/forward"] ?? 0));
    expect(amounts["elementwise/add"]).toBe(3 * 4 * 4194304);
    expect(amounts["reduce/sum"]).toBe(4 * 4194304);
  });

  test.each(titled)("%s, done small, leaves no memory behind", (_, task) => {
    countingMemory((count) => {
      const call = prepare(task);
      // The first steps make gradients, which stay until the next, and the list that the others repeat.
      for (let i = 0; i < 3; i++) call();
      const before = count.blocks;
      call();
      expect(count.blocks).toBe(before);
    });
  });
});

describe("a name", () => {
  const all = ["a/1", "a/12", "b/x/p", "b/x/q", "b/y"].map((name) => named(name));
  const chosen = (...names: string[]) => select(all, names).map(({ name }) => name);

  test("chooses the workload it names, or else all that begin with it", () => {
    expect(chosen("a/1")).toEqual(["a/1"]);
    expect(chosen("a/")).toEqual(["a/1", "a/12"]);
    expect(chosen("b/x")).toEqual(["b/x/p", "b/x/q"]);
  });

  test("beside others chooses each workload once, in the order of the list; none chooses all", () => {
    expect(chosen("b/y", "b", "a/12")).toEqual(["a/12", "b/x/p", "b/x/q", "b/y"]);
    expect(chosen()).toEqual(all.map(({ name }) => name));
  });

  test("that begins no workload is refused with the nearest", () => {
    expect(messageOf(() => select(workloads, ["matmul", "conv3/c16"]), UsageError)).toBe(
      'bitgrad bench: expected name to be a workload or the beginning of one, got "conv3/c16". Did you mean conv3x3/c16, conv3x3, conv3x3/c32? bitgrad bench --help names all.',
    );
  });
});

const seconds = fc.double({ min: 1e-6, max: 1e3, noNaN: true });
const rounds = fc.array(fc.tuple(seconds, seconds, seconds), { minLength: 1, maxLength: 9 });

describe("statistics", () => {
  test.prop([fc.array(seconds, { minLength: 1, maxLength: 9 })], { seed: 1, numRuns: 100 })(
    "the median has as many values below as above, in any order",
    (values) => {
      const m = median(values);
      const below = values.filter((value) => value < m).length;
      const above = values.filter((value) => value > m).length;
      expect(below).toBeLessThanOrEqual(values.length / 2);
      expect(above).toBeLessThanOrEqual(values.length / 2);
      expect(median([...values].reverse())).toBe(m);
    },
  );

  test("the median of an even number is the mean of the middle two; of none there is none", () => {
    expect(median([4, 1, 3, 100])).toBe(3.5);
    expect(() => median([])).toThrow(ValueError);
  });

  test.prop([rounds], { seed: 1, numRuns: 100 })(
    "a slow moment that hits both sides of a round alike moves no ratio",
    (drawn) => {
      const timing = (pick: (round: readonly [number, number, number]) => number) => ({
        amount: 1,
        seconds: drawn.map(pick),
      });
      const quiet = ratioOf(
        timing(([a]) => a),
        timing(([, b]) => b),
      );
      const busy = ratioOf(
        timing(([a, , slow]) => a * slow),
        timing(([, b, slow]) => b * slow),
      );
      // Two products and two quotients of one rounding each on the way.
      expect(Math.abs(busy / quiet - 1)).toBeLessThan(1e-14);
    },
  );

  test("a ratio is above 1 where bitgrad does more in the same time", () => {
    expect(ratioOf({ amount: 1, seconds: [1, 1] }, { amount: 1, seconds: [2, 4] })).toBe(3);
    expect(ratioOf({ amount: 4, seconds: [1] }, { amount: 8, seconds: [1] })).toBe(0.5);
  });

  test("units are GFLOP and GB a second, and milli- and microseconds of one part of the amount", () => {
    expect(inUnit("GFLOP/s", 3e9, 2)).toBe(1.5);
    expect(inUnit("GB/s", 4e9, 2)).toBe(2);
    expect(inUnit("ms", 1, 0.25)).toBe(250);
    expect(inUnit("µs", 100, 0.001)).toBe(10);
  });
});

/** One whose calls take `secondsPerCall`, and who writes its turns into `log`. */
function paced(name: string, secondsPerCall: number, log: [string, number][] = []): Contestant {
  return {
    name,
    time: (calls) => {
      log.push([name, calls]);
      return calls * secondsPerCall;
    },
  };
}

describe("contestants", () => {
  test("take turns, each as many calls as fill one", async () => {
    const log: [string, number][] = [];
    const contestants = [paced("a", 1 / 64, log), paced("b", 1 / 8, log), paced("c", 8, log)];
    const measured = await interleave(contestants, { runs: 2, turnSeconds: 1 });
    expect(measured).toEqual([
      [1 / 64, 1 / 64],
      [1 / 8, 1 / 8],
      [8, 8],
    ]);
    const turn = [
      ["a", 64],
      ["b", 8],
      ["c", 1],
    ];
    expect(log.slice(-6)).toEqual([...turn, ...turn]);
  });

  test.each([
    ["as long as all may take", 80, 1],
    ["four turns", 4, 20],
    ["two turns", 2, 40],
    ["a quarter of a turn", 1 / 4, 40],
  ])("who need %s for a call make %d ones of warm-up", async (_, secondsPerCall, calls) => {
    const log: [string, number][] = [];
    await interleave([paced("alone", secondsPerCall, log)], { runs: 1, turnSeconds: 1 });
    const before = log.slice(0, -1).reduce((sum, [, made]) => sum + made, 0);
    expect(before).toBe(calls);
  });
});

const conditions = { threads: 2, node: "v20.0.0", device: "reference" };

describe("a record", () => {
  test("holds value, conditions and each comparison, whether more or less is better", () => {
    const contestants = [
      paced("bitgrad", 0),
      paced("torch", 0),
      { ...paced("memcpy", 0), amount: 2 },
    ];
    const measured = [[0.5], [0.25], [0.5]];
    const of = (unit: Unit) => recordOf(named("x/y", unit), contestants, measured, conditions);
    expect(JSON.parse(JSON.stringify(of("ms")))).toEqual({
      name: "x/y",
      unit: "ms",
      value: 500,
      ...conditions,
      against: { torch: { value: 250, ratio: 0.5 }, memcpy: { value: 250, ratio: 0.5 } },
    });
    expect(of("GB/s").against["torch"]).toEqual({ value: 4e-9, ratio: 0.5 });
  });

  test("has medians of four significant digits", () => {
    const contestants = [paced("bitgrad", 0)];
    const record = recordOf(named("x"), contestants, [[1, 1.23456e-3, 0]], conditions);
    expect(record.value).toBe(1.235);
  });

  test("as a line of the table shows the same numbers", () => {
    const against = { torch: { value: 250, ratio: 0.5 } };
    const record: BenchRecord = { name: "x/y", unit: "ms", value: 500, ...conditions, against };
    expect(tableRow(record).split(/ {2,}/)).toEqual(["x/y", "500 ms", "torch 250 (0.5×)"]);
  });
});

describe("a benchmark", () => {
  const options = { peers: [], threads: 1, runs: 1, turnSeconds: 1e-9 };
  const collect = async (chosen: readonly Workload[], peers: Parameters<typeof bench>[1]) => {
    const records: BenchRecord[] = [];
    for await (const record of bench(chosen, peers)) records.push(record);
    return records;
  };

  test("measures every kind of task, what bandwidth bounds beside a memcpy, what is compiled beside itself as written", async () => {
    const all = titled.map(([name, task]): Workload => ({ ...named(name, "GB/s"), task }));
    const kinds = new Map(titled.map(([name, { kind }]) => [name, kind]));
    const beside = { add: "memcpy", sum: "memcpy", step: "as written", forward: "as written" };
    for (const { name, value, against } of await collect(all, options)) {
      expect(value, name).toBeGreaterThan(0);
      const others = Object.entries(beside).filter(([kind]) => kind === kinds.get(name));
      expect(Object.keys(against)).toEqual(others.map(([, other]) => other));
    }
  });

  test("measures memory in a process of its own: more for a larger batch", async () => {
    const peakOf = (batch: number): Promise<number> =>
      peakMebibytes({ kind: "step", net: { kind: "lenet" }, batch, optimizer: "sgd" });
    const [small, large] = [await peakOf(1), await peakOf(256)];
    expect(small).toBeGreaterThan(0);
    // The first convolution's output alone: 256 images of 16 × 28 × 28 numbers of 4 bytes.
    expect(large - small).toBeGreaterThan((256 * 16 * 28 * 28 * 4) / 2 ** 20);
  });

  test("reports each way in which a peer does the task, and goes on where it has none", async () => {
    const asked: Task[] = [];
    const peer = {
      title: "a peer",
      contestants: async (task: Task) => {
        asked.push(task);
        return task.kind === "matmul" ? [paced("peer", 1), paced("peer-otherwise", 2)] : [];
      },
      close: () => {},
    };
    const all = tiny.slice(0, 2).map((task) => ({ ...named("x"), task }));
    const records = await collect(all, { ...options, peers: [peer] });
    expect(asked).toEqual(tiny.slice(0, 2));
    expect(records.map(({ against }) => Object.keys(against))).toEqual([
      ["peer", "peer-otherwise"],
      [],
    ]);
    expect(records[0]?.against["peer-otherwise"]?.value).toBe(2000);
  });
});

describe("a peer's process", () => {
  const child = (code: string) => new JsonChild(process.execPath, ["-e", code]);
  const echo = `require("node:readline").createInterface({ input: process.stdin })
    .on("line", (line) => console.log(line === '{"say":"bad"}' ? "bad" : line))`;

  test("answers questions in their order", async () => {
    const process = child(echo);
    const answers = await Promise.all([1, 2, 3].map((n) => process.ask({ n })));
    expect(answers).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
    process.close();
  });

  test("that answers with an error, or with no JSON, makes that question fail and no other", async () => {
    const process = child(echo);
    await expect(process.ask({ error: "no such task" })).rejects.toThrow(/got no such task\./);
    await expect(process.ask({ say: "bad" })).rejects.toThrow(DeviceError);
    expect(await process.ask({ n: 1 })).toEqual({ n: 1 });
    process.close();
  });

  test("that ends makes open and later questions fail with its last words", async () => {
    const process = child(`process.stdin.once("data", () => { throw new Error("last words") })`);
    const ended = /got (Node\.js|Error: last words)/;
    await expect(process.ask({ n: 1 })).rejects.toThrow(ended);
    await expect(process.ask({ n: 2 })).rejects.toThrow(ended);
  });
});

describe("others", () => {
  test("a Python that is not there, or has no PyTorch, is said and not thrown", async () => {
    for (const python of ["/nonexistent/python", process.execPath]) {
      const found = await findTorch({ threads: 1, python });
      expect("missing" in found && found.missing).toContain(`no PyTorch beside (${python}: `);
    }
  });

  test.skipIf(!process.env["BITGRAD_PYTHON"])("PyTorch does every kind of task", async () => {
    const found = await findTorch({ threads: 1 });
    if (!("peer" in found)) throw new Error(found.missing);
    for (const task of tiny) {
      const contestants = await found.peer.contestants(task);
      const images = "net" in task ? ["lenet", "resnet"].includes(task.net.kind) : "pass" in task;
      const names = images ? ["torch", "torch-channels-last"] : ["torch"];
      expect(contestants.map(({ name }) => name)).toEqual(names);
      for (const { time } of contestants) expect(await time(1)).toBeGreaterThan(0);
    }
    found.peer.close();
  });

  test("a peer in JavaScript without a folder, or not installed there, is refused by name", async () => {
    await expect(loadPeer("tfjs", undefined)).rejects.toThrow(
      "bitgrad bench: expected --against tfjs to find a folder named by --peers or BITGRAD_PEERS, got none.",
    );
    await expect(loadPeer("jax-js", "/nonexistent")).rejects.toThrow(
      "expected --against jax-js to find @jax-js/jax installed in /nonexistent, got Error: Cannot find module",
    );
  });
});

describe("the command", () => {
  const run = (...args: readonly string[]): ReturnType<typeof bitgrad> => bitgrad("bench", ...args);

  test("prints one JSON object a line and nothing else with --json", async () => {
    const args = ["overhead/op", "--json", "--runs", "1", "--against", "none", "--threads", "1"];
    const { status, output, errors } = await run(...args);
    expect([status, output.split("\n").length, errors]).toEqual([0, 2, ""]);
    const record: unknown = JSON.parse(output);
    expect(record).toMatchObject({ name: "overhead/op", unit: "µs", threads: 1, against: {} });
    expect(record).toMatchObject({ node: process.version, value: expect.any(Number) });
  });

  test("refuses names, opponents and threads that do not exist, with status 2", async () => {
    for (const args of [
      ["nonsense"],
      ["--against", "mystery"],
      ["--threads", "0"],
      ["--runs", "0"],
    ]) {
      const { status, output, errors } = await run(...args);
      expect([status, output], args.join(" ")).toEqual([2, ""]);
      expect(errors).toMatch(/^bitgrad bench: expected .+, got .+\. .+\.\n$/);
    }
  });

  test("refuses two threads on the reference device, which has one", () => {
    expect(useThreads("bitgrad bench", "reference", undefined)).toBe(1);
    expect(messageOf(() => useThreads("bitgrad bench", "reference", 2), UsageError)).toBe(
      "bitgrad bench: expected --threads to be 1 on the device reference, got 2. Leave it out, or name another device.",
    );
  });
});
