/**
 * Einstein's summation: products of any operands, written with one letter an axis.
 * Rests on matmul, sum and the views, which bring the derivatives. Operands are taken from left to right.
 */
import { bindOne } from "../bind.ts";
import { floatDTypes, requireDType, sameDType } from "../dtype.ts";
import { summation } from "../error-bound.ts";
import { at, indicesOf, mapElements, type NdArray, nd, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Sampler } from "../sampling.ts";
import { sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { multiply } from "./arithmetic.ts";
import type { ListRecord } from "./concat.ts";
import { type Equation, lengthsOf, parseEquation } from "./einsum-equation.ts";
import { batchMatmul } from "./matmul.ts";
import { permute } from "./permute.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slice.ts";
import { sum } from "./sum.ts";

/** What einsum computes. */
interface EinsumOptions {
  /** `"ij,jk->ik"`: letters of each operand, and of the result. */
  readonly equation: string;
}

/** A tensor and a letter for each of its axes. */
interface Lettered {
  readonly x: Tensor;
  readonly letters: string;
}

/** The axes of `letters` in the order `order`, which holds the same letters. */
function arrange({ x, letters }: Lettered, order: string): Tensor {
  return order === letters
    ? x
    : permute(
        x,
        [...order].map((letter) => letters.indexOf(letter)),
      );
}

/** Walks the diagonal of axes that share a letter: of [.., n, n] as one axis n·n, each (n + 1)th element. */
function takeDiagonals({ x, letters }: Lettered): Lettered {
  const first = [...letters].findIndex((letter, axis) => letters.indexOf(letter) !== axis);
  if (first < 0) return { x, letters };
  const letter = letters.charAt(first);
  const second = letters.indexOf(letter);
  const rest = [...letters]
    .map((_, axis) => axis)
    .filter((axis) => axis !== first && axis !== second);
  const n = x.shape[first] ?? 0;
  const pairLast = permute(x, [...rest, second, first]);
  const merged = reshape(pairLast, [...pairLast.shape.slice(0, -2), n * n]);
  return takeDiagonals({
    x: slice(merged, [...rest.map(() => null), [0, null, n + 1]]),
    letters: [...rest.map((axis) => letters[axis]), letter].join(""),
  });
}

/** Sums over the letters that nobody needs. */
function sumUnneeded({ x, letters }: Lettered, needed: string): Lettered {
  const axis = [...letters].flatMap((letter, i) => (needed.includes(letter) ? [] : [i]));
  if (axis.length === 0) return { x, letters };
  return {
    x: sum(x, { axis }),
    letters: [...letters].filter((letter) => needed.includes(letter)).join(""),
  };
}

/** The product of two operands, summed over the shared letters that are not `needed` any more. */
function contract(left: Lettered, right: Lettered, needed: string): Lettered {
  const a = sumUnneeded(left, needed + right.letters);
  const b = sumUnneeded(right, needed + left.letters);
  const pick = (from: string, holds: (letter: string) => boolean) =>
    [...from].filter(holds).join("");
  const batch = pick(a.letters, (l) => b.letters.includes(l) && needed.includes(l));
  const inner = pick(a.letters, (l) => b.letters.includes(l) && !needed.includes(l));
  const rows = pick(a.letters, (l) => !b.letters.includes(l));
  const columns = pick(b.letters, (l) => !a.letters.includes(l));
  const size = ({ x, letters }: Lettered, part: string) =>
    sizeOf([...part].map((letter) => x.shape[letters.indexOf(letter)] ?? 1));
  const n = size(a, batch);
  const k = size(a, inner);
  const matrixA = reshape(arrange(a, batch + rows + inner), [n, size(a, rows), k]);
  const matrixB = reshape(arrange(b, batch + inner + columns), [n, k, size(b, columns)]);
  // With nothing to sum over, the product of a column and a row is a plain broadcast product.
  const y = inner === "" ? multiply(matrixA, matrixB) : batchMatmul(matrixA, matrixB);
  const letters = batch + rows + columns;
  const lengthOf = (letter: string) =>
    a.letters.includes(letter) ? size(a, letter) : size(b, letter);
  return { x: reshape(y, [...letters].map(lengthOf)), letters };
}

/** All operands from left to right. */
function evaluate(tensors: readonly Tensor[], { operands, output }: Equation): Tensor {
  const terms = tensors.map((x, k) => takeDiagonals({ x, letters: operands[k] ?? "" }));
  const total = terms.reduce((product, term, k) =>
    contract(product, term, output + operands.slice(k + 1).join("")),
  );
  return arrange(sumUnneeded(total, output), output);
}

/** Σ over every assignment of positions to letters, straight from the definition. */
function evaluatePlainly(arrays: readonly NdArray[], equation: string): NdArray {
  const { operands, output } = parseEquation(equation);
  const lengths = lengthsOf(
    arrays.map(({ shape }) => shape),
    operands,
  );
  const summed = [...lengths.keys()].filter((letter) => !output.includes(letter));
  const inner = indicesOf(summed.map((letter) => lengths.get(letter) ?? 0));
  return tabulate(
    [...output].map((letter) => lengths.get(letter) ?? 0),
    (outer) => {
      let total = 0;
      for (const index of inner) {
        const position = (letter: string) =>
          (output.includes(letter)
            ? outer[output.indexOf(letter)]
            : index[summed.indexOf(letter)]) ?? 0;
        total += arrays.reduce((product, array, k) => {
          const place = [...(operands[k] ?? "")].map(position);
          return product * at(array, place);
        }, 1);
      }
      return total;
    },
  );
}

/** One to three operands of up to three axes, letters repeated and shared at random. */
function drawEquation(draw: Sampler): { readonly inputs: readonly NdArray[]; equation: string } {
  const lengths = new Map([..."ijkl"].map((letter) => [letter, draw.integer(0, 3)]));
  const operands = Array.from({ length: draw.integer(1, 3) }, () =>
    Array.from({ length: draw.integer(0, 3) }, () => draw.pick([..."ijkl"])).join(""),
  );
  const letters = [...new Set(operands.join(""))];
  const output = letters.filter(() => draw.boolean());
  const ordered = draw.boolean() ? output : output.toReversed();
  return {
    inputs: operands.map((operand) =>
      draw.values(
        [...operand].map((letter) => lengths.get(letter) ?? 0),
        { min: -2, max: 2 },
      ),
    ),
    equation: operands.join(",") + (draw.boolean() ? `->${ordered.join("")}` : ""),
  };
}

const square = nd([
  [1, 2],
  [3, 4],
]);

/** The record of `einsum`. */
export const einsumOp: ListRecord<EinsumOptions> = {
  name: "einsum",
  family: "matmul",
  formula: "y[output letters] = Σ over the other letters of Π operands",
  source: "NumPy, einsum; Einstein 1916, section 5",
  inputNames: ["operands"],
  infer: (types, { equation }) => {
    const { operands, output } = parseEquation(equation);
    const lengths = lengthsOf(
      types.map(({ shape }) => shape),
      operands,
    );
    types.forEach((type, k) => {
      requireDType("einsum", `operands[${k}]`, type.dtype, floatDTypes);
    });
    const dtype = types
      .map((type) => type.dtype)
      .reduce((a, b, k) => sameDType("einsum", ["operands[0]", `operands[${k}]`], a, b));
    return [{ shape: [...output].map((letter) => lengths.get(letter) ?? 0), dtype }];
  },
  forward: { compose: (operands, { equation }) => [evaluate(operands, parseEquation(equation))] },
  sample: (draw) => {
    const { inputs, equation } = drawEquation(draw);
    return { inputs, attributes: { equation } };
  },
  special: [
    {
      title: "a trace passes its cotangent to the diagonal",
      inputs: [square],
      attributes: { equation: "ii" },
      output: nd(5),
      gradients: [
        nd([
          [1, 0],
          [0, 1],
        ]),
      ],
    },
    {
      title: "without an arrow the result's letters are in alphabetical order",
      inputs: [square],
      attributes: { equation: "ba" },
      output: nd([
        [1, 3],
        [2, 4],
      ]),
      gradients: [null],
    },
    {
      title: "spaces mean nothing",
      inputs: [square],
      attributes: { equation: " i j -> j i " },
      output: nd([
        [1, 3],
        [2, 4],
      ]),
      gradients: [null],
    },
  ],
  errors: [
    {
      inputs: [square],
      attributes: { equation: "...i->i" },
      message: `einsum: expected equation to be like "ij,jk->ik": letters, commas and at most one arrow, got "...i->i". Name every axis by a letter; an ellipsis is not known.`,
    },
    {
      inputs: [square],
      attributes: { equation: "ij->i->j" },
      message: `einsum: expected equation to be like "ij,jk->ik": letters, commas and at most one arrow, got "ij->i->j". Name every axis by a letter; an ellipsis is not known.`,
    },
    {
      inputs: [square],
      attributes: { equation: "ij->ik" },
      message: `einsum: expected equation to have letter k of the result in an operand, got "ij->ik". Take the letter away, or add an operand of ones.`,
    },
    {
      inputs: [square],
      attributes: { equation: "ij->ii" },
      message: `einsum: expected equation to have letter i once in the result, got "ij->ii". Take the repeated letter away; multiply by eye for a diagonal matrix.`,
    },
    {
      inputs: [square],
      attributes: { equation: "ij,jk" },
      message: `einsum: expected equation to describe 1 operands, got 2, "ij,jk". Separate the operands' letters by commas.`,
    },
    {
      inputs: [square],
      attributes: { equation: "ijk" },
      message: `einsum: expected operands[0] to have 3 axes for "ijk", got [2, 2]. Give one letter for each axis.`,
    },
    {
      inputs: [square, nd([1, 2, 3])],
      attributes: { equation: "ij,j" },
      message:
        "einsum: expected operands[1] to have length 2 along j, as before, got 3 in [3]. Axes of one letter have one length; stretch with broadcastTo.",
    },
    {
      inputs: [square, nd([1, 2], "int32")],
      attributes: { equation: "ij,j" },
      message: `einsum: expected operands[1] to be float32 or float64, got int32. Cast it, for example operands[1].cast("float32").`,
    },
  ],
  reference: (inputs, { equation }) => [evaluatePlainly(inputs, equation)],
  bound: summation<EinsumOptions>(
    ({ inputs, attributes: { equation } }) => {
      const { operands, output } = parseEquation(equation);
      const lengths = lengthsOf(
        inputs.map(({ shape }) => shape),
        operands,
      );
      const summed = [...lengths].filter(([letter]) => !output.includes(letter));
      return sizeOf(summed.map(([, length]) => length)) + 3 * operands.length;
    },
    ({ inputs, attributes: { equation } }) =>
      evaluatePlainly(
        inputs.map((x) => mapElements(x, Math.abs)),
        equation,
      ),
    "sums of P terms in all, in stages that each multiply once more and round: γ_(P + 3·operands)·Σ|terms|",
  ),
};

/**
 * Products summed over the letters that the result does not have. A copy, or a view where nothing is summed.
 * equation: a letter for each axis, `"ij,jk->ik"`; a letter repeated in one operand takes the diagonal; without
 * an arrow the result has the letters that occur once, in alphabetical order. Operands are of one float dtype.
 * Throws ValueError for an equation that makes no sense (an ellipsis is not known), ShapeError for operands
 * that do not fit it, DTypeError.
 *
 * @example
 * einsum("bqd,bkd->bqk", queries, keys); // a score for each pair of positions
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  return bindOne(einsumOp, operands, { equation });
}

/** The records of this file. */
export const einsumOps: readonly OpRecord[] = [einsumOp];
