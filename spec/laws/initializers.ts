/**
 * The laws of initializers, on any initializer with options drawn at random.
 * Rests on trial, tail-bounds, core's streams and init's contract.
 *
 * A statistical law raises a false alarm with a probability of 1e-9 a trial at most, by bounds that hold for every number
 * of elements: in the 13 records' 6 trials each 1e-7, in a deep run of a million trials 1e-3.
 */
import { RandomSource, type Shape, type Tensor } from "../../core/index.ts";
import type { Sampler } from "../../core/sampling.ts";
import type { Initializer } from "../../init/index.ts";
import type { InitPromise, InitRecord } from "../../init/registry.ts";
import { bitsOf, numbers } from "./arrays.ts";
import { isNear } from "./observed.ts";
import {
  boundedMeanSlack,
  boundedSquaresInterval,
  meanSlack,
  squaresInterval,
  tailExponent,
} from "./tail-bounds.ts";
import { type Trial, type TrialLaw, written } from "./trial.ts";

/** One initializer, drawn. */
export interface InitializerCase {
  readonly initializer: Initializer;
  /** Its options, for messages. */
  readonly options?: object;
  /** What the elements of a weight of this shape promise; absent: moments are not checked, and numbers are drawn. */
  promise?(shape: Shape): InitPromise;
}

/** A kind of initializer. */
export interface InitializerSubject {
  readonly name: string;
  /** Shapes it is for: matrices [out, in], kernels [out, in, k, k], both, or any. */
  readonly shapes: InitRecord["shapes"];
  sample(draw: Sampler): InitializerCase;
}

/** Mean and squares, and a correlation: each of two sides. */
const x = tailExponent(3, 1e-9);

