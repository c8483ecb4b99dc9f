/**
 * The tangent rule equals the central difference; without rules the difference must be zero.
 * Rests on derivatives and central-difference.
 */
import { bind } from "../../core/bind.ts";
import { isFloat } from "../../core/dtype.ts";
import type { NdArray } from "../../core/nd-array.ts";
import type { OpRecord } from "../../core/op.ts";
import type { Tensor } from "../../core/tensor.ts";
import { formatNumber, numbers, tensorFrom } from "./arrays.ts";
import { centralDifference } from "./central-difference.ts";
import { hasDirections, push, type Setting, type SomeTensors, settle } from "./derivatives.ts";
import { type Case, hasRules, type SampledLaw } from "./law.ts";
import { broken } from "./messages.ts";

const unit = 2 ** -53;

/** Ops that stop derivatives by definition: not constant, yet without rules. */
export const stops: ReadonlySet<string> = new Set(["detach"]);

/** Law 3. */
export const tangentLaw: SampledLaw = {
  name: "tangent",
  claim: "the tangent rule equals the central difference",
  holdsAt: () => false,
  applies: hasRules,
  check: (record, sample, draw) => {
    const setting = settle(record, sample, draw);
    if (!hasDirections(setting)) return false;
    compareWithDifference("tangent", setting, sample, push(setting));
    return true;
  },
};

/** An op without rules says that its derivative is zero wherever there is one. */
export const constancy: SampledLaw = {
  name: "constancy",
  claim: "an op without rules has the central difference zero",
  holdsAt: () => false,
  applies: (record) => !hasRules(record) && !stops.has(record.name),
  check: (record, sample, draw) => {
    const setting = settle(record, sample, draw);
    if (!hasDirections(setting)) return false;
    compareWithDifference(
      "constancy",
      setting,
      sample,
      setting.outputs.map(() => null),
    );
    return true;
  },
};

/**
 * Noise of one evaluation: what the op's bound allows, plus 64 roundings of the magnitudes in sight, since the
 * displaced input x + h·t is rounded too.
 */
function compareWithDifference(
  law: string,
  setting: Setting,
  sample: Case,
  tangents: SomeTensors,
): void {
  const { record, attributes, inputs, outputs } = setting;
  const references = record.reference(sample.inputs, attributes);
  const reach = inputs.reduce((most, x) => Math.max(most, ...magnitudes(x)), 0);
  outputs.forEach((output, k) => {
    if (!isFloat(output.dtype)) return;
    const got = tangents[k] ?? null;
    const claimed = got === null ? zeros(output) : numbers(got);
    if (claimed.length !== output.size) {
      broken(law, record, sample, `a tangent of ${output.size} elements`, `${claimed.length}`);
    }
    const scale = Math.max(0, ...magnitudes(output)) + (1 + reach) * (1 + maximum(claimed));
    const allowed = boundOf(record, sample, references[k]);
    const slope = centralDifference(
      (h) => numbers(evaluate(setting, h)[k] ?? output),
      (i) => (allowed?.data[i] ?? 0) + 64 * unit * scale,
    );
    if (slope === null) {
      broken(law, record, sample, "central differences to settle", `a kink or pole at ${k}`);
    }
    const at = claimed.findIndex(
      (t, i) => !(Math.abs(t - (slope.value[i] ?? 0)) <= (slope.tolerance[i] ?? 0)),
    );
    if (at >= 0) {
      broken(
        law,
        record,
        sample,
        `output ${k}, element ${at} to change by ${slope.value[at]} ± ${slope.tolerance[at]} along ${directionText(setting)}`,
        formatNumber(claimed[at] ?? 0),
      );
    }
  });
}

function boundOf(
  record: OpRecord,
  { inputs, attributes }: Case,
  output: NdArray | undefined,
): NdArray | undefined {
  if (output === undefined) return undefined;
  return record.bound.of({ inputs, attributes, output, unit, tiny: Number.MIN_VALUE });
}

/** F(x + h·t). */
function evaluate(setting: Setting, h: number): readonly Tensor[] {
  return bind(setting.record, displaced(setting.inputs, setting.tangents, h), setting.attributes);
}

/** x + h·t as fresh tensors. */
export function displaced(
  points: readonly Tensor[],
  tangents: SomeTensors,
  h: number,
): readonly Tensor[] {
  return points.map((point, i) => {
    const tangent = tangents[i] ?? null;
    if (tangent === null) return point;
    const t = numbers(tangent);
    const data = numbers(point).map((x, k) => x + h * (t[k] ?? 0));
    return tensorFrom({ shape: point.shape, data, kind: "float" }, point.dtype);
  });
}

/** The tangents, for messages. */
export function directionText({ tangents }: Setting): string {
  return tangents.map((t) => (t === null ? "0" : `[${numbers(t).join(", ")}]`)).join(" and ");
}

const magnitudes = (tensor: Tensor): readonly number[] => numbers(tensor).map(Math.abs);
const maximum = (values: readonly number[]): number => Math.max(0, ...values.map(Math.abs));
const zeros = (tensor: Tensor): readonly number[] => new Array<number>(tensor.size).fill(0);
