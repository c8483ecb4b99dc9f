/**
 * Growing random graphs: ops are drawn from the registry, their inputs from the records' own samples, and earlier values
 * take the places of drawn arrays wherever dtype, shape and domain can be made to fit.
 * Rests on slots and graph. A new op takes part by itself.
 *
 * A value u that does not lie in an op's domain enters it as centre + radius·sin(u), element by element: kinks and poles
 * stay at the distance that the record's sample keeps.
 */
import type { NdArray } from "../../core/nd-array.ts";
import type { OpRecord } from "../../core/op.ts";
import { registry } from "../../core/ops/registry.ts";
import type { Sampler } from "../../core/sampling.ts";
import { type Shape, sameShape, sizeOf } from "../../core/shape.ts";
import { evaluated, type Graph, type Node, pruned, type Ref, recordNamed } from "./graph.ts";
import { isInside, largest, rangesOf, type Slot, slotSampler } from "./slots.ts";

/** What a graph is made of. */
export interface GrowOptions {
  /** Ops to draw from; the registry where absent. */
  readonly ops?: readonly OpRecord[];
  /** An op that must occur. */
  readonly include?: OpRecord;
  /** Ops drawn at most; whole number ≥ 1, default 6. What brings values into shapes and domains comes on top. */
  readonly most?: number;
  /** The one shape of all values; any where absent. */
  readonly shape?: Shape;
}

interface Value {
  readonly ref: Ref;
  readonly array: NdArray;
}

/** Of an op's inputs, the share that earlier values take where there are any: four of five. */
const wiredShare = 5;

/** A random graph. Its float values are finite, its arrays have at most 96 elements. */
export function growGraph(draw: Sampler, options: GrowOptions = {}): Graph {
  const { ops = registry, include, most = 6 } = options;
  const garden = new Garden(draw, options.shape);
  const count = draw.integer(1, most);
  const place = draw.integer(0, count - 1);
  for (let i = 0; i < count; i++) {
    const record = draw.pick(ops);
    if (include === undefined || i !== place) garden.plant(record);
    else for (let tries = 0; tries < 20 && !garden.plant(include); tries++);
  }
  return garden.graph();
}

/** A graph that grows. */
class Garden {
  readonly #draw: Sampler;
  readonly #shape: Shape | undefined;
  #nodes: Node[] = [];
  #values: Value[] = [];
  #used = new Set<string>();

  constructor(draw: Sampler, shape: Shape | undefined) {
    this.#draw = draw;
    this.#shape = shape;
  }

