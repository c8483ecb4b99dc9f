/**
 * Residency: which tensors' memory an engine holds a copy of, and which of the two is ahead.
 * Rests on engine and the wasm device's memory. What is uploaded for one kernel serves the next; what a kernel makes
 * stays with the engine until somebody else needs it.
 */
import type { WasmHandle } from "../wasm/memory.ts";
import { current } from "../wasm/state.ts";
import type { Engine } from "./engine.ts";

/** An engine's copy of a tensor's memory. */
interface Resident {
  readonly id: number;
  readonly bytes: number;
  /** Whether the engine's copy is the one that counts: memory has not been filled yet. */
  isAhead: boolean;
}

/** The elements of a handle's memory. Not to be kept: memory may grow. */
export function elementsOf({ pointer, bytes }: WasmHandle): Float32Array {
  return new Float32Array(current().memory.buffer, pointer, bytes / 4);
}

/** Numbers are never used twice, whoever asks for one. */
let next = 1;

/** A number for what no tensor stands for; give it back with `engine.free`. */
export function temporaryId(): number {
  return next++;
}

/** What an engine holds, at most `budget` bytes unless one launch needs more. */
export class Residency {
  readonly #engine: Engine;
  readonly #budget: number;
  #residents = new WeakMap<WasmHandle, Resident>();
  /** By number, the least recently used first. */
  readonly #order = new Map<
    number,
    { readonly handle: WeakRef<WasmHandle>; readonly bytes: number }
  >();
  /** Values that nobody released are found unused by the garbage collector. */
  readonly #collected = new FinalizationRegistry<number>((id) => this.#forget(id));
  #bytes = 0;
  #uploads = 0;
  #fetches = 0;

  constructor(engine: Engine, budget: number) {
    this.#engine = engine;
    this.#budget = budget;
  }

  /** The number of the engine's copy, made now if there is none. */
  idOf(handle: WasmHandle): number {
    const known = this.#residents.get(handle);
    if (known !== undefined) {
      this.#touch(known.id);
      return known.id;
    }
    const id = this.#enter(handle, false);
    this.#engine.upload(id, elementsOf(handle));
    this.#uploads += 1;
    return id;
  }

  /** The number of an array that a launch is about to fill for `handle`; whatever was there is gone. */
  make(handle: WasmHandle): number {
    this.drop(handle);
    return this.#enter(handle, true);
  }

  /** Whether the memory of `handle` does not hold yet what counts. */
  isAhead(handle: WasmHandle): boolean {
    return this.#residents.get(handle)?.isAhead === true;
  }

  /** The handles whose memory does not. */
  ahead(): readonly WasmHandle[] {
    const handles = [...this.#order.values()].flatMap(({ handle }) => handle.deref() ?? []);
    return handles.filter((handle) => this.isAhead(handle));
  }

  /** Sees to it that the memory of `handle` holds what counts. */
  settle(handle: WasmHandle): void {
    const resident = this.#residents.get(handle);
    if (resident === undefined || !resident.isAhead) return;
    this.#engine.fetch(resident.id, elementsOf(handle));
    this.#fetches += 1;
    resident.isAhead = false;
  }

  /** Forgets the engine's copy: memory is about to change, or to go. */
  drop(handle: WasmHandle): void {
    const resident = this.#residents.get(handle);
    if (resident === undefined) return;
    this.#residents.delete(handle);
    this.#collected.unregister(handle);
    this.#forget(resident.id);
  }

  /** Makes room for what the next launch needs, never of what it reads: settles and drops the least recently used. */
  trim(reads: readonly WasmHandle[]): void {
    if (this.#bytes <= this.#budget) return;
    for (const [id, { handle }] of this.#order) {
      if (this.#bytes <= this.#budget) return;
      const held = handle.deref();
      if (held === undefined) this.#forget(id);
      else if (!reads.includes(held)) {
        this.settle(held);
        this.drop(held);
      }
    }
  }

  /** Fills all memory whose copy is ahead, and forgets every copy. */
  settleAll(): void {
    for (const { handle } of [...this.#order.values()]) {
      const held = handle.deref();
      if (held === undefined) continue;
      this.settle(held);
      this.drop(held);
    }
  }

  /** Arrays and bytes held, and how often something crossed over. */
  counts(): { arrays: number; bytes: number; uploads: number; fetches: number } {
    const [arrays, bytes] = [this.#order.size, this.#bytes];
    return { arrays, bytes, uploads: this.#uploads, fetches: this.#fetches };
  }

  #enter(handle: WasmHandle, isAhead: boolean): number {
    const id = next++;
    const { bytes } = handle;
    this.#residents.set(handle, { id, bytes, isAhead });
    this.#order.set(id, { handle: new WeakRef(handle), bytes });
    this.#collected.register(handle, id, handle);
    this.#bytes += bytes;
    return id;
  }

  #touch(id: number): void {
    const entry = this.#order.get(id);
    if (entry === undefined) return;
    this.#order.delete(id);
    this.#order.set(id, entry);
  }

  #forget(id: number): void {
    const entry = this.#order.get(id);
    if (entry === undefined) return;
    this.#order.delete(id);
    this.#bytes -= entry.bytes;
    this.#engine.free(id);
  }
}
