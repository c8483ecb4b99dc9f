/**
 * Cases large enough that threads share them: every family of kernels, on shapes drawn from a seed, laid out in
 * several ways. Rests on core.
 */
import {
  abs,
  add,
  all,
  any,
  arange,
  argmax,
  argmin,
  avgPool2d,
  batchNorm,
  cast,
  clamp,
  concat,
  cumsum,
  divide,
  dropout,
  exp,
  flip,
  gather,
  gelu,
  greater,
  im2col,
  less,
  logicalAnd,
  logicalNot,
  logSoftmax,
  logSumExp,
  matmul,
  max,
  maxPool2d,
  mean,
  min,
  multiply,
  norm,
  ones,
  pad,
  parameter,
  RandomSource,
  randomBernoulli,
  randomIntegers,
  randomNormal,
  randomTruncatedNormal,
  randomUniform,
  relu,
  scatterAdd,
  slice,
  softmax,
  softplus,
  square,
  sum,
  type Tensor,
  transpose,
  variance,
  vjp,
  where,
  zeros,
} from "../../core/index.ts";
import { multiplyAdd } from "../../core/ops/multiply-add.ts";
import { normalize } from "../../core/ops/normalize.ts";
import { softmaxCrossEntropy } from "../../core/ops/softmax-cross-entropy.ts";
import { integers } from "../../core/random/index.ts";
import { adam, sgd } from "../../optim/index.ts";
import { convolutionCases } from "./large-convolutions.ts";
import { type Cases, type Float, image, type Results } from "./large-draw.ts";

