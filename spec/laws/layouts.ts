/**
 * Layout is nobody's business: values and derivatives of strided, reversed and stretched views have the bits
 * of those of dense inputs.
 * Rests on derivatives.
 */
import { bind } from "../../core/bind.ts";
import type { NdArray } from "../../core/nd-array.ts";
import type { OpRecord } from "../../core/op.ts";
import type { Sampler } from "../../core/sampling.ts";
import type { Tensor } from "../../core/tensor.ts";
import {
  bitsOf,
  describeTensor,
  handles,
  numbers,
  repeatedAlong,
  stretchedTensor,
  stridedTensor,
  tensorFrom,
} from "./arrays.ts";
import {
  hasDirections,
  pull,
  push,
  type Setting,
  type SomeTensors,
  settle,
} from "./derivatives.ts";
import { type Case, hasRules, type SampledLaw } from "./law.ts";
import { broken } from "./messages.ts";
import { isAlike } from "./observed.ts";

/** Views. */
export const layouts: SampledLaw = {
  name: "layouts",
  claim: "values and derivatives of views are bit-identical to those of dense inputs",
  holdsAt: () => true,
  applies: () => true,
  check: (record, sample, draw) => {
    const setting = settle(record, sample, draw);
    const strided = results({
      ...setting,
      inputs: sample.inputs.map((input) => stridedTensor(input)),
      tangents: restrided(setting.tangents),
      cotangents: restrided(setting.cotangents),
    });
    compare(record, sample, "strided views", results(setting), strided);
    checkStretched(record, sample, draw);
    return true;
  },
};

/** One input whose slices along an axis are all the same, dense and as a view with stride 0. */
function checkStretched(record: OpRecord, sample: Case, draw: Sampler): void {
  const candidates = sample.inputs.flatMap(({ shape }, i) => (shape.length > 0 ? [i] : []));
  if (candidates.length === 0) return;
  const chosen = draw.pick(candidates);
  const axis = draw.integer(0, (sample.inputs[chosen]?.shape.length ?? 1) - 1);
  const inputs = sample.inputs.map((x, i) => (i === chosen ? repeatedAlong(x, axis) : x));
  const { attributes } = sample;
  const plain = inputs.map((input) => tensorFrom(input));
  const views = inputs.map((input, i) =>
    i === chosen ? stretchedTensor(input, axis) : tensorFrom(input),
  );
  compare(
    record,
    { inputs, attributes },
    `input ${chosen} stretched along axis ${axis}`,
    bind(record, plain, attributes),
    bind(record, views, attributes),
  );
}

/** Outputs, then J t, then Jᵀc. */
function results(setting: Setting): SomeTensors {
  const { record, inputs, attributes } = setting;
  const outputs = bind(record, handles(inputs), attributes);
  if (!hasRules(record) || !hasDirections(setting)) return outputs;
  return [...outputs, ...push(setting), ...pull(setting)];
}

function restrided(tensors: SomeTensors): SomeTensors {
  return tensors.map((tensor) => tensor && stridedTensor(arrayOf(tensor)));
}

function arrayOf(tensor: Tensor): NdArray {
  return { shape: tensor.shape, data: numbers(tensor), kind: "float" };
}

function compare(
  record: OpRecord,
  sample: Case,
  how: string,
  dense: SomeTensors,
  viewed: SomeTensors,
): void {
  dense.forEach((plain, k) => {
    const other = viewed[k] ?? null;
    if (plain === null && other === null) return;
    if (!isAlike(plain !== null && other !== null && bitsOf(plain) === bitsOf(other))) {
      const want = plain === null ? "zero" : describeTensor(plain);
      const came = other === null ? "zero" : describeTensor(other);
      broken("layouts", record, sample, `result ${k} of ${how} to be ${want}`, came);
    }
  });
}
