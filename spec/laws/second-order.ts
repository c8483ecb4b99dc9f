/**
 * Second order: the laws of tangent and adjoint for g(x, c) = Jᵀ(x) c, as a function of x and c.
 * Rests on derivatives. A rule that is right but detaches something breaks here and nowhere else.
 */
import { sizeOf } from "../../core/shape.ts";
import { absolute, relative } from "./adjoint.ts";
import { formatNumber, numbers } from "./arrays.ts";
import { centralDifference } from "./central-difference.ts";
import {
  hasDirections,
  inner,
  pull,
  pullTwice,
  pushTwice,
  type SecondSetting,
  type SomeTensors,
  settle,
  settleTwice,
} from "./derivatives.ts";
import { type Case, hasRules, type SampledLaw } from "./law.ts";
import { broken, describeAll } from "./messages.ts";
import { isNear } from "./observed.ts";
import { directionText, displaced } from "./tangent.ts";

const unit = 2 ** -53;

/** Law 5, forward over reverse. */
export const secondTangent: SampledLaw = {
  name: "second-order tangent",
  claim: "the tangent of (x, c) ↦ Jᵀ(x)c equals the central difference",
  holdsAt: () => false,
  applies: hasRules,
  check: (record, sample, draw) => {
    const setting = settle(record, sample, draw);
    if (!hasDirections(setting)) return false;
    compare(settleTwice(setting, draw), sample);
    return true;
  },
};

/** Noise of one evaluation of g: 1024 roundings of its magnitude, for g has no declared bound. */
function compare(second: SecondSetting, sample: Case): void {
  const { setting } = second;
  const base = elementsOf(second, pull(setting));
  const claimed = elementsOf(second, pushTwice(second));
  const scale = 1 + maximum(base) + maximum(claimed);
  const slope = centralDifference(
    (h) => elementsOf(second, pullDisplaced(second, h)),
    () => 1024 * unit * scale,
  );
  const law = "second-order tangent";
  if (slope === null) {
    broken(law, setting.record, sample, "central differences to settle", "a kink or pole in g");
  }
  const at = claimed.findIndex(
    (t, i) => !isNear(t - (slope.value[i] ?? 0), slope.tolerance[i] ?? 0),
  );
  if (at < 0) return;
  broken(
    law,
    setting.record,
    sample,
    `element ${at} of Jᵀ(x)c to change by ${slope.value[at]} ± ${slope.tolerance[at]} along t = ${directionText(setting)}, ċ = ${describeAll(second.cotangentTangents)} at c = ${describeAll(setting.cotangents)}`,
    formatNumber(claimed[at] ?? 0),
  );
}

/** g(x + h·t, c + h·ċ). */
function pullDisplaced({ setting, cotangentTangents }: SecondSetting, h: number): SomeTensors {
  const present = setting.cotangents.flatMap((c) => (c === null ? [] : [c]));
  const moved = displaced(
    present,
    cotangentTangents.filter((c) => c !== null),
    h,
  );
  let next = 0;
  return pull({
    ...setting,
    inputs: displaced(setting.inputs, setting.tangents, h),
    cotangents: setting.cotangents.map((c) => (c === null ? null : (moved[next++] ?? null))),
  });
}

/** All elements of g's result one after the other, zeros where it is null. */
function elementsOf({ setting }: SecondSetting, results: SomeTensors): readonly number[] {
  return setting.inputs.flatMap((input, i) => {
    if ((setting.tangents[i] ?? null) === null) return [];
    const result = results[i] ?? null;
    return result === null ? new Array<number>(sizeOf(input.shape)).fill(0) : numbers(result);
  });
}

/** Law 5, reverse over reverse. */
export const secondAdjoint: SampledLaw = {
  name: "second-order adjoint",
  claim: "⟨d, J_g (t, ċ)⟩ = ⟨J_gᵀ d, (t, ċ)⟩ for g(x, c) = Jᵀ(x)c",
  holdsAt: () => false,
  applies: hasRules,
  check: (record, sample, draw) => {
    const setting = settle(record, sample, draw);
    if (!hasDirections(setting)) return false;
    const second = settleTwice(setting, draw);
    const forward = inner(second.resultCotangents, pushTwice(second));
    const pulled = pullTwice(second);
    const alongX = inner(pulled.inputs, setting.tangents);
    const alongC = inner(pulled.cotangents, second.cotangentTangents);
    const scale = forward.scale + alongX.scale + alongC.scale;
    const allowed = relative * scale + absolute;
    if (!isNear(forward.sum - alongX.sum - alongC.sum, allowed)) {
      broken(
        "second-order adjoint",
        record,
        sample,
        `⟨d, J_g (t, ċ)⟩ = ${forward.sum} ± ${allowed} for t = ${directionText(setting)}, c = ${describeAll(setting.cotangents)}`,
        `${alongX.sum + alongC.sum} with cotangents ${describeAll(pulled.inputs)} of x and ${describeAll(pulled.cotangents)} of c`,
      );
    }
    return true;
  },
};

const maximum = (values: readonly number[]): number => Math.max(0, ...values.map(Math.abs));
