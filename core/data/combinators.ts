/**
 * Combinators: datasets from datasets. A part, several joined, the same again, each example changed.
 * Rests on dataset.
 */
import { allocateArray, type DType, type TypedArray } from "../dtype.ts";
import { DTypeError, ShapeError, ValueError } from "../errors.ts";
import { formatShape, sizeOf } from "../shape.ts";
import {
  allocateRows,
  byField,
  checkPositionIn,
  type Examples,
  examples,
  type Fields,
  namesOf,
  type Row,
} from "./dataset.ts";

/**
 * The examples of `dataset` at `positions`, in that order; a position may come twice. An example stays what it is:
 * it is augmented as at its own position in `dataset`.
 * Throws ValueError for a position outside [0, dataset.length).
 *
 * @example subset(dataset, [4, 2]).length // 2
 */
export function subset<Name extends string>(
  dataset: Examples<Name>,
  positions: readonly number[] | Int32Array,
): Examples<Name> {
  for (const position of positions) {
    checkPositionIn("subset", "positions", position, dataset.length);
  }
  const chosen = Int32Array.from(positions);
  return examples({
    length: chosen.length,
    fields: dataset.fields,
    write: (position, epoch, into) => dataset.write(chosen[position] ?? 0, epoch, into),
  });
}

/**
 * The examples of all `datasets`, one after the other.
 * Throws ValueError for no dataset, ShapeError where fields differ in name, shape or dtype.
 *
 * @example concatDatasets([first, second]).length // first.length + second.length
 */
export function concatDatasets<Name extends string>(
  datasets: readonly Examples<Name>[],
): Examples<Name> {
  const [first] = datasets;
  if (first === undefined) {
    throw new ValueError({
      where: "concatDatasets",
      argument: "datasets",
      expected: "to hold at least one dataset",
      got: "none",
      fix: "Give the datasets in the order they are to follow each other",
    });
  }
  datasets.forEach(({ fields }, index) => {
    if (formatFields(fields) === formatFields(first.fields)) return;
    throw new ShapeError({
      where: "concatDatasets",
      argument: `datasets[${index}]`,
      expected: `to have the fields of the first, ${formatFields(first.fields)}`,
      got: formatFields(fields),
      fix: "Map one of them to the fields of the other",
    });
  });
  return examples({
    length: datasets.reduce((total, { length }) => total + length, 0),
    fields: first.fields,
    write: (position, epoch, into) => {
      let local = position;
      for (const dataset of datasets) {
        if (local < dataset.length) {
          dataset.write(local, epoch, into);
          return;
        }
        local -= dataset.length;
      }
    },
  });
}

/**
 * The examples of `dataset`, `times` times over. Copy k of an example in epoch e is what the example is in epoch
 * e·times + k of `dataset`: no two copies are augmented alike.
 * times: integer ≥ 1, else ValueError.
 *
 * @example repeatDataset(dataset, 3).length // 3 · dataset.length
 */
export function repeatDataset<Name extends string>(
  dataset: Examples<Name>,
  times: number,
): Examples<Name> {
  if (!Number.isSafeInteger(times) || times < 1) {
    throw new ValueError({
      where: "repeatDataset",
      argument: "times",
      expected: "to be an integer ≥ 1",
      got: String(times),
      fix: "Say how often each example is to come",
    });
  }
  const { length, fields } = dataset;
  return examples({
    length: length * times,
    fields,
    write: (position, epoch, into) => {
      const copy = Math.floor(position / length);
      dataset.write(position - copy * length, epoch * times + copy, into);
    },
  });
}

/**
 * Every example of `dataset` through `change(from, into)`, which writes all elements of `fields` and keeps nothing it
 * is given. It must be a function of the example alone; what is random goes through `augment`.
 *
 * @example
 * mapDataset(dataset, dataset.fields, (from, into) => {
 *   into.x.set(from.x.map((value) => 1 - value));
 *   into.y.set(from.y);
 * });
 */
export function mapDataset<From extends string, To extends string>(
  dataset: Examples<From>,
  fields: Fields<To>,
  change: (from: Row<From>, into: Row<To>) => void,
): Examples<To> {
  const from = allocateRows(dataset.fields);
  return examples({
    length: dataset.length,
    fields,
    write: (position, epoch, into) => {
      dataset.write(position, epoch, from);
      change(from, into);
    },
  });
}

/** Plain memory for all examples of a dataset made of arrays. */
export type Columns<Name extends string> = Row<Name>;

/**
 * A dataset of arrays that hold one example after the other, row-major: nothing is copied.
 * Throws ValueError where a field has no array, DTypeError for an array of another class than its dtype's (float32
 * Float32Array, float64 Float64Array, int32 Int32Array, bool Uint8Array), ShapeError where it does not hold `length`
 * examples of its field.
 *
 * @example
 * arrayDataset(2, { x: { shape: [3], dtype: "float32" } }, { x: Float32Array.of(1, 2, 3, 4, 5, 6) });
 */
export function arrayDataset<Name extends string>(
  length: number,
  fields: Fields<Name>,
  columns: Columns<Name>,
): Examples<Name> {
  const sizes = byField(fields, (name) => sizeOf(fields[name].shape));
  for (const name of namesOf(fields)) {
    requireColumn(name, fields[name].dtype, Object.hasOwn(columns, name) ? columns[name] : null);
    if (columns[name].length === length * sizes[name]) continue;
    throw new ShapeError({
      where: "arrayDataset",
      argument: name,
      expected: `to hold ${length * sizes[name]} elements, ${length} examples of ${formatShape(fields[name].shape)}`,
      got: String(columns[name].length),
      fix: "Give every field one example after the other",
    });
  }
  return examples({
    length,
    fields,
    write: (position, _epoch, into) => {
      for (const name of namesOf(fields)) {
        const size = sizes[name];
        into[name].set(columns[name].subarray(position * size, (position + 1) * size));
      }
    },
  });
}

/** Throws unless `column` is of the class that holds `dtype`: another one would be converted, and 300 cut to a byte. */
function requireColumn(argument: string, dtype: DType, column: TypedArray | null): void {
  const where = "arrayDataset";
  const [name, own] = [classOf(allocateArray(dtype, 0)), classOf(column)];
  if (!column) {
    const fix = "Give an array for every field";
    const expected = `to be the ${name} of field ${argument}`;
    throw new ValueError({ where, argument, expected, got: "none", fix });
  }
  if (own === name) return;
  throw new DTypeError({
    where,
    argument,
    expected: `to be of class ${name}, which holds ${dtype}`,
    got: own,
    fix: `Convert it, for example ${name}.from(${argument}), or name its own dtype in the fields`,
  });
}

/** The class of built-in arrays, also of those of another realm or a subclass: `Uint8Array` for Node's Buffer. */
function classOf(array: TypedArray | null): string {
  return Object.prototype.toString.call(array).slice("[object ".length, -1);
}

/** `x [3, 8, 8] float32, y [] int32`, sorted by name. */
export function formatFields(fields: Fields<string>): string {
  return Object.keys(fields)
    .sort()
    .map((name) => {
      const { shape = [], dtype } = fields[name] ?? {};
      return `${name} ${formatShape(shape)} ${dtype}`;
    })
    .join(", ");
}
