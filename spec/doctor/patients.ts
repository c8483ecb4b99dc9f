/** Patients for the doctor: a healthy net on small shapes, and the same with one illness each. */
import { channelStatistics, DataLoader, imageDataset, shapes } from "../../core/data/index.ts";
import { assign, crossEntropy, full, scope } from "../../core/index.ts";
import { normal } from "../../init/index.ts";
import {
  assemble,
  BatchNorm1d,
  Dropout,
  Flatten,
  type Layer,
  Linear,
  mlp,
  ReLU,
  Sequential,
  Tanh,
} from "../../layers/index.ts";
import { adam } from "../../optim/index.ts";
import type { CheckName, Patient } from "../../research/doctor/index.ts";

const count = 1024;
const images = shapes({ count, seed: 1, size: 8 });
const statistics = channelStatistics(images);
const loaderOf = (set: typeof images, how = statistics): Patient["loader"] =>
  new DataLoader(imageDataset(set, how), { batchSize: 32, seed: 0 });

/** Batches of 32 shapes in 8 × 8 pixels. */
export const loader: Patient["loader"] = loaderOf(images);

/** Four layers of 32, ReLU between them. */
export const reluNet = (seed = 0): Sequential => assemble(mlp([64, 32, 32, 32, 6]), { seed });

/** With normalization and dropout. */
export const normalizedNet = (seed = 0): Sequential =>
  assemble(
    new Sequential([
      new Flatten(),
      ...[64, 32].flatMap((width) => [
        new Linear(width, 32, { bias: false }),
        new BatchNorm1d(32),
        new ReLU(),
        new Dropout(0.1),
      ]),
      new Linear(32, 6),
    ]),
    { seed },
  );

/** Six layers of tanh whose weights have this standard deviation; 1/8 is Xavier's. */
export const tanhNet = (std: number): Sequential =>
  assemble(
    new Sequential([
      new Flatten(),
      ...Array.from({ length: 6 }, () => [
        new Linear(64, 64, { init: normal({ std }) }),
        new Tanh(),
      ]).flat(),
      new Linear(64, 6),
    ]),
  );

/** The healthy net with one vector of biases filled. */
const biased = (name: string, value: number): Layer => {
  const net = reluNet();
  const cell = net.namedParameters()[name];
  if (cell === undefined) throw new Error(name);
  scope(() => assign(cell, full(cell.shape, value, { dtype: "float32" })));
  return net;
};

/** Every label at another image: 17 and 1024 have no common factor. */
const shuffled = {
  ...images,
  labels: images.labels.map((_, i, labels) => labels[(17 * i + 5) % count] ?? 0),
};

/** Each image twice in a row, under its own label and under that of the image it replaced. */
const twins = {
  ...images,
  images: images.images.map((_, i, all) => all[i - (Math.floor(i / 64) % 2) * 64] ?? 0),
};
const paired: Patient["loader"] = new DataLoader(imageDataset(twins, statistics), {
  batchSize: 32,
  shuffle: false,
});

/** Bytes as they are. */
const raw = loaderOf(images, { mean: [0], std: [1 / 255] });
/** In [0, 1]. */
const positive = loaderOf(images, { mean: [0], std: [1] });

/** Nothing is wrong with these; the first three are looked at always. */
export const healthy: Readonly<Record<string, () => Patient>> = {
  "ReLU at a good rate": () => ({ net: reluNet(), loader, learningRate: 0.03 }),
  "BatchNorm and dropout with Adam": () => ({
    net: normalizedNet(),
    loader,
    optimizer: adam,
    learningRate: 3e-3,
  }),
  "six layers of tanh": () => ({ net: tanhNet(1 / 8), loader }),
  "a loss with smoothed labels": () => ({
    net: reluNet(),
    loader,
    loss: (outputs, { y }) => crossEntropy(outputs, y, { labelSmoothing: 0.1 }),
  }),
  "ReLU, no rate given": () => ({ net: reluNet(), loader }),
};

/** One illness each: what finds it, and as what; all other lines pass or, where they follow from it, warn. */
export const ill: readonly (readonly [
  illness: string,
  check: CheckName,
  status: "warn" | "fail",
  found: RegExp,
  patient: () => Patient,
])[] = [
  [
    "labels that are shuffled against their inputs",
    "generalization",
    "fail",
    /held out are right, chance is/,
    () => ({ net: reluNet(), loader: loaderOf(shuffled) }),
  ],
  [
    "weights of standard deviation 0.01 in a deep tanh net",
    "activations",
    "fail",
    /^std \d\S*e-\d+ at tanh#6/,
    () => ({ net: tanhNet(0.01), loader }),
  ],
  [
    "weights so large that tanh saturates",
    "activations",
    "fail",
    /^\d+ % of tanh#\d saturated, \d %/,
    () => ({ net: tanhNet(0.8), loader }),
  ],
  [
    "a layer of ReLUs that biases of -10 have shut",
    "dead-units",
    "fail",
    /^32 of 32 units of relu#2 give 0/,
    () => ({ net: biased("linear2.bias", -10), loader }),
  ],
  [
    "a rate that is too high for SGD",
    "rate-range",
    "fail",
    /^at 10 the loss goes from/,
    () => ({ net: reluNet(), loader, learningRate: 10 }),
  ],
  [
    "a rate that is too high for Adam",
    "rate-range",
    "fail",
    /^at 3 the loss goes from/,
    () => ({ net: reluNet(), loader, optimizer: adam, learningRate: 3 }),
  ],
  [
    "a rate that is too low",
    "rate-range",
    "warn",
    /is low/,
    () => ({ net: reluNet(), loader, learningRate: 1e-6 }),
  ],
  [
    "a loss summed over the batch",
    "loss",
    "fail",
    /^57.3 where/,
    () => ({
      net: reluNet(),
      loader,
      learningRate: 0.03,
      loss: (outputs, { y }) => crossEntropy(outputs, y, { reduction: "sum" }),
    }),
  ],
  [
    "a loss averaged twice",
    "loss",
    "fail",
    /^0.056 where/,
    () => ({
      net: reluNet(),
      loader,
      learningRate: 0.03,
      loss: (outputs, { y }) => crossEntropy(outputs, y).divide(32),
    }),
  ],
  [
    "inputs that are bytes",
    "inputs",
    "fail",
    /^root mean square 9\d.*values from 0 to 255/,
    () => ({ net: reluNet(), loader: raw }),
  ],
  [
    "inputs of one sign",
    "inputs",
    "warn",
    /all of one sign$/,
    () => ({ net: reluNet(), loader: positive }),
  ],
  [
    "a last layer that is sure of what it does not know",
    "initial-loss",
    "fail",
    /, log 6 = 1.79$/,
    () => {
      const net = reluNet();
      const { weight } = net.layers.at(-1)?.assembly.parameters ?? {};
      if (weight) scope(() => assign(weight, weight.multiply(30)));
      return { net, loader };
    },
  ],
  [
    "pairs of one image with two labels",
    "overfit-batch",
    "fail",
    /not learnt by heart/,
    () => ({ net: reluNet(), loader: paired }),
  ],
];
