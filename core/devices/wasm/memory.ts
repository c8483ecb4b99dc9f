/**
 * The wasm device's memory: one linear memory, an allocator with size classes, and its statistics.
 * Rests on free-space and errors. Blocks are 64-byte aligned. A freed block waits in its class's pool; before the
 * memory gets much larger than what it holds, and before giving up, pooled blocks become one space again.
 */
import { DeviceError } from "../../errors.ts";
import { FreeSpace } from "./free-space.ts";

/** A block of linear memory. */
export interface WasmHandle {
  /** Byte address; of a block that is only promised, 0. */
  pointer: number;
  /** Bytes asked for. */
  readonly bytes: number;
  /** Whether the block is somebody else's, or none yet: then it is not given back by whoever stands in front of it. */
  isLent?: boolean;
}

/** Follows, and decides, where and when blocks of a recording come to lie. */
export interface MemoryWatch {
  /** A block is wanted: a handle whose memory comes later, or null where it is to be made now. */
  promise(bytes: number): WasmHandle | null;
  /** A handle is given back. Gives whether the watch sees to its memory. */
  gave(handle: WasmHandle): boolean;
  /** A temporary is about to be made: its address, or null for any. */
  place(bytes: number): number | null;
  /** A temporary was made. */
  took(pointer: number, bytes: number): void;
  /** Whether the memory of a temporary is the watch's own, so that no pool is to have it. */
  owns(pointer: number): boolean;
}

/** Where the memory of the wasm device stands. Bytes, in whole blocks: up to an eighth more than the elements need. */
export interface MemoryStatistics {
  /** Held by tensors. */
  readonly live: number;
  /** Given back by tensors and kept for reuse. */
  readonly pooled: number;
  /** The most that was live at once. */
  readonly peak: number;
  /** The linear memory's size. */
  readonly reserved: number;
}

/** The unit in which WebAssembly memory grows. */
export const pageBytes = 65536;
/** 4 GiB less one page: what 32-bit addresses reach. */
export const maximumPages = 65535;
/** The memory's size before anything is in it: 16 MiB. */
export const initialPages = 256;
const alignment = 64;

/** Hands out blocks of one WebAssembly.Memory. */
export class Allocator {
  readonly #memory: WebAssembly.Memory;
  readonly #limit: number;
  /** Addresses of free blocks, by size. */
  readonly #pools = new Map<number, number[]>();
  /** How many blocks there are of each size, live or pooled. */
  readonly #made = new Map<number, number>();
  /** Free, and in no pool. */
  readonly #space = new FreeSpace();
  readonly #collected: FinalizationRegistry<readonly [pointer: number, size: number]>;
  /** All below is handed out, pooled or in the space. */
  #next: number;
  #live = 0;
  #pooled = 0;
  #peak = 0;
  /** Bytes cut since the pools were last emptied. */
  #cutSince = 0;
  /** What follows a recording, if there is one. */
  watch: MemoryWatch | null = null;
  /** Gives back what lies idle and can be had again; called before giving up. Gives whether there was any. */
  relieve: () => boolean = () => false;

  /** Blocks lie from `start` on; the memory grows to `limit` bytes at most, in whole pages. */
  constructor(memory: WebAssembly.Memory, start: number, limit: number) {
    this.#memory = memory;
    this.#next = roundUp(start, alignment);
    this.#limit = Math.floor(limit / pageBytes) * pageBytes;
    // Values that belong to no scope are found unused by the garbage collector.
    this.#collected = new FinalizationRegistry(([pointer, size]) => this.#giveBack(pointer, size));
  }

  /** A block, not cleared: kernels fill all that they give. Throws DeviceError if the limit is reached. */
  allocate(bytes: number): WasmHandle {
    const promised = this.watch?.promise(bytes) ?? null;
    return promised ?? this.fulfil({ pointer: 0, bytes });
  }

  /** Gives a handle memory that was only promised to it. Throws DeviceError if the limit is reached. */
  fulfil(handle: WasmHandle): WasmHandle {
    handle.pointer = this.#find(handle.bytes);
    handle.isLent = false;
    this.#collected.register(handle, [handle.pointer, classOf(handle.bytes)], handle);
    return handle;
  }

  /** Gives a block back, unless it is lent. */
  release(handle: WasmHandle): void {
    if (this.watch?.gave(handle) !== true) this.reclaim(handle);
  }

  /** The same, whoever watches. */
  reclaim(handle: WasmHandle): void {
    if (handle.isLent === true) return;
    this.#collected.unregister(handle);
    this.#giveBack(handle.pointer, classOf(handle.bytes));
    handle.isLent = true;
  }

  /** Throws DeviceError unless `bytes` more would fit, where `promised` bytes are to come besides. */
  requireRoom(bytes: number, promised: number): void {
    const isShort = (): boolean => this.#live + promised + bytes > this.#limit;
    if (isShort() && this.relieve()) this.#gather();
    if (isShort()) throw this.#exhausted(bytes);
  }

  /** The address of a block that no handle stands for; give it back with `put`. Not cleared. */
  take(bytes: number): number {
    const pointer = this.watch?.place(bytes) ?? this.#find(bytes);
    this.watch?.took(pointer, bytes);
    return pointer;
  }

