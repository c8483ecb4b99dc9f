/**
 * Derivatives of one op at one point by the engine's lowest level: forward mode, the tape, and both again.
 * Rests on tape, pull, forward-mode and bind, so that the laws do not depend on the transforms.
 *
 * With y = F(x): `push` is t ↦ J t, `pull` is c ↦ Jᵀc; g(x, c) = Jᵀ(x) c is the function of second order.
 */
import { bind } from "../../core/bind.ts";
import { type DType, isFloat } from "../../core/dtype.ts";
import { ForwardMode } from "../../core/forward-mode.ts";
import { withInterpreter } from "../../core/interpreter.ts";
import type { OpRecord } from "../../core/op.ts";
import { add } from "../../core/ops/arithmetic.ts";
import { pullBack, type Seed } from "../../core/pull.ts";
import type { Sampler } from "../../core/sampling.ts";
import { Tape } from "../../core/tape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { denseTensor, handles, numbers, tensorFrom } from "./arrays.ts";
import type { Case } from "./law.ts";
import { directions } from "./sampler.ts";

/** Tensors of which some are absent: inputs that have no tangent, outputs that have no cotangent. */
export type SomeTensors = readonly (Tensor | null)[];

/** Inputs of a case as fresh tensors, with the directions in which derivatives are taken. */
export interface Setting {
  readonly record: OpRecord;
  readonly attributes: object;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** One for each float input, null for the inputs that are held fixed. */
  readonly tangents: SomeTensors;
  /** One for each float output, null for outputs that nothing depends on. */
  readonly cotangents: SomeTensors;
}

/** Draws tangents and cotangents for a case, floats as `float`. Some inputs and outputs are left out, never all. */
export function settle(
  record: OpRecord,
  { inputs, attributes }: Case,
  draw: Sampler,
  float: DType = "float64",
): Setting {
  const tensors = inputs.map((input) => tensorFrom(input, float));
  const outputs = bind(record, handles(tensors), attributes);
  return {
    record,
    attributes,
    inputs: tensors,
    outputs,
    tangents: someDirections(tensors, draw),
    cotangents: someDirections(outputs, draw),
  };
}

/** A direction for some of the float tensors, at least one. */
function someDirections(tensors: readonly Tensor[], draw: Sampler): SomeTensors {
  const floats = tensors.flatMap(({ dtype }, i) => (isFloat(dtype) ? [i] : []));
  const partial = floats.length > 1 && draw.integer(0, 2) === 2;
  const sure = partial ? draw.pick(floats) : null;
  return tensors.map(({ shape, dtype }, i) => {
    const active = isFloat(dtype) && (sure === null || sure === i || draw.boolean());
    return active ? denseTensor(shape, dtype, draw.values(shape, directions).data) : null;
  });
}

/** Whether any output of the setting has a derivative to speak of. */
export function hasDirections({ tangents, cotangents }: Setting): boolean {
  return tangents.some((t) => t !== null) && cotangents.some((c) => c !== null);
}

/** J t by forward mode; null where it is an exact zero. */
export function push({ record, attributes, inputs, tangents }: Setting): SomeTensors {
  const points = handles(inputs);
  const forward = seeded(points, tangents);
  const outputs = withInterpreter(forward, () => bind(record, points, attributes));
  return outputs.map((output) => forward.tangentOf(output));
}

/** Jᵀc by the tape, for the inputs that have a tangent; null where it is an exact zero. */
export function pull(setting: Setting): SomeTensors {
  return pullAt(setting, handles(setting.inputs), setting.cotangents);
}

function pullAt(
  { record, attributes, tangents }: Setting,
  points: readonly Tensor[],
  cotangents: SomeTensors,
): SomeTensors {
  const tape = new Tape();
  watch(tape, points, tangents);
  const outputs = withInterpreter(tape, () => bind(record, points, attributes));
  const leaves = pullBack(tape, seedsOf(outputs, cotangents), add);
  return points.map((point) => leaves.get(point) ?? null);
}

/** A direction in (x, c) beside a setting, and a cotangent of g's result. */
export interface SecondSetting {
  readonly setting: Setting;
  readonly cotangentTangents: SomeTensors;
  readonly resultCotangents: SomeTensors;
}

/** Draws the directions of second order. */
export function settleTwice(setting: Setting, draw: Sampler): SecondSetting {
  const drawLike = (tensors: SomeTensors): SomeTensors =>
    tensors.map(
      (tensor) =>
        tensor &&
        denseTensor(tensor.shape, tensor.dtype, draw.values(tensor.shape, directions).data),
    );
  return {
    setting,
    cotangentTangents: drawLike(setting.cotangents),
    resultCotangents: drawLike(setting.tangents),
  };
}

/** The directional derivative of g(x, c) along both tangents: forward mode over the tape. */
export function pushTwice({ setting, cotangentTangents }: SecondSetting): SomeTensors {
  const points = handles(setting.inputs);
  const cotangents = partialHandles(setting.cotangents);
  const forward = seeded([...points, ...cotangents], [...setting.tangents, ...cotangentTangents]);
  const pulled = withInterpreter(forward, () => pullAt(setting, points, cotangents));
  return pulled.map((result) => result && forward.tangentOf(result));
}

/** Cotangents of x and of c for the cotangents of g's result: the tape over the tape. */
export function pullTwice({ setting, resultCotangents }: SecondSetting): {
  readonly inputs: SomeTensors;
  readonly cotangents: SomeTensors;
} {
  const points = handles(setting.inputs);
  const cotangents = partialHandles(setting.cotangents);
  const tape = new Tape();
  watch(tape, points, setting.tangents);
  watch(tape, cotangents, cotangents);
  const pulled = withInterpreter(tape, () => pullAt(setting, points, cotangents));
  const leaves = pullBack(tape, seedsOf(pulled, resultCotangents), add);
  const cotangentOf = (tensor: Tensor | null): Tensor | null =>
    tensor && (leaves.get(tensor) ?? null);
  return { inputs: points.map(cotangentOf), cotangents: cotangents.map(cotangentOf) };
}

/** Σ a·b over all tensors that both sides have, and Σ|a·b|. */
export function inner(
  a: SomeTensors,
  b: SomeTensors,
): { readonly sum: number; readonly scale: number } {
  let sum = 0;
  let scale = 0;
  a.forEach((left, i) => {
    const right = b[i] ?? null;
    if (left === null || right === null) return;
    const factors = numbers(right);
    numbers(left).forEach((value, k) => {
      const product = value * (factors[k] ?? 0);
      sum += product;
      scale += Math.abs(product);
    });
  });
  return { sum, scale };
}

function seeded(points: SomeTensors, tangents: SomeTensors): ForwardMode {
  const forward = new ForwardMode();
  points.forEach((point, i) => {
    const tangent = tangents[i] ?? null;
    if (point !== null && tangent !== null) forward.seed(point, tangent);
  });
  return forward;
}

function watch(tape: Tape, points: SomeTensors, where: SomeTensors): void {
  points.forEach((point, i) => {
    if (point !== null && where[i]) tape.watch(point);
  });
}

function seedsOf(results: SomeTensors, cotangents: SomeTensors): readonly Seed[] {
  return results.flatMap((result, i): Seed[] => {
    const cotangent = cotangents[i] ?? null;
    return result === null || cotangent === null ? [] : [[result, cotangent]];
  });
}

function partialHandles(tensors: SomeTensors): SomeTensors {
  return tensors.map((tensor) => tensor && (handles([tensor])[0] ?? null));
}
