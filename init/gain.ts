/**
 * Gains: what weights must be multiplied by so that an activation function neither fades nor blows up a signal.
 * Rests on core's errors.
 */
import { ValueError } from "../core/index.ts";
import { requireFinite } from "../core/require-number.ts";

/** What a gain is, and where it comes from. */
interface Gain {
  /** For `slope`, which leakyRelu alone looks at. */
  value(slope: number): number;
  readonly source: string;
}

const fixed = (value: number, source: string): Gain => ({ value: () => value, source });

/**
 * Every gain by the activation's name. "PyTorch": the table of torch.nn.init.calculate_gain. "E[φ²]": 1/√E[φ(z)²] for a
 * standard normal z, with which a layer of variance 1/fanIn keeps a mean square of 1; He et al. 2015, section 2.2, for
 * (leaky) ReLU. For tanh and SELU the two differ: 1.5925 and 1 would be those of E[φ²].
 */
export const gains: Readonly<Record<string, Gain>> = {
  linear: fixed(1, "E[φ²] and PyTorch"),
  sigmoid: fixed(1, "PyTorch"),
  tanh: fixed(5 / 3, "PyTorch"),
  relu: fixed(Math.SQRT2, "E[φ²] and PyTorch"),
  leakyRelu: {
    value: (slope) => Math.sqrt(2 / (1 + slope * slope)),
    source: "E[φ²] and PyTorch",
  },
  selu: fixed(3 / 4, "PyTorch; Klambauer et al. 2017 ask for 1, which is lecunNormal"),
  elu: fixed(1.2451983007007066, "E[φ²], α = 1"),
  gelu: fixed(1.5335304411955235, "E[φ²]"),
  silu: fixed(1.676532470331091, "E[φ²]"),
  softplus: fixed(1.0418668355353018, "E[φ²]"),
};

/** Why the other activations have none, as what to do instead. */
export const withoutGain: Readonly<Record<string, string>> = {
  softmax: "Use linear before a softmax: its outputs depend on each other and sum to 1",
  logSoftmax: "Use linear before a logSoftmax: its outputs depend on each other",
};

/** The activations that have a gain. */
export type Activation =
  | "linear"
  | "sigmoid"
  | "tanh"
  | "relu"
  | "leakyRelu"
  | "selu"
  | "elu"
  | "gelu"
  | "silu"
  | "softplus";

/** Options of `gain`. */
export interface GainOptions {
  /** Slope of leakyRelu for negative inputs, finite; default 0.01. */
  readonly slope?: number;
}

/**
 * The gain of an activation: √(what variance it leaves)⁻¹, or PyTorch's convention; `gains` says which.
 * Throws ValueError for an unknown name.
 *
 * @example
 * kaimingNormal({ gain: gain("leakyRelu", { slope: 0.2 }) });
 */
export function gain(activation: Activation, { slope = 0.01 }: GainOptions = {}): number {
  requireFinite("gain", "slope", slope, "Give the slope for negative inputs");
  const known = Object.hasOwn(gains, activation) ? gains[activation] : undefined;
  if (known === undefined) {
    const reason = Object.hasOwn(withoutGain, activation) ? withoutGain[activation] : undefined;
    throw new ValueError({
      where: "gain",
      argument: "activation",
      expected: `to be one of ${Object.keys(gains).join(", ")}`,
      got: `"${activation}"`,
      fix: reason ?? "Give one of these, or a number of your own to the initializer",
    });
  }
  return known.value(slope);
}
