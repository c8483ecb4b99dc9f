/**
 * Threads of the wasm device: how many there are moves no bit, one that dies is an error and never a hang, and the
 * program ends by itself. Each case runs in a process of its own, since a process keeps its threads.
 */
import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { describe, expect, test, vi } from "vitest";
import { canonical } from "./canonical.ts";

// Several processes start in a row, also where the machine is busy.
vi.setConfig({ testTimeout: 180_000 });

/** What surrounds a program. */
interface Surroundings {
  /** BITGRAD_THREADS; null leaves it unset. */
  readonly threads?: string | null;
  /** A script that runs before the program, and before bitgrad is loaded. */
  readonly before?: string;
  /** Flags of Node. */
  readonly flags?: readonly string[];
}

/** Runs `code`, a module's text. A process that does not end by itself is killed: its status is null then. */
function start(
  code: string,
  { threads = "2", before, flags = [] }: Surroundings = {},
): SpawnSyncReturns<string> {
  const { BITGRAD_THREADS: _, ...env } = process.env;
  const first =
    before === undefined ? [] : ["--import", `data:text/javascript,${encodeURIComponent(before)}`];
  const program = `import { setDevice } from "./core/index.ts"; setDevice("wasm"); ${code}`;
  return spawnSync(
    process.execPath,
    [...flags, "--import", "tsx", ...first, "--input-type=module", "--eval", program],
    {
      encoding: "utf8",
      env: { ...env, ...(threads === null ? {} : { BITGRAD_THREADS: threads }) },
      timeout: 50_000,
    },
  );
}

/** What `code` prints; it must end by itself with status 0. */
function run(code: string, surroundings: Surroundings = {}): string {
  const { status, stdout, stderr } = start(code, surroundings);
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.trim();
}

const trains = `
  import { canonicalFingerprint } from "./research/fingerprint.ts";
  console.log(canonicalFingerprint());
`;

/** Large enough that every kernel in it is shared between the threads. */
const large = `
  import { conv2d, RandomSource, matmul, randomNormal, relu, softmax, sum } from "./core/index.ts";
  import { fingerprint } from "./core/io/index.ts";
  const stream = new RandomSource(1).stream("values");
  const x = randomNormal([32, 16, 32, 32], { stream });
  const w = randomNormal([16, 16, 3, 3], { stream });
  const a = randomNormal([300, 517], { stream });
  const y = relu(conv2d(x, w, { padding: 1 }));
  console.log(fingerprint({
    y,
    product: matmul(a, a.transpose()),
    channels: sum(y, { axis: [0, 2, 3] }),
    shares: softmax(a),
  }));
`;

/** Prints the message of what the first tensor throws, or how many threads there are. */
const refusal = `
  import { threadCount, zeros } from "./core/index.ts";
  try {
    zeros([1]);
    console.log(threadCount());
  } catch (error) {
    console.log(error.name + ": " + error.message);
  }
`;

/** Steps of matrices that both threads share; the worker has started before they begin. */
const stepping = `
  import { keep, matmul, parameter, RandomSource, randomNormal, square, sum } from "./core/index.ts";
  import { started } from "./core/devices/wasm/state.ts";
  import { sgd } from "./optim/index.ts";
  const stream = new RandomSource(1).stream("values");
  const w = parameter(randomNormal([400, 400], { stream }));
  const x = randomNormal([400, 400], { stream });
  const optimizer = sgd([w], { learningRate: 1e-3 });
  const step = (sabotage) => optimizer.step(() => {
    keep(sum(w)); // what ends after an error must not hide it
    if (sabotage !== undefined) started().pool.sabotage(sabotage);
    return sum(square(matmul(x, w)));
  });
  const attempt = (body) => {
    try {
      body();
    } catch (error) {
      console.log(error.name + ": " + error.message);
    }
  };
  await new Promise((resolve) => setTimeout(resolve, 300));
  step();
`;

describe("how many threads there are", () => {
  test.each(["1", "2", "3", "8"])("moves no bit of the canonical run: %s", (threads) => {
    expect(run(trains, { threads })).toBe(canonical.wasm);
  });

  test("moves no bit of large kernels: 1, 2, 3 and 8", () => {
    const [alone, ...shared] = ["1", "2", "3", "8"].map((threads) => run(large, { threads }));
    expect(alone).toMatch(/^[0-9a-f]{64}$/);
    expect(shared).toEqual([alone, alone, alone]);
  });

  test("is refused in five parts where it is no number of threads", () => {
    const texts = ["0", "abc", "1.5", "-1", "999", "0x2"];
    const code = `
      import { zeros } from "./core/index.ts";
      for (const text of ${JSON.stringify(texts)}) {
        process.env.BITGRAD_THREADS = text;
        try { zeros([1]); } catch (error) { console.log(error.name + ": " + error.message); }
      }
    `;
    expect(run(code).split("\n")).toEqual(
      texts.map(
        (text) =>
          `ValueError: BITGRAD_THREADS: expected threads to be an integer from 1 to 256, got "${text}". Give the number of cores to use.`,
      ),
    );
  });

  test("cannot change after the first tensor, and can be set before it", () => {
    const code = `
      import { setThreads, threadCount, zeros } from "./core/index.ts";
      setThreads(3);
      zeros([1]);
      setThreads(3);
      console.log(threadCount());
      try { setThreads(2); } catch (error) { console.log(error.name + ": " + error.message); }
    `;
    expect(run(code)).toBe(
      "3\nValueError: setThreads: expected the call to come before the first tensor, got 3 threads already at work. " +
        "Call it at the start of the program, or set BITGRAD_THREADS.",
    );
  });
});

