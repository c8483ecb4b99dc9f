/**
 * Matrix products: batchMatmul, and matmul after NumPy's rules.
 * Rests on bind and the views. Sums run in the order of K, so one example alone gives the same bits as in a batch.
 */
import { bindOne } from "../bind.ts";
import { floatDTypes, requireDType, sameDType } from "../dtype.ts";
import { summation } from "../error-bound.ts";
import { ShapeError } from "../errors.ts";
import { at, mapElements, type NdArray, nd, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Domain, ErrorExample, Sampler } from "../sampling.ts";
import { broadcastShapes, formatShape, type Shape, sameShape } from "../shape.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { transpose } from "./permute.ts";
import { broadcastTo, reshape } from "./reshape.ts";
import { addMaybe, type BinaryRecord, type NoOptions } from "./shorthand.ts";
import { expandDims, squeeze } from "./unit-axis.ts";

export { dot, outer } from "./vector-product.ts";

const plain: Domain = { min: -3, max: 3 };

/** The product's shape, an operand of rank 1 standing for one row (a) or one column (b). */
function productShape(where: string, a: Shape, b: Shape): Shape {
  for (const [name, shape] of Object.entries({ a, b })) {
    if (shape.length === 0) {
      throw new ShapeError({
        where,
        argument: name,
        expected: "to be a vector or matrices",
        got: `${name} []`,
        fix: "Multiply by a single number with multiply",
      });
    }
  }
  const isVector = b.length === 1;
  const inner = a.at(-1) ?? 0;
  if (b.at(isVector ? -1 : -2) !== inner) {
    throw new ShapeError({
      where,
      argument: "b",
      expected: `to have ${inner} ${isVector ? "elements" : "rows"} to match a ${formatShape(a)}`,
      got: `b ${formatShape(b)}`,
      fix: "Transpose or reshape b",
    });
  }
  const batchA = a.slice(0, -2);
  const batchB = b.slice(0, -2);
  const fit = batchA.toReversed().every((length, back) => {
    const other = batchB.at(-1 - back) ?? 1;
    return length === other || length === 1 || other === 1;
  });
  if (!fit) {
    throw new ShapeError({
      where,
      argument: "b",
      expected: `to have batch axes that broadcast against those of a ${formatShape(a)}`,
      got: `b ${formatShape(b)}`,
      fix: `${formatShape(batchB)} against ${formatShape(batchA)}: make axes equal, or one of them 1`,
    });
  }
  const batch = broadcastShapes(where, ["a", "b"], batchA, batchB);
  return [...batch, ...a.slice(-2, -1), ...(isVector ? [] : b.slice(-1))];
}

/** The dtype and shape of a product. Throws DTypeError, ShapeError. */
function productType(where: string, a: TensorType, b: TensorType): TensorType {
  requireDType(where, "a", a.dtype, floatDTypes);
  const dtype = sameDType(where, ["a", "b"], a.dtype, b.dtype);
  return { shape: productShape(where, a.shape, b.shape), dtype };
}

/** Σ_k a_ik·b_kj, with vectors and batch axes as matmul takes them, straight from the definition. */
function product(a: NdArray, b: NdArray): NdArray {
  const inner = a.shape.at(-1) ?? 0;
  const rowAxes = Math.min(a.shape.length - 1, 1);
  const columnAxes = Math.min(b.shape.length - 1, 1);
  return tabulate(productShape("matmul", a.shape, b.shape), (index) => {
    const batch = index.slice(0, index.length - rowAxes - columnAxes);
    const row = index.slice(batch.length, batch.length + rowAxes);
    const column = index.slice(batch.length + rowAxes);
    const batchOf = ({ shape }: NdArray) =>
      batch.slice(batch.length - Math.max(shape.length - 2, 0));
    let total = 0;
    for (let k = 0; k < inner; k++) {
      total += at(a, [...batchOf(a), ...row, k]) * at(b, [...batchOf(b), k, ...column]);
    }
    return total;
  });
}

/** γ_K·Σ|a||b|: the error of a sum of K products in any order. */
const dotBound = summation<NoOptions>(
  ({ inputs: [a] }) => a?.shape.at(-1) ?? 0,
  ({ inputs: [a, b], output }) =>
    a && b ? product(mapElements(a, Math.abs), mapElements(b, Math.abs)) : output,
  "a sum of K products in any order: γ_K·Σ|a||b|; Higham 2002, section 3.1",
);

