/**
 * Storage: one block of device memory, its version, and why it was released; or its copy at rest.
 * Rests on owner, capture, devices/device and dtype.
 */
import { capturing } from "./capture.ts";
import type { Device } from "./devices/device.ts";
import type { DType, TypedArray } from "./dtype.ts";
import { own } from "./owner.ts";

/** Device memory that one or more tensors look at. */
export class Storage {
  readonly device: Device;
  readonly dtype: DType;
  readonly length: number;
  /** Counts writes. A tensor that stands for an earlier version can no longer be read. */
  version = 0;
  /** What ended this memory's life, as the rest of "after …"; null while it is alive. */
  released: string | null = null;
  #handle: unknown;
  #kept = false;
  /** The elements of memory at rest; while a scope uses them the device has them as well. */
  #resting: TypedArray | null = null;
  #restingVersion = -1;

  /** `handle`: memory that is there already. */
  constructor(device: Device, dtype: DType, length: number, handle?: unknown) {
    this.device = device;
    this.dtype = dtype;
    this.length = length;
    this.#handle = handle ?? device.allocate(dtype, length);
    capturing()?.made(this);
  }

  /** The device's own name for the memory. Memory at rest is fetched, for as long as the open scope lasts. */
  get handle(): unknown {
    const resting = this.#resting;
    if (this.#handle === null && resting !== null) {
      const fetch = (): void => {
        this.#handle = this.device.allocate(this.dtype, this.length);
        this.device.write(this.#handle, resting);
      };
      const capture = capturing();
      // A captured step finds it at the same place again: it stays on the device.
      if (capture !== null) {
        capture.unheard(fetch);
      } else {
        fetch();
        own(this);
      }
    }
    return this.#handle;
  }

  /** The memory's name if it is on the device now, else null. */
  get present(): unknown {
    return this.#handle;
  }

  /** All elements, if the memory is at rest; not to be written. */
  get resting(): TypedArray | null {
    return this.#restingVersion === this.version ? this.#resting : null;
  }

  /** Whether somebody wants the elements as they are, whatever becomes of the scope. */
  get isKept(): boolean {
    return this.#kept;
  }

  /** From now on only the garbage collector ends this memory's life. */
  keep(): void {
    this.#kept = true;
    capturing()?.keeps(this);
  }

  /** Gives the memory back; of what is kept or at rest, the device's only. `cause` completes "used after …". */
  release(cause: string): void {
    if (this.released !== null) return;
    if (this.#kept || this.#resting !== null) {
      this.rest();
      return;
    }
    this.released = cause;
    this.#giveBack();
  }

  /**
   * Moves the elements to plain JavaScript memory. A device's own memory is given back by finalizers alone, which
   * a synchronous loop never runs.
   */
  rest(): void {
    if (this.device.isCollected || this.#handle === null) return;
    if (this.resting === null) {
      const { dtype, length } = this;
      const all = { handle: this.#handle, dtype, shape: [length], strides: [1], offset: 0 };
      this.#resting = this.device.read(all);
      this.#restingVersion = this.version;
    }
    this.#giveBack();
  }

  #giveBack(): void {
    this.device.release(this.#handle);
    this.#handle = null;
  }
}