  #find(bytes: number): number {
    return this.#findSize(classOf(bytes));
  }

  #findSize(size: number): number {
    const pooled = this.#pools.get(size)?.pop();
    if (pooled !== undefined) this.#pooled -= size;
    const pointer = pooled ?? this.#cut(size);
    this.#live += size;
    this.#peak = Math.max(this.#peak, this.#live);
    return pointer;
  }

  /** Gives a block from `take` back. */
  put(pointer: number, bytes: number): void {
    if (this.watch?.owns(pointer) === true) return;
    this.#giveBack(pointer, classOf(bytes));
  }

  /**
   * The address of a large block that lasts, of no more bytes than asked for: from what lies idle, if it has room. Give it
   * back with `putLasting`. Not cleared.
   */
  takeLasting(bytes: number): number {
    this.#gather();
    return this.#findSize(roundUp(bytes, alignment));
  }

  /** Gives a block from `takeLasting` back. */
  putLasting(pointer: number, bytes: number): void {
    this.#giveBack(pointer, roundUp(bytes, alignment));
  }

  /** The address of zeroed memory that is never given back and that statistics count as reserved only. */
  reserve(bytes: number): number {
    const pointer = this.#extend(roundUp(bytes, alignment));
    new Uint8Array(this.#memory.buffer, pointer, bytes).fill(0);
    return pointer;
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

  /** A new block: from the space, else beyond all others, else from what other sizes' pools hold. */
  #cut(size: number): number {
    let pointer = this.#space.take(size);
    if (pointer === null && this.#isWasteful(size)) pointer = this.#gather().take(size);
    if (pointer === null && this.#reach(this.#next + size) !== null) {
      pointer = this.#gather().take(size);
      const isShort = pointer === null && this.#reach(this.#next + size) !== null;
      if (isShort && this.relieve()) pointer = this.#gather().take(size);
    }
    if (pointer === null) pointer = this.#extend(size);
    else this.#pooled -= size;
    this.#made.set(size, (this.#made.get(size) ?? 0) + 1);
    this.#cutSince += size;
    return pointer;
  }

  /**
   * Whether to empty the pools rather than to grow: where more than half as much lies idle as is in use. Not again
   * before as much has been cut as there is, so that the work stays in proportion.
   */
  #isWasteful(size: number): boolean {
    return (
      this.#pooled >= size &&
      2 * this.#pooled > this.#live &&
      this.#cutSince >= this.#live + this.#pooled
    );
  }

  /** Empties the pools into the space. */
  #gather(): FreeSpace {
    for (const [size, pool] of this.#pools) {
      for (const pointer of pool) this.#space.add(pointer, size);
      this.#made.set(size, (this.#made.get(size) ?? 0) - pool.length);
    }
    this.#pools.clear();
    this.#cutSince = 0;
    const top = this.#space.join(this.#next);
    this.#pooled -= this.#next - top;
    this.#next = top;
    return this.#space;
  }

  #extend(size: number): number {
    const pointer = this.#next;
    const end = pointer + size;
    const refusal = this.#reach(end);
    if (refusal !== null) throw this.#exhausted(size, refusal.cause);
    this.#next = end;
    return pointer;
  }

  /** Sees to it that memory reaches to `end`: null where it does, else the engine's reason, if the limit is not it. */
  #reach(end: number): { readonly cause?: unknown } | null {
    if (end > this.#limit) return {};
    const have = this.#memory.buffer.byteLength;
    if (end <= have) return null;
    // An eighth more than needed, if there is as much: growing is dear, and so is memory that nobody uses.
    const ample = Math.min(this.#limit, Math.max(end, have + have / 8));
    let refusal: { readonly cause?: unknown } | null = null;
    for (const wanted of [ample, end]) {
      try {
        this.#memory.grow(Math.ceil((wanted - have) / pageBytes));
        return null;
      } catch (cause) {
        refusal = { cause };
      }
    }
    return refusal;
  }

  #exhausted(size: number, cause?: unknown): DeviceError {
    const limit =
      cause === undefined
        ? `within its limit of ${mebibytes(this.#limit)}`
        : `where ${mebibytes(this.#memory.buffer.byteLength)} are reserved`;
    const refused = cause === undefined ? "" : ", and an engine that gives no more";
    return new DeviceError(
      {
        where: "wasm",
        argument: "memory",
        expected: `to hold ${mebibytes(size)} more ${limit}`,
        got:
          `${mebibytes(this.#live)} held by tensors${this.#largest()} and ${mebibytes(this.#pooled)} free in ` +
          `smaller pieces, peak ${mebibytes(this.#peak)}${refused}`,
        fix: "Use smaller batches, end values with scope(), give back what keep() holds, or raise BITGRAD_MEMORY",
      },
      cause === undefined ? {} : { cause },
    );
  }

  /** The three sizes whose live blocks take most, for messages: ` (12 of 4.0 MiB, …)`. */
  #largest(): string {
    const sizes = [...this.#made]
      .map(([size, made]) => ({ size, count: made - (this.#pools.get(size)?.length ?? 0) }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.size * b.count - a.size * a.count)
      .slice(0, 3)
      .map(({ size, count }) => `${count} of ${mebibytes(size)}`);
    return sizes.length === 0 ? "" : ` (most in ${sizes.join(", ")})`;
  }
}

/** Sizes in steps of an eighth of a power of two: less than an eighth of a block is lost. */
function classOf(bytes: number): number {
  const least = Math.max(bytes, alignment);
  const step = Math.max(alignment, 2 ** (31 - Math.clz32(least - 1) - 3));
  return roundUp(least, step);
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

function mebibytes(bytes: number): string {
  return bytes < 2 ** 20
    ? `${(bytes / 2 ** 10).toFixed(1)} KiB`
    : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
