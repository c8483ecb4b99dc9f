/**
 * Storage: one block of device memory, its version, and why it was released.
 * Rests on devices/device and dtype.
 */
import type { Device } from "./devices/device.ts";
import type { DType } from "./dtype.ts";

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

  constructor(device: Device, dtype: DType, length: number) {
    this.device = device;
    this.dtype = dtype;
    this.length = length;
    this.#handle = device.allocate(dtype, length);
  }

  /** The device's own name for the memory. */
  get handle(): unknown {
    return this.#handle;
  }

  /** From now on only the garbage collector ends this memory's life. */
  keep(): void {
    this.#kept = true;
  }

  /** Gives the memory back, unless it is kept. `cause` completes "used after …". */
  release(cause: string): void {
    if (this.#kept || this.released !== null) return;
    this.released = cause;
    this.device.release(this.#handle);
    this.#handle = null;
  }
}
