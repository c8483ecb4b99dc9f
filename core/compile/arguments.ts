/**
 * Arguments of compiled steps: trees of tensors, and plain values that are part of what is compiled.
 * Rests on tensor, tree and layout.
 */
import type { Device } from "../devices/device.ts";
import { denseLayout, isDense } from "../layout.ts";
import { sizeOf } from "../shape.ts";
import { Storage } from "../storage.ts";
import { operandOf, Tensor } from "../tensor.ts";
import { isPlainObject, leavesOf, mapTree } from "../tree.ts";

/** What `values` are: nesting, shapes and dtypes, and plain values as they stand. Throws Unfit for anything else. */
export function formOf(values: readonly unknown[]): string {
  const visit = (value: unknown, path: string): string => {
    if (value instanceof Tensor) return `${value.dtype}[${value.shape.join(",")}]`;
    if (Array.isArray(value)) {
      return `[${value.map((item, i) => visit(item, `${path}[${i}]`)).join(";")}]`;
    }
    if (isPlainObject(value)) {
      const parts = Object.keys(value).map((key) => {
        return `${JSON.stringify(key)}:${visit(value[key], `${path}.${key}`)}`;
      });
      return `{${parts.join(";")}}`;
    }
    if (typeof value === "string") return JSON.stringify(value);
    if (Object.is(value, -0)) return "-0";
    if (value === null || typeof value !== "object") {
      if (typeof value !== "function" && typeof value !== "symbol") return String(value);
    }
    throw new Unfit(
      `${path} is ${typeof value === "object" ? "an object with a class" : `a ${typeof value}`}`,
    );
  };
  return values.map((value, i) => visit(value, `argument ${i + 1}`)).join(";");
}

/** Something that cannot be part of a compiled step; the message completes "because …". */
export class Unfit extends Error {}

/** Memory that each call fills with its tensors. */
export class Slots<Values extends readonly unknown[]> {
  readonly storages: readonly Storage[];
  readonly #device: Device;
  readonly #values: Values;

  /** For arguments of the form of `values`. */
  constructor(device: Device, values: Values) {
    this.#device = device;
    this.#values = mapTree(values, (leaf) => leaf);
    this.storages = leavesOf(values).map(
      ({ dtype, shape }) => new Storage(device, dtype, sizeOf(shape)),
    );
  }

  /** Copies the tensors of `values` in: handles of the call before can no longer be read. */
  fill(values: Values): void {
    const leaves = leavesOf(values);
    for (let i = 0; i < leaves.length; i++) {
      const [leaf, storage] = [leaves[i], this.storages[i]];
      if (leaf !== undefined && storage !== undefined) this.#copy(leaf, storage);
    }
  }

  /** The arguments with the slots in place of their tensors. */
  values(): Values {
    return mapTree(this.#values, ({ shape, name }, index) => {
      const storage = this.storages[index];
      if (storage === undefined) throw new RangeError("compile: a slot for each tensor");
      return new Tensor({ storage, layout: denseLayout(shape), name });
    });
  }

  #copy(leaf: Tensor, storage: Storage): void {
    const { resting, present } = leaf.storage;
    storage.version += 1;
    if (present === null && resting !== null && isDense(leaf)) {
      leaf.look("compile", (elements) => this.#device.write(storage.handle, elements));
      return;
    }
    const source = operandOf("compile", "an argument", leaf);
    const { handle, dtype } = storage;
    this.#device.launch("copy", [source], [{ handle, dtype, ...denseLayout(leaf.shape) }], {});
  }
}
