/**
 * Running error bounds: beside every value that a device computes go the exact one, by the ops' definitions on plain
 * arrays in float64, and a bound of the distance between the two, which grows op by op.
 * Rests on error-columns, the records' own bounds and bind's observers: whatever a program or a derivative rule does, it does
 * by ops. Wilkinson 1986, "Error analysis revisited"; Higham 2002, section 3.3.
 */
import { isFloat } from "../../core/dtype.ts";
import { type Interpretation, withObserver } from "../../core/interpreter.ts";
import type { Layout } from "../../core/layout.ts";
import { indicesOf, type NdArray } from "../../core/nd-array.ts";
import { isComposed, type Op, type OpRecord } from "../../core/op.ts";
import type { Storage } from "../../core/storage.ts";
import type { Tensor } from "../../core/tensor.ts";
import { numbers } from "../laws/arrays.ts";
import { isNear } from "../laws/observed.ts";
import { type Errors, propagated } from "./error-columns.ts";
import { evaluated } from "./graph.ts";
import { broken } from "./oracle.ts";
import { type Applied, hearing, type Program } from "./program.ts";

/** Unit roundoff and smallest positive number. */
const precision = {
  float32: { unit: 2 ** -24, tiny: 2 ** -149 },
  float64: { unit: 2 ** -53, tiny: Number.MIN_VALUE },
} as const;

/**
 * Bounds are taken at the exact inputs, not at the computed ones, and differences at one point, not over all that lie
 * within the errors: what this misses are products of two errors, a thousandth of the bound at most where errors are small.
 */
const secondOrder: number = 1 + 2 ** -10;

/** What is known of one block of memory, element by element. */
interface Shadow {
  readonly exact: number[];
  readonly error: number[];
}

/** An output, where it must lie. */
interface Made {
  readonly op: Op;
  readonly output: Tensor;
  readonly exact: readonly number[];
  readonly error: Errors;
}

/** What was compared. */
export interface Compared {
  /** Elements of floats that lay within their bound. */
  elements: number;
  /** Elements whose bound is infinite: a jump may lie on the way. */
  undecided: number;
  /** The largest distance, as a share of its bound. */
  worst: number;
}

/** Bounds of everything that runs while it looks on. */
export class RunningBounds {
  readonly #shadows = new WeakMap<Storage, Shadow>();
  readonly #made: Made[] = [];

  /**
   * Runs `body`, looking on. An op made of others is judged twice, where a program applies it: its parts one by one, and
   * the whole by its own definition.
   */
  watch<T>(body: () => T): T {
    const judgeWhole = ({ record, inputs, outputs, attributes }: Applied): readonly Tensor[] => {
      if (isComposed(record)) this.#judge(record, inputs, outputs, attributes);
      return outputs;
    };
    return hearing(judgeWhole, () => withObserver((event) => this.#follow(event), body));
  }

  /** From now on `tensor` counts as rounded to the unit roundoff `unit` of float64. */
  round(tensor: Tensor): void {
    const unit = precision.float64.unit;
    const shadow = this.#shadowOf(tensor);
    for (const place of placesOf(tensor))
      shadow.error[place] = unit * Math.abs(shadow.exact[place] ?? 0);
  }

  /** How far each element of `tensor` may be off. */
  boundOf(tensor: Tensor): Errors {
    const { error } = this.#shadowOf(tensor);
    return placesOf(tensor).map((place) => error[place] ?? 0);
  }

  /** Compares everything that was made with what is exact. Throws GraphBroken at the first that lies too far away. */
  verify(): Compared {
    const compared: Compared = { elements: 0, undecided: 0, worst: 0 };
    for (const { op, output, exact, error } of this.#made) {
      if (output.storage.released !== null) continue;
      numbers(output).forEach((came, i) => {
        const [want, room] = [exact[i] ?? 0, error[i] ?? 0];
        if (!Number.isFinite(room) || !Number.isFinite(want)) {
          compared.undecided++;
          return;
        }
        compared.elements++;
        const distance = Math.abs(came - want);
        if (room > 0) compared.worst = Math.max(compared.worst, distance / room);
        const isNearest = output.dtype === "float32" && came === Math.fround(want);
        if (!isNear(isNearest && !(distance <= room) ? 0 : distance, room)) {
          const { name } = output.storage.device;
          const what = `element ${i} of ${op.name} ${output.describe()} on ${name}`;
          broken("bounds", `${what} to be ${want} ± ${room}`, `${came}`);
        }
      });
    }
    return compared;
  }

  #follow({ op, inputs, outputs, attributes }: Interpretation): void {
    if (!isRecord(op)) return;
    const known = outputs.map(({ storage }) => this.#shadows.has(storage));
    this.#judge(op, inputs, outputs, attributes).forEach(({ output, exact, error }, k) => {
      // A view, or what an op's parts have made already.
      if (known[k] !== true) this.#note(output, exact, error);
    });
  }

