/**
 * Laws of gradients in float32, for ops that are linear in each of their inputs: sums of products, whose roundings can
 * be counted. Rests on derivatives, and on the reference device, which is asked for sizes only.
 *
 * Of such an op nothing is estimated: its central difference along t is exact at any step, and 1 is taken. Every
 * sum of T products of at most two factors, in any order and fused or not, is off by T roundings of Σ|products| at most
 * (Higham 2002, §3.1). Samples lie on a grid whose products are no subnormal numbers, so that flushing does nothing.
 */
import { bind } from "../../core/bind.ts";
import { withDevice } from "../../core/index.ts";
import type { OpRecord } from "../../core/op.ts";
import { scope } from "../../core/scope.ts";
import type { Tensor } from "../../core/tensor.ts";
import { denseTensor, handles, numbers } from "./arrays.ts";
import {
  hasDirections,
  inner,
  pull,
  push,
  type Setting,
  type SomeTensors,
  settle,
} from "./derivatives.ts";
import type { SampledLaw } from "./law.ts";
import { broken, describeAll } from "./messages.ts";
import { directionText, displaced } from "./tangent.ts";

/** Ops of the registry that are linear in each input. */
const bilinear: ReadonlySet<string> = new Set([
  "matmul",
  "batchMatmul",
  "conv2d",
  "conv2dInputGradient",
  "conv2dWeightGradient",
]);

const unit = 2 ** -24;

/** Hears which part of the bound was taken: at most 1. */
export type Took = (part: number) => void;

const everywhere = {
  file: "spec/gpu-equivalence.test.ts",
  strata: ["broadcast", "roomy"],
  holdsAt: (): boolean => false,
  applies: ({ name }: OpRecord): boolean => bilinear.has(name),
} as const;

/** ⟨c, J t⟩ = ⟨Jᵀc, t⟩ on the device in use. */
export function adjointInFloat32(took: Took): SampledLaw {
  return {
    ...everywhere,
    name: "adjoint in float32",
    claim: "⟨c, J t⟩ = ⟨Jᵀc, t⟩, to the roundings of their sums",
    check: (record, sample, draw) =>
      scope(() => {
        const setting = settle(record, sample, draw, "float32");
        if (!hasDirections(setting)) return false;
        const pushed = push(setting);
        const pulled = pull(setting);
        const forward = inner(setting.cotangents, pushed);
        const reverse = inner(pulled, setting.tangents);
        // Twice, as forward and reverse round; inner itself is in float64.
        const allowed = 2 * (termsOf(setting) + 1) * unit * sizesOf(setting).product;
        within(took, Math.abs(forward.sum - reverse.sum), allowed, () =>
          broken(
            "adjoint in float32",
            record,
            sample,
            `⟨c, J t⟩ = ${forward.sum} ± ${allowed} for t = ${directionText(setting)}, c = ${describeAll(setting.cotangents)}`,
            `⟨Jᵀc, t⟩ = ${reverse.sum} with Jᵀc = ${describeAll(pulled)}`,
          ),
        );
        return true;
      }),
  };
}

/** J t = (f(x + t) − f(x − t))/2 on the device in use. */
export function tangentInFloat32(took: Took): SampledLaw {
  return {
    ...everywhere,
    name: "tangent in float32",
    claim: "the tangent is half of f(x + t) − f(x − t), to the roundings of their sums",
    check: (record, sample, draw) =>
      scope(() => {
        const setting = settle(record, sample, draw, "float32");
        if (!hasDirections(setting)) return false;
        const tangent = push(setting)[0] ?? null;
        const [above, below] = [1, -1].map((h) => evaluated(setting, h));
        const claimed = tangent === null ? [] : numbers(tangent);
        const sizes = sizesOf(setting).displaced;
        const terms = termsOf(setting);
        sizes.forEach((size, i) => {
          const half = ((above?.[i] ?? Number.NaN) - (below?.[i] ?? Number.NaN)) / 2;
          // Three sums, each below |f|(|x| + |t|); x ± t is rounded itself, in both factors.
          const allowed = (2 * terms + 3) * unit * size;
          const got = tangent === null ? 0 : (claimed[i] ?? Number.NaN);
          within(took, Math.abs(half - got), allowed, () =>
            broken(
              "tangent in float32",
              record,
              sample,
              `element ${i} to change by ${half} ± ${allowed} along ${directionText(setting)}`,
              String(got),
            ),
          );
        });
        return sizes.length > 0;
      }),
  };
}

function within(took: Took, distance: number, allowed: number, otherwise: () => void): void {
  if (!(distance <= allowed)) otherwise();
  if (allowed > 0) took(distance / allowed);
}

/** f(x + h·t). */
function evaluated(setting: Setting, h: number): readonly number[] {
  const { record, attributes, inputs, tangents } = setting;
  const [output] = bind(record, handles(displaced(inputs, tangents, h)), attributes);
  return output === undefined ? [] : numbers(output);
}

/** The setting on the reference device in float64, with `change` of every number in it. */
function onReference<T>(
  { record, attributes, ...tensors }: Setting,
  change: (x: number) => number,
  use: (setting: Setting) => T,
): T {
  return withDevice("reference", () => {
    const changed = ({ shape }: Tensor, values: readonly number[]): Tensor =>
      denseTensor(shape, "float64", values.map(change));
    const all = (list: readonly Tensor[]): readonly Tensor[] =>
      list.map((tensor) => changed(tensor, numbers(tensor)));
    const some = (list: SomeTensors): SomeTensors =>
      list.map((tensor) => tensor && changed(tensor, numbers(tensor)));
    return use({
      record,
      attributes,
      inputs: all(tensors.inputs),
      outputs: all(tensors.outputs),
      tangents: some(tensors.tangents),
      cotangents: some(tensors.cotangents),
    });
  });
}

/** Products in the longest sum of value, tangent or cotangent: what these are where every number is 1. */
function termsOf(setting: Setting): number {
  return onReference(
    setting,
    () => 1,
    (ones) => {
      const sums = [...push(ones), ...pull(ones)].flatMap((sum) =>
        sum === null ? [] : numbers(sum),
      );
      return Math.max(...evaluated(ones, 0), ...sums, 0);
    },
  );
}

/** Σ|c·J·t|, and |f|(|x| + |t|) by element. */
function sizesOf(setting: Setting): { product: number; displaced: readonly number[] } {
  return onReference(setting, Math.abs, (sizes) => ({
    product: inner(sizes.cotangents, push(sizes)).sum,
    displaced: evaluated(sizes, 1),
  }));
}
