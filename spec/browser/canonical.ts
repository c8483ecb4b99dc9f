/**
 * The canonical run as a program of one file, for any engine: the fingerprint on the wasm device, or why not,
 * and that of kernels large enough for every thread.
 * Rests on core and research; it is bundled for where no TypeScript runs.
 */

import { started } from "../../core/devices/wasm/state.ts";
import {
  conv2d,
  matmul,
  RandomSource,
  randomNormal,
  relu,
  scope,
  setDevice,
  setThreads,
  softmax,
  sum,
  type Tensor,
  threadCount,
  vjp,
} from "../../core/index.ts";
import { fingerprint } from "../../core/io/index.ts";
import { canonicalFingerprint } from "../../research/fingerprint.ts";

/** What an engine answers. */
export interface Answer {
  /** The canonical run's fingerprint, or the error's message. */
  readonly result: string;
  /** The fingerprint of large kernels; null after an error, as the others. */
  readonly large: string | null;
  /** Threads asked for or found. */
  readonly threads: number | null;
  /** Worker threads that took part. */
  readonly helpers: number | null;
}

/** Rounds of large kernels after which a worker that has not taken part never will. */
const rounds = 60;

/**
 * Runs with so many threads; null leaves their number to bitgrad. Between rounds it awaits `pause`, if there is one:
 * Chromium starts the workers of a Worker only while that one is idle.
 */
export async function answer(threads: number | null, pause?: () => Promise<void>): Promise<Answer> {
  try {
    if (threads !== null) setThreads(threads);
    setDevice("wasm");
    const result = canonicalFingerprint();
    const count = threadCount();
    const prints = new Set([largeFingerprint()]);
    const helpers = (): number => started()?.pool?.helpers ?? 0;
    for (let i = 0; i < rounds && helpers() < count - 1; i++) {
      if (pause !== undefined) await pause();
      prints.add(largeFingerprint());
    }
    return { result, large: [...prints].join(" "), threads: count, helpers: helpers() };
  } catch (error) {
    return { result: String(error), large: null, threads: null, helpers: null };
  }
}

/** Kernels that are shared between all threads. */
function largeFingerprint(): string {
  return scope(() => {
    const stream = new RandomSource(1).stream("values");
    const x = randomNormal([16, 16, 24, 24], { stream });
    const w = randomNormal([16, 16, 3, 3], { stream });
    const a = randomNormal([200, 317], { stream });
    const { value, pull } = vjp(
      ([image = x, weight = w]: readonly Tensor[]) => conv2d(image, weight, { padding: 1 }),
      [x, w],
    );
    const y = relu(value);
    const [dx = x, dw = w] = pull(y);
    return fingerprint({
      y,
      dx,
      dw,
      product: matmul(a, a.transpose()),
      channels: sum(y, { axis: [0, 2, 3] }),
      shares: softmax(a),
    });
  });
}