  /** Where the outputs must lie, by the op's own definition and bound. */
  #judge(
    op: OpRecord,
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    attributes: object,
  ): readonly Made[] {
    const arrays = inputs.map((input) => this.#exactOf(input));
    const errors = inputs.map((input) => this.boundOf(input));
    const exact = evaluated(op, arrays, attributes);
    const carried = propagated(op, attributes, arrays, exact, errors);
    const made = outputs.map((output, k): Made => {
      const array = exact[k] ?? { shape: [], data: [], kind: "float" };
      const isOfFloats = isFloat(output.dtype);
      const { unit, tiny } = precision[output.dtype === "float32" ? "float32" : "float64"];
      const own = op.bound.of({ inputs: arrays, attributes, output: array, unit, tiny }).data;
      const error = array.data.map((_, i) => {
        const before = carried[k]?.[i] ?? 0;
        return isOfFloats ? before * secondOrder + (own[i] ?? 0) : before;
      });
      return { op, output, exact: array.data, error };
    });
    this.#made.push(...made);
    return made;
  }

  /** Several outputs of one op may lie in one storage. */
  #note(tensor: Tensor, exact: readonly number[], error: readonly number[]): void {
    const shadow = this.#shadowOf(tensor);
    placesOf(tensor).forEach((place, i) => {
      shadow.exact[place] = exact[i] ?? 0;
      shadow.error[place] = error[i] ?? 0;
    });
  }

  #exactOf(tensor: Tensor): NdArray {
    const { exact } = this.#shadowOf(tensor);
    const { dtype, shape } = tensor;
    const kind = dtype === "int32" || dtype === "bool" ? dtype : "float";
    return { shape, data: placesOf(tensor).map((place) => exact[place] ?? 0), kind };
  }

  /** Memory that nobody was seen to fill is exact as it is. */
  #shadowOf({ storage }: Tensor): Shadow {
    const known = this.#shadows.get(storage);
    if (known !== undefined) return known;
    const whole = storage.device.read({
      handle: storage.handle,
      dtype: storage.dtype,
      shape: [storage.length],
      strides: [1],
      offset: 0,
    });
    const shadow: Shadow = {
      exact: Array.from(whole),
      error: new Array<number>(storage.length).fill(0),
    };
    this.#shadows.set(storage, shadow);
    return shadow;
  }
}

/** How far rounding in float64 may move each element of each result of a program. */
export function runningBounds(
  program: Program,
  points: readonly Tensor[],
  { inputsAreRounded = false }: { readonly inputsAreRounded?: boolean } = {},
): readonly Errors[] {
  const bounds = new RunningBounds();
  if (inputsAreRounded) for (const point of points) if (isFloat(point.dtype)) bounds.round(point);
  const results = bounds.watch(() => program(...points));
  return results.map((result) => bounds.boundOf(result));
}

/** Whether an op knows its definition and its bound. */
function isRecord(op: Op): op is OpRecord {
  return "reference" in op && "bound" in op;
}

/** Where each element lies in the storage, in row-major order. */
function placesOf({ shape, strides, offset }: Layout): readonly number[] {
  return indicesOf(shape).map((index) =>
    index.reduce((place, n, axis) => place + n * (strides[axis] ?? 0), offset),
  );
}
