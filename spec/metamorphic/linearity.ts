/**
 * The cotangent rule of every op is linear in the cotangent: scaled by 2^k bit for bit, and additive to rounding.
 * Rests on the laws' derivatives and adjoint.
 */
import { isFloat } from "../../core/dtype.ts";
import type { Tensor } from "../../core/tensor.ts";
import { absolute, relative } from "../laws/adjoint.ts";
import { denseTensor, numbers } from "../laws/arrays.ts";
import { hasDirections, pull, type SomeTensors, settle } from "../laws/derivatives.ts";
import { hasRules, type SampledLaw } from "../laws/law.ts";
import { broken, describeAll } from "../laws/messages.ts";
import { isAlike, isNear } from "../laws/observed.ts";
import { directions } from "../laws/sampler.ts";

/** By which cotangents are scaled: powers of two, which no rounding notices, of both signs. */
const scales = [-1, 0.25, 1024] as const;

/** J(2^k·c) = 2^k·J(c) bit for bit; J(a + c) = J(a) + J(c) to the rounding that the law of adjoints allows. */
export const linearity: SampledLaw = {
  name: "linearity",
  claim: "Jᵀ(a + c) = Jᵀa + Jᵀc, and Jᵀ(2^k·c) = 2^k·Jᵀc bit for bit",
  file: "spec/metamorphic-ops.test.ts",
  holdsAt: () => false,
  applies: hasRules,
  check: (record, sample, draw) => {
    const setting = settle(record, sample, draw);
    if (!hasDirections(setting)) return false;
    const { cotangents, outputs } = setting;
    const others = outputs.map(({ shape, dtype }, i) =>
      isFloat(dtype) && cotangents[i]
        ? denseTensor(shape, dtype, draw.values(shape, directions).data)
        : null,
    );
    const pulled = (c: SomeTensors): SomeTensors => pull({ ...setting, cotangents: c });
    const [one, two] = [pulled(cotangents), pulled(others)];
    const scale = draw.pick(scales);
    const scaled = pulled(combine(cotangents, cotangents, (c) => scale * c));
    const expectedScaled = combine(one, one, (d) => scale * d);
    if (!equal(scaled, expectedScaled)) {
      const expected = `${scale}·Jᵀc = ${describeAll(expectedScaled)} for c = ${describeAll(cotangents)}`;
      broken("linearity", record, sample, expected, describeAll(scaled));
    }
    const both = pulled(combine(cotangents, others, (a, c) => a + c));
    const sum = combine(one, two, (a, c) => a + c);
    const reach = Math.max(0, ...[one, two, both].flat().flatMap(magnitudes));
    const allowed = relative * reach + absolute;
    both.forEach((total, i) => {
      const parts = sum[i] ?? null;
      const got = total === null ? [] : numbers(total);
      const at = got.findIndex((x, k) => !isNear(x - element(parts, k), allowed));
      if (at < 0) return;
      const expected = `input ${i}, element ${at} to have Jᵀa + Jᵀc = ${element(parts, at)} ± ${allowed} for a = ${describeAll(cotangents)}, c = ${describeAll(others)}`;
      broken("linearity", record, sample, expected, String(got[at]));
    });
    return true;
  },
};

const element = (tensor: Tensor | null, k: number): number =>
  tensor === null ? 0 : (numbers(tensor)[k] ?? Number.NaN);

const magnitudes = (tensor: Tensor | null): readonly number[] =>
  tensor === null ? [] : numbers(tensor).map(Math.abs);

/** f of two lists, element by element; absent where both are. */
function combine(
  a: SomeTensors,
  b: SomeTensors,
  f: (x: number, y: number) => number,
): readonly (Tensor | null)[] {
  return a.map((left, i) => {
    const some = left ?? b[i] ?? null;
    if (some === null) return null;
    const values = numbers(some).map((_, k) => f(element(left, k), element(b[i] ?? null, k)));
    return denseTensor(some.shape, some.dtype, values);
  });
}

/** Whether all elements are equal; zeros of both signs are. */
function equal(a: SomeTensors, b: SomeTensors): boolean {
  return a.every((left, i) => {
    const right = b[i] ?? null;
    if (left === null || right === null) return left === right;
    const other = numbers(right);
    return isAlike(numbers(left).every((x, k) => x === other[k]));
  });
}
