/**
 * Matrices of zeros and ones: eye, and triangles as bool masks. All are copies, on the current device.
 * Rests on sequence and compare: each is a comparison of row and column numbers.
 */
import { bindOne } from "../bind.ts";
import { exact } from "../error-bound.ts";
import { ShapeError, ValueError } from "../errors.ts";
import { tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { cast } from "./cast.ts";
import { equal, greaterEqual, lessEqual } from "./compare.ts";
import { kindOf, type MakeOptions, type MakerRecord } from "./constant.ts";
import { range } from "./sequence.ts";
import { expandDims } from "./unit-axis.ts";

function matrixShape(where: string, shape: readonly [number, number]): Shape {
  for (const [axis, length] of shape.entries()) {
    if (!Number.isInteger(length) || length < 0) {
      throw new ShapeError({
        where,
        argument: axis === 0 ? "rows" : "columns",
        expected: "to be an integer ≥ 0",
        got: String(length),
        fix: "Give the length of the axis",
      });
    }
  }
  return shape;
}

/** Row numbers [rows, 1], counted from `first`, and column numbers [columns], of int32. */
function grid(rows: number, columns: number, first: number): readonly [Tensor, Tensor] {
  const dtype = "int32";
  return [expandDims(range(first, 1, rows, { dtype }), 1), range(0, 1, columns, { dtype })];
}

/** The size of eye. */
interface EyeOptions extends MakeOptions {
  readonly rows: number;
  readonly columns: number;
}

/** The record of `eye`. */
export const eyeOp: MakerRecord<EyeOptions> = {
  name: "eye",
  family: "make",
  formula: "y_ij = 1 where i = j, else 0",
  source: "definition",
  inputNames: [],
  infer: (_, { rows, columns, dtype = "float32" }) => [
    { shape: matrixShape("eye", [rows, columns]), dtype },
  ],
  forward: {
    compose: (_, { rows, columns, dtype = "float32" }) => [
      cast(equal(...grid(rows, columns, 0)), dtype),
    ],
  },
  sample: (draw) => ({
    inputs: [],
    attributes: {
      rows: draw.integer(0, 4),
      columns: draw.integer(0, 4),
      dtype: draw.pick(["float32", "float64", "int32", "bool"] as const),
    },
  }),
  special: [],
  errors: [
    {
      inputs: [],
      attributes: { rows: -1, columns: 2 },
      message: "eye: expected rows to be an integer ≥ 0, got -1. Give the length of the axis.",
    },
    {
      inputs: [],
      attributes: { rows: 2, columns: 0.5 },
      message: "eye: expected columns to be an integer ≥ 0, got 0.5. Give the length of the axis.",
    },
  ],
  reference: (_, { rows, columns, dtype }) => [
    tabulate([rows, columns], ([i, j]) => (i === j ? 1 : 0), kindOf(dtype)),
  ],
  bound: exact("zeros and ones"),
};

/**
 * Ones on the main diagonal, zeros elsewhere. → [rows, columns], square where columns are absent.
 * Throws ShapeError for a negative length.
 */
export function eye(
  rows: number,
  columns: number = rows,
  { dtype = "float32" }: MakeOptions = {},
): Tensor {
  return bindOne(eyeOp, [], { rows, columns, dtype });
}

/** The size of a triangle, and its diagonal. */
interface TriangleOptions {
  readonly rows: number;
  readonly columns: number;
  /** Which diagonal bounds it: 0 the main one, k > 0 lies k columns to the right. Integer, default 0. */
  readonly diagonal?: number;
}

function triangle(
  name: string,
  sign: string,
  compare: (column: Tensor, shiftedRow: Tensor) => Tensor,
  holds: (column: number, shiftedRow: number) => boolean,
): MakerRecord<TriangleOptions> {
  return {
    name,
    family: "make",
    formula: `y_ij = j ${sign} i + diagonal`,
    source: "definition",
    inputNames: [],
    infer: (_, { rows, columns, diagonal = 0 }) => {
      if (!Number.isInteger(diagonal)) {
        throw new ValueError({
          where: name,
          argument: "diagonal",
          expected: "to be an integer",
          got: String(diagonal),
          fix: "Count diagonals from the main one, to the right",
        });
      }
      return [{ shape: matrixShape(name, [rows, columns]), dtype: "bool" }];
    },
    forward: {
      compose: (_, { rows, columns, diagonal = 0 }) => {
        const [row, column] = grid(rows, columns, diagonal);
        return [compare(column, row)];
      },
    },
    sample: (draw) => ({
      inputs: [],
      attributes: {
        rows: draw.integer(0, 4),
        columns: draw.integer(0, 4),
        diagonal: draw.integer(-3, 3),
      },
    }),
    special: [],
    errors: [
      {
        inputs: [],
        attributes: { rows: 2, columns: -2 },
        message: `${name}: expected columns to be an integer ≥ 0, got -2. Give the length of the axis.`,
      },
      {
        inputs: [],
        attributes: { rows: 2, columns: 2, diagonal: 0.5 },
        message: `${name}: expected diagonal to be an integer, got 0.5. Count diagonals from the main one, to the right.`,
      },
    ],
    reference: (_, { rows, columns, diagonal = 0 }) => [
      tabulate([rows, columns], ([i = 0, j = 0]) => (holds(j, i + diagonal) ? 1 : 0), "bool"),
    ],
    bound: exact("a comparison of whole numbers"),
  };
}

/** The record of `lowerTriangle`. */
export const lowerTriangleOp: MakerRecord<TriangleOptions> = triangle(
  "lowerTriangle",
  "≤",
  (column, row) => lessEqual(column, row),
  (column, row) => column <= row,
);

/** The record of `upperTriangle`. */
export const upperTriangleOp: MakerRecord<TriangleOptions> = triangle(
  "upperTriangle",
  "≥",
  (column, row) => greaterEqual(column, row),
  (column, row) => column >= row,
);

/**
 * A bool mask, true on the diagonal and to its left. → [rows, columns].
 * Throws ShapeError for a negative length, ValueError for a fractional diagonal.
 *
 * @example
 * where(lowerTriangle(n, n), scores, -Infinity); // position i sees positions up to i
 */
export function lowerTriangle(
  rows: number,
  columns: number,
  { diagonal = 0 }: { readonly diagonal?: number } = {},
): Tensor {
  return bindOne(lowerTriangleOp, [], { rows, columns, diagonal });
}

/**
 * A bool mask, true on the diagonal and to its right. → [rows, columns].
 * Throws ShapeError for a negative length, ValueError for a fractional diagonal.
 */
export function upperTriangle(
  rows: number,
  columns: number,
  { diagonal = 0 }: { readonly diagonal?: number } = {},
): Tensor {
  return bindOne(upperTriangleOp, [], { rows, columns, diagonal });
}

/** The records of this file. */
export const maskOps: readonly OpRecord[] = [eyeOp, lowerTriangleOp, upperTriangleOp];
