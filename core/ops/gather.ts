/**
 * Choosing elements by number, each with an index of its own: gather, and its transpose scatterAdd. Both copy.
 * Rests on bind. Indices are int32 in [0, length); anything else is refused.
 */
import { bindOne } from "../bind.ts";
import { numericDTypes, requireDType, sameDType } from "../dtype.ts";
import { exact, summation } from "../error-bound.ts";
import { ShapeError } from "../errors.ts";
import { at, mapElements, type NdArray, nd, tabulate } from "../nd-array.ts";
import { type OpRecord, shapeOf } from "../op.ts";
import type { Domain, ErrorExample, Sampler } from "../sampling.ts";
import { formatShape, normalizeAxis, type Shape, sameShape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import type { AlongOptions } from "./concat.ts";
import { zerosLike } from "./constant.ts";
import type { BinaryRecord } from "./shorthand.ts";

const moved = exact("elements are moved, never changed");
const plain: Domain = { min: -3, max: 3 };

/** Along which axis numbers count, and who asks. */
export interface IndexOptions extends AlongOptions {
  /** The user's function and its argument, for messages; default the op's own name, and indices. */
  readonly where?: string;
  readonly argument?: string;
}

/** The axis. Throws DTypeError, AxisError, and ShapeError where the other axes of the indices are not those of x. */
function gatherAxis(
  where: string,
  x: TensorType,
  indices: TensorType,
  { axis = 0 }: IndexOptions,
): number {
  requireDType(where, "indices", indices.dtype, ["int32"]);
  const place = normalizeAxis(where, axis, x.shape.length);
  const besides = (shape: Shape) => shape.toSpliced(place, 1);
  if (
    indices.shape.length !== x.shape.length ||
    !sameShape(besides(indices.shape), besides(x.shape))
  ) {
    throw new ShapeError({
      where,
      argument: "indices",
      expected: `to have the shape of x ${formatShape(x.shape)} besides axis ${place}`,
      got: `indices ${formatShape(indices.shape)}`,
      fix: "Stretch it with broadcastTo, or choose whole slices with index",
    });
  }
  return place;
}

/** x, and as many indices into one of its axes as may be. */
function drawIndexed(
  draw: Sampler,
): readonly [x: NdArray, indices: NdArray, attributes: { readonly axis: number }] {
  const shape = draw.shape({ minRank: 1 });
  const axis = draw.integer(0, shape.length - 1);
  const length = shape[axis] ?? 0;
  const count = length === 0 ? 0 : draw.integer(0, 4);
  return [
    draw.values(shape, plain),
    draw.integers(shape.with(axis, count), 0, length),
    { axis: draw.boolean() ? axis : axis - shape.length },
  ];
}

/** Messages that gather and scatterAdd share. */
const indexErrors: Readonly<
  Record<
    "dtype" | "outside" | "axis" | "shape",
    (name: string) => ErrorExample<IndexOptions>["message"]
  >
> = {
  dtype: (name: string): string =>
    `${name}: expected indices to be int32, got float64. Cast it, for example indices.cast("int32").`,
  outside: (name: string): string =>
    `${name}: expected indices to lie in [0, 3), got 3. Count from 0; a negative number does not count from the end.`,
  axis: (name: string): string =>
    `${name}: expected axis in [-1, 1), got 1. The tensor has 1 axis; negative axes count from the end.`,
  shape: (name: string): string =>
    `${name}: expected indices to have the shape of x [2, 1] besides axis 0, got indices [1, 2]. Stretch it with broadcastTo, or choose whole slices with index.`,
};

/** The record of `gather`. */
export const gatherOp: BinaryRecord<IndexOptions> = {
  name: "gather",
  family: "indexing",
  formula: "y[.., i, ..] = x[.., indices[.., i, ..], ..]",
  source: "definition; NumPy, take_along_axis",
  inputNames: ["x", "indices"],
  infer: ([x, indices], options) => {
    gatherAxis(options.where ?? "gather", x, indices, options);
    return [{ shape: indices.shape, dtype: x.dtype }];
  },
  forward: {
    kernel: "gather",
    with: ({ axis = 0, where = "gather", argument = "indices" }, [x]) => ({
      axis: normalizeAxis(where, axis, shapeOf(x).length),
      where,
      argument,
    }),
  },
  jvp: ([t], { inputs: [, indices], attributes }) => [t && gather(t, indices, attributes)],
  vjp: ([c], { inputs: [x, indices], attributes }, [wantX]) => [
    wantX ? scatterAdd(zerosLike(x), indices, c, attributes) : null,
    null,
  ],
  sample: (draw) => {
    const [x, indices, attributes] = drawIndexed(draw);
    return { inputs: [x, indices], attributes };
  },
  special: [
    {
      title: "an element chosen twice gathers both cotangents",
      inputs: [nd([5, 6, 7]), nd([2, 0, 2], "int32")],
      attributes: {},
      output: nd([7, 5, 7]),
      cotangent: nd([1, 2, 4]),
      gradients: [nd([2, 0, 5]), null],
    },
  ],
  errors: [
    {
      inputs: [nd([1, 2, 3]), nd([0, 1])],
      attributes: {},
      message: indexErrors.dtype("gather"),
    },
    {
      inputs: [nd([1, 2, 3]), nd([0, 3], "int32")],
      attributes: {},
      message: indexErrors.outside("gather"),
    },
    {
      inputs: [nd([1, 2, 3]), nd([-1], "int32")],
      attributes: {},
      message:
        "gather: expected indices to lie in [0, 3), got -1. Count from 0; a negative number does not count from the end.",
    },
    {
      inputs: [nd([1]), nd([0], "int32")],
      attributes: { axis: 1 },
      message: indexErrors.axis("gather"),
    },
    {
      inputs: [nd([[1], [2]]), nd([[0, 1]], "int32")],
      attributes: {},
      message: indexErrors.shape("gather"),
    },
    {
      inputs: [nd([[1, 2]]), nd([0], "int32")],
      attributes: { axis: 1 },
      message:
        "gather: expected indices to have the shape of x [1, 2] besides axis 1, got indices [1]. Stretch it with broadcastTo, or choose whole slices with index.",
    },
  ],
  reference: ([x, indices], { axis = 0 }) => {
    if (!x || !indices) return [];
    const place = axis < 0 ? axis + x.shape.length : axis;
    const chosen = (index: readonly number[]) => index.with(place, at(indices, index));
    return [tabulate(indices.shape, (index) => at(x, chosen(index)), x.kind)];
  },
  bound: moved,
};

/**
 * Chooses elements by number along `axis`. x: [..., n, ...], indices: int32 [..., m, ...], the other axes
 * those of x → [..., m, ...]. A copy. (PyTorch's gather also takes indices with shorter other axes.)
 * Throws ValueError for an index outside [0, n), ShapeError, AxisError, DTypeError.
 */
export function gather(x: Tensor, indices: Tensor, options: IndexOptions = {}): Tensor {
  return bindOne(gatherOp, [x, indices], options);
}

/** The record of `scatterAdd`. */
export const scatterAddOp: OpRecord<
  IndexOptions,
  readonly [Tensor, Tensor, Tensor],
  readonly [Tensor]
> = {
  name: "scatterAdd",
  family: "indexing",
  formula: "y = x, then y[.., indices[.., i, ..], ..] += updates[.., i, ..]",
  source: "definition; the transpose of gather",
  inputNames: ["x", "indices", "updates"],
  infer: ([x, indices, updates], options) => {
    const { where = "scatterAdd" } = options;
    requireDType(where, "x", x.dtype, numericDTypes);
    sameDType(where, ["x", "updates"], x.dtype, updates.dtype);
    gatherAxis(where, x, indices, options);
    if (!sameShape(updates.shape, indices.shape)) {
      throw new ShapeError({
        where,
        argument: "updates",
        expected: `to have the shape of indices ${formatShape(indices.shape)}`,
        got: `updates ${formatShape(updates.shape)}`,
        fix: "Give one index for each update",
      });
    }
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  forward: {
    kernel: "scatterAdd",
    with: ({ axis = 0, where = "scatterAdd", argument = "indices" }, [x]) => ({
      axis: normalizeAxis(where, axis, shapeOf(x).length),
      where,
      argument,
    }),
  },
  jvp: ([tx, , tu], { inputs: [x, indices], attributes }) => [
    tu ? scatterAdd(tx ?? zerosLike(x), indices, tu, attributes) : tx,
  ],
  vjp: ([c], { inputs: [, indices], attributes }, [wantX, , wantUpdates]) => [
    wantX ? c : null,
    null,
    wantUpdates ? gather(c, indices, attributes) : null,
  ],
  sample: (draw) => {
    const [x, indices, attributes] = drawIndexed(draw);
    return { inputs: [x, indices, draw.values(indices.shape, plain)], attributes };
  },
  special: [
    {
      title: "updates of one place add up",
      inputs: [nd([1, 2]), nd([1, 1, 1], "int32"), nd([10, 20, 30])],
      attributes: {},
      output: nd([1, 62]),
      cotangent: nd([3, 4]),
      gradients: [nd([3, 4]), null, nd([4, 4, 4])],
    },
  ],
  errors: [
    {
      inputs: [nd([1, 2, 3]), nd([0, 1]), nd([1, 2])],
      attributes: {},
      message: indexErrors.dtype("scatterAdd"),
    },
    {
      inputs: [nd([1, 2, 3]), nd([0, 3], "int32"), nd([1, 2])],
      attributes: {},
      message: indexErrors.outside("scatterAdd"),
    },
    {
      inputs: [nd([1]), nd([0], "int32"), nd([1])],
      attributes: { axis: 1 },
      message: indexErrors.axis("scatterAdd"),
    },
    {
      inputs: [nd([[1], [2]]), nd([[0, 1]], "int32"), nd([[1, 2]])],
      attributes: {},
      message: indexErrors.shape("scatterAdd"),
    },
    {
      inputs: [nd([1, 2, 3]), nd([0, 1], "int32"), nd([1])],
      attributes: {},
      message:
        "scatterAdd: expected updates to have the shape of indices [2], got updates [1]. Give one index for each update.",
    },
    {
      inputs: [nd([1, 2]), nd([0], "int32"), nd([1], "int32")],
      attributes: {},
      message: `scatterAdd: expected updates to have the dtype of x, float64, got int32. Cast one of them, for example updates.cast("float64").`,
    },
    {
      inputs: [nd([1, 0], "bool"), nd([0], "int32"), nd([1], "bool")],
      attributes: {},
      message: `scatterAdd: expected x to be float32 or float64 or int32, got bool. Cast it, for example x.cast("float32").`,
    },
  ],
  reference: ([x, indices, updates], options) =>
    x && indices && updates ? [scattered(x, indices, updates, options)] : [],
  bound: summation<IndexOptions>(
    ({ inputs: [x, indices], attributes: { axis = 0 } }) =>
      1 + (indices?.shape[axis < 0 ? axis + (x?.shape.length ?? 0) : axis] ?? 0),
    ({ inputs: [x, indices, updates], attributes, output }) =>
      x && indices && updates
        ? scattered(mapElements(x, Math.abs), indices, mapElements(updates, Math.abs), attributes)
        : output,
    "an element and its updates, added in any order",
  ),
};

/** Asks of each element of x which updates name it. */
function scattered(
  x: NdArray,
  indices: NdArray,
  updates: NdArray,
  { axis = 0 }: IndexOptions,
): NdArray {
  const place = axis < 0 ? axis + x.shape.length : axis;
  const positions = Array.from({ length: indices.shape[place] ?? 0 }, (_, i) => i);
  return tabulate(
    x.shape,
    (index) =>
      positions
        .map((i) => index.with(place, i))
        .filter((update) => at(indices, update) === index[place])
        .reduce((total, update) => total + at(updates, update), at(x, index)),
    x.kind,
  );
}

/**
 * x with updates added at places given by number along `axis`; updates of one place add up. A copy.
 * x: [..., n, ...], indices: int32 [..., m, ...], the other axes those of x, updates: as indices → as x.
 * Throws ValueError for an index outside [0, n), ShapeError, AxisError, DTypeError.
 */
export function scatterAdd(
  x: Tensor,
  indices: Tensor,
  updates: Tensor,
  options: IndexOptions = {},
): Tensor {
  return bindOne(scatterAddOp, [x, indices, updates], options);
}

/** The records of this file. */
export const gatherOps: readonly OpRecord[] = [gatherOp, scatterAddOp];