function productErrors(name: string): readonly ErrorExample<NoOptions>[] {
  const matrix = nd([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  return [
    {
      inputs: [matrix, tabulate([4, 5], () => 1)],
      attributes: {},
      message: `${name}: expected b to have 3 rows to match a [2, 3], got b [4, 5]. Transpose or reshape b.`,
    },
    {
      inputs: [tabulate([2, 2, 3], () => 1), tabulate([4, 3, 2], () => 1)],
      attributes: {},
      message:
        name === "matmul"
          ? "matmul: expected b to have batch axes that broadcast against those of a [2, 2, 3], got b [4, 3, 2]. [4] against [2]: make axes equal, or one of them 1."
          : "batchMatmul: expected b to be matrices with the batch axes [2] of a [2, 2, 3], got b [4, 3, 2]. Stretch the smaller one with broadcastTo, or call matmul.",
    },
    {
      inputs: [matrix, tabulate([3, 2], () => 1, "int32")],
      attributes: {},
      message: `${name}: expected b to have the dtype of a, float64, got int32. Cast one of them, for example b.cast("float64").`,
    },
    {
      inputs: [tabulate([2, 2], () => 1, "int32"), tabulate([2, 2], () => 1, "int32")],
      attributes: {},
      message: `${name}: expected a to be float32 or float64, got int32. Cast it, for example a.cast("float32").`,
    },
  ];
}

/** Two batches of matrices that can be multiplied, `batch` in front of each. */
function drawMatrices(draw: Sampler, a: Shape, b: Shape): readonly [NdArray, NdArray] {
  const inner = draw.integer(0, 4);
  return [
    draw.values([...a, draw.integer(0, 3), inner], plain),
    draw.values([...b, inner, draw.integer(0, 3)], plain),
  ];
}

/** The record of `batchMatmul`. */
export const batchMatmulOp: BinaryRecord = {
  name: "batchMatmul",
  family: "matmul",
  formula: "y_nij = Σ_k a_nik·b_nkj",
  source: "definition; ȧ·b + a·ḃ, and c·bᵀ, aᵀ·c",
  inputNames: ["a", "b"],
  infer: ([a, b]) => {
    const batch = a.shape.slice(0, -2);
    const ranks = [a.shape.length, b.shape.length];
    if (Math.min(...ranks) < 2 || !sameShape(batch, b.shape.slice(0, -2))) {
      throw new ShapeError({
        where: "batchMatmul",
        argument: "b",
        expected: `to be matrices with the batch axes ${formatShape(batch)} of a ${formatShape(a.shape)}`,
        got: `b ${formatShape(b.shape)}`,
        fix: "Stretch the smaller one with broadcastTo, or call matmul",
      });
    }
    return [productType("batchMatmul", a, b)];
  },
  forward: { kernel: "matmul", with: () => ({}) },
  jvp: ([ta, tb], { inputs: [a, b] }) => [
    addMaybe(ta && batchMatmul(ta, b), tb && batchMatmul(a, tb)),
  ],
  vjp: ([c], { inputs: [a, b] }, [wantA, wantB]) => [
    wantA ? batchMatmul(c, transpose(b)) : null,
    wantB ? batchMatmul(transpose(a), c) : null,
  ],
  sample: (draw) => {
    const batch = draw.shape({ maxRank: 2, maxLength: 2 });
    return { inputs: drawMatrices(draw, batch, batch), attributes: {} };
  },
  special: [],
  errors: [
    ...productErrors("batchMatmul"),
    {
      inputs: [nd([[1, 2]]), nd([1, 2])],
      attributes: {},
      message:
        "batchMatmul: expected b to be matrices with the batch axes [] of a [1, 2], got b [2]. Stretch the smaller one with broadcastTo, or call matmul.",
    },
  ],
  reference: ([a, b]) => (a && b ? [product(a, b)] : []),
  bound: dotBound,
};

/**
 * Matrix products of a batch. a: [..., M, K], b: [..., K, N] with equal batch axes → [..., M, N]. A copy.
 * Throws ShapeError for other shapes, DTypeError.
 */
export function batchMatmul(a: Tensor, b: Tensor): Tensor {
  return bindOne(batchMatmulOp, [a, b], {});
}

/** matmul of operands of rank ≥ 2. */
function matrices(a: Tensor, b: Tensor): Tensor {
  const shape = productShape("matmul", a.shape, b.shape);
  const batch = shape.slice(0, -2);
  if (b.rank === 2 && a.rank > 2 && a.size > 0) {
    // One matrix for all of a: its batch axes are more rows, and b's gradient is one product, not a sum of many.
    return reshape(batchMatmul(reshape(a, [-1, a.shape.at(-1) ?? 0]), b), shape);
  }
  const stretch = (x: Tensor) => {
    const full = [...batch, ...x.shape.slice(-2)];
    return sameShape(x.shape, full) ? x : broadcastTo(x, full);
  };
  return batchMatmul(stretch(a), stretch(b));
}

/** The record of `matmul`. */
export const matmulOp: BinaryRecord = {
  name: "matmul",
  family: "matmul",
  formula: "y_ij = Σ_k a_ik·b_kj",
  source: "NumPy, matmul",
  inputNames: ["a", "b"],
  infer: ([a, b]) => [productType("matmul", a, b)],
  forward: {
    compose: ([a, b]) => {
      const rows = a.rank === 1 ? expandDims(a, 0) : a;
      const columns = b.rank === 1 ? expandDims(b, 1) : b;
      const y = matrices(rows, columns);
      const added = [...(a.rank === 1 ? [-2] : []), ...(b.rank === 1 ? [-1] : [])];
      return [added.length === 0 ? y : squeeze(y, { axis: added })];
    },
  },
  sample: (draw) => {
    const batch = draw.shape({ maxRank: 2, maxLength: 2 });
    const small = draw.broadcastable(batch);
    const [left, right] = draw.boolean()
      ? drawMatrices(draw, batch, small)
      : drawMatrices(draw, small, batch);
    if (draw.boolean()) return { inputs: [left, right], attributes: {} };
    const inner = left.shape.at(-1) ?? 0;
    const vector = draw.values([inner], plain);
    const inputs = draw.pick([
      [vector, right],
      [left, vector],
      [vector, draw.values([inner], plain)],
    ]);
    return { inputs, attributes: {} };
  },
  special: [
    {
      title: "an empty sum over K is 0",
      inputs: [tabulate([2, 0], () => 1), tabulate([0, 1], () => 1)],
      attributes: {},
      output: nd([[0], [0]]),
      gradients: [tabulate([2, 0], () => 0), tabulate([0, 1], () => 0)],
    },
    {
      title: "a matrix shared by a batch gathers the gradients of all",
      inputs: [nd([[[1]], [[2]]]), nd([[3]])],
      attributes: {},
      output: nd([[[3]], [[6]]]),
      gradients: [nd([[[3]], [[3]]]), nd([[3]])],
    },
  ],
  errors: [
    ...productErrors("matmul"),
    {
      inputs: [nd([[1, 2]]), nd([1, 2, 3])],
      attributes: {},
      message:
        "matmul: expected b to have 2 elements to match a [1, 2], got b [3]. Transpose or reshape b.",
    },
    {
      inputs: [nd([[1, 2]]), nd(3)],
      attributes: {},
      message:
        "matmul: expected b to be a vector or matrices, got b []. Multiply by a single number with multiply.",
    },
  ],
  reference: ([a, b]) => (a && b ? [product(a, b)] : []),
  bound: dotBound,
};

/**
 * Matrix product. a: [..., M, K], b: [..., K, N] → [..., M, N], batch axes broadcast. A copy.
 * A vector a: [K] stands for one row, b: [K] for one column, and that axis is gone from the result.
 * Throws ShapeError where rows of b and columns of a differ or an operand is 0-d, DTypeError. NumPy's rules.
 *
 * @example
 * add(matmul(x, transpose(weight)), bias); // x [n, in], weight [out, in] → [n, out]
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  return bindOne(matmulOp, [a, b], {});
}

/** The records of this file. */
export const matmulOps: readonly OpRecord[] = [batchMatmulOp, matmulOp];
