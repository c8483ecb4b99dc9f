/**
 * The pool: worker threads over one shared memory, for tasks cut into chunks. The caller takes part.
 * Rests on worker.
 *
 * One word, the ticket, says how many chunks the job has and which is next: generation·2²⁰ + chunks·2¹⁰ + next. A
 * thread takes a chunk by compare-and-swap on it and reads the job only then: until that chunk is done the caller
 * cannot begin another job, so what it reads is the job it took from. The generation wakes those who wait.
 *
 * A thread that ends between jobs is missed by nobody: the others take its chunks, and the bits are the same. One
 * that ends, or traps, in the middle of a chunk is an error for the caller.
 */
import type { CompiledKernel } from "./runtime.ts";
import { control, startWorkers } from "./worker.ts";

/** Bytes of each thread's own scratch memory. */
export const scratchBytes: number = 2 ** 20;

/** What a pool needs. */
export interface PoolOptions {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Gives zeroed memory that is never taken back. */
  readonly reserve: (bytes: number) => number;
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

/** What ended a job before its time, as the rest of "got …". */
export class Loss extends Error {}

/** Chunks a thread on average: more even out, fewer cost less. At most 1023 in all. */
const chunksPerThread = 16;
const most = 1023;
/** Looks at the counter before waiting for it: some 20 µs. */
const spins = 4000;
/** Milliseconds of one wait. A stopped process stops its waits too, so waits are counted, not hours. */
const wait = 100;
/** Waits without a beat after which the warden counts as dead: a minute, where it beats twice a second. */
const wardenPatience = 600;
/**
 * Waits without a finished chunk after which, where there is no warden, a thread counts as dead: half a minute, and
 * ten times the longest chunk that the caller itself has done in this job.
 */
const patience = 300;
const slowness = 10;

const sabotages = { end: 1, trap: 2, leave: 3 } as const;

/** Threads that wait for work. */
export class Pool {
  readonly #control: Int32Array;
  readonly #names: ReadonlyMap<string, number>;
  readonly #threads: number;
  readonly #watched: boolean;
  #generation = 0;
  #longest = 0;

  constructor({ module, memory, reserve, workers, names }: PoolOptions) {
    const address = reserve(control.words * 4);
    const starts = Array.from({ length: workers }, (_, index) => {
      const scratch = reserve(scratchBytes);
      return { module, memory, control: address, scratch, index, names };
    });
    this.#control = new Int32Array(memory.buffer, address, control.words);
    this.#names = new Map(names.map((name, index) => [name, index]));
    this.#threads = workers + 1;
    this.#watched = startWorkers(starts);
  }

  /** Runs a job on all threads and returns when it is done. Throws Loss if a thread ended or trapped in it. */
  run({ name, kernel, task, pieces, grain, scratch }: Job): void {
    const words = this.#control;
    const chunks = Math.min(Math.floor(pieces / grain), chunksPerThread * this.#threads, most);
    this.#generation = (this.#generation + 1) % 2048;
    this.#longest = 0;
    Atomics.store(words, control.done, 0);
    // Who ended between jobs held no chunk of this one, whatever it was doing.
    const lostBefore = Atomics.load(words, control.lost);
    Atomics.store(words, control.kernel, this.#names.get(name) ?? 0);
    Atomics.store(words, control.task, task);
    Atomics.store(words, control.pieces, pieces);
    Atomics.store(words, control.ticket, (this.#generation << 20) | (chunks << 10));
    Atomics.notify(words, control.ticket);
    for (let chunk = this.#take(); chunk >= 0; chunk = this.#take()) {
      const began = this.#watched ? 0 : performance.now();
      const start = Math.floor((pieces * chunk) / chunks);
      kernel(task, start, Math.floor((pieces * (chunk + 1)) / chunks), scratch);
      Atomics.add(words, control.done, 1);
      if (!this.#watched) this.#longest = Math.max(this.#longest, performance.now() - began);
    }
    this.#join(chunks, lostBefore);
  }

  /** Workers that have done something so far. They start while the caller computes; without them it does it all. */
  get helpers(): number {
    return this.#control.subarray(control.taken).filter((chunks) => chunks > 0).length;
  }

  /** For tests: a worker ends or traps in the middle of the chunk it takes next, or ends while it has none. */
  sabotage(how: keyof typeof sabotages): void {
    Atomics.store(this.#control, control.sabotage, sabotages[how]);
    Atomics.notify(this.#control, control.ticket);
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

  #join(chunks: number, lostBefore: number): void {
    const words = this.#control;
    for (let i = 0; i < spins; i++) if (Atomics.load(words, control.done) === chunks) return;
    let silent = 0;
    let beat = Atomics.load(words, control.beat);
    for (;;) {
      const done = Atomics.load(words, control.done);
      if (done === chunks) return;
      if (Atomics.load(words, control.trapped) !== 0) throw new Loss(`"${this.#message()}"`);
      if (Atomics.load(words, control.lost) !== lostBefore) {
        throw new Loss("a thread that ended in the middle of its share");
      }
      const outcome = Atomics.wait(words, control.done, done, wait);
      const latest = Atomics.load(words, control.beat);
      silent = outcome === "timed-out" && beat === latest ? silent + 1 : 0;
      beat = latest;
      if (silent > this.#patience())
        throw new Loss(`no sign of life for ${silent} waits of ${wait} ms`);
    }
  }

  #patience(): number {
    return this.#watched ? wardenPatience : patience + (slowness * this.#longest) / wait;
  }

  #message(): string {
    const start = control.message + 1;
    const codes = this.#control.slice(start, start + (this.#control[control.message] ?? 0));
    return String.fromCharCode(...codes);
  }
}
