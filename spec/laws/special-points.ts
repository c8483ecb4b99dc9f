/**
 * Zeros, ties, kinks and edges: output and gradients are the declared ones, by reverse and by forward mode.
 * Rests on derivatives. NaN equals NaN, ∞ equals ∞, −0 equals 0.
 */
import { bind } from "../../core/bind.ts";
import { isFloat } from "../../core/dtype.ts";
import { ForwardMode } from "../../core/forward-mode.ts";
import { withInterpreter } from "../../core/interpreter.ts";
import { mapElements, type NdArray } from "../../core/nd-array.ts";
import type { OpRecord } from "../../core/op.ts";
import type { SpecialPoint } from "../../core/sampling.ts";
import { formatShape, sameShape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { denseTensor, handles, numbers, pasteable, tensorFrom } from "./arrays.ts";
import { inner, pull, type Setting } from "./derivatives.ts";
import { type DeclaredLaw, hasRules } from "./law.ts";
import { broken } from "./messages.ts";
import { isAlike, isNear } from "./observed.ts";

/** Of the number declared: exact where it is 0, ±1, NaN or ∞; others, however small, may be rounded twice. */
const twoRoundings = 2 ** -51;
/** Of Σ|c·J e_j|: forward mode sums unit directions in another order than reverse mode. */
const forwardMode = 1e-12;

/** Law 6. */
export const specialPoints: DeclaredLaw = {
  name: "special points",
  claim: "special points have the declared output and gradients",
  applies: (record) => record.special.length > 0,
  checkAll: (record) => {
    for (const point of record.special) checkPoint(record, point);
    return record.special.length;
  },
};

function checkPoint(record: OpRecord, point: SpecialPoint<object>): void {
  const { title, output, gradients } = point;
  const inputs = point.inputs.map((input) => tensorFrom(input));
  const outputs = bind(record, inputs, point.attributes);
  if (output !== undefined) {
    checkArray(record, point, `${title}: output`, output, outputs[0] ?? null);
  }
  if (gradients === undefined) return;
  const cotangents = outputs.map((tensor, k) => cotangentOf(tensor, k, point.cotangent));
  const setting: Setting = {
    record,
    attributes: point.attributes,
    inputs,
    outputs,
    cotangents,
    tangents: inputs.map((input) => (isFloat(input.dtype) ? input : null)),
  };
  if (hasRules(record)) {
    const pulled = pull(setting);
    gradients.forEach((expected, i) => {
      if (expected === null) return;
      const what = `${title}: gradient ${i} by reverse mode`;
      checkArray(record, point, what, expected, pulled[i] ?? null);
    });
    // A unit direction has zeros, and 0·∞ is NaN: forward mode is asked where all factors are finite.
    const finite = point.cotangent?.data.every(Number.isFinite) ?? true;
    gradients.forEach((expected, i) => {
      if (!finite || expected === null || !expected.data.every(Number.isFinite)) return;
      const pushed = gradientByForwardMode(setting, i);
      const what = `${title}: gradient ${i} by forward mode`;
      const sums = pushed.map(({ sum }) => sum);
      checkElements(record, point, what, expected, sums, (want, got, j) => {
        return isNear(want - got, forwardMode * (pushed[j]?.scale ?? 0));
      });
    });
  } else {
    gradients.forEach((expected, i) => {
      if (expected !== null) {
        checkArray(record, point, `${title}: gradient ${i} of an op without rules`, expected, null);
      }
    });
  }
}

/** The declared cotangent belongs to the first output; ones elsewhere, nothing for integers. */
function cotangentOf(tensor: Tensor, k: number, declared: NdArray | undefined): Tensor | null {
  if (!isFloat(tensor.dtype)) return null;
  if (declared !== undefined) return k === 0 ? tensorFrom(declared) : null;
  return denseTensor(tensor.shape, tensor.dtype, new Array<number>(tensor.size).fill(1));
}

/** Element j is ⟨c, J e_j⟩, with Σ|c·J e_j|. */
function gradientByForwardMode(
  setting: Setting,
  i: number,
): readonly { readonly sum: number; readonly scale: number }[] {
  const { record, attributes, inputs, cotangents } = setting;
  const input = inputs[i];
  if (input === undefined) return [];
  return numbers(input).map((_, j) => {
    const unit = numbers(input).map((_x, k) => (k === j ? 1 : 0));
    const points = handles(inputs);
    const forward = new ForwardMode();
    const point = points[i];
    if (point !== undefined) forward.seed(point, denseTensor(input.shape, input.dtype, unit));
    const outputs = withInterpreter(forward, () => bind(record, points, attributes));
    const pushed = outputs.map((output) => forward.tangentOf(output));
    return inner(cotangents, pushed);
  });
}

function checkArray(
  record: OpRecord,
  point: SpecialPoint<object>,
  what: string,
  expected: NdArray,
  got: Tensor | null,
): void {
  if (got !== null && !sameShape(got.shape, expected.shape)) {
    const shape = formatShape(expected.shape);
    broken("special points", record, point, `${what} of shape ${shape}`, formatShape(got.shape));
  }
  const elements = got === null ? mapElements(expected, () => 0).data : numbers(got);
  checkElements(record, point, what, expected, elements, isSame);
}

function checkElements(
  record: OpRecord,
  point: SpecialPoint<object>,
  what: string,
  expected: NdArray,
  got: readonly number[],
  agree: (want: number, got: number, index: number) => boolean,
): void {
  const same =
    got.length === expected.data.length &&
    expected.data.every((want, i) => agree(want, got[i] ?? Number.NaN, i));
  if (same) return;
  const came = pasteable({ ...expected, data: got });
  broken("special points", record, point, `${what} to be ${pasteable(expected)}`, came);
}

function isSame(want: number, got: number): boolean {
  if (Number.isNaN(want)) return isAlike(Number.isNaN(got));
  const exact = !Number.isFinite(want) || Math.abs(want) === 1;
  if (exact) return isAlike(want === got);
  return isNear(want - got, twoRoundings * Math.abs(want));
}
