/**
 * The registry of initializers: what each one is, how to draw one, and what it promises. The laws run over it.
 * Rests on the initializers, core's sampling contract and scalar-math.
 */
import type { Shape } from "../core/index.ts";
import type { Sampler } from "../core/sampling.ts";
import { erfc, exp } from "../core/scalar-math/index.ts";
import { constant } from "./constant.ts";
import { normal, truncatedNormal, uniform } from "./distributions.ts";
import { type Fans, fans } from "./fans.ts";
import { dirac, identity } from "./identity.ts";
import type { Initializer } from "./initializer.ts";
import { kaimingNormal, kaimingUniform } from "./kaiming.ts";
import { lecunNormal, lecunUniform } from "./lecun.ts";
import { orthogonal } from "./orthogonal.ts";
import { xavierNormal, xavierUniform } from "./xavier.ts";

/** What the elements of one weight promise. */
export interface InitPromise {
  readonly mean: number;
  readonly variance: number;
  /** No element is below the first or above the second, to rounding. */
  readonly support: readonly [number, number];
  /**
   * "independent": elements are, and their tails are no heavier than a normal's of the same variance.
   * "bounded": they are, and nothing is said of tails. "orthogonal": rows or columns are. "fixed": nothing is drawn.
   */
  readonly kind: "independent" | "bounded" | "orthogonal" | "fixed";
}

/** One initializer, drawn. */
export interface InitSample {
  /** Its options, for messages. */
  readonly options: object;
  readonly initializer: Initializer;
  promise(shape: Shape): InitPromise;
}

/** A kind of initializer. */
export interface InitRecord {
  /** The function that is exported. */
  readonly name: string;
  readonly formula: string;
  readonly source: string;
  /** Shapes it is for: matrices [out, in], kernels [out, in, k, k], both, or any. */
  readonly shapes: "matrix" | "kernel" | "weight" | "any";
  sample(draw: Sampler): InitSample;
}

const everywhere: InitPromise["support"] = [-Infinity, Infinity];

/** Mean 0 and the given variance, normal or uniform. */
function scaled(
  distribution: "normal" | "uniform",
  variance: (fan: Fans) => number,
): InitSample["promise"] {
  return (shape) => {
    const sigma2 = variance(fans(shape));
    const bound = Math.sqrt(3 * sigma2);
    const support = distribution === "normal" ? everywhere : ([-bound, bound] as const);
    return { mean: 0, variance: sigma2, support, kind: "independent" };
  };
}

const drawGain = (draw: Sampler): number => draw.pick([1, Math.SQRT2, 5 / 3, 0.5]);

function kaimingRecord(distribution: "normal" | "uniform", make: typeof kaimingNormal): InitRecord {
  return {
    name: make.name,
    formula: `${distribution}, variance gain²/fanIn or gain²/fanOut`,
    source: "He et al. 2015, section 2.2",
    shapes: "weight",
    sample: (draw) => {
      const options = { fan: draw.pick(["in", "out"] as const), gain: drawGain(draw) };
      return {
        options,
        initializer: make(options),
        promise: scaled(distribution, ({ fanIn, fanOut }) => {
          return (options.gain * options.gain) / (options.fan === "in" ? fanIn : fanOut);
        }),
      };
    },
  };
}

function xavierRecord(distribution: "normal" | "uniform", make: typeof xavierNormal): InitRecord {
  return {
    name: make.name,
    formula: `${distribution}, variance gain²/fanIn (the notes) or 2·gain²/(fanIn + fanOut) (the paper)`,
    source: "Glorot & Bengio 2010, equations 12 and 16; lecture notes",
    shapes: "weight",
    sample: (draw) => {
      const options = { fan: draw.pick(["in", "average"] as const), gain: drawGain(draw) };
      return {
        options,
        initializer: make(options),
        promise: scaled(distribution, ({ fanIn, fanOut }) => {
          const fan = options.fan === "in" ? fanIn : (fanIn + fanOut) / 2;
          return (options.gain * options.gain) / fan;
        }),
      };
    },
  };
}

function lecunRecord(distribution: "normal" | "uniform", make: typeof lecunNormal): InitRecord {
  return {
    name: make.name,
    formula: `${distribution}, variance 1/fanIn`,
    source: "LeCun et al. 1998, section 4.6",
    shapes: "weight",
    sample: () => ({
      options: {},
      initializer: make(),
      promise: scaled(distribution, ({ fanIn }) => 1 / fanIn),
    }),
  };
}

/** Mean and variance of a normal that is cut off at `low` and `high`: Johnson, Kotz & Balakrishnan 1994, section 10.1. */
function truncatedMoments(
  mean: number,
  std: number,
  low: number,
  high: number,
): { readonly mean: number; readonly variance: number } {
  const [alpha, beta] = [(low - mean) / std, (high - mean) / std];
  const density = (z: number): number => exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  const mass = (erfc(alpha * Math.SQRT1_2) - erfc(beta * Math.SQRT1_2)) / 2;
  const shift = (density(alpha) - density(beta)) / mass;
  const spread = 1 + (alpha * density(alpha) - beta * density(beta)) / mass - shift * shift;
  return { mean: mean + std * shift, variance: std * std * spread };
}

