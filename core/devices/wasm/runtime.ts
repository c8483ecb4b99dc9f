/**
 * The runtime: loads the compiled kernels over one memory and runs tasks, alone or with worker threads.
 * Rests on memory, pool and the compiled binary.
 */
import { DeviceError } from "../../errors.ts";
import { sharedBinary, singleBinary } from "./binary.gen.ts";
import { Allocator, maximumPages } from "./memory.ts";
import { Pool, scratchBytes } from "./pool.ts";

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
const taskBytes = 384;
const realsAt = 256;
const initialPages = 256;

/** Kernels, memory and threads of the wasm device. */
export class Runtime {
  readonly memory: WebAssembly.Memory;
  readonly allocator: Allocator;
  /** Threads that work, the caller included. */
  readonly threads: number;
  readonly #kernels: Readonly<Record<string, CompiledKernel>>;
  readonly #pool: Pool | null;
  readonly #task: number;
  readonly #scratch: number;
  #temporaries: (readonly [pointer: number, bytes: number])[] = [];

  constructor({ threads, limit }: RuntimeOptions) {
    const shared = threads > 1;
    this.memory = new WebAssembly.Memory({
      initial: initialPages,
      maximum: maximumPages,
      ...(shared ? { shared: true } : {}),
    });
    const module = compile(shared ? sharedBinary : singleBinary);
    const instance = new WebAssembly.Instance(module, { env: { memory: this.memory } });
    const { heapStart, ...kernels } = instance.exports;
    if (typeof heapStart !== "function") throw new TypeError("wasm: the binary lacks heapStart");
    this.#kernels = kernels as Readonly<Record<string, CompiledKernel>>;
    this.allocator = new Allocator(this.memory, Number(heapStart()), limit);
    this.#task = this.allocator.take(taskBytes);
    this.#scratch = this.allocator.take(scratchBytes);
    this.threads = threads;
    this.#pool = shared
      ? new Pool({
          module,
          memory: this.memory,
          allocator: this.allocator,
          workers: threads - 1,
          names: Object.keys(kernels),
        })
      : null;
  }

  /**
   * Runs a kernel over pieces 0 … pieces - 1. Threads share them in chunks of at least `grain` pieces; the
   * result does not depend on how they are cut.
   */
  run(
    name: string,
    words: readonly number[],
    reals: readonly number[],
    pieces: number,
    grain: number,
  ): void {
    if (pieces <= 0) return;
    const { buffer } = this.memory;
    new Int32Array(buffer, this.#task, words.length).set(words);
    if (reals.length > 0) new Float64Array(buffer, this.#task + realsAt, reals.length).set(reals);
    const kernel = this.#kernels[name];
    if (kernel === undefined) throw new TypeError(`wasm: no compiled kernel ${name}`);
    if (this.#pool !== null && pieces >= 2 * grain) {
      this.#pool.run({ name, kernel, task: this.#task, pieces, grain, scratch: this.#scratch });
    } else {
      kernel(this.#task, 0, pieces, this.#scratch);
    }
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

function compile(base64: string): WebAssembly.Module {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) {
    throw new DeviceError({
      where: "wasm",
      argument: "the engine",
      expected:
        "to run WebAssembly with SIMD (Node 16, Chrome 91, Firefox 89, Safari 16.4 or newer)",
      got: "one that refuses the compiled kernels",
      fix: 'Update it, or use setDevice("reference")',
    });
  }
  return new WebAssembly.Module(bytes);
}