  /** One more op; false, and nothing changed, where its value would be too large or not finite. */
  plant(record: OpRecord): boolean {
    const shape = this.#shape;
    const shapes = shape ? [shape] : this.#values.map(({ array }) => array.shape);
    const sampler = slotSampler(this.#draw, shapes);
    const fixed = shape && { shape: () => shape, broadcastable: () => shape };
    const { inputs, attributes } = record.sample({ ...sampler, ...fixed });
    if (inputs.some((input) => sizeOf(input.shape) > largest)) return false;
    const before = [this.#nodes.length, this.#values.length, new Set(this.#used)] as const;
    const refs = inputs.map((input) => this.#fill(input, sampler.slotOf(input)));
    if (this.#apply(record, floatsAs64(attributes), refs).length > 0) return true;
    this.#nodes.length = before[0];
    this.#values.length = before[1];
    this.#used = before[2];
    return false;
  }

  /** The values that nothing reads are the outputs, and at times one more. */
  graph(): Graph {
    const ends = this.#values.filter(({ ref }) => !this.#used.has(keyOf(ref)));
    const outputs = ends.map(({ ref }) => ref);
    const floats = this.#values.filter(({ array }) => array.kind === "float");
    if (floats.length > 0 && this.#draw.integer(0, 2) === 0)
      outputs.push(this.#draw.pick(floats).ref);
    return pruned({ nodes: this.#nodes, outputs });
  }

  /** A value that may stand in the place of `array`, a leaf if need be. */
  #fill(array: NdArray, slot: Slot | null): Ref {
    const candidates = this.#values.filter(
      (value) =>
        value.array.kind === array.kind &&
        (array.kind === "float" || (slot !== null && isInside(value.array, slot))) &&
        (this.#shape === undefined || sameShape(value.array.shape, array.shape)),
    );
    if (candidates.length === 0 || this.#draw.integer(1, wiredShare) === wiredShare)
      return this.#leaf(array);
    const chosen = this.#reshaped(this.#draw.pick(candidates), array.shape);
    if (chosen === null) return this.#leaf(array);
    if (array.kind !== "float" || (slot !== null && isInside(chosen.array, slot)))
      return chosen.ref;
    const { centres, radii } = rangesOf(array, slot);
    const [wave] = this.#apply(recordNamed("sin"), {}, [chosen.ref]);
    const radius = this.#leaf({ ...array, data: radii });
    const [part] = wave ? this.#apply(recordNamed("multiply"), {}, [radius, wave.ref]) : [];
    const centre = this.#leaf({ ...array, data: centres });
    const [whole] = part ? this.#apply(recordNamed("add"), {}, [centre, part.ref]) : [];
    return whole?.ref ?? this.#leaf(array);
  }

  /** The value in another shape, by views, by choosing elements, or by summing them; null where none fits. */
  #reshaped(value: Value, shape: Shape): Value | null {
    const draw = this.#draw;
    const { array, ref } = value;
    const [from, to] = [sizeOf(array.shape), sizeOf(shape)];
    if (sameShape(array.shape, shape)) return value;
    if (stretches(array.shape, shape) && draw.boolean())
      return this.#only("broadcastTo", { shape }, [ref]);
    if (from === to) return this.#only("reshape", { shape }, [ref]);
    if (array.kind === "float" && (from === 0 || draw.integer(0, 3) === 0)) {
      const total = this.#only("sum", {}, [ref]);
      return total && this.#only("broadcastTo", { shape }, [total.ref]);
    }
    if (from === 0) return null;
    const flat = this.#only("reshape", { shape: [from] }, [ref]);
    const places = this.#leaf(draw.integers([to], 0, from));
    const some = flat && this.#only("gather", { axis: 0 }, [flat.ref, places]);
    return some && this.#only("reshape", { shape }, [some.ref]);
  }

  #only(name: string, attributes: object, inputs: readonly Ref[]): Value | null {
    return this.#apply(recordNamed(name), attributes, inputs)[0] ?? null;
  }

  #leaf(array: NdArray): Ref {
    const ref = { node: this.#nodes.length, output: 0 };
    this.#nodes.push({ array });
    this.#values.push({ ref, array });
    return ref;
  }

  #apply(record: OpRecord, attributes: object, refs: readonly Ref[]): readonly Value[] {
    const inputs = refs.map((ref) => this.#arrayAt(ref));
    const arrays = evaluated(record, inputs, attributes);
    const isFine = ({ data }: NdArray): boolean =>
      data.length <= largest && data.every((x) => Number.isFinite(x) && Math.abs(x) < huge);
    if (!arrays.every(isFine)) return [];
    const node = this.#nodes.length;
    this.#nodes.push({ record, attributes, inputs: refs });
    for (const ref of refs) this.#used.add(keyOf(ref));
    const values = arrays.map((array, output) => ({ ref: { node, output }, array }));
    this.#values.push(...values);
    return values;
  }

  #arrayAt(ref: Ref): NdArray {
    const found = this.#values.find((value) => keyOf(value.ref) === keyOf(ref));
    if (found === undefined) throw new RangeError(`no value at ${keyOf(ref)}`);
    return found.array;
  }
}

/** Larger values would drown the others in rounding. */
const huge = 1e6;

const keyOf = ({ node, output }: Ref): string => `${node}/${output}`;

/** Whether an array of shape `from` broadcasts to `to`. */
function stretches(from: Shape, to: Shape): boolean {
  const lead = to.length - from.length;
  return lead >= 0 && from.every((length, axis) => length === 1 || length === to[axis + lead]);
}

/** Float dtypes among the attributes become float64: what computes in float32 makes them float32 again. */
function floatsAs64(attributes: object): object {
  return "dtype" in attributes && attributes.dtype === "float32"
    ? { ...attributes, dtype: "float64" }
    : attributes;
}
