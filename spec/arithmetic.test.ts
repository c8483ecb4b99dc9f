/**
 * Powers where the exponent is 0: special points hold float64 alone, and each dtype has reciprocals of its own.
 * Rests on core.
 */
import { describe, expect, test } from "vitest";
import { type DType, grad, pow, sum, type Tensor, tensor } from "../core/index.ts";
import { numbers } from "./plain.ts";

/** For each dtype: a number whose reciprocal overflows, and a small one whose reciprocal does not. */
const edges = [
  ["float32", 2 ** -140, 2 ** -100],
  ["float64", 2 ** -1070, 2 ** -500],
] as const;

function slopeInBase(bases: readonly number[], dtype: DType): (exponent: Tensor) => Tensor {
  const a = tensor(bases, { dtype });
  return (exponent) => grad((x: Tensor) => sum(pow(x, exponent)))(a);
}

describe.each(edges)("x⁰ in %s", (dtype, tiny, small) => {
  const bases = [0, tiny, small, 2, Number.POSITIVE_INFINITY];
  const zeros = (count: number): Tensor => tensor(new Array<number>(count).fill(0), { dtype });

  test("is flat in x, also where 1/x overflows", () => {
    const slope = slopeInBase(bases, dtype);
    expect(numbers(slope(zeros(bases.length))).map(Math.abs)).toEqual([0, 0, 0, 0, 0]);
  });

  test("has a slope in x that grows with the exponent by 1/x, where that is a number", () => {
    const slope = slopeInBase([small, 2], dtype);
    const mixed = grad((exponent: Tensor) => sum(slope(exponent)))(zeros(2));
    expect(numbers(mixed)).toEqual([1 / small, 0.5]);
  });
});
