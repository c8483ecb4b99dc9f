/**
 * Checked launches: while a body runs, every kernel that a device launches is run by the reference device as well,
 * on the same elements under the same layouts, and what comes out is compared.
 * Rests on kernel-bounds. Whatever an op, a derivative rule or a net does, it does by launches: if each of them agrees,
 * so do they.
 */
import type { Device, Operand } from "../../core/devices/device.ts";
import type { KernelAttributes, KernelName } from "../../core/devices/kernels.ts";
import { referenceDevice } from "../../core/devices/reference/index.ts";
import { wasmDevice } from "../../core/devices/wasm/index.ts";
import type { WasmHandle } from "../../core/devices/wasm/memory.ts";
import { bytesPerElement, type DType, isFloat } from "../../core/dtype.ts";
import { formatShape } from "../../core/shape.ts";
import { kernelBounds } from "./kernel-bounds.ts";
import { type Launch, type PlainOperand, plain } from "./launch-bounds.ts";

/** A kernel that gave something else than the reference. */
class LaunchDiffers extends Error {
  override readonly name = "LaunchDiffers";
}

/** The device whose launches are checked: its memory lies in the wasm device's. */
export interface Checked {
  readonly device: Device;
  /** The smallest positive float32 that it keeps apart from 0. */
  readonly tiny: number;
  /** Hears of the largest part of its bound that a launch with roundings took: at most 1. */
  readonly took?: (kernel: KernelName, part: number) => void;
}

const wasm: Checked = { device: wasmDevice, tiny: 2 ** -149 };

/** Runs `body`, throwing at the first launch that differs; `met` hears of each. */
export function checkedLaunches<T>(
  body: () => T,
  met: (launch: string) => void = () => {},
  checkedDevice: Checked = wasm,
): T {
  const { device } = checkedDevice;
  const launch = device.launch;
  const plainCopy = (operand: Operand): PlainOperand => copyOf(device, operand);
  const checked: Device["launch"] = (name, inputs, outputs, attributes) => {
    const before = inputs.map(plainCopy);
    const cells = name === "update" ? outputs.map(plainCopy) : null; // read and written in place
    launch(name, inputs, outputs, attributes);
    met(describeLaunch(name, inputs, outputs, attributes));
    compare(checkedDevice, name, before, outputs, attributes, cells);
  };
  device.launch = checked;
  try {
    return body();
  } finally {
    device.launch = launch;
  }
}

/** `unary exp float32`. */
function describeLaunch(
  name: KernelName,
  inputs: readonly Operand[],
  outputs: readonly Operand[],
  attributes: object,
): string {
  const fn = "fn" in attributes ? ` ${String(attributes.fn)}` : "";
  return `${name}${fn} ${dtypeOf([...inputs, ...outputs])}`;
}

/** The operand with all of its memory copied, element by element, no kernel taking part. */
function copyOf(device: Device, operand: Operand): PlainOperand {
  const { bytes } = operand.handle as WasmHandle;
  const length = bytes / bytesPerElement[operand.dtype];
  const whole = { ...operand, shape: [length], strides: [1], offset: 0 };
  return { ...operand, handle: device.read(whole) };
}

/** The operand in float64 where it is a float. */
function widened(operand: PlainOperand): PlainOperand {
  if (operand.dtype !== "float32") return operand;
  return { ...operand, dtype: "float64", handle: Float64Array.from(operand.handle) };
}

/** The dtype in which a launch computes: of its floats if it has any. */
function dtypeOf(operands: readonly Operand[]): DType {
  const floats = operands.find(({ dtype }) => isFloat(dtype));
  return floats?.dtype ?? operands[0]?.dtype ?? "float32";
}

function compare<Name extends KernelName>(
  { device, tiny, took }: Checked,
  name: Name,
  inputs: readonly PlainOperand[],
  outputs: readonly Operand[],
  attributes: KernelAttributes[Name],
  cells: readonly PlainOperand[] | null,
): void {
  const dtype = dtypeOf([...inputs, ...outputs]);
  const perform = (given: readonly PlainOperand[], wide: boolean): readonly PlainOperand[] => {
    const targets =
      cells ??
      outputs.map((output) =>
        plain(output.shape, wide && isFloat(output.dtype) ? "float64" : output.dtype),
      );
    referenceDevice.launch(name, given, targets, attributes);
    return targets;
  };
  const bound = kernelBounds[name];
  const precision =
    dtype === "float32" ? { unit: 2 ** -24, tiny } : { unit: 2 ** -52, tiny: Number.MIN_VALUE };
  const launch: Launch<Name> = { inputs, outputs: [], attributes, dtype, ...precision };
  const isExact = bound.isExact(launch);
  const given = isExact ? inputs : inputs.map(widened);
  const wanted = perform(given, !isExact);
  const allowed = isExact ? [] : bound.allowed({ ...launch, inputs: given, outputs: wanted });
  outputs.forEach((output, k) => {
    const got = device.read(output);
    const want = wanted[k]?.handle ?? [];
    let most = 0;
    for (let i = 0; i < got.length; i++) {
      const [came, expected] = [got[i] ?? 0, want[i] ?? 0];
      const room = isExact || !isFloat(output.dtype) ? 0 : (allowed[k]?.[i] ?? 0);
      const fine = isExact ? isSame(came, expected) : isNear(came, expected, room, output.dtype);
      if (!fine) {
        throw new LaunchDiffers(
          `${name} ${JSON.stringify(attributes)} of ${inputs.map(describeOperand).join(", ")}\n` +
            `  output ${k} ${describeOperand(output)}, element ${i}: expected ${formatValue(expected)} ± ${room}, got ${formatValue(came)}`,
        );
      }
      const part = Math.abs(came - expected) / room;
      if (part > most && room > 0) most = part; // false for NaN as well
    }
    if (!isExact) took?.(name, most);
  });
}

/** Equal bits, all NaNs being one. */
function isSame(came: number, expected: number): boolean {
  return Object.is(came, expected);
}

/** Within the allowed distance; what is not finite must be so, unless nothing is promised. */
function isNear(came: number, expected: number, room: number, dtype: DType): boolean {
  const rounded = dtype === "float32" ? Math.fround(expected) : expected;
  if (Object.is(came, rounded) || came === rounded) return true;
  if (Number.isNaN(room)) return true;
  if (!Number.isFinite(expected))
    return room === Number.POSITIVE_INFINITY && !Number.isFinite(came);
  if (Math.abs(came - expected) <= room) return true;
  const largest = dtype === "float32" ? 3.4028234663852886e38 : Number.MAX_VALUE;
  return !Number.isFinite(came) && came * expected > 0 && Math.abs(expected) + room > largest;
}

function formatValue(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function describeOperand({ dtype, shape, strides, offset }: Operand): string {
  return `${dtype} ${formatShape(shape)} at strides ${formatShape(strides)}, offset ${offset}`;
}