/** Every kind of initializer. */
export const initRegistry: readonly InitRecord[] = [
  {
    name: "constant",
    formula: "value",
    source: "definition",
    shapes: "any",
    sample: (draw) => {
      const value = draw.number({ min: -2, max: 2 });
      return {
        options: { value },
        initializer: constant(value),
        promise: () => ({ mean: value, variance: 0, support: [value, value], kind: "fixed" }),
      };
    },
  },
  {
    name: "uniform",
    formula: "uniform in [low, high)",
    source: "definition",
    shapes: "any",
    sample: (draw) => {
      const low = draw.number({ min: -2, max: 2 });
      const width = draw.number({ min: 0.1, max: 3 });
      const high = low + width;
      return {
        options: { low, high },
        initializer: uniform({ low, high }),
        promise: () => ({
          mean: low + width / 2,
          variance: (width * width) / 12,
          support: [low, high],
          kind: "independent",
        }),
      };
    },
  },
  {
    name: "normal",
    formula: "normal of mean and std",
    source: "definition; the lecture notes' 0.01·randn",
    shapes: "any",
    sample: (draw) => {
      const [mean, std] = [draw.number({ min: -2, max: 2 }), draw.number({ min: 0.01, max: 2 })];
      return {
        options: { mean, std },
        initializer: normal({ mean, std }),
        promise: () => ({ mean, variance: std * std, support: everywhere, kind: "independent" }),
      };
    },
  },
  {
    name: "truncatedNormal",
    formula: "normal of mean and std on condition that it lies in [low, high]",
    source: "definition; PyTorch's trunc_normal_",
    shapes: "any",
    sample: (draw) => {
      const [mean, std] = [draw.number({ min: -2, max: 2 }), draw.number({ min: 0.01, max: 2 })];
      const standard = draw.boolean();
      const low = mean - std * (standard ? 2 : draw.number({ min: 0.1, max: 3 }));
      const high = mean + std * (standard ? 2 : draw.number({ min: 0.1, max: 3 }));
      return {
        options: { mean, std, low, high },
        initializer: truncatedNormal(standard ? { mean, std } : { mean, std, low, high }),
        promise: () => ({
          ...truncatedMoments(mean, std, low, high),
          support: [low, high],
          kind: "bounded",
        }),
      };
    },
  },
  xavierRecord("normal", xavierNormal),
  xavierRecord("uniform", xavierUniform),
  kaimingRecord("normal", kaimingNormal),
  kaimingRecord("uniform", kaimingUniform),
  lecunRecord("normal", lecunNormal),
  lecunRecord("uniform", lecunUniform),
  {
    name: "orthogonal",
    formula: "gain·Q, Q uniform among matrices with orthonormal rows or columns",
    source: "Saxe et al. 2014, section 3; Mezzadri 2007, section 5",
    shapes: "weight",
    sample: (draw) => {
      const gain = drawGain(draw);
      return {
        options: { gain },
        initializer: orthogonal({ gain }),
        promise: (shape) => {
          const { fanIn } = fans(shape);
          const variance = (gain * gain) / Math.max(fanIn, shape[0] ?? 0);
          return { mean: 0, variance, support: [-gain, gain], kind: "orthogonal" };
        },
      };
    },
  },
  {
    name: "identity",
    formula: "W[i, j] = (i = j)",
    source: "Le, Jaitly & Hinton 2015; PyTorch's eye_",
    shapes: "matrix",
    sample: () => ({ options: {}, initializer: identity(), promise: onesOf(1) }),
  },
  {
    name: "dirac",
    formula: "W[g·(out/groups) + c, c, ⌊k/2⌋, …] = 1",
    source: "Zagoruyko & Komodakis 2017; PyTorch's dirac_",
    shapes: "kernel",
    sample: (draw) => {
      const groups = draw.pick([1, 2]);
      return { options: { groups }, initializer: dirac({ groups }), promise: onesOf(groups) };
    },
  },
];

/** The promise of a weight whose elements are 0, and 1 where an output of a group meets the input of its number. */
function onesOf(groups: number): InitSample["promise"] {
  return (shape) => {
    const [out = 0, input = 0] = shape;
    const ones = groups * Math.min(out / groups, input);
    const mean = ones / shape.reduce((product, length) => product * length, 1);
    return { mean, variance: mean * (1 - mean), support: [0, 1], kind: "fixed" };
  };
}

/** What is exported beside initializers, by name. */
export const besidesInitializers: Readonly<Record<string, string>> = {
  fans: "fan-in and fan-out of a shape",
  gain: "a number for the gain of an initializer",
  infiniteWidth: "what a net of infinite width makes of a signal",
  activationMoments: "what an activation makes of a normal number",
  lsuv: "scales the weights of a net by what data show",
  zeroLastGamma: "sets one parameter of a residual branch",
};
