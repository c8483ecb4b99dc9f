/**
 * Parts of an array: slice, and flip. Both are views.
 * Rests on layout, bind and embed, which is slice's transpose.
 */
import { bindOne } from "../bind.ts";
import { exact } from "../error-bound.ts";
import { ShapeError, ValueError } from "../errors.ts";
import { permuteLayout, sliceLayout } from "../layout.ts";
import { at, type NdArray, nd, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Sampler } from "../sampling.ts";
import { type Axes, formatShape, normalizeAxes, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { embed } from "./pad.ts";
import { reshape } from "./reshape.ts";
import { linear, type UnaryRecord } from "./shorthand.ts";

const moved = exact("elements are moved, never changed");

/**
 * What to take along one axis: a number picks one position and the axis disappears; null takes all;
 * [start, end, step] takes start, start + step, … before end. Negative positions count from the end;
 * a start or end that is null or absent is the end of the axis where the walk begins or stops.
 */
export type Range =
  | number
  | null
  | readonly [start: number | null, end?: number | null, step?: number];

/** The parts that slice takes. */
interface SliceOptions {
  /** One range for each leading axis; axes without one are taken whole. */
  readonly ranges: readonly Range[];
}

/** Positions starts[i] + j·steps[i], j < lengths[i], along axis i; `kept` are the axes that stay. */
interface Walk {
  readonly starts: readonly number[];
  readonly lengths: readonly number[];
  readonly steps: readonly number[];
  readonly kept: readonly number[];
}

/** Throws ShapeError for more ranges than axes, ValueError for a range that makes no sense. */
function walkOf(shape: Shape, { ranges }: SliceOptions): Walk {
  if (ranges.length > shape.length) {
    throw new ShapeError({
      where: "slice",
      argument: "ranges",
      expected: `to hold at most one range for each axis of x ${formatShape(shape)}`,
      got: `${ranges.length}`,
      fix: "Leave out the ranges of axes that x does not have",
    });
  }
  const walks = shape.map((length, axis) => walkAxis(ranges[axis] ?? null, length, axis));
  return {
    starts: walks.map(({ start }) => start),
    lengths: walks.map(({ count }) => count),
    steps: walks.map(({ step }) => step),
    kept: shape.flatMap((_, axis) => (typeof ranges[axis] === "number" ? [] : [axis])),
  };
}

interface AxisWalk {
  readonly start: number;
  readonly count: number;
  readonly step: number;
}

function walkAxis(range: Range, length: number, axis: number): AxisWalk {
  if (range === null) return { start: 0, count: length, step: 1 };
  if (typeof range === "number") {
    if (!Number.isInteger(range) || range < -length || range >= length) {
      throw new ValueError({
        where: "slice",
        argument: `ranges[${axis}]`,
        expected: `to pick a position in [${-length}, ${length})`,
        got: String(range),
        fix: `Axis ${axis} has ${length} positions; negative ones count from the end`,
      });
    }
    return { start: range < 0 ? range + length : range, count: 1, step: 1 };
  }
  const [start = null, end = null, step = 1] = range;
  if (![start ?? 0, end ?? 0, step].every(Number.isInteger) || step === 0) {
    throw new ValueError({
      where: "slice",
      argument: `ranges[${axis}]`,
      expected: "to be [start, end, step] of integers, step not 0",
      got: `[${start}, ${end}, ${step}]`,
      fix: "Step forwards with step ≥ 1, backwards with step ≤ -1",
    });
  }
  // A forward walk lives in [0, length], a backward one in [-1, length - 1]: both ends clamp to that.
  const low = step > 0 ? 0 : -1;
  const high = step > 0 ? length : length - 1;
  const clamp = (position: number) =>
    Math.min(Math.max(position < 0 ? position + length : position, low), high);
  const first = start === null ? (step > 0 ? low : high) : clamp(start);
  const stop = end === null ? (step > 0 ? high : low) : clamp(end);
  const count = Math.max(0, Math.ceil((stop - first) / step));
  return { start: count === 0 ? 0 : first, count, step };
}

function sliceShape(shape: Shape, options: SliceOptions): Shape {
  const { lengths, kept } = walkOf(shape, options);
  return kept.map((axis) => lengths[axis] ?? 0);
}

/** A random range for an axis of `length`. */
function drawRange(draw: Sampler, length: number): Range {
  const position = () => draw.integer(-length - 1, length + 1);
  const whole = draw.pick<Range>([null, [null, null, -1], [null, null, 2]]);
  const options: Range[] = [
    whole,
    [position()],
    [position(), position()],
    [position(), position(), draw.pick([1, 2, -1, -2])],
  ];
  if (length > 0) options.push(draw.integer(-length, length - 1));
  return draw.pick(options);
}

/** The record of `slice`. */
export const sliceOp: UnaryRecord<SliceOptions> = linear<SliceOptions>({
  name: "slice",
  family: "view",
  formula: "y = x[ranges]",
  source: "NumPy, basic slicing",
  infer: ([x], options) => [{ shape: sliceShape(x.shape, options), dtype: x.dtype }],
  forward: {
    view: (x, options) => {
      const { starts, lengths, steps, kept } = walkOf(x.shape, options);
      return permuteLayout(sliceLayout(x, starts, lengths, steps), kept);
    },
  },
  apply: (x, { ranges }) => slice(x, ranges),
  transpose: (c, { shape }, options) => {
    const { starts, lengths, steps } = walkOf(shape, options);
    return embed(reshape(c, lengths), { shape, starts, steps });
  },
  sample: (draw) => {
    const shape = draw.shape();
    const ranges = shape.slice(draw.integer(0, shape.length)).map(() => null);
    return {
      inputs: [draw.values(shape, { min: -3, max: 3 })],
      attributes: { ranges: ranges.map((_, axis) => drawRange(draw, shape[axis] ?? 0)) },
    };
  },
  special: [
    {
      title: "what is left out has gradient 0",
      inputs: [nd([1, 2, 3, 4, 5])],
      attributes: { ranges: [[-2, null, -2]] },
      output: nd([4, 2]),
      cotangent: nd([10, 20]),
      gradients: [nd([0, 20, 0, 10, 0])],
    },
    {
      title: "an end beyond the axis stops at the axis, as in NumPy",
      inputs: [nd([1, 2, 3])],
      attributes: { ranges: [[1, 9]] },
      output: nd([2, 3]),
      gradients: [nd([0, 1, 1])],
    },
  ],
  errors: [
    {
      inputs: [nd([1, 2])],
      attributes: { ranges: [null, 0] },
      message:
        "slice: expected ranges to hold at most one range for each axis of x [2], got 2. Leave out the ranges of axes that x does not have.",
    },
    ...[2, -3, 0.5].map((position) => ({
      inputs: [nd([1, 2])],
      attributes: { ranges: [position] },
      message: `slice: expected ranges[0] to pick a position in [-2, 2), got ${position}. Axis 0 has 2 positions; negative ones count from the end.`,
    })),
    ...(
      [
        [0, 2, 0],
        [0, 2, 0.5],
        [0, 1.5, 1],
        [0.5, 2, 1],
        [0.5, 1.5, 1],
      ] as const
    ).map((range) => ({
      inputs: [nd([1, 2])],
      attributes: { ranges: [range] },
      message: `slice: expected ranges[0] to be [start, end, step] of integers, step not 0, got [${range.join(", ")}]. Step forwards with step ≥ 1, backwards with step ≤ -1.`,
    })),
  ],
  reference: (inputs, { ranges }) => inputs.map((x) => sliceArray(x, ranges)),
  bound: moved,
});

/** Takes positions by walking each axis one element at a time. */
function sliceArray(x: NdArray, ranges: readonly Range[]): NdArray {
  const positions = x.shape.map((length, axis) => {
    const all = Array.from({ length }, (_, i) => i);
    const range = ranges[axis] ?? null;
    if (range === null) return all;
    if (typeof range === "number") return all.slice(range).slice(0, 1);
    const [start = null, end = null, step = 1] = range;
    if (step > 0) {
      return all.slice(start ?? 0, end ?? length).filter((_, i) => i % step === 0);
    }
    const from = start === null ? length - 1 : start < 0 ? start + length : start;
    const to = end === null ? -1 : end < 0 ? Math.max(end + length, -1) : end;
    const walked = all.reverse().filter((i) => i <= from && i > to);
    return walked.filter((_, i) => i % -step === 0);
  });
  const kept = positions.flatMap((_, axis) => (typeof ranges[axis] === "number" ? [] : [axis]));
  return tabulate(
    kept.map((axis) => positions[axis]?.length ?? 0),
    (index) =>
      at(
        x,
        positions.map((list, axis) => list[index[kept.indexOf(axis)] ?? 0] ?? 0),
      ),
    x.kind,
  );
}

/**
 * Part of an array: for each leading axis a position, a range or null for all. A view.
 * x: [...] → an axis less for each position picked. Ranges reach at most to the ends of their axis, as in
 * NumPy; a picked position must exist. Throws ValueError for one that does not, or for a step of 0,
 * ShapeError for more ranges than axes.
 *
 * @example
 * slice(x, [0, null, [1, -1]]); // x[0, :, 1:-1]
 */
export function slice(x: Tensor, ranges: readonly Range[]): Tensor {
  return bindOne(sliceOp, [x], { ranges });
}

/** Which axes flip reverses. */
export interface FlipOptions {
  /** All where absent. */
  readonly axis?: Axes;
}

/** The record of `flip`. */
export const flipOp: UnaryRecord<FlipOptions> = linear<FlipOptions>({
  name: "flip",
  family: "view",
  formula: "y_i = x_(n-1-i) along the axes",
  source: "definition; its own transpose",
  infer: ([x], { axis }) => {
    normalizeAxes("flip", axis, x.shape.length);
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  forward: {
    view: (x, { axis }) => {
      const axes = normalizeAxes("flip", axis, x.shape.length);
      const starts = x.shape.map((length, i) => (axes.includes(i) ? length - 1 : 0));
      const steps = x.shape.map((_, i) => (axes.includes(i) ? -1 : 1));
      return sliceLayout(x, starts, x.shape, steps);
    },
  },
  apply: (x, options) => flip(x, options),
  transpose: (c, _x, options) => flip(c, options),
  sample: (draw) => {
    const shape = draw.shape();
    const axis = draw.axes(shape.length).map((i) => (draw.boolean() ? i - shape.length : i));
    return {
      inputs: [draw.values(shape, { min: -3, max: 3 })],
      attributes: draw.boolean() ? {} : { axis },
    };
  },
  special: [],
  errors: [
    {
      inputs: [nd([[1, 2]])],
      attributes: { axis: 2 },
      message:
        "flip: expected axis in [-2, 2), got 2. The tensor has 2 axes; negative axes count from the end.",
    },
    {
      inputs: [nd([[1, 2]])],
      attributes: { axis: [0, 0] },
      message: "flip: expected axis to name each axis once, got [0, 0]. Remove the repeated axis.",
    },
  ],
  reference: (inputs, { axis }) =>
    inputs.map((x) => {
      const axes = normalizeAxes("flip", axis, x.shape.length);
      const mirrored = (index: readonly number[]) =>
        index.map((i, a) => (axes.includes(a) ? (x.shape[a] ?? 1) - 1 - i : i));
      return tabulate(x.shape, (index) => at(x, mirrored(index)), x.kind);
    }),
  bound: moved,
});

/**
 * Reverses the order along the axes, all where absent. x: [...] → [...]. A view.
 * Throws AxisError for an axis outside [-rank, rank) or named twice.
 */
export function flip(x: Tensor, options: FlipOptions = {}): Tensor {
  return bindOne(flipOp, [x], options);
}

/** The records of this file. */
export const sliceOps: readonly OpRecord[] = [sliceOp, flipOp];