/** By name: values, and gradients where they have kernels of their own. */
const cases: Cases = {
  "elementwise, dense": ({ noise, whole, pulled }) => {
    const x = noise(whole(90, 120), whole(500, 700));
    const y = noise(...x.shape);
    return [
      add(x, y),
      multiply(x, 3),
      divide(x, y),
      exp(x),
      relu(x),
      gelu(x),
      softplus(x),
      clamp(x, { min: -1, max: 1 }),
      ...pulled(([a = x]) => relu(a), x),
    ];
  },
  "elementwise, broadcast and turned": ({ noise, whole }) => {
    const [rows, columns] = [whole(290, 320), whole(290, 320)];
    const x = transpose(noise(columns, rows));
    const [row, column] = [noise(columns), noise(rows, 1)];
    return [
      add(x, row),
      multiplyAdd(x, row, column),
      multiply(column, row),
      add(flip(x, { axis: 0 }), column),
      where(greater(x, 0), x, row),
    ];
  },
  "optimizer updates": ({ noise, whole }) => {
    const shape = [whole(90, 120), whole(500, 700)];
    const slope = noise(...shape);
    const rules = [
      (cells: Tensor[]) => sgd(cells, { learningRate: 0.1 }),
      (cells: Tensor[]) => sgd(cells, { learningRate: 0.1, momentum: 0.9 }),
      (cells: Tensor[]) => adam(cells, { learningRate: 0.1 }),
    ];
    return rules.map((rule) => {
      const w = parameter(noise(...shape));
      const optimizer = rule([w, parameter(noise(3))]);
      for (let step = 0; step < 2; step++) optimizer.step(() => sum(multiply(square(w), slope)));
      return w;
    });
  },
  masks: ({ noise }) => {
    const x = noise(90_000);
    return [
      logicalAnd(greater(x, -1), less(x, 1)),
      logicalNot(greater(x, 0)),
      any(greater(x.reshape([300, 300]), 2.5), { axis: 1 }),
      all(less(x.reshape([300, 300]), 2.5), { axis: 0 }),
      cast(x, "int32"),
      abs(cast(x, "int32")),
    ];
  },
  "reductions along rows": ({ noise, whole }) => {
    const x = noise(whole(130, 150), whole(600, 700));
    const options = { axis: 1 };
    return [
      sum(x, options),
      max(x, options),
      min(x, options),
      logSumExp(x, options),
      norm(x, options),
      variance(x, options),
    ];
  },
  "reductions across rows": ({ noise, whole }) => {
    const x = noise(whole(600, 700), whole(130, 150));
    const options = { axis: 0 };
    return [
      sum(x, options),
      max(x, options),
      min(x, options),
      logSumExp(x, options),
      norm(x, options),
      variance(x, options),
    ];
  },
  "reductions to one number": ({ noise, whole }) => {
    const x = noise(whole(150_000, 170_000));
    return [sum(x), max(x), logSumExp(x), norm(x), variance(x)];
  },
  "reductions over some axes": (draw) => {
    const x = image(draw);
    return [
      sum(x, { axis: [0, 2, 3] }),
      sum(x, { axis: [1, 3] }),
      variance(x, { axis: [0, 2] }),
      max(x, { axis: [0, 3] }),
    ];
  },
  "sums of whole numbers": ({ noise, whole }) => {
    const x = cast(multiply(noise(whole(130, 150), whole(600, 700)), 100), "int32");
    return [
      sum(x, { axis: 1 }),
      max(x, { axis: 1 }),
      min(x, { axis: 1 }),
      sum(x, { axis: 0 }),
      multiply(x, x),
    ];
  },
  // More columns than one piece of work has, and no whole number of pieces.
  "sums of many columns": ({ noise, whole }) => {
    const x = noise(whole(12, 20), whole(1030, 1900));
    return [sum(x, { axis: 0 }), max(x, { axis: 0 }), mean(x, { axis: 0 })];
  },
  "positions and running sums": ({ noise, whole }) => {
    const x = noise(whole(300, 320), whole(290, 320));
    return [
      argmax(x, { axis: 1 }),
      argmin(x, { axis: 0 }),
      cumsum(x, { axis: 1 }),
      cumsum(x, { axis: 0, reverse: true }),
    ];
  },
  "sums that leave int32 and wrap": ({ noise, whole }) => {
    const x = cast(multiply(noise(whole(30, 40), whole(290, 320)), 5e8), "int32");
    return [sum(x, { axis: 1 }), sum(x, { axis: 0 }), cumsum(x, { axis: 1 })];
  },
  softmax: ({ noise, whole, pulled }) => {
    const x = noise(whole(1200, 1300), whole(60, 70));
    return [
      softmax(x),
      softmax(x, { axis: 0 }),
      logSoftmax(x),
      softmaxCrossEntropy(x, softmax(x)),
      ...pulled(([a = x]) => softmaxCrossEntropy(a, softmax(x)), x),
    ];
  },
  "matrix products": ({ noise, whole, pulled }) => {
    const [m, k, n] = [whole(90, 130), whole(90, 130), whole(90, 130)];
    const [a, b] = [noise(m, k), noise(k, n)];
    return [
      matmul(a, b),
      matmul(transpose(noise(k, m)), transpose(noise(n, k))),
      ...pulled(([p = a, q = b]) => matmul(p, q), a, b),
    ];
  },
  "deep matrix products": ({ noise, whole }) => {
    const depth = whole(650, 700);
    return [matmul(noise(whole(68, 75), depth), noise(depth, whole(100, 110)))];
  },
  "skinny matrix products": ({ noise, whole }) => [
    matmul(noise(whole(1, 9), 300), noise(300, whole(900, 1000))),
    matmul(noise(whole(900, 1000), 300), noise(300, whole(1, 9))),
    matmul(noise(whole(17, 40), 700), noise(700, whole(300, 400))),
  ],
  "batches of matrix products": ({ noise, whole }) => {
    const [n, m, k] = [whole(9, 13), whole(33, 40), whole(33, 70)];
    return [
      matmul(noise(n, m, k), noise(n, k, m)),
      matmul(noise(n, m, k), noise(k, 35)),
      matmul(noise(3, n, m, k), noise(n, k, 17)),
    ];
  },
  ...convolutionCases,
  pooling: (draw) => {
    const x = image(draw);
    const options = { window: [3, 2], stride: [2, 1], padding: 1 } as const;
    const most = ([a = x]: readonly Tensor[]): Tensor => maxPool2d(a, options);
    const average = ([a = x]: readonly Tensor[]): Tensor => avgPool2d(a, options);
    return [most([x]), average([x]), ...draw.pulled(most, x), ...draw.pulled(average, x)];
  },
  windows: (draw) => {
    const x = image(draw);
    const columns = ([a = x]: readonly Tensor[]): Tensor => im2col(a, { window: 3, padding: 1 });
    return [columns([x]), ...draw.pulled(columns, x)];
  },
  normalizations: (draw) => {
    const x = image(draw);
    return [[0, 2, 3], [1, 2, 3], [0], [3]].flatMap((axes) => {
      const { standard, mean, variance: spread } = normalized(x, axes);
      const gradients = draw.pulled(([a = x]) => normalized(a, axes).standard, x);
      return [standard, mean, spread, ...gradients];
    });
  },
  "scaled normalizations": (draw) => {
    const x = image(draw);
    const parameters = [draw.noise(x.shape[1] ?? 1), draw.noise(x.shape[1] ?? 1)];
    const scaled = ([a = x, gamma = x, beta = x]: readonly Tensor[]): Tensor =>
      batchNorm(a, gamma, beta).output;
    const inputs = [x, ...parameters];
    return [scaled(inputs), ...draw.pulled(scaled, ...inputs)];
  },
  "normalizations of columns": ({ noise, whole, pulled }) => {
    const x = noise(whole(60, 70), whole(1200, 1300));
    const { standard, mean } = normalized(x, [0]);
    const short = noise(3, whole(40_000, 41_000)); // so many that even adding up their parts is shared
    const gradients = [x, short].flatMap((y) =>
      pulled(([a = y]) => normalized(a, [0]).standard, y),
    );
    return [standard, mean, normalized(transpose(x), [1]).standard, ...gradients];
  },
  "gathers and scatters": ({ noise, whole, stream }) => {
    const [rows, columns] = [whole(200, 300), whole(300, 400)];
    const x = noise(rows, columns);
    const down = randomIntegers([rows, columns], { stream, low: 0, high: rows });
    const along = randomIntegers([rows, columns], { stream, low: 0, high: columns });
    return [
      gather(x, down, { axis: 0 }),
      gather(x, along, { axis: 1 }),
      scatterAdd(x, along, noise(rows, columns), { axis: 1 }),
      scatterAdd(x, down, noise(rows, columns), { axis: 0 }),
      scatterAdd(
        noise(4, 20_000),
        randomIntegers([6, 20_000], { stream, low: 0, high: 4 }),
        noise(6, 20_000),
        { axis: 0 },
      ),
    ];
  },
  moves: ({ noise, whole }) => {
    const x = noise(whole(200, 300), whole(300, 400));
    return [
      concat([x, x], { axis: 1 }),
      pad(
        x,
        [
          [1, 2],
          [3, 0],
        ],
        { value: 7 },
      ),
      slice(x, [
        [null, null, 2],
        [null, null, -1],
      ]).add(0),
      zeros([90_000]),
      ones([90_000]),
      arange(0, 90_000),
    ];
  },
  "random numbers": ({ whole, stream, dtype }) => {
    const shape = [whole(60_000, 70_000)];
    return [
      randomNormal(shape, { stream, dtype }),
      randomUniform(shape, { stream, dtype, low: -1, high: 3 }),
      randomTruncatedNormal(shape, { stream, dtype }),
      randomIntegers(shape, { stream, low: -5, high: 900 }),
      randomBernoulli(shape, { stream, probability: 0.3 }),
      dropout(randomNormal(shape, { stream, dtype }), { stream, rate: 0.4 }),
    ];
  },
};

function normalized(
  x: Tensor,
  axes: readonly number[],
): { standard: Tensor; mean: Tensor; variance: Tensor } {
  const [standard, mean, variance] = normalize(x, { axes, epsilon: 1e-5 });
  return { standard, mean, variance };
}

/** The names of all cases. */
export const caseNames: readonly string[] = Object.keys(cases);

/** Runs a case on the current device. */
export function runCase(name: string, dtype: Float, seed: number): Results {
  const source = new RandomSource(seed);
  const stream = source.stream(`values of ${name}`);
  const shapes = source.stream(`shapes of ${name}`);
  const noise = (...shape: number[]): Tensor => randomNormal(shape, { stream, dtype });
  const perform = cases[name];
  if (perform === undefined) throw new RangeError(name);
  return perform({
    dtype,
    stream,
    noise,
    whole: (low, high) => integers(shapes, 1, low, high + 1)[0] ?? low,
    pulled: (f, ...x) => {
      const { value, pull } = vjp((given: readonly Tensor[]) => f(given), x);
      return pull(noise(...value.shape));
    },
  });
}
