/**
 * A launch writes nowhere but its outputs: the bytes beside them, whoever's they are, stay as they were.
 * Rests on the wasm device's insides. On one thread a kernel that writes too much may be right all the same: what it spoiled
 * is often written again.
 */
import type { Device } from "../../core/devices/device.ts";
import { wasmDevice } from "../../core/devices/wasm/index.ts";
import type { WasmHandle } from "../../core/devices/wasm/memory.ts";
import { current } from "../../core/devices/wasm/state.ts";
import { isAlike } from "./observed.ts";

/** Bytes that are looked at on each side of an output: two cache lines, more than any vector or tile is wide. */
const beside = 512;

/** Bytes from `from` to `to`. */
interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** A kernel that wrote where it must not. */
export class WroteOutside extends Error {
  override readonly name = "WroteOutside";
}

/** What is to happen at the launches of a body, and to the memory that each of them may write. */
export interface LaunchHooks {
  /** At a launch's beginning, before its outputs. */
  readonly begin?: () => void;
  /** For each output before the launch, and for each temporary as it is taken. */
  readonly writable: (pointer: number, bytes: number) => void;
  /** After the launch. */
  readonly end?: (name: string) => void;
}

/** Runs `body`, with the hooks at each of its launches. */
export function hooked<T>({ begin, writable, end }: LaunchHooks, body: () => T): T {
  const runtime = current();
  const { launch } = wasmDevice;
  const { temporary } = runtime;
  const around: Device["launch"] = (name, inputs, outputs, attributes) => {
    begin?.();
    for (const { handle } of outputs) {
      const { pointer, bytes } = handle as WasmHandle;
      writable(pointer, bytes);
    }
    launch(name, inputs, outputs, attributes);
    end?.(name);
  };
  wasmDevice.launch = around;
  runtime.temporary = (bytes) => {
    const pointer = temporary.call(runtime, bytes);
    writable(pointer, bytes);
    return pointer;
  };
  try {
    return body();
  } finally {
    wasmDevice.launch = launch;
    runtime.temporary = temporary;
  }
}

/** Runs `body`; throws WroteOutside at the first launch that changes a byte beside an output or a temporary. */
export function withinOutputs<T>(body: () => T): T {
  const { memory } = current();
  let [own, before]: [Stretch[], { at: Stretch; bytes: Uint8Array }[]] = [[], []];
  const begin = (): void => {
    [own, before] = [[], []];
  };
  const writable = (pointer: number, bytes: number): void => {
    own.push({ from: pointer, to: pointer + bytes });
    const sides = [
      { from: Math.max(0, pointer - beside), to: pointer },
      {
        from: pointer + bytes,
        to: Math.min(memory.buffer.byteLength, pointer + bytes + beside),
      },
    ];
    for (const at of sides) {
      before.push({ at, bytes: new Uint8Array(memory.buffer, at.from, at.to - at.from).slice() });
    }
  };
  const end = (name: string): void => {
    const place = changed(new Uint8Array(memory.buffer), before, own);
    if (isAlike(place === null)) return;
    const near = own.map(({ from, to }) => `[${from}, ${to})`).join(", ");
    throw new WroteOutside(`${name} wrote to ${place}, and may write to ${near}`);
  };
  return hooked({ begin, writable, end }, body);
}

/** The first address that changed and is nobody's who may write, or null. */
function changed(
  memory: Uint8Array,
  before: readonly { readonly at: Stretch; readonly bytes: Uint8Array }[],
  own: readonly Stretch[],
): number | null {
  for (const { at, bytes } of before) {
    const found = bytes.findIndex((byte, i) => {
      const place = at.from + i;
      return memory[place] !== byte && !own.some(({ from, to }) => place >= from && place < to);
    });
    if (found >= 0) return at.from + found;
  }
  return null;
}
