/**
 * Reverse mode is the adjoint of forward mode: ⟨c, J t⟩ = ⟨Jᵀc, t⟩.
 * Rests on derivatives.
 */
import { sameShape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import {
  hasDirections,
  inner,
  pull,
  push,
  type Setting,
  type SomeTensors,
  settle,
} from "./derivatives.ts";
import { type Case, hasRules, type SampledLaw } from "./law.ts";
import { broken, describeAll } from "./messages.ts";
import { isNear } from "./observed.ts";
import { directionText } from "./tangent.ts";

/** Relative to Σ|c·Jt| + Σ|Jᵀc·t|: room for 10⁵ roundings, far below any wrong term. */
export const relative = 1e-11;
/** Where the products cancel to nothing inside the rules (a normalized axis of length 1), noise remains. */
export const absolute = 1e-13;

/** Law 4. */
export const adjoint: SampledLaw = {
  name: "adjoint",
  claim: "⟨c, J t⟩ = ⟨Jᵀc, t⟩",
  holdsAt: () => false,
  applies: hasRules,
  check: (record, sample, draw) => {
    const setting = settle(record, sample, draw);
    if (!hasDirections(setting)) return false;
    const pushed = push(setting);
    const pulled = pull(setting);
    checkTypes(setting, sample, "tangent of output", setting.outputs, pushed);
    checkTypes(setting, sample, "cotangent of input", setting.inputs, pulled);
    const forward = inner(setting.cotangents, pushed);
    const reverse = inner(pulled, setting.tangents);
    const allowed = relative * (forward.scale + reverse.scale) + absolute;
    if (!isNear(forward.sum - reverse.sum, allowed)) {
      broken(
        "adjoint",
        record,
        sample,
        `⟨c, J t⟩ = ${forward.sum} ± ${allowed} for t = ${directionText(setting)}, c = ${describeAll(setting.cotangents)}`,
        `⟨Jᵀc, t⟩ = ${reverse.sum} with Jᵀc = ${describeAll(pulled)}`,
      );
    }
    return true;
  },
};

/** A tangent or cotangent has the shape and dtype of what it belongs to, also where that was stretched. */
function checkTypes(
  { record }: Setting,
  sample: Case,
  what: string,
  owners: readonly Tensor[],
  derivatives: SomeTensors,
): void {
  owners.forEach((owner, i) => {
    const derivative = derivatives[i] ?? null;
    if (derivative === null) return;
    if (!sameShape(derivative.shape, owner.shape) || derivative.dtype !== owner.dtype) {
      const expected = `the ${what} ${i} to be ${owner.describe()}`;
      broken("adjoint", record, sample, expected, derivative.describe());
    }
  });
}
