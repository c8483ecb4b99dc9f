/**
 * The same program run in another way gives the same bits: with recompute, and with inputs that lie elsewhere in memory.
 * Rests on derivatives, recompute and the laws' arrays.
 */
import { multiply } from "../../core/ops/arithmetic.ts";
import { sum } from "../../core/ops/sum.ts";
import { scope } from "../../core/scope.ts";
import type { Tensor } from "../../core/tensor.ts";
import { recompute } from "../../core/transforms/recompute.ts";
import { bitsOf, stridedTensor, tensorFrom } from "../laws/arrays.ts";
import { isAlike } from "../laws/observed.ts";
import { directionsFor, pull } from "./derivatives.ts";
import { broken, type Oracle } from "./oracle.ts";
import { inFloats, type Program } from "./program.ts";

/** Σ⟨c, result⟩ over all results: one number for programs with several. */
function weighed(program: Program): (...inputs: readonly Tensor[]) => Tensor {
  return (...inputs) => {
    const results = program(...inputs);
    const weights = directionsFor(results, "cotangent");
    const terms = results.flatMap((result, i) => {
      const weight = weights[i] ?? null;
      return weight === null ? [] : [sum(multiply(result, weight))];
    });
    const [first = tensorFrom({ shape: [], data: [0], kind: "float" }, "float32"), ...others] =
      terms;
    return others.reduce((total, term) => total.add(term), first);
  };
}

const ones = (results: readonly Tensor[]): readonly Tensor[] =>
  results.map(({ shape, dtype, size }) =>
    tensorFrom({ shape, data: new Array<number>(size).fill(1), kind: "float" }, dtype),
  );

export const recomputeOracle: Oracle = {
  name: "recompute",
  claim: "with recompute the value and the gradients are the same, bit for bit",
  check: ({ program, inputs }) =>
    inFloats("float32", () =>
      scope(() => {
        const points = inputs.map((input) => tensorFrom(input, "float32"));
        const once = weighed(program);
        const plain = pull((...x) => [once(...x)], points, ones);
        const again = pull((...x) => [recompute(once)(...x)], points, ones);
        compare("recompute", plain, again);
        return plain.derivatives.some((derivative) => derivative !== null);
      }),
    ),
};

export const layoutOracle: Oracle = {
  name: "layout",
  claim: "inputs that lie elsewhere in memory give the same values and gradients, bit for bit",
  check: ({ program, inputs }) =>
    inFloats("float32", () =>
      scope(() => {
        const cotangents = (results: readonly Tensor[]) => directionsFor(results, "cotangent");
        const dense = inputs.map((input) => tensorFrom(input, "float32"));
        const strided = inputs.map((input) => stridedTensor(input, "float32"));
        compare("layout", pull(program, dense, cotangents), pull(program, strided, cotangents));
        return inputs.some(({ shape }) => shape.length > 0);
      }),
    ),
};

type Derivatives = ReturnType<typeof pull>;

/** Throws GraphBroken where a result or a gradient differs in a bit. A zero that nobody computed is one without bits. */
function compare(oracle: string, before: Derivatives, after: Derivatives): void {
  const both = [
    ["result", before.results, after.results],
    ["gradient", before.derivatives, after.derivatives],
  ] as const;
  for (const [what, left, right] of both) {
    left.forEach((a, i) => {
      const b = right[i] ?? null;
      const [want, got] = [a && bitsOf(a), b && bitsOf(b)];
      if (isAlike(want === got)) return;
      const text = (tensor: Tensor | null): string =>
        tensor === null ? "no bits" : `${tensor.elements()}`;
      broken(oracle, `${what} ${i} to be ${text(a)}`, text(b));
    });
  }
}
