/**
 * Putting an array into a larger one: embed and pad. Both copy.
 * Rests on bind and slice, which is embed's transpose.
 */
import { bindOne } from "../bind.ts";
import { numericDTypes, requireDType } from "../dtype.ts";
import { exact } from "../error-bound.ts";
import { ShapeError, ValueError } from "../errors.ts";
import { atOr, type NdArray, nd, tabulate } from "../nd-array.ts";
import { type OpRecord, shapeOf } from "../op.ts";
import { numbersOnly } from "../op-examples.ts";
import { checkShape, formatShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { requireRepresentable } from "./constant.ts";
import { linear, type UnaryRecord } from "./shorthand.ts";
import { type Range, slice } from "./slice.ts";

const moved = exact("elements are moved, never changed");

/** Where embed puts the elements. */
interface EmbedOptions {
  /** Shape of the result. */
  readonly shape: Shape;
  /** Element i of an axis goes to starts[axis] + i·steps[axis]; default 0. */
  readonly starts?: readonly number[];
  /** Integers other than 0; default 1. */
  readonly steps?: readonly number[];
  /** What stands elsewhere; default 0. */
  readonly value?: number;
}

type Placement = Required<EmbedOptions>;

function placement(rank: number, { shape, starts, steps, value = 0 }: EmbedOptions): Placement {
  const all = (number: number) => Array.from({ length: rank }, () => number);
  return { shape, starts: starts ?? all(0), steps: steps ?? all(1), value };
}

/** Throws ShapeError or ValueError unless every element has a place inside `shape`. */
function checkPlacement(from: Shape, { shape, starts, steps }: Placement): void {
  checkShape("embed", "shape", shape);
  for (const [name, list] of Object.entries({ shape, starts, steps })) {
    if (list.length !== from.length) {
      throw new ShapeError({
        where: "embed",
        argument: name,
        expected: `to hold one number for each axis of x ${formatShape(from)}`,
        got: formatShape(list),
        fix: "Keep the rank; add axes with expandDims",
      });
    }
  }
  from.forEach((count, axis) => {
    const start = starts[axis] ?? 0;
    const step = steps[axis] ?? 1;
    const length = shape[axis] ?? 0;
    const inside = (position: number) => position >= 0 && position < length;
    const whole = Number.isInteger(start) && Number.isInteger(step) && step !== 0;
    if (!whole || (count > 0 && !(inside(start) && inside(start + (count - 1) * step)))) {
      throw new ValueError({
        where: "embed",
        argument: `starts[${axis}] and steps[${axis}]`,
        expected: `to place ${count} elements at different positions in [0, ${length})`,
        got: `${start} and ${step}`,
        fix: "Start inside the result, and take whole steps that stay inside it",
      });
    }
  });
}

/** The record of `embed`. */
export const embedOp: UnaryRecord<EmbedOptions> = linear<EmbedOptions>({
  name: "embed",
  family: "join",
  formula: "y[starts + i·steps] = x[i], value elsewhere",
  source: "definition; the transpose of a slice",
  infer: ([x], options) => {
    requireDType("embed", "x", x.dtype, numericDTypes);
    const place = placement(x.shape.length, options);
    checkPlacement(x.shape, place);
    requireRepresentable("embed", "value", place.value, x.dtype);
    return [{ shape: place.shape, dtype: x.dtype }];
  },
  forward: {
    kernel: "embed",
    with: (options, [x]) => {
      const { starts, steps, value } = placement(shapeOf(x).length, options);
      return { starts, steps, value };
    },
  },
  apply: (x, options) => embed(x, { ...options, value: 0 }),
  transpose: (c, x, options) => {
    const { starts, steps } = placement(x.rank, options);
    const ranges = x.shape.map((count, axis): Range => {
      const start = starts[axis] ?? 0;
      const step = steps[axis] ?? 1;
      if (count === 0) return [0, 0];
      const end = start + count * step;
      return [start, end < 0 ? null : end, step];
    });
    return slice(c, ranges);
  },
  sample: (draw) => {
    const from = draw.shape();
    const axes = from.map((count) => {
      const step = draw.pick([1, 2, 3]);
      const before = draw.integer(0, 2);
      const span = count === 0 ? 0 : (count - 1) * step + 1;
      const length = before + span + draw.integer(0, 2);
      const backwards = draw.boolean() && count > 0;
      return backwards
        ? { length, start: before + span - 1, step: -step }
        : { length, start: before, step };
    });
    return {
      inputs: [draw.values(from, { min: -3, max: 3 })],
      attributes: {
        shape: axes.map(({ length }) => length),
        starts: axes.map(({ start }) => start),
        steps: axes.map(({ step }) => step),
        value: draw.pick([0, 1.5]),
      },
    };
  },
  special: [
    {
      title: "what stands elsewhere has no gradient",
      inputs: [nd([1, 2])],
      attributes: { shape: [4], starts: [3], steps: [-2], value: 9 },
      output: nd([9, 2, 9, 1]),
      cotangent: nd([10, 20, 30, 40]),
      gradients: [nd([40, 20])],
    },
    {
      title: "no elements have a place anywhere, also outside and backwards",
      inputs: [nd([])],
      attributes: { shape: [2], starts: [-1], steps: [-1] },
      output: nd([0, 0]),
      gradients: [nd([])],
    },
  ],
  errors: [
    ...(
      [
        [2, 1, 1],
        [2, 0, 2],
        [4, 0, 0],
        [4, -1, 1],
        [4, 4, -1],
        [4, 0.5, 1],
        [4, 0, 1.5],
      ] as const
    ).map(([length, start, step]) => ({
      inputs: [nd([1, 2])],
      attributes: { shape: [length], starts: [start], steps: [step] },
      message: `embed: expected starts[0] and steps[0] to place 2 elements at different positions in [0, ${length}), got ${start} and ${step}. Start inside the result, and take whole steps that stay inside it.`,
    })),
    {
      inputs: [nd([1, 2])],
      attributes: { shape: [4, 4] },
      message:
        "embed: expected shape to hold one number for each axis of x [2], got [4, 4]. Keep the rank; add axes with expandDims.",
    },
    {
      inputs: [nd([1, 2])],
      attributes: { shape: [-4] },
      message:
        "embed: expected shape to hold integers ≥ 0, got [-4]. Give each axis a whole length.",
    },
    {
      inputs: [nd([1, 2], "int32")],
      attributes: { shape: [4], value: 0.5 },
      message:
        "embed: expected value to be representable in int32, got 0.5. Give a whole number, or use a float dtype.",
    },
    numbersOnly("embed", { shape: [4] }),
  ],
  reference: (inputs, options) =>
    inputs.map((x) => embedArray(x, placement(x.shape.length, options))),
  bound: moved,
});

/** Asks of each place in the result which element of x, if any, stands there. */
function embedArray(x: NdArray, { shape, starts, steps, value }: Placement): NdArray {
  return tabulate(
    shape,
    (index) => {
      const from = index.map((i, axis) => (i - (starts[axis] ?? 0)) / (steps[axis] ?? 1));
      return from.every(Number.isInteger) ? atOr(x, from, value) : value;
    },
    x.kind,
  );
}

/**
 * Puts x into an array of `shape`, element i of each axis at starts + i·steps, `value` elsewhere. A copy.
 * x: [...] → shape, of the same rank. Throws ShapeError where ranks differ, ValueError where an element
 * would fall outside or two on one place.
 */
export function embed(x: Tensor, options: EmbedOptions): Tensor {
  return bindOne(embedOp, [x], options);
}

/** How far pad reaches. */
interface PadOptions {
  /** [before, after] for each axis: how many positions to add, integers ≥ 0. */
  readonly widths: readonly (readonly [number, number])[];
  /** What stands there; default 0. */
  readonly value?: number;
}

function padded(from: Shape, { widths }: PadOptions): Shape {
  if (
    widths.length !== from.length ||
    !widths.flat().every((width) => Number.isInteger(width) && width >= 0)
  ) {
    throw new ValueError({
      where: "pad",
      argument: "widths",
      expected: `to hold [before, after] for each axis of x ${formatShape(from)}, integers ≥ 0`,
      got: `[${widths.map((pair) => formatShape(pair)).join(", ")}]`,
      fix: "Give [0, 0] for an axis that stays; cut with slice",
    });
  }
  return widths.map(([before, after], axis) => before + (from[axis] ?? 0) + after);
}

/** The record of `pad`. */
export const padOp: UnaryRecord<PadOptions> = {
  name: "pad",
  family: "join",
  formula: "y = x with `value` before and after it along each axis",
  source: "definition",
  inputNames: ["x"],
  infer: ([x], options) => {
    requireDType("pad", "x", x.dtype, numericDTypes);
    requireRepresentable("pad", "value", options.value ?? 0, x.dtype);
    return [{ shape: padded(x.shape, options), dtype: x.dtype }];
  },
  forward: {
    compose: ([x], { widths, value = 0 }) => [
      embed(x, {
        shape: padded(x.shape, { widths }),
        starts: widths.map(([before]) => before),
        value,
      }),
    ],
  },
  sample: (draw) => {
    const shape = draw.shape();
    return {
      inputs: [draw.values(shape, { min: -3, max: 3 })],
      attributes: {
        widths: shape.map(() => [draw.integer(0, 2), draw.integer(0, 2)] as const),
        value: draw.pick([0, -1.5]),
      },
    };
  },
  special: [
    {
      title: "an empty array becomes all padding",
      inputs: [nd([])],
      attributes: { widths: [[1, 1]], value: 7 },
      output: nd([7, 7]),
      gradients: [nd([])],
    },
  ],
  errors: [
    {
      inputs: [nd([1, 2])],
      attributes: { widths: [[0.5, 1]] },
      message:
        "pad: expected widths to hold [before, after] for each axis of x [2], integers ≥ 0, got [[0.5, 1]]. Give [0, 0] for an axis that stays; cut with slice.",
    },
    {
      inputs: [nd([1, 2])],
      attributes: { widths: [[1, -1]] },
      message:
        "pad: expected widths to hold [before, after] for each axis of x [2], integers ≥ 0, got [[1, -1]]. Give [0, 0] for an axis that stays; cut with slice.",
    },
    {
      inputs: [nd([[1, 2]])],
      attributes: {
        widths: [
          [0, 0],
          [1, -1],
        ],
      },
      message:
        "pad: expected widths to hold [before, after] for each axis of x [1, 2], integers ≥ 0, got [[0, 0], [1, -1]]. Give [0, 0] for an axis that stays; cut with slice.",
    },
    numbersOnly("pad", { widths: [[1, 1]] }),
    {
      inputs: [nd([[1, 2]])],
      attributes: { widths: [[1, 1]] },
      message:
        "pad: expected widths to hold [before, after] for each axis of x [1, 2], integers ≥ 0, got [[1, 1]]. Give [0, 0] for an axis that stays; cut with slice.",
    },
    {
      inputs: [nd([1, 2], "int32")],
      attributes: { widths: [[1, 1]], value: 0.5 },
      message:
        "pad: expected value to be representable in int32, got 0.5. Give a whole number, or use a float dtype.",
    },
  ],
  reference: (inputs, { widths, value = 0 }) =>
    inputs.map((x) =>
      tabulate(
        padded(x.shape, { widths }),
        (index) =>
          atOr(
            x,
            index.map((i, axis) => i - (widths[axis]?.[0] ?? 0)),
            value,
          ),
        x.kind,
      ),
    ),
  bound: moved,
};

/**
 * Adds positions before and after along each axis, filled with `value`. A copy.
 * x: [n, ...] → [before + n + after, ...]. Throws ValueError for a negative or missing width.
 *
 * @example
 * pad(x, [[0, 0], [0, 0], [1, 1], [1, 1]]); // a border of one pixel around N, C, H, W images
 */
export function pad(
  x: Tensor,
  widths: readonly (readonly [number, number])[],
  { value = 0 }: { readonly value?: number } = {},
): Tensor {
  return bindOne(padOp, [x], { widths, value });
}

/** The records of this file. */
export const padOps: readonly OpRecord[] = [embedOp, padOp];
