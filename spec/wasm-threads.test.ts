/**
 * Threads of the wasm device: how many there are moves no bit.
 * Each count runs in a process of its own, since a process keeps its threads.
 */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

/** A change that moves bits on purpose says so in the CHANGELOG. */
const canonical = "953c27bf420ee3aa402a5dd995974328c51458fa33cd8ec4a71dc7d640befd8e";

/** Runs `code`, a module's text, with so many threads and gives what it prints. */
function run(threads: number, code: string): string {
  return execFileSync(
    process.execPath,
    ["--import", "tsx", "--input-type=module", "--eval", code],
    {
      encoding: "utf8",
      env: { ...process.env, BITGRAD_THREADS: String(threads) },
      timeout: 50_000,
    },
  ).trim();
}

const trains = `
  import { setDevice } from "./core/index.ts";
  import { canonicalFingerprint } from "./research/fingerprint.ts";
  setDevice("wasm");
  console.log(canonicalFingerprint());
`;

/** Large enough that every kernel in it is shared between the threads. */
const large = `
  import { conv2d, RandomSource, matmul, randomNormal, relu, setDevice, softmax, sum } from "./core/index.ts";
  import { fingerprint } from "./core/io/index.ts";
  setDevice("wasm");
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

test.each([1, 2, 3, 8])("the canonical run has its fingerprint on %i threads", (threads) => {
  expect(run(threads, trains)).toBe(canonical);
});

test("large kernels give the same bits on 1, 2, 3 and 8 threads", () => {
  const [alone, ...shared] = [1, 2, 3, 8].map((threads) => run(threads, large));
  expect(alone).toMatch(/^[0-9a-f]{64}$/);
  expect(shared).toEqual([alone, alone, alone]);
});

test("a number of threads that is none is refused in five parts", () => {
  const refusal = `
    import { setDevice, zeros } from "./core/index.ts";
    setDevice("wasm");
    try { zeros([1]); } catch (error) { console.log(error.message); }
  `;
  expect(run(0, refusal)).toBe(
    "BITGRAD_THREADS: expected threads to be an integer from 1 to 256, got 0. Give the number of cores to use.",
  );
});