describe("an engine that lacks something", () => {
  const withoutSharing = "delete globalThis.SharedArrayBuffer;";
  /** Worker threads that cannot be started, as under --permission. */
  const withoutWorkers = `
    const threads = process.getBuiltinModule("node:worker_threads");
    const refused = new Proxy({ ...threads, Worker: class { constructor() { throw new Error("not allowed"); } } }, {});
    const { getBuiltinModule } = process;
    process.getBuiltinModule = (name) => name === "node:worker_threads" ? refused : getBuiltinModule(name);
  `;
  const noSimd =
    "DeviceError: wasm: expected the engine to run WebAssembly with SIMD (Node 20, Chrome 91, Firefox 89, Safari 16.4 or " +
    'newer), got one that refuses the compiled kernels. Update it, or use setDevice("reference").';

  test.each([
    ["shared memory", withoutSharing],
    ["worker threads", withoutWorkers],
  ])("such as %s computes the same on one thread where nobody asked for more", (_, before) => {
    expect(run(refusal, { threads: null, before })).toBe("1");
    expect(run(trains, { threads: null, before })).toBe(canonical.wasm);
  });

  test("such as shared memory refuses more threads that were asked for", () => {
    expect(run(refusal, { threads: "4", before: withoutSharing })).toMatch(
      /^DeviceError: BITGRAD_THREADS: expected threads to be 1 where memory cannot be shared between threads, got 4\. Ask for 1/,
    );
    const asks = `
      import { setThreads } from "./core/index.ts";
      try { setThreads(2); } catch (error) { console.log(error.name); }
    `;
    expect(run(asks, { threads: null, before: withoutSharing })).toBe("DeviceError");
  });

  test("such as worker threads refuses more that were asked for", () => {
    expect(run(refusal, { threads: "4", before: withoutWorkers })).toMatch(
      /^DeviceError: BITGRAD_THREADS: expected threads to be 1 where the engine refuses threads, got 4, and Error: not allowed\. Allow/,
    );
  });

  test.each([
    ["SIMD", "WebAssembly.validate = () => false;", noSimd],
    [
      "WebAssembly",
      "delete globalThis.WebAssembly;",
      noSimd.replace("one that refuses the compiled kernels", "one without WebAssembly"),
    ],
  ])("such as %s is refused, and the message names what can run it", (_, lacking, message) => {
    for (const threads of [null, "2"]) expect(run(lacking + refusal, { threads })).toBe(message);
  });
});

describe("a thread that dies", () => {
  const lost = "Start the program again, from the last checkpoint if there is one.";

  test.each([
    ["end", "a thread that ended in the middle of its share"],
    ["trap", '"Error: sabotage"'],
  ])(
    "in the middle of a step (%s) is a DeviceError, and nothing half-written is seen",
    (how, got) => {
      const code = `${stepping}
      attempt(() => { for (;;) step("${how}"); }); // until the worker, not the caller, has taken a chunk
      attempt(() => w.elements());
      attempt(() => x.add(1));
    `;
      const [first, ...later] = run(code).split("\n");
      expect(first).toMatch(
        /^DeviceError: wasm: expected the kernel \w+ to finish on every thread, got /,
      );
      expect(first).toContain(`got ${got}. ${lost}`);
      expect(later).toHaveLength(2);
      for (const line of later) {
        expect(line).toMatch(
          /^DeviceError: wasm: expected the device to be whole, got one whose kernel \w+ failed half-way/,
        );
      }
    },
  );

  test("between two jobs is not missed: the others compute the same bits", () => {
    const code = `${stepping}
      import { fingerprint } from "./core/io/index.ts";
      if (process.env.BITGRAD_THREADS !== "1") started().pool.sabotage("leave");
      await new Promise((resolve) => setTimeout(resolve, 300));
      step();
      step();
      console.log(fingerprint({ w }));
    `;
    const alone = run(code, { threads: "1" });
    for (const threads of ["2", "3"]) expect(run(code, { threads })).toBe(alone);
  });

  test("and a kernel that traps in the caller alone is a DeviceError too", () => {
    const code = `
      import { zeros } from "./core/index.ts";
      import { current } from "./core/devices/wasm/state.ts";
      zeros([1]);
      try {
        current().run("rangeElements", [2 ** 32 - 65536, 0, 1000000], [0, 0], 1000, 2000);
      } catch (error) { console.log(error.message); }
    `;
    expect(run(code)).toMatch(
      /^wasm: expected the kernel rangeElements to finish on every thread, got RuntimeError: /,
    );
  });
});

describe("a program with worker threads ends by itself", () => {
  test.each([
    ["after its last line", "", 0],
    ["after an error that nobody catches", 'throw new Error("mine");', 1],
    ["after an error in a step", 'optimizer.step(() => { throw new Error("mine"); });', 1],
    ["after a thread died", 'for (;;) step("end");', 1],
    ["at process.exit", "process.exit(3);", 3],
    ["at process.exit in a step", "optimizer.step(() => process.exit(4));", 4],
  ])("%s", (_, code, expected) => {
    const { status, signal } = start(`${stepping} ${code}`);
    expect({ status, signal }).toEqual({ status: expected, signal: null });
  });
});