function weightsOf(
  initializer: Initializer,
  shape: Shape,
  seed: number,
  name = "init/linear1",
): Tensor {
  return initializer(shape, { stream: new RandomSource(seed).stream(name), dtype: "float64" });
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const meanSquare = (values: readonly number[]): number =>
  mean(values.map((value) => value * value));

/** A shape of 6,400 elements and more that the subject is for. */
function largeShape({ shapes }: InitializerSubject, draw: Sampler): Shape {
  const kernels: readonly Shape[] = [[], [1, 1], [3, 3], [2, 3]];
  const out = 2 * draw.integer(40, 60); // dirac's two groups divide it
  const input = draw.integer(80, 120);
  const kernel = draw.pick(kernels.filter((k) => shapes !== "matrix" || k.length === 0));
  const vector = shapes === "any" && kernel.length === 2;
  const shape = [
    out,
    ...(vector ? [] : [input]),
    ...(shapes === "kernel" && kernel.length === 0 ? [1, 1] : kernel),
  ];
  return shape.length === 3 || shape.length === 1 ? [...shape, 100] : shape;
}

function sampleOf(subject: InitializerSubject, trial: Trial): InitializerCase {
  const sample = subject.sample(trial.draw);
  trial.at(`${subject.name}(${sample.options === undefined ? "" : written(sample.options)})`);
  return sample;
}

/** A shape of 600 elements or more. */
const smallShape = ({ shapes }: InitializerSubject): Shape =>
  shapes === "kernel" ? [20, 30, 3, 3] : [20, 30];
const isRandom = ({ promise }: InitializerCase, shape: Shape): boolean =>
  promise?.(shape).kind !== "fixed";

/** All of them. */
export const initializerLaws: readonly TrialLaw<InitializerSubject>[] = [
  {
    name: "moments",
    claim: "has the mean and the variance promised, and leaves its support nowhere",
    check: (subject, trial) => {
      const { initializer, promise } = sampleOf(subject, trial);
      const shape = largeShape(subject, trial.draw);
      if (promise === undefined) return;
      trial.at(`${trial.about.example} of ${written(shape)}, seed ${trial.seed}`);
      const weights = numbers(weightsOf(initializer, shape, trial.seed));
      const { mean: mu, variance, support, kind } = promise(shape);
      const [low, high] = support;
      const n = weights.length;
      const slip = 4 * Number.EPSILON * Math.max(1, Math.abs(mu)); // a few roundings
      const outside = weights.find((w) => !(w >= low - slip && w <= high + slip));
      if (outside !== undefined) trial.fail(`weights in [${low}, ${high}]`, String(outside));
      const found = mean(weights);
      const ratio = meanSquare(weights.map((w) => w - mu)) / variance;
      if (kind === "fixed") {
        // Sums of n numbers, of which each addition may round.
        trial.close("the mean", found, mu, n * Number.EPSILON * Math.max(Math.abs(mu), 1e-3));
        if (variance > 0) trial.close("the variance's ratio", ratio, 1, n * Number.EPSILON);
        return;
      }
      const std = Math.sqrt(variance);
      const slack = kind === "bounded" ? boundedMeanSlack(high - low, n, x) : meanSlack(std, n, x);
      trial.close("the mean", found, mu, slack);
      const most = Math.max(high - mu, mu - low) ** 2 / variance;
      const [least, greatest] =
        kind === "orthogonal"
          ? [1 - n * Number.EPSILON, 1 + n * Number.EPSILON] // exact, but for roundings
          : kind === "bounded"
            ? boundedSquaresInterval(most, n, x)
            : squaresInterval(n, x);
      if (!isNear(ratio - 1, ratio < 1 ? 1 - least : greatest - 1)) {
        trial.fail(`a variance of ${variance} times [${least}, ${greatest}]`, `${ratio} times`);
      }
    },
  },
  {
    name: "seed and name",
    claim: "depends on seed and stream name, bit for bit, and on nothing else",
    check: (subject, trial) => {
      const sample = sampleOf(subject, trial);
      const { initializer } = sample;
      const shape = smallShape(subject);
      const random = isRandom(sample, shape);
      const first = bitsOf(weightsOf(initializer, shape, 7));
      weightsOf(initializer, subject.shapes === "kernel" ? [4, 2, 3, 3] : [5, 5], 3);
      trial.same("the weights of the same seed", bitsOf(weightsOf(initializer, shape, 7)), first);
      const others = {
        seed: weightsOf(initializer, shape, 8),
        name: weightsOf(initializer, shape, 7, "init/b"),
      };
      for (const [what, weights] of Object.entries(others)) {
        const moved = bitsOf(weights) !== first;
        if (moved !== random) {
          const expected = random ? "other weights" : "the same weights";
          trial.fail(`${expected} for another ${what}`, moved ? "others" : "the same");
        }
      }
    },
  },
  {
    name: "float32",
    claim: "draws float32 as rounded float64, and a block for two elements",
    check: (subject, trial) => {
      const sample = sampleOf(subject, trial);
      const shape = smallShape(subject);
      const [wide = [], narrow = []] = (["float64", "float32"] as const).map((dtype) => {
        const stream = new RandomSource(5).stream("init/conv1");
        const made = sample.initializer(shape, { stream, dtype });
        // Whoever promises nothing may draw as many numbers as he likes.
        const blocks = isRandom(sample, shape) ? made.size / 2 : 0;
        if (sample.promise !== undefined) trial.same("blocks drawn", stream.position, blocks);
        trial.same("dtype and shape", [made.dtype, made.shape], [dtype, shape]);
        return numbers(made);
      });
      trial.same("float32 weights", narrow, wide.map(Math.fround));
    },
  },
  {
    name: "streams",
    claim: "draws streams of different names that are not correlated",
    check: (subject, trial) => {
      const sample = sampleOf(subject, trial);
      const shape = subject.shapes === "kernel" ? [60, 60, 1, 1] : [60, 60];
      if (!isRandom(sample, shape)) return;
      const [a = [], b = []] = ["init/linear1", "init/linear2"].map((name) => {
        const weights = numbers(weightsOf(sample.initializer, shape, trial.seed, name));
        const middle = mean(weights);
        return weights.map((w) => w - middle);
      });
      const products = a.map((w, i) => w * (b[i] ?? Number.NaN));
      const correlation = mean(products) / Math.sqrt(meanSquare(a) * meanSquare(b));
      // Of two independent directions, one of them uniform, the cosine has a tail of exp(-n·t²/2).
      trial.close("the correlation", correlation, 0, meanSlack(1, products.length, x));
    },
  },
];
