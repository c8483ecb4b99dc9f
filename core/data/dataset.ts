/**
 * Datasets: anything with a length that gives the batch of some positions, and examples, which can be written one by
 * one to plain memory. Rests on create, dtype and shape.
 *
 * An example is a function of (position, epoch) alone: no batch size and no order of drawing changes what it is.
 */
import { tensor } from "../create.ts";
import { allocateArray, type DType, type TypedArray } from "../dtype.ts";
import { ValueError } from "../errors.ts";
import { type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { Tree } from "../tree.ts";

/** A finite, ordered collection of examples. */
export interface Dataset<Batch extends Tree> {
  /** Number of examples. */
  readonly length: number;
  /**
   * The examples at `positions`, in that order, as fresh tensors with the batch axis first. `epoch`, integer ≥ 0 and 0
   * where absent, is the pass they are drawn in: what changes from epoch to epoch depends on it and on nothing else.
   */
  batch(positions: Int32Array, epoch?: number): Batch;
}

/** One part of every example, such as its image or its label. */
export interface Field {
  /** Of one example: the batch axis is not among them. */
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The parts of an example, by name. */
export type Fields<Name extends string> = Readonly<Record<Name, Field>>;

/** The memory of one example: as many elements for each field as its shape says, row-major. */
export type Row<Name extends string> = Readonly<Record<Name, TypedArray>>;

/** What `examples` makes a dataset of. */
export interface ExamplesInit<Name extends string> {
  /** Integer ≥ 0. */
  readonly length: number;
  readonly fields: Fields<Name>;
  /** Writes all elements of the example at `position`, as it is in `epoch`. */
  write(position: number, epoch: number, into: Row<Name>): void;
}

/** A dataset whose examples are plain memory until they become a batch: what can be split, joined, mapped, augmented. */
export interface Examples<Name extends string>
  extends Dataset<Readonly<Record<Name, Tensor>>>,
    ExamplesInit<Name> {}

/** Images or vectors `x` with labels `y`. */
export type LabelledExamples = Examples<"x" | "y">;

/** Images and their labels. */
export type LabelledBatch = {
  /** [N, C, H, W] float32. */
  readonly x: Tensor;
  /** [N] int32. */
  readonly y: Tensor;
};

/** The names of fields, in the order they were given. */
export function namesOf<Name extends string>(fields: Fields<Name>): readonly Name[] {
  return Object.keys(fields) as Name[];
}

/** A record with `value(name)` for each field. */
export function byField<Name extends string, Value>(
  fields: Fields<Name>,
  value: (name: Name) => Value,
): Readonly<Record<Name, Value>> {
  const entries = namesOf(fields).map((name): [Name, Value] => [name, value(name)]);
  return Object.fromEntries(entries) as Record<Name, Value>;
}

/** Zero-filled memory for `count` examples. */
export function allocateRows<Name extends string>(fields: Fields<Name>, count = 1): Row<Name> {
  return byField(fields, (name) =>
    allocateArray(fields[name].dtype, count * sizeOf(fields[name].shape)),
  );
}

/**
 * A dataset from a function that writes one example to plain memory.
 * Its `batch` throws ValueError for a position outside [0, length) and for an epoch that is no integer ≥ 0.
 *
 * @example
 * examples({
 *   length: 100,
 *   fields: { x: { shape: [], dtype: "float32" } },
 *   write: (position, _epoch, { x }) => { x[0] = position / 100; },
 * }).batch(Int32Array.of(50)); // { x: [0.5] }
 */
export function examples<Name extends string>(init: ExamplesInit<Name>): Examples<Name> {
  const { length, fields } = init;
  return {
    length,
    fields,
    write: (position, epoch, into) => init.write(position, epoch, into),
    batch: (positions, epoch = 0) => {
      checkEpoch("batch", epoch);
      const rows = allocateRows(fields, positions.length);
      const sizes = byField(fields, (name) => sizeOf(fields[name].shape));
      positions.forEach((position, n) => {
        checkPositionIn("batch", "positions", position, length);
        const row = byField(fields, (name) =>
          rows[name].subarray(n * sizes[name], (n + 1) * sizes[name]),
        );
        init.write(position, epoch, row);
      });
      return byField(fields, (name) => {
        const { shape, dtype } = fields[name];
        return tensor(rows[name], { shape: [positions.length, ...shape], dtype });
      });
    },
  };
}

/** Throws ValueError unless `epoch` is an integer in [0, 2⁵³). */
export function checkEpoch(where: string, epoch: number): void {
  if (Number.isSafeInteger(epoch) && epoch >= 0) return;
  throw new ValueError({
    where,
    argument: "epoch",
    expected: "to be an integer in [0, 2^53 - 1]",
    got: String(epoch),
    fix: "Count epochs from 0",
  });
}

/** Throws ValueError unless `position` is an integer in [0, length). */
export function checkPositionIn(
  where: string,
  argument: string,
  position: number,
  length: number,
): void {
  if (Number.isInteger(position) && position >= 0 && position < length) return;
  throw new ValueError({
    where,
    argument,
    expected: `to hold integers in [0, ${length}), the examples there are`,
    got: String(position),
    fix: "Count positions from 0",
  });
}
