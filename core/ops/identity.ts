/**
 * The identity twice: identity, through which derivatives pass, and detach, through which none does.
 * Rests on bind. Both are views.
 */
import { bindOne } from "../bind.ts";
import { exact } from "../error-bound.ts";
import { nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Sampler } from "../sampling.ts";
import type { Tensor } from "../tensor.ts";
import type { NoOptions, UnaryRecord } from "./shorthand.ts";

/** What both records share. */
const same: Omit<UnaryRecord, "name" | "formula" | "source" | "special"> = {
  family: "view",
  inputNames: ["x"],
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  forward: { view: (x) => x },
  sample: (draw: Sampler) => ({
    inputs: [draw.values(draw.shape(), { min: -3, max: 3 })],
    attributes: {} satisfies NoOptions,
  }),
  errors: [],
  reference: (inputs) => inputs,
  bound: exact("the same elements"),
};

/** The record of `identity`. */
export const identityOp: UnaryRecord = {
  ...same,
  name: "identity",
  formula: "y = x",
  source: "definition",
  jvp: ([t]) => [t],
  vjp: ([c]) => [c],
  special: [],
};

/** The record of `detach`: it has no rules, so no derivative passes. */
export const detachOp: UnaryRecord = {
  ...same,
  name: "detach",
  formula: "y = x, held constant",
  source: "definition",
  special: [
    {
      title: "no derivative passes",
      inputs: [nd([1, 2])],
      attributes: {},
      output: nd([1, 2]),
      gradients: [nd([0, 0])],
    },
  ],
};

/** Another handle on the same elements, with a history of its own. x: [...] → [...]. A view. */
export function identity(x: Tensor): Tensor {
  return bindOne(identityOp, [x], {});
}

/** The same elements as a constant: derivatives stop here. x: [...] → [...]. A view. */
export function detach(x: Tensor): Tensor {
  return bindOne(detachOp, [x], {});
}

/** The records of this file. */
export const identityOps: readonly OpRecord[] = [identityOp, detachOp];
