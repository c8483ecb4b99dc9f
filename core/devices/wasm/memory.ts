/**
 * The wasm device's memory: one linear memory, an allocator with size classes, and its statistics.
 * Rests on errors. Blocks are 64-byte aligned; a freed block goes to its class's pool.
 */
import { DeviceError } from "../../errors.ts";

/** A block of linear memory. */
export interface WasmHandle {
  /** Byte address. */
  readonly pointer: number;
  /** Bytes asked for. */
  readonly bytes: number;
}

/** Where the memory stands. Bytes. */
export interface MemoryStatistics {
  /** Held by tensors. */
  readonly live: number;
  /** Freed and kept for reuse. */
  readonly pooled: number;
  /** The most that was live at once. */
  readonly peak: number;
  /** The linear memory's size. */
  readonly reserved: number;
}

const page = 65536;
const alignment = 64;
/** 4 GiB less one page: what 32-bit addresses reach. */
export const maximumPages = 65535;

/** Hands out blocks of one WebAssembly.Memory. */
export class Allocator {
  readonly #memory: WebAssembly.Memory;
  readonly #limit: number;
  readonly #pools = new Map<number, number[]>();
  readonly #collected: FinalizationRegistry<readonly [pointer: number, size: number]>;
  #next: number;
  #live = 0;
  #pooled = 0;
  #peak = 0;

  /** Blocks lie from `start` on; the memory grows to `limit` bytes at most. */
  constructor(memory: WebAssembly.Memory, start: number, limit: number) {
    this.#memory = memory;
    this.#next = roundUp(start, alignment);
    this.#limit = limit;
    // Values that belong to no scope are found unused by the garbage collector.
    this.#collected = new FinalizationRegistry(([pointer, size]) => this.#giveBack(pointer, size));
  }

  /** A block, not cleared: kernels fill all that they give. Throws DeviceError if the limit is reached. */
  allocate(bytes: number): WasmHandle {
    const pointer = this.take(bytes);
    const size = classOf(bytes);
    const handle: WasmHandle = { pointer, bytes };
    this.#collected.register(handle, [pointer, size], handle);
    return handle;
  }

  /** Gives a block back. */
  release(handle: WasmHandle): void {
    this.#collected.unregister(handle);
    this.#giveBack(handle.pointer, classOf(handle.bytes));
  }

  /** The address of a block that no handle stands for; give it back with `put`. Not cleared. */
  take(bytes: number): number {
    const size = classOf(bytes);
    const pooled = this.#pools.get(size)?.pop();
    if (pooled !== undefined) this.#pooled -= size;
    const pointer = pooled ?? this.#extend(size);
    this.#live += size;
    this.#peak = Math.max(this.#peak, this.#live);
    return pointer;
  }

  /** Gives a block from `take` back. */
  put(pointer: number, bytes: number): void {
    this.#giveBack(pointer, classOf(bytes));
  }

  statistics(): MemoryStatistics {
    return {
      live: this.#live,
      pooled: this.#pooled,
      peak: this.#peak,
      reserved: this.#memory.buffer.byteLength,
    };
  }

  #giveBack(pointer: number, size: number): void {
    const pool = this.#pools.get(size);
    if (pool === undefined) this.#pools.set(size, [pointer]);
    else pool.push(pointer);
    this.#live -= size;
    this.#pooled += size;
  }

  #extend(size: number): number {
    const pointer = this.#next;
    const end = pointer + size;
    const have = this.#memory.buffer.byteLength;
    if (end > this.#limit) throw this.#exhausted(size);
    if (end > have) {
      // An eighth more than needed: growing is dear, and so is memory that nobody uses.
      const wanted = Math.min(this.#limit, Math.max(end, have + have / 8));
      try {
        this.#memory.grow(Math.ceil((wanted - have) / page));
      } catch {
        throw this.#exhausted(size);
      }
    }
    this.#next = end;
    return pointer;
  }

  #exhausted(size: number): DeviceError {
    const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    return new DeviceError({
      where: "wasm",
      argument: "memory",
      expected: `to hold ${mebibytes(size)} more within its limit of ${mebibytes(this.#limit)}`,
      got: `${mebibytes(this.#live)} held by tensors and ${mebibytes(this.#pooled)} pooled in other sizes`,
      fix: "Use smaller batches, end values with scope(), or give back what keep() holds",
    });
  }
}

/** Sizes in steps of an eighth of a power of two: at most 12.5 % of a block is lost. */
function classOf(bytes: number): number {
  const least = Math.max(bytes, alignment);
  const step = Math.max(alignment, 2 ** (31 - Math.clz32(least - 1) - 2));
  return roundUp(least, step);
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}
