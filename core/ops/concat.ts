/**
 * Joining lists: concat and stack. Both copy.
 * Rests on bind, and on slice, which is concat's transpose.
 */
import { bindOne } from "../bind.ts";
import { sameDType } from "../dtype.ts";
import { exact } from "../error-bound.ts";
import { ShapeError } from "../errors.ts";
import { at, nd, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Domain, ErrorExample } from "../sampling.ts";
import { formatShape, normalizeAxis, type Shape, sameShape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { zerosLike } from "./constant.ts";
import { type Range, slice } from "./slice.ts";
import { expandDims } from "./unit-axis.ts";

const moved = exact("elements are moved, never changed");
const plain: Domain = { min: -3, max: 3 };

/** Along which axis. */
export interface AlongOptions {
  /** In [-rank, rank), negative ones count from the end; default 0. */
  readonly axis?: number;
}

/** A record of a list of inputs and one output. */
export type ListRecord<A extends object> = OpRecord<A, readonly Tensor[], readonly [Tensor]>;

/** The first of the list. Throws ShapeError where there is none. */
function firstOf(where: string, [first]: readonly TensorType[]): TensorType {
  if (first === undefined) {
    throw new ShapeError({
      where,
      argument: "list",
      expected: "to hold a tensor",
      got: "none",
      fix: "Give one tensor or more",
    });
  }
  return first;
}

/** Throws ShapeError or DTypeError unless all are like the first. */
function requireAlike(
  where: string,
  [first, ...rest]: readonly [TensorType, ...TensorType[]],
  isLike: (shape: Shape, first: Shape) => boolean,
  alike: string,
): void {
  rest.forEach((type, i) => {
    const name = `list[${i + 1}]`;
    sameDType(where, ["list[0]", name], first.dtype, type.dtype);
    if (!isLike(type.shape, first.shape)) {
      throw new ShapeError({
        where,
        argument: name,
        expected: `to have the shape of list[0] ${formatShape(first.shape)}${alike}`,
        got: `${name} ${formatShape(type.shape)}`,
        fix: "Reshape, slice or pad it",
      });
    }
  });
}

/** The ranges of a slice of `count` positions from `start` along `axis`. */
export function along(axis: number, start: number, count: number): readonly Range[] {
  return [...Array.from({ length: axis }, () => null), [start, start + count]];
}

/** Where a list is joined: the axis, and the first of the list, after which it goes. */
interface Joint {
  readonly first: TensorType;
  readonly axis: number;
}

/** The axis to concatenate along. Throws ShapeError for lists that do not fit, AxisError. */
function concatJoint(types: readonly TensorType[], { axis = 0 }: AlongOptions): Joint {
  const first = firstOf("concat", types);
  if (first.shape.length === 0) {
    throw new ShapeError({
      where: "concat",
      argument: "list[0]",
      expected: "to have an axis to join along",
      got: "list[0] []",
      fix: "Join single numbers with stack",
    });
  }
  const place = normalizeAxis("concat", axis, first.shape.length);
  const besides = (shape: Shape) => shape.toSpliced(place, 1);
  requireAlike(
    "concat",
    [first, ...types.slice(1)],
    (a, b) => a.length === b.length && sameShape(besides(a), besides(b)),
    ` besides axis ${place}`,
  );
  return { first, axis: place };
}

const listErrors = (name: string, alike: string): readonly ErrorExample<AlongOptions>[] => [
  {
    inputs: [],
    attributes: {},
    message: `${name}: expected list to hold a tensor, got none. Give one tensor or more.`,
  },
  {
    inputs: [nd([[1, 2]]), nd([[1, 2, 3]])],
    attributes: {},
    message: `${name}: expected list[1] to have the shape of list[0] [1, 2]${alike}, got list[1] [1, 3]. Reshape, slice or pad it.`,
  },
  {
    inputs: [nd([1, 2]), nd([1, 2], "int32")],
    attributes: {},
    message: `${name}: expected list[1] to have the dtype of list[0], float64, got int32. Cast one of them, for example list[1].cast("float64").`,
  },
];

/** The record of `concat`. */
export const concatOp: ListRecord<AlongOptions> = {
  name: "concat",
  family: "join",
  formula: "y = the elements of the list, one after the other along the axis",
  source: "definition",
  inputNames: ["list"],
  infer: (types, options) => {
    const { first, axis } = concatJoint(types, options);
    const length = types.reduce((total, { shape }) => total + (shape[axis] ?? 0), 0);
    return [{ shape: first.shape.with(axis, length), dtype: first.dtype }];
  },
  forward: {
    kernel: "concat",
    with: (options, types) => ({ axis: concatJoint(types, options).axis }),
  },
  jvp: (tangents, { inputs, attributes }) => [
    concat(
      inputs.map((input, i) => tangents[i] ?? zerosLike(input)),
      attributes,
    ),
  ],
  vjp: ([c], { inputs, attributes }, wanted) => {
    const { axis } = concatJoint(inputs, attributes);
    let start = 0;
    return inputs.map(({ shape }, i) => {
      const from = start;
      start += shape[axis] ?? 0;
      return wanted[i] ? slice(c, along(axis, from, shape[axis] ?? 0)) : null;
    });
  },
  sample: (draw) => {
    const shape = draw.shape({ minRank: 1 });
    const axis = draw.integer(0, shape.length - 1);
    const count = draw.integer(1, 3);
    const inputs = Array.from({ length: count }, () =>
      draw.values(shape.with(axis, draw.integer(0, 3)), plain),
    );
    return { inputs, attributes: { axis: draw.boolean() ? axis : axis - shape.length } };
  },
  special: [
    {
      title: "each piece gets its part of the cotangent",
      inputs: [nd([1]), nd([]), nd([2, 3])],
      attributes: {},
      output: nd([1, 2, 3]),
      cotangent: nd([10, 20, 30]),
      gradients: [nd([10]), nd([]), nd([20, 30])],
    },
  ],
  errors: [
    ...listErrors("concat", " besides axis 0"),
    {
      inputs: [nd(1), nd(2)],
      attributes: {},
      message:
        "concat: expected list[0] to have an axis to join along, got list[0] []. Join single numbers with stack.",
    },
    {
      inputs: [nd([[1, 2]]), nd([1])],
      attributes: { axis: 1 },
      message:
        "concat: expected list[1] to have the shape of list[0] [1, 2] besides axis 1, got list[1] [1]. Reshape, slice or pad it.",
    },
    {
      inputs: [nd([1])],
      attributes: { axis: 1 },
      message:
        "concat: expected axis in [-1, 1), got 1. The tensor has 1 axis; negative axes count from the end.",
    },
  ],
  reference: (inputs, { axis = 0 }) => {
    const [first = nd([])] = inputs;
    const place = axis < 0 ? axis + first.shape.length : axis;
    const pieces = inputs.flatMap((input) =>
      Array.from({ length: input.shape[place] ?? 0 }, (_, position) => ({ input, position })),
    );
    const y = tabulate(first.shape.with(place, pieces.length), (index) => {
      const piece = pieces[index[place] ?? 0];
      return piece ? at(piece.input, index.with(place, piece.position)) : Number.NaN;
    });
    return [{ ...y, kind: first.kind }];
  },
  bound: moved,
};

/**
 * One after the other along `axis`. list: shapes alike besides that axis → the lengths added. A copy.
 * Throws ShapeError for an empty list or shapes that do not fit, DTypeError, AxisError.
 */
export function concat(list: readonly Tensor[], { axis = 0 }: AlongOptions = {}): Tensor {
  return bindOne(concatOp, list, { axis });
}

/** The place of the new axis. Throws ShapeError for lists that do not fit, AxisError. */
function stackJoint(types: readonly TensorType[], { axis = 0 }: AlongOptions): Joint {
  const first = firstOf("stack", types);
  requireAlike("stack", [first, ...types.slice(1)], sameShape, "");
  return { first, axis: normalizeAxis("stack", axis, first.shape.length + 1) };
}

/** The record of `stack`. */
export const stackOp: ListRecord<AlongOptions> = {
  name: "stack",
  family: "join",
  formula: "y[i] = list[i] along a new axis",
  source: "definition",
  inputNames: ["list"],
  infer: (types, options) => {
    const { first, axis } = stackJoint(types, options);
    return [{ shape: first.shape.toSpliced(axis, 0, types.length), dtype: first.dtype }];
  },
  forward: {
    compose: (list, options) => {
      const { axis } = stackJoint(list, options);
      return [
        concat(
          list.map((x) => expandDims(x, axis)),
          { axis },
        ),
      ];
    },
  },
  sample: (draw) => {
    const shape = draw.shape({ maxRank: 2 });
    const count = draw.integer(1, 3);
    return {
      inputs: Array.from({ length: count }, () => draw.values(shape, plain)),
      attributes: { axis: draw.integer(-shape.length - 1, shape.length) },
    };
  },
  special: [
    {
      title: "single numbers become a vector",
      inputs: [nd(1), nd(2)],
      attributes: {},
      output: nd([1, 2]),
      cotangent: nd([3, 4]),
      gradients: [nd(3), nd(4)],
    },
  ],
  errors: [
    ...listErrors("stack", ""),
    {
      inputs: [nd([1])],
      attributes: { axis: 2 },
      message:
        "stack: expected axis in [-2, 2), got 2. The tensor has 2 axes; negative axes count from the end.",
    },
  ],
  reference: (inputs, { axis = 0 }) => {
    const [first = nd(0)] = inputs;
    const place = axis < 0 ? axis + first.shape.length + 1 : axis;
    const y = tabulate(first.shape.toSpliced(place, 0, inputs.length), (index) =>
      at(inputs[index[place] ?? 0] ?? first, index.toSpliced(place, 1)),
    );
    return [{ ...y, kind: first.kind }];
  },
  bound: moved,
};

/**
 * Joins along a new axis. list: n tensors of one shape [...] → [..., n, ...]. A copy.
 * `axis` is the new axis' place in the result. Throws ShapeError for an empty list or differing shapes,
 * DTypeError, AxisError.
 */
export function stack(list: readonly Tensor[], { axis = 0 }: AlongOptions = {}): Tensor {
  return bindOne(stackOp, list, { axis });
}

/** The records of this file. */
export const concatOps: readonly OpRecord[] = [concatOp, stackOp];
