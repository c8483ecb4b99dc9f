/**
 * The runtime: loads the compiled kernels over one memory and runs tasks, alone or with worker threads.
 * Rests on memory, pool and the compiled binary.
 */
import { DeviceError } from "../../errors.ts";
import { sharedBinary, singleBinary } from "./binary.gen.ts";
import { Allocator, initialPages, pageBytes } from "./memory.ts";
import { Loss, Pool, scratchBytes } from "./pool.ts";
import type { TaskWatch } from "./task-watch.ts";

/** A compiled kernel: does pieces `from` … `to - 1` of the task at `task`. */
export type CompiledKernel = (task: number, from: number, to: number, scratch: number) => void;

/** What the runtime may use. */
export interface RuntimeOptions {
  /** Threads that work, the caller included; integer ≥ 1. */
  readonly threads: number;
  /** Bytes of linear memory at most. */
  readonly limit: number;
}

/** Bytes of a task's record: 64 words and 16 reals. */
export const taskBytes = 384;
export const realsAt = 256;

/** What hears of tasks while they are recorded. */
export interface TaskListener {
  /** A task is about to run. */
  task(
    name: string,
    words: readonly number[],
    reals: readonly number[],
    pieces: number,
    grain: number,
  ): void;
  /** JavaScript asks whether any of `count` words, `step` apart, is 1; `isSet` is the answer. */
  question(pointer: number, count: number, step: number, isSet: boolean): void;
  /** Memory for words that the launch at hand finds again whenever it is repeated. */
  lasting(bytes: number): number;
  /** JavaScript itself does `what`, which no task would do again. */
  flawed(what: string): void;
}

/** Kernels, memory and threads of the wasm device. */
export class Runtime {
  readonly memory: WebAssembly.Memory;
  readonly allocator: Allocator;
  /** Threads that work, the caller included. */
  readonly threads: number;
  /** The worker threads, if there are any. */
  readonly pool: Pool | null;
  /** Who records, if somebody does. */
  listener: TaskListener | null = null;
  /** Who is told which tasks ran, if somebody is. */
  watch: TaskWatch | null = null;
  readonly #kernels: Readonly<Record<string, CompiledKernel>>;
  readonly #task: number;
  readonly #scratch: number;
  #words = new Int32Array(0);
  #reals = new Float64Array(0);
  #temporaries: (readonly [pointer: number, bytes: number])[] = [];

  /** The kernel that failed half-way, if one did. */
  #failed: string | null = null;

  /** Throws DeviceError if the engine lacks SIMD or memory, and what it throws where it refuses threads. */
  constructor({ threads, limit }: RuntimeOptions) {
    const shared = threads > 1;
    const module = compile(shared ? sharedBinary : singleBinary);
    this.memory = makeMemory(shared, limit);
    const instance = new WebAssembly.Instance(module, { env: { memory: this.memory } });
    const { heapStart, ...kernels } = instance.exports;
    if (typeof heapStart !== "function") throw new TypeError("wasm: the binary lacks heapStart");
    this.#kernels = kernels as Readonly<Record<string, CompiledKernel>>;
    this.allocator = new Allocator(this.memory, Number(heapStart()), limit);
    this.#task = this.allocator.reserve(taskBytes);
    this.#scratch = this.allocator.reserve(scratchBytes);
    this.threads = threads;
    this.pool = shared
      ? new Pool({
          module,
          memory: this.memory,
          reserve: (bytes) => this.allocator.reserve(bytes),
          workers: threads - 1,
          names: Object.keys(kernels),
        })
      : null;
  }

