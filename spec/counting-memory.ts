/**
 * A count of the memory in use.
 * Rests on core's devices.
 */
import { currentDevice } from "../core/devices/current.ts";
import { bytesPerElement } from "../core/dtype.ts";

/** Memory of the current device: what is alive now, and the most that was. */
export interface MemoryCount {
  blocks: number;
  bytes: number;
  peakBytes: number;
}

/** Runs `body` while every allocation and release of the current device is counted, from 0. */
export function countingMemory<T>(body: (count: MemoryCount) => T): T {
  const device = currentDevice();
  const { allocate, release } = device;
  const count: MemoryCount = { blocks: 0, bytes: 0, peakBytes: 0 };
  const sizes = new WeakMap<object, number>();
  Object.assign(device, {
    allocate: (...[dtype, length]: Parameters<typeof allocate>): unknown => {
      const handle = allocate(dtype, length);
      if (typeof handle === "object" && handle !== null)
        sizes.set(handle, length * bytesPerElement[dtype]);
      count.blocks += 1;
      count.bytes += length * bytesPerElement[dtype];
      count.peakBytes = Math.max(count.peakBytes, count.bytes);
      return handle;
    },
    release: (handle: unknown): void => {
      release(handle);
      if (typeof handle !== "object" || handle === null) return;
      const size = sizes.get(handle);
      if (size === undefined) return; // made before the count began
      sizes.delete(handle);
      count.blocks -= 1;
      count.bytes -= size;
    },
  });
  try {
    return body(count);
  } finally {
    Object.assign(device, { allocate, release });
  }
}
