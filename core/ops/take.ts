/**
 * Choosing whole slices by number, and marking classes: index, oneHot. Both copy.
 * Rests on gather and scatterAdd, which bring the derivatives.
 */
import { bindOne } from "../bind.ts";
import { withDevice } from "../devices/current.ts";
import { type DType, numericDTypes, requireDType } from "../dtype.ts";
import { exact } from "../error-bound.ts";
import { ValueError } from "../errors.ts";
import { at, nd, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import { normalizeAxis } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import type { AlongOptions } from "./concat.ts";
import { kindOf, ones, zeros } from "./constant.ts";
import { gather, scatterAdd } from "./gather.ts";
import { broadcastTo, reshape } from "./reshape.ts";
import type { BinaryRecord, UnaryRecord } from "./shorthand.ts";
import { expandDims } from "./unit-axis.ts";

/** The record of `index`. */
export const indexOp: BinaryRecord<AlongOptions> = {
  name: "index",
  family: "indexing",
  formula: "y[.., i, ..] = x[.., indices[i], ..]",
  source: "NumPy, take; PyTorch, index_select",
  inputNames: ["x", "indices"],
  infer: ([x, indices], { axis = 0 }) => {
    requireDType("index", "indices", indices.dtype, ["int32"]);
    const place = normalizeAxis("index", axis, x.shape.length);
    return [{ shape: x.shape.toSpliced(place, 1, ...indices.shape), dtype: x.dtype }];
  },
  forward: {
    compose: ([x, indices], { axis = 0 }) => {
      const place = normalizeAxis("index", axis, x.rank);
      const alone = x.shape.map((_, i) => (i === place ? indices.size : 1));
      const everywhere = broadcastTo(reshape(indices, alone), x.shape.with(place, indices.size));
      const y = gather(x, everywhere, { axis: place, where: "index" });
      return [reshape(y, x.shape.toSpliced(place, 1, ...indices.shape))];
    },
  },
  sample: (draw) => {
    const shape = draw.shape({ minRank: 1 });
    const axis = draw.integer(0, shape.length - 1);
    const length = shape[axis] ?? 0;
    const chosen = length === 0 ? [0] : draw.shape({ maxRank: 2, maxLength: 3 });
    return {
      inputs: [draw.values(shape, { min: -3, max: 3 }), draw.integers(chosen, 0, length)],
      attributes: { axis: draw.boolean() ? axis : axis - shape.length },
    };
  },
  special: [
    {
      title: "a row chosen twice gathers both cotangents",
      inputs: [
        nd([
          [1, 2],
          [3, 4],
        ]),
        nd([1, 1], "int32"),
      ],
      attributes: {},
      output: nd([
        [3, 4],
        [3, 4],
      ]),
      cotangent: nd([
        [1, 10],
        [2, 20],
      ]),
      gradients: [
        nd([
          [0, 0],
          [3, 30],
        ]),
        null,
      ],
    },
  ],
  errors: [
    {
      inputs: [nd([1, 2, 3]), nd([0, 1])],
      attributes: {},
      message: `index: expected indices to be int32, got float64. Cast it, for example indices.cast("int32").`,
    },
    {
      inputs: [nd([1, 2, 3]), nd([3], "int32")],
      attributes: {},
      message:
        "index: expected indices to lie in [0, 3), got 3. Count from 0; a negative number does not count from the end.",
    },
    {
      inputs: [nd([1]), nd([0], "int32")],
      attributes: { axis: 1 },
      message:
        "index: expected axis in [-1, 1), got 1. The tensor has 1 axis; negative axes count from the end.",
    },
  ],
  reference: ([x, indices], { axis = 0 }) => {
    if (!x || !indices) return [];
    const place = axis < 0 ? axis + x.shape.length : axis;
    const rank = indices.shape.length;
    const shape = x.shape.toSpliced(place, 1, ...indices.shape);
    const chosen = (index: readonly number[]) => at(indices, index.slice(place, place + rank));
    return [tabulate(shape, (index) => at(x, index.toSpliced(place, rank, chosen(index))), x.kind)];
  },
  bound: exact("elements are moved, never changed"),
};

/**
 * Chooses whole slices by number along `axis`. x: [..., n, ...], indices: int32 of any shape [...m] →
 * [..., ...m, ...]. A copy. Throws ValueError for an index outside [0, n), AxisError, DTypeError.
 *
 * @example
 * index(embeddings, tokens); // [words, d] and [batch, time] → [batch, time, d]
 */
export function index(x: Tensor, indices: Tensor, { axis = 0 }: AlongOptions = {}): Tensor {
  return bindOne(indexOp, [x, indices], { axis });
}

/** How many classes, in which dtype. */
export interface OneHotOptions {
  /** Integer ≥ 1; labels lie in [0, classes). */
  readonly classes: number;
  /** Numeric; default float32. */
  readonly dtype?: DType;
}

/** The record of `oneHot`. */
export const oneHotOp: UnaryRecord<OneHotOptions> = {
  name: "oneHot",
  family: "indexing",
  formula: "y[.., k] = 1 where labels[..] = k, else 0",
  source: "definition",
  inputNames: ["labels"],
  infer: ([labels], { classes, dtype = "float32" }) => {
    requireDType("oneHot", "labels", labels.dtype, ["int32"]);
    if (!Number.isInteger(classes) || classes < 1) {
      throw new ValueError({
        where: "oneHot",
        argument: "classes",
        expected: "to be an integer ≥ 1",
        got: String(classes),
        fix: "Give the number of classes",
      });
    }
    if (!numericDTypes.includes(dtype)) {
      throw new ValueError({
        where: "oneHot",
        argument: "dtype",
        expected: `to be ${numericDTypes.join(" or ")}`,
        got: dtype,
        fix: "Cast the result",
      });
    }
    return [{ shape: [...labels.shape, classes], dtype }];
  },
  forward: {
    compose: ([labels], { classes, dtype = "float32" }) =>
      withDevice(labels.storage.device.name, () => {
        const places = expandDims(labels, -1);
        const x = zeros([...labels.shape, classes], { dtype });
        const marks = ones(places.shape, { dtype });
        return [
          scatterAdd(x, places, marks, {
            axis: -1,
            where: "oneHot",
            argument: "labels",
          }),
        ] as const;
      }),
  },
  sample: (draw) => {
    const classes = draw.integer(1, 4);
    return {
      inputs: [draw.integers(draw.shape(), 0, classes)],
      attributes: { classes, dtype: draw.pick(numericDTypes) },
    };
  },
  special: [],
  errors: [
    {
      inputs: [nd([0, 3], "int32")],
      attributes: { classes: 3 },
      message:
        "oneHot: expected labels to lie in [0, 3), got 3. Count from 0; a negative number does not count from the end.",
    },
    {
      inputs: [nd([0, 1])],
      attributes: { classes: 3 },
      message: `oneHot: expected labels to be int32, got float64. Cast it, for example labels.cast("int32").`,
    },
    {
      inputs: [nd([0], "int32")],
      attributes: { classes: 0 },
      message: "oneHot: expected classes to be an integer ≥ 1, got 0. Give the number of classes.",
    },
    {
      inputs: [nd([0], "int32")],
      attributes: { classes: 2, dtype: "bool" },
      message:
        "oneHot: expected dtype to be float32 or float64 or int32, got bool. Cast the result.",
    },
  ],
  reference: (inputs, { classes, dtype }) =>
    inputs.map((labels) =>
      tabulate(
        [...labels.shape, classes],
        (place) => (at(labels, place.slice(0, -1)) === place.at(-1) ? 1 : 0),
        kindOf(dtype),
      ),
    ),
  bound: exact("zeros and ones"),
};

/**
 * A 1 at each label's class, 0 elsewhere. labels: int32 of any shape [...] → [..., classes]. A copy; constant.
 * Throws ValueError for a label outside [0, classes), DTypeError for labels that are not int32.
 */
export function oneHot(labels: Tensor, { classes, dtype = "float32" }: OneHotOptions): Tensor {
  return bindOne(oneHotOp, [labels], { classes, dtype });
}

/** The records of this file. */
export const takeOps: readonly OpRecord[] = [indexOp, oneHotOp];