  /**
   * Runs a kernel over pieces 0 … pieces - 1. Threads share them in chunks of at least `grain` pieces; the
   * result does not depend on how they are cut. Throws DeviceError if a kernel traps or a thread ends in the middle;
   * the device is not used again then, since nobody knows what was written.
   */
  run(
    name: string,
    words: readonly number[],
    reals: readonly number[],
    pieces: number,
    grain: number,
  ): void {
    if (pieces <= 0) return;
    this.#write(words, reals);
    this.listener?.task(name, words, reals, pieces, grain);
    const { pool, watch } = this;
    const kernel = this.kernel(name);
    const began = watch === null ? 0 : performance.now();
    try {
      if (pool !== null && pieces >= 2 * grain) {
        pool.run({ name, kernel, task: this.#task, pieces, grain, scratch: this.#scratch });
      } else {
        kernel(this.#task, 0, pieces, this.#scratch);
      }
    } catch (cause) {
      throw this.fail(name, cause);
    }
    watch?.ran({ name, began, ended: performance.now(), pieces, grain });
  }

  /** The compiled kernel called `name`. */
  kernel(name: string): CompiledKernel {
    const kernel = this.#kernels[name];
    if (kernel === undefined) throw new TypeError(`wasm: no compiled kernel ${name}`);
    return kernel;
  }

  /** The caller's own scratch memory. */
  get scratch(): number {
    return this.#scratch;
  }

  /** Notes that a kernel failed half-way, and gives the error to throw. */
  fail(name: string, cause: unknown): DeviceError {
    this.#failed = name;
    return halfWritten(name, cause);
  }

  /** Whether any of `count` words from `pointer` on, `step` words apart, is 1: what kernels found. */
  isAnySet(pointer: number, count: number, step = 1): boolean {
    const isSet = anySet(this.memory.buffer, pointer, count, step);
    this.listener?.question(pointer, count, step, isSet);
    return isSet;
  }

  /** Words that JavaScript writes for the launch at hand. A recorded launch finds them again. */
  table(words: readonly number[]): number {
    const bytes = Math.max(4, 4 * words.length);
    const pointer = this.listener?.lasting(bytes) ?? this.temporary(bytes);
    new Uint32Array(this.memory.buffer, pointer, words.length).set(words);
    return pointer;
  }

  /** Writes the task's record. Runs at every launch: views of memory that has not grown are made once. */
  #write(words: readonly number[], reals: readonly number[]): void {
    const { buffer } = this.memory;
    if (this.#words.buffer !== buffer) {
      this.#words = new Int32Array(buffer, this.#task, taskBytes / 4);
      this.#reals = new Float64Array(buffer, this.#task + realsAt, (taskBytes - realsAt) / 8);
    }
    for (let i = 0; i < words.length; i++) this.#words[i] = words[i] ?? 0;
    for (let i = 0; i < reals.length; i++) this.#reals[i] = reals[i] ?? 0;
  }

  /** Whether no kernel has failed half-way. */
  get isWhole(): boolean {
    return this.#failed === null;
  }

  /** Throws DeviceError once a kernel has failed half-way: what it wrote is never seen. */
  requireWhole(): void {
    if (this.#failed === null) return;
    throw new DeviceError({
      where: "wasm",
      argument: "the device",
      expected: "to be whole",
      got: `one whose kernel ${this.#failed} failed half-way`,
      fix: "Start the program again, from the last checkpoint if there is one",
    });
  }

  /** Memory that lasts until `releaseTemporaries`. Not cleared. */
  temporary(bytes: number): number {
    const pointer = this.allocator.take(bytes);
    this.#temporaries.push([pointer, bytes]);
    return pointer;
  }

  /** Gives all temporaries back, after a launch. */
  releaseTemporaries(): void {
    for (const [pointer, bytes] of this.#temporaries) this.allocator.put(pointer, bytes);
    this.#temporaries = [];
  }
}

/** Whether any of `count` words from `pointer` on, `step` words apart, is 1. */
export function anySet(
  buffer: ArrayBufferLike,
  pointer: number,
  count: number,
  step: number,
): boolean {
  const words = new Int32Array(buffer, pointer, count * step);
  for (let i = 0; i < words.length; i += step) if (words[i] === 1) return true;
  return false;
}

function compile(base64: string): WebAssembly.Module {
  if (typeof WebAssembly === "undefined") throw unable("one without WebAssembly");
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) throw unable("one that refuses the compiled kernels");
  return new WebAssembly.Module(bytes);
}

function unable(got: string): DeviceError {
  return new DeviceError({
    where: "wasm",
    argument: "the engine",
    expected: "to run WebAssembly with SIMD (Node 20, Chrome 91, Firefox 89, Safari 16.4 or newer)",
    got,
    fix: 'Update it, or use setDevice("reference")',
  });
}

function makeMemory(shared: boolean, limit: number): WebAssembly.Memory {
  const maximum = Math.floor(limit / pageBytes);
  try {
    return new WebAssembly.Memory({
      initial: initialPages,
      maximum,
      ...(shared ? { shared: true } : {}),
    });
  } catch (cause) {
    throw new DeviceError(
      {
        where: "wasm",
        argument: "the engine",
        expected: `to set ${(limit / 2 ** 20).toFixed(0)} MiB of addresses aside`,
        got: String(cause),
        fix: "Lower the limit with setMemoryLimit or BITGRAD_MEMORY, for example to 1GiB",
      },
      { cause },
    );
  }
}

function halfWritten(name: string, cause: unknown): DeviceError {
  return new DeviceError(
    {
      where: "wasm",
      argument: `the kernel ${name}`,
      expected: "to finish on every thread",
      got: cause instanceof Loss ? cause.message : String(cause),
      fix: "Start the program again, from the last checkpoint if there is one",
    },
    { cause },
  );
}
