/**
 * gelu, exact and in its tanh approximation.
 * Rests on activation, arithmetic, error-function, exponential, power and clamp.
 */
import { bindOne } from "../bind.ts";
import type { BoundInputs, ErrorBound } from "../error-bound.ts";
import { ValueError } from "../errors.ts";
import { nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import { untyped } from "../op-examples.ts";
import type { Tensor } from "../tensor.ts";
import { sigmoid, sigmoidReference } from "./activation.ts";
import { add, multiply } from "./arithmetic.ts";
import { clamp } from "./clamp.ts";
import { erfc } from "./error-function.ts";
import { erfcReference } from "./error-function-definitions.ts";
import { exp } from "./exponential.ts";
import { square } from "./power.ts";
import { floatsOnly, parametric, type UnaryRecord } from "./shorthand.ts";
import { negate } from "./sign.ts";

const infinity = Number.POSITIVE_INFINITY;

/** Options of `gelu`. */
export interface GeluOptions {
  /** `"none"`: x·Φ(x) with the exact normal distribution; `"tanh"`: its approximation. Default `"none"`. */
  readonly approximate?: "none" | "tanh";
}

const sqrtHalf = Math.SQRT1_2;
/** Density of the normal distribution at 0, 1/√(2π). */
const density = 0.3989422804014327;
/** 2·√(2/π), and the cubic coefficient: Hendrycks & Gimpel 2016, section 2. */
const tanhScale = 1.5957691216057308;
const cubic = 0.044715;

/** Φ(x) + x·φ(x). */
function geluDerivative(x: Tensor): Tensor {
  // e^(−40²/2) is 0.
  const inner = clamp(x, { min: -40, max: 40 });
  const distribution = multiply(0.5, erfc(multiply(-sqrtHalf, inner)));
  return add(distribution, multiply(inner, multiply(density, exp(multiply(-0.5, square(inner))))));
}

/** σ(u) + x·σ(u)·σ(−u)·du/dx with u = 2√(2/π)·(x + 0.044715·x³): (1 + tanh(u/2))/2 = σ(u). */
function geluTanhDerivative(x: Tensor): Tensor {
  // σ(u(−30)) is 0.
  const inner = clamp(x, { min: -30, max: 30 });
  const squared = square(inner);
  const u = multiply(multiply(tanhScale, inner), add(1, multiply(cubic, squared)));
  const slope = multiply(tanhScale, add(1, multiply(3 * cubic, squared)));
  const gate = sigmoid(u);
  return multiply(gate, add(1, multiply(multiply(inner, slope), sigmoid(negate(u)))));
}

const geluBound: ErrorBound<GeluOptions> = {
  reason:
    "8 roundings, and the rounded argument of erfc or exp: in the left tail an error of u in it is one of x²·u (none) or 2·|u(x)|·u (tanh) in the result",
  of: ({ inputs: [x], attributes, output, unit, tiny }: BoundInputs<GeluOptions>) => {
    const data = output.data.map((y, i) => {
      const at = Math.abs(x?.data[i] ?? 0);
      const amplified =
        attributes.approximate === "tanh"
          ? 4 * tanhScale * at * (1 + cubic * at * at)
          : 2 * at * at;
      return (16 + 2 * amplified) * unit * Math.abs(y) + 8 * tiny;
    });
    return { ...output, data };
  },
};

/** The record of `gelu`. */
export const geluOp: UnaryRecord<GeluOptions> = parametric<GeluOptions>({
  name: "gelu",
  family: "activation",
  formula: "y = x·Φ(x); approximate: y = x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))",
  source: "Hendrycks & Gimpel 2016, section 2; dy/dx = Φ(x) + x·φ(x)",
  fn: ({ approximate }) => (approximate === "tanh" ? "geluTanh" : "gelu"),
  check: ({ approximate = "none" }) => {
    if (approximate !== "none" && approximate !== "tanh") {
      throw new ValueError({
        where: "gelu",
        argument: "approximate",
        expected: `to be "none" or "tanh"`,
        got: JSON.stringify(approximate),
        fix: "Leave it out for the exact function",
      });
    }
  },
  derivative: (x, _y, { approximate }) =>
    approximate === "tanh" ? geluTanhDerivative(x) : geluDerivative(x),
  domain: { min: -5, max: 5 },
  attributes: (draw) =>
    draw.pick<GeluOptions>([{}, { approximate: "none" }, { approximate: "tanh" }]),
  reference: (x, { approximate }) =>
    approximate === "tanh"
      ? x * sigmoidReference(tanhScale * (x + cubic * x * x * x))
      : (x / 2) * erfcReference(-x / Math.SQRT2),
  bound: geluBound,
  special: [
    {
      title: "±∞ takes the limits 0 and ∞, with derivatives 0 and 1",
      inputs: [nd([-infinity, infinity])],
      attributes: {},
      output: nd([-0, infinity]),
      gradients: [nd([0, 1])],
    },
    {
      title: "the approximation has the same limits",
      inputs: [nd([-infinity, infinity])],
      attributes: { approximate: "tanh" },
      output: nd([-0, infinity]),
      gradients: [nd([-0, 1])],
    },
    {
      title: "0 goes to 0 with derivative 1/2",
      inputs: [nd([0])],
      attributes: {},
      output: nd([0]),
      gradients: [nd([0.5])],
    },
  ],
  errors: [
    floatsOnly("gelu", {}),
    {
      inputs: [nd([1])],
      attributes: untyped('{ "approximate": "erf" }'),
      message: `gelu: expected approximate to be "none" or "tanh", got "erf". Leave it out for the exact function.`,
    },
  ],
});

/**
 * x·Φ(x), Φ the normal distribution. x: any shape, float → the same shape. At −∞ the limit, −0, where PyTorch gives
 * NaN. Throws DTypeError for int32 and bool, ValueError for another `approximate`. Hendrycks & Gimpel 2016.
 */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  return bindOne(geluOp, [x], options);
}

/** The records of this file. */
export const geluOps: readonly OpRecord[] = [geluOp];
