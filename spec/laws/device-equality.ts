/**
 * The wasm device equals the reference: every kernel that an op launches, for its value and for both derivative
 * rules, gives what the reference device gives, wherever its operands lie.
 * Rests on derivatives, and on spec/devices, which compares launch by launch. Not one of the laws on every device: it
 * speaks of two.
 */
import { bind } from "../../core/bind.ts";
import { type DType, isFloat } from "../../core/dtype.ts";
import { DTypeError, ValueError } from "../../core/errors.ts";
import type { NdArray } from "../../core/nd-array.ts";
import type { OpRecord } from "../../core/op.ts";
import type { Sampler } from "../../core/sampling.ts";
import { scope } from "../../core/scope.ts";
import type { Tensor } from "../../core/tensor.ts";
import { type Checked, checkedLaunches } from "../devices/checked-launch.ts";
import { placedTensor, withExtremes } from "../devices/placement.ts";
import { handles, numbers } from "./arrays.ts";
import { hasDirections, pull, push, type SomeTensors } from "./derivatives.ts";
import { type Case, hasRules, type SampledLaw } from "./law.ts";
import { broken } from "./messages.ts";
import { directions } from "./sampler.ts";

const claim = "every launch of value and derivatives agrees with the reference device";
const everywhere = {
  holdsAt: (): boolean => true,
  applies: (): boolean => true,
  file: "spec/device-equivalence.test.ts",
  strata: ["free", "empty", "scalar", "broadcast", "roomy"],
} as const;

/** The law for ordinary values; `met` hears of every launch. Without `device`, of the wasm device. */
export function deviceEquality(
  float: "float32" | "float64",
  met: (launch: string) => void,
  device?: Checked,
): SampledLaw {
  return {
    ...everywhere,
    name: `device equality in ${float}`,
    claim: `${claim} (${float})`,
    check: (record, sample, draw) => attempt(record, sample, draw, float, met, device),
  };
}

/** The law for values among which there are ±0, subnormal and huge numbers, infinities and NaN. */
export function extremeEquality(
  float: "float32" | "float64",
  met: (launch: string) => void,
): SampledLaw {
  return {
    ...everywhere,
    name: `device equality at extremes in ${float}`,
    claim: `${claim}, with zeros, subnormal and huge numbers, infinities and NaN (${float})`,
    check: (record, { inputs, attributes }, draw) => {
      const extreme = inputs.map((input) => withExtremes(input, float, draw));
      return attempt(record, { inputs: extreme, attributes }, draw, float, met);
    },
  };
}

/** The law for whole numbers and masks in the places of floats, where the op takes them. */
export function wholeEquality(kind: "int32" | "bool", met: (launch: string) => void): SampledLaw {
  return {
    ...everywhere,
    name: `device equality in ${kind}`,
    claim: `${claim} (${kind})`,
    check: (record, { inputs, attributes }, draw) => {
      const whole = inputs.map((input): NdArray => {
        if (input.kind !== "float") return input;
        const rounded = input.data.map((x) =>
          kind === "bool" ? Number(x > 0) : Math.trunc(3 * x),
        );
        return { ...input, data: rounded, kind };
      });
      if (whole.every((input, i) => input === inputs[i])) return false;
      try {
        return attempt(record, { inputs: whole, attributes }, draw, "float32", met);
      } catch (error) {
        // Also where an attribute, of embed say, is no whole number.
        if (error instanceof DTypeError || error instanceof ValueError) return false;
        throw error;
      }
    },
  };
}

function attempt(
  record: OpRecord,
  sample: Case,
  draw: Sampler,
  float: DType,
  met: (launch: string) => void,
  device?: Checked,
): boolean {
  const { attributes } = sample;
  const placed = (array: NdArray): Tensor => placedTensor(array, float, draw);
  const directed = (tensors: readonly Tensor[]): SomeTensors =>
    tensors.map(({ dtype, shape }) =>
      isFloat(dtype) ? placedTensor(draw.values(shape, directions), dtype, draw) : null,
    );
  scope(() => {
    const inputs = sample.inputs.map(placed);
    try {
      checkedLaunches(
        () => {
          const outputs = bind(record, handles(inputs), attributes);
          const [tangents, cotangents] = [directed(inputs), directed(outputs)];
          const setting = { record, attributes, inputs, outputs, tangents, cotangents };
          if (!hasRules(record) || !hasDirections(setting)) return;
          push(setting);
          pull(setting);
        },
        met,
        device,
      );
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "LaunchDiffers") throw error;
      const seen = { inputs: inputs.map(arrayOf), attributes };
      broken(
        "device equality",
        record,
        seen,
        "every launch to agree with the reference",
        error.message,
      );
    }
  });
  return true;
}

function arrayOf(tensor: Tensor): NdArray {
  const { shape, dtype } = tensor;
  return {
    shape,
    data: numbers(tensor),
    kind: dtype === "int32" || dtype === "bool" ? dtype : "float",
  };
}
