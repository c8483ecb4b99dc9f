/**
 * The pool: worker threads over one shared memory, for tasks cut into chunks. The caller takes part.
 * Rests on memory. A worker's body is plain JavaScript, so that it starts under any loader.
 *
 * One word, the ticket, says how many chunks the job has and which is next: generation·2²⁰ + chunks·2¹⁰ + next. A
 * thread takes a chunk by compare-and-swap on it and reads the job only then: until that chunk is done the caller
 * cannot begin another job, so what it reads is the job it took from. The generation wakes those who wait.
 */
import { DeviceError } from "../../errors.ts";
import type { Allocator } from "./memory.ts";
import type { CompiledKernel } from "./runtime.ts";
import { type StartedWorker, startWorker } from "./worker.ts";

/** Bytes of each thread's own scratch memory. */
export const scratchBytes: number = 2 ** 20;

/** What a pool needs. */
export interface PoolOptions {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly allocator: Allocator;
  /** Threads besides the caller's, integer ≥ 1. */
  readonly workers: number;
  /** The kernels' names, in the order that numbers them. */
  readonly names: readonly string[];
}

/** One kernel over a number of pieces. */
export interface Job {
  readonly name: string;
  readonly kernel: CompiledKernel;
  readonly task: number;
  readonly pieces: number;
  readonly grain: number;
  readonly scratch: number;
}

/** Words of the control block; `worker.ts` reads the same. */
export const control = { ticket: 0, done: 1, kernel: 2, task: 3, pieces: 4, words: 16 } as const;

/** Chunks a thread on average: more even out, fewer cost less. At most 1023 in all. */
const chunksPerThread = 4;
const most = 1023;
/** Looks at the counter before waiting for it: some 20 µs. */
const spins = 4000;
/** A chunk lasts milliseconds; a thread silent for so long has died. */
const patience = 20_000;

/** Threads that wait for work. */
export class Pool {
  readonly #control: Int32Array;
  readonly #names: ReadonlyMap<string, number>;
  readonly #workers: readonly StartedWorker[];
  #generation = 0;
  #broken = false;

  constructor({ module, memory, allocator, workers, names }: PoolOptions) {
    const address = allocator.take(control.words * 4);
    this.#control = new Int32Array(memory.buffer, address, control.words);
    this.#control.fill(0);
    this.#names = new Map(names.map((name, index) => [name, index]));
    this.#workers = Array.from({ length: workers }, () =>
      startWorker({
        module,
        memory,
        control: address,
        scratch: allocator.take(scratchBytes),
        names,
      }),
    );
  }

  /** Runs a job on all threads and returns when it is done. Throws DeviceError if a thread died in it. */
  run({ name, kernel, task, pieces, grain, scratch }: Job): void {
    if (this.#broken) throw dead();
    const words = this.#control;
    const chunks = Math.min(
      Math.floor(pieces / grain),
      chunksPerThread * (this.#workers.length + 1),
      most,
    );
    this.#generation = (this.#generation + 1) % 2048;
    Atomics.store(words, control.done, 0);
    Atomics.store(words, control.kernel, this.#names.get(name) ?? 0);
    Atomics.store(words, control.task, task);
    Atomics.store(words, control.pieces, pieces);
    Atomics.store(words, control.ticket, (this.#generation << 20) | (chunks << 10));
    Atomics.notify(words, control.ticket);
    for (let chunk = this.#take(); chunk >= 0; chunk = this.#take()) {
      const start = Math.floor((pieces * chunk) / chunks);
      kernel(task, start, Math.floor((pieces * (chunk + 1)) / chunks), scratch);
      Atomics.add(words, control.done, 1);
    }
    this.#join(chunks);
  }

  /** The next chunk, or -1 when all are taken. */
  #take(): number {
    for (;;) {
      const ticket = Atomics.load(this.#control, control.ticket);
      const chunk = ticket & 1023;
      if (chunk >= ((ticket >> 10) & 1023)) return -1;
      const found = Atomics.compareExchange(this.#control, control.ticket, ticket, ticket + 1);
      if (found === ticket) return chunk;
    }
  }

  #join(chunks: number): void {
    const words = this.#control;
    for (let i = 0; i < spins; i++) if (Atomics.load(words, control.done) === chunks) return;
    for (let waited = 0; ; ) {
      const done = Atomics.load(words, control.done);
      if (done === chunks) return;
      const started = performance.now();
      const outcome = Atomics.wait(words, control.done, done, 100);
      waited = outcome === "timed-out" ? waited + performance.now() - started : 0;
      if (waited > patience) {
        this.#broken = true;
        throw dead();
      }
    }
  }
}

function dead(): DeviceError {
  return new DeviceError({
    where: "wasm",
    argument: "every thread",
    expected: "to finish its share of a kernel",
    got: `a thread silent for ${patience / 1000} s`,
    fix: "Start again; with BITGRAD_THREADS=1 no worker threads are used",
  });
}
