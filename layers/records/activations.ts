/**
 * Records of the activations.
 * Rests on activation and record.
 */
import { sin } from "../../core/index.ts";
import type { Sampler } from "../../core/sampling.ts";
import {
  Activation,
  ELU,
  GELU,
  LeakyReLU,
  LogSoftmax,
  ReLU,
  SELU,
  Sigmoid,
  SiLU,
  Softmax,
  Softplus,
  Tanh,
} from "../activation.ts";
import type { Layer } from "../layer.ts";
import { batch, keeping, type LayerRecord } from "./record.ts";

/** An activation that keeps shapes. */
const activation = (
  name: string,
  what: string,
  source: string,
  make: (draw: Sampler) => Layer,
): LayerRecord => ({
  name,
  what,
  source,
  training: "same",
  sample: (draw) => keeping(make(draw), [batch(draw), ...draw.shape({ minRank: 1, minLength: 1 })]),
});

/** The records of this file. */
export const activationRecords: readonly LayerRecord[] = [
  activation(
    "Activation",
    "one function of its input",
    "its argument",
    () => new Activation("sine", sin),
  ),
  activation("ReLU", "max(x, 0)", "Nair & Hinton 2010", () => new ReLU()),
  activation(
    "LeakyReLU",
    "x above 0, slope·x below",
    "Maas, Hannun & Ng 2013",
    (draw) => new LeakyReLU({ slope: draw.pick([0.01, 0.3]) }),
  ),
  activation(
    "ELU",
    "x above 0, α·(e^x − 1) below",
    "Clevert, Unterthiner & Hochreiter 2016",
    (draw) => new ELU({ alpha: draw.pick([1, 0.5]) }),
  ),
  activation(
    "SELU",
    "ELU with self-normalizing constants",
    "Klambauer et al. 2017",
    () => new SELU(),
  ),
  activation("Tanh", "tanh x", "LeCun et al. 1998, section 4.4", () => new Tanh()),
  activation("Sigmoid", "1/(1 + e^−x)", "Rumelhart, Hinton & Williams 1986", () => new Sigmoid()),
  activation("SiLU", "x·σ(x)", "Elfwing, Uchibe & Doya 2018", () => new SiLU()),
  activation(
    "GELU",
    "x·Φ(x)",
    "Hendrycks & Gimpel 2016",
    (draw) => new GELU({ approximate: draw.pick(["none", "tanh"] as const) }),
  ),
  activation("Softplus", "log(1 + e^x)", "Dugas et al. 2001", () => new Softplus()),
  activation("Softmax", "shares that sum to 1 along an axis", "Bridle 1990", () => new Softmax()),
  activation("LogSoftmax", "the logarithm of softmax", "Bridle 1990", () => new LogSoftmax()),
];
