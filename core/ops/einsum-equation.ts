/**
 * Einsum's equations: `"ij,jk->ik"` taken apart, and checked against the operands' shapes.
 * Rests on shape and errors.
 */
import { ShapeError, ValueError } from "../errors.ts";
import { formatShape, type Shape } from "../shape.ts";

/** An equation taken apart: the letters of each operand and of the result. */
export interface Equation {
  readonly operands: readonly string[];
  readonly output: string;
}

/** Throws ValueError for an equation that is not letters, commas and at most one arrow. */
export function parseEquation(equation: string): Equation {
  const refuse = (expected: string, fix: string) =>
    new ValueError({ where: "einsum", argument: "equation", expected, got: `"${equation}"`, fix });
  const match = /^([A-Za-z]*(?:,[A-Za-z]*)*)(?:->([A-Za-z]*))?$/.exec(equation.replaceAll(" ", ""));
  const [, left, right] = match ?? [];
  if (left === undefined) {
    throw refuse(
      `to be like "ij,jk->ik": letters, commas and at most one arrow`,
      "Name every axis by a letter; an ellipsis is not known",
    );
  }
  const letters = left.replaceAll(",", "");
  // Without an arrow: the letters that occur once, in alphabetical order, as in NumPy.
  const output = right ?? once(letters).toSorted().join("");
  for (const letter of output) {
    if (!letters.includes(letter)) {
      throw refuse(
        `to have letter ${letter} of the result in an operand`,
        "Take the letter away, or add an operand of ones",
      );
    }
    if (output.indexOf(letter) !== output.lastIndexOf(letter)) {
      throw refuse(
        `to have letter ${letter} once in the result`,
        "Take the repeated letter away; multiply by eye for a diagonal matrix",
      );
    }
  }
  return { operands: left.split(","), output };
}

function once(letters: string): readonly string[] {
  return [...letters].filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter));
}

/** The length of each letter's axis. Throws ValueError or ShapeError where the operands do not fit. */
export function lengthsOf(
  shapes: readonly Shape[],
  operands: readonly string[],
): Map<string, number> {
  if (shapes.length !== operands.length) {
    throw new ValueError({
      where: "einsum",
      argument: "equation",
      expected: `to describe ${shapes.length} operands`,
      got: `${operands.length}, "${operands.join(",")}"`,
      fix: "Separate the operands' letters by commas",
    });
  }
  const lengths = new Map<string, number>();
  shapes.forEach((shape, k) => {
    const letters = operands[k] ?? "";
    if (shape.length !== letters.length) {
      throw new ShapeError({
        where: "einsum",
        argument: `operands[${k}]`,
        expected: `to have ${letters.length} axes for "${letters}"`,
        got: formatShape(shape),
        fix: "Give one letter for each axis",
      });
    }
    shape.forEach((length, axis) => {
      const letter = letters.charAt(axis);
      const known = lengths.get(letter) ?? length;
      if (known !== length) {
        throw new ShapeError({
          where: "einsum",
          argument: `operands[${k}]`,
          expected: `to have length ${known} along ${letter}, as before`,
          got: `${length} in ${formatShape(shape)}`,
          fix: "Axes of one letter have one length; stretch with broadcastTo",
        });
      }
      lengths.set(letter, length);
    });
  });
  return lengths;
}
