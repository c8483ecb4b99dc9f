/**
 * An example alone on the wasm device gives the bits that it gives inside any batch: values of every layer and net in
 * evaluation mode, and the gradient with respect to the example. BITGRAD_SPEC_RUNS and BITGRAD_SPEC_SEED as for the laws.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import {
  cumsum,
  groupNorm,
  layerNorm,
  logSoftmax,
  logSumExp,
  matmul,
  norm,
  scope,
  setDevice,
  slice,
  softmax,
  sum,
  type Tensor,
  transpose,
  variance,
  vjp,
} from "../core/index.ts";
import { softmaxCrossEntropy } from "../core/ops/softmax-cross-entropy.ts";
import type { Sampler } from "../core/sampling.ts";
import {
  AvgPool2d,
  assemble,
  BatchNorm,
  Conv2d,
  cifarResNet,
  Dropout,
  Flatten,
  GELU,
  GlobalAvgPool,
  type Layer,
  LeakyReLU,
  Linear,
  lenet,
  MaxPool2d,
  mlp,
  ReLU,
  Residual,
  residualBlock,
  Sigmoid,
  Tanh,
  ZeroPadShortcut,
} from "../layers/index.ts";
import { placedTensor } from "./devices/placement.ts";
import { budget } from "./laws/run.ts";
import { samplerFrom } from "./laws/sampler.ts";
import { bitsOf, noise, numbers } from "./plain.ts";

beforeAll(() => setDevice("wasm"));

type DType = "float32" | "float64";

/** What is asked: the shape of one example, and what happens to a batch of them. */
interface Subject {
  readonly example: readonly number[];
  readonly f: (x: Tensor) => Tensor;
}

/** The layer in evaluation mode, after a step in training mode that moved its averages. */
function evaluated<L extends Layer>(layer: L, example: readonly number[], dtype: DType): Subject {
  const net = assemble(layer, { seed: 3, dtype });
  net.train().forward(noise([3, ...example], 7).cast(dtype));
  net.evaluate();
  return { example, f: (x) => net.forward(x) };
}

const images = (draw: Sampler, channels: number): readonly number[] => [
  channels,
  draw.integer(3, 12),
  draw.integer(3, 12),
];
const anyShape = (draw: Sampler): readonly number[] =>
  draw.boolean() ? images(draw, draw.integer(1, 9)) : [draw.integer(1, 70)];

const layers: Readonly<Record<string, (draw: Sampler, dtype: DType) => Subject>> = {
  Linear: (draw, dtype) => {
    const [inputs, outputs] = [draw.integer(1, 300), draw.integer(1, 70)];
    return evaluated(new Linear(inputs, outputs), [inputs], dtype);
  },
  Conv2d: (draw, dtype) => {
    const groups = draw.integer(1, 2);
    const channels = groups * draw.integer(1, 17);
    const layer = new Conv2d(channels, groups * draw.integer(1, 17), {
      kernel: [draw.integer(1, 3), draw.integer(1, 3)],
      stride: draw.integer(1, 2),
      padding: draw.integer(0, 2),
      dilation: 1,
      groups,
    });
    return evaluated(layer, images(draw, channels), dtype);
  },
  "Conv2d, dilated": (draw, dtype) => {
    const layer = new Conv2d(3, 5, { kernel: 3, dilation: 2, padding: 2, stride: [1, 3] });
    return evaluated(layer, images(draw, 3), dtype);
  },
  BatchNorm: (draw, dtype) => {
    const channels = draw.integer(1, 20);
    const shape = draw.boolean() ? images(draw, channels) : [channels];
    return evaluated(new BatchNorm(channels), shape, dtype);
  },
  MaxPool2d: (draw, dtype) =>
    evaluated(
      new MaxPool2d({ window: [draw.integer(2, 3), 2], stride: draw.integer(1, 3), padding: 1 }),
      images(draw, draw.integer(1, 9)),
      dtype,
    ),
  AvgPool2d: (draw, dtype) =>
    evaluated(
      new AvgPool2d({ window: [draw.integer(2, 3), 2], stride: draw.integer(1, 3), padding: 1 }),
      images(draw, draw.integer(1, 9)),
      dtype,
    ),
  GlobalAvgPool: (draw, dtype) =>
    evaluated(new GlobalAvgPool(), images(draw, draw.integer(1, 9)), dtype),
  Dropout: (draw, dtype) => evaluated(new Dropout(0.5), anyShape(draw), dtype),
  Flatten: (draw, dtype) => evaluated(new Flatten(), anyShape(draw), dtype),
  ReLU: (draw, dtype) => evaluated(new ReLU(), anyShape(draw), dtype),
  LeakyReLU: (draw, dtype) => evaluated(new LeakyReLU(), anyShape(draw), dtype),
  Sigmoid: (draw, dtype) => evaluated(new Sigmoid(), anyShape(draw), dtype),
  Tanh: (draw, dtype) => evaluated(new Tanh(), anyShape(draw), dtype),
  GELU: (draw, dtype) => evaluated(new GELU(), anyShape(draw), dtype),
  Residual: (draw, dtype) => {
    const width = draw.integer(1, 40);
    return evaluated(new Residual(new Linear(width, width)), [width], dtype);
  },
  ZeroPadShortcut: (draw, dtype) =>
    evaluated(new ZeroPadShortcut(3, 6, { stride: 2 }), images(draw, 3), dtype),
  "residual block": (draw, dtype) =>
    evaluated(residualBlock(4, 8, { stride: 2 }), images(draw, 4), dtype),
};

const nets: typeof layers = {
  MLP: (draw, dtype) => {
    const inputs = draw.integer(20, 300);
    return evaluated(mlp([inputs, 33, 10], { batchNorm: true }), [inputs], dtype);
  },
  LeNet: (_, dtype) => evaluated(lenet({ shape: [1, 12, 8] }), [1, 12, 8], dtype),
  "CIFAR ResNet": (_, dtype) => evaluated(cifarResNet({ depth: 8, width: 8 }), [3, 10, 10], dtype),
};

/** Ops that treat each example alone, over axes of any length. */
const perExample: typeof layers = {
  softmax: (draw) => ({ example: anyShape(draw), f: softmax }),
  "softmax along the channels": (draw) => ({
    example: images(draw, draw.integer(1, 33)),
    f: (x) => softmax(x, { axis: 1 }),
  }),
  logSoftmax: (draw) => ({ example: [draw.integer(1, 70)], f: logSoftmax }),
  softmaxCrossEntropy: (draw) => {
    const classes = draw.integer(1, 40);
    return { example: [classes], f: (x) => softmaxCrossEntropy(x, softmax(x)) };
  },
  layerNorm: (draw, dtype) => {
    const width = draw.integer(2, 70);
    const gamma = noise([width], 1).cast(dtype);
    return { example: [draw.integer(1, 5), width], f: (x) => layerNorm(x, gamma, gamma) };
  },
  groupNorm: (draw, dtype) => {
    const gamma = noise([6], 1).cast(dtype);
    const groups = draw.pick([1, 2, 3]);
    return { example: images(draw, 6), f: (x) => groupNorm(x, gamma, gamma, { groups }) };
  },
  sum: (draw) => {
    const axis = draw.pick([[1], [2], [3], [2, 3], [1, 2, 3]]);
    return { example: images(draw, draw.integer(1, 9)), f: (x) => sum(x, { axis }) };
  },
  variance: (draw) => ({ example: anyShape(draw), f: (x) => variance(x, { axis: -1 }) }),
  logSumExp: (draw) => ({ example: anyShape(draw), f: (x) => logSumExp(x, { axis: 1 }) }),
  norm: (draw) => ({ example: anyShape(draw), f: (x) => norm(x, { axis: -1 }) }),
  cumsum: (draw) => ({ example: anyShape(draw), f: (x) => cumsum(x, { axis: 1 }) }),
  "a product of each example with its transpose": (draw) => ({
    example: [draw.integer(1, 20), draw.integer(1, 30)],
    f: (x) => matmul(x, transpose(x)),
  }),
};

/** Example `at` of a batch, as a batch of one: a view. */
const only = (batch: Tensor, at: number): Tensor => slice(batch, [[at, at + 1]]);

function checkExample(subjectOf: (draw: Sampler) => Subject, draw: Sampler, dtype: DType): void {
  const { example, f } = subjectOf(draw);
  const count = draw.pick([1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 40]);
  const at = draw.integer(0, count - 1);
  const shape = [count, ...example];
  const random = (size: readonly number[]): Tensor =>
    placedTensor(
      { shape: size, data: numbers(noise(size, draw.integer(0, 1000))), kind: "float" },
      dtype,
      draw,
    );
  const batch = random(shape);
  // Alone as a view into the batch, or somewhere else altogether.
  const apart = (x: Tensor): Tensor => {
    const view = only(x, at);
    if (draw.boolean()) return view;
    const array = { shape: view.shape, data: numbers(view), kind: "float" } as const;
    return placedTensor(array, dtype, draw, ["dense", "turned", "stepped"]);
  };
  const inside = vjp(f, batch);
  const alone = vjp(f, apart(batch));
  expect(bitsOf(alone.value)).toBe(bitsOf(only(inside.value, at)));
  const cotangent = random(inside.value.shape);
  const gradient = only(inside.pull(cotangent), at);
  expect(bitsOf(alone.pull(apart(cotangent)))).toBe(bitsOf(gradient));
}

/** Ops over trailing axes: they take an example without a batch axis as well. */
const trailing: Readonly<Record<string, (x: Tensor) => Tensor>> = {
  sum: (x) => sum(x, { axis: [-2, -1] }),
  variance: (x) => variance(x, { axis: [-2, -1] }),
  logSumExp: (x) => logSumExp(x, { axis: [-2, -1] }),
  norm: (x) => norm(x, { axis: [-2, -1] }),
  softmax: (x) => softmax(x, { axis: -2 }),
  cumsum: (x) => cumsum(x, { axis: -2 }),
  layerNorm: (x) => {
    const gamma = noise(x.shape.slice(-2), 1).cast(x.dtype);
    return layerNorm(x, gamma, gamma, { axes: 2 });
  },
  "a product with one matrix": (x) => matmul(x, noise([x.shape.at(-1) ?? 1, 7], 2).cast(x.dtype)),
};

describe.each(["float32", "float64"] as const)("in %s", (dtype) => {
  test.each(Object.keys(trailing))(
    "%s: an example without a batch axis has the same bits",
    (name) => {
      const f = trailing[name];
      if (f === undefined) throw new RangeError(name);
      for (const [rows, width] of [
        [3, 192],
        [7, 64],
        [2, 4099],
        [70, 70],
      ] as const) {
        scope(() => {
          const batch = noise([3, rows, width], rows).cast(dtype);
          const inside = vjp(f, batch);
          const bare = vjp(f, slice(batch, [2]));
          expect(bitsOf(bare.value)).toBe(bitsOf(slice(inside.value, [2])));
          const cotangent = noise(inside.value.shape, width).cast(dtype);
          const gradient = slice(inside.pull(cotangent), [2]);
          expect(bitsOf(bare.pull(slice(cotangent, [2])))).toBe(bitsOf(gradient));
        });
      }
    },
  );

  const kinds = { ...layers, ...nets, ...perExample };
  test.each(Object.keys(kinds))(
    "%s: an example alone has the value and the gradient that it has in a batch",
    (name) => {
      const make = kinds[name];
      if (make === undefined) throw new RangeError(name);
      const heavy = name in nets;
      fc.assert(
        fc.property(fc.gen(), (draw) => {
          scope(() => {
            checkExample((sampler) => make(sampler, dtype), samplerFrom(draw), dtype);
          });
        }),
        { seed: budget.seed, numRuns: Math.ceil(budget.runs / (heavy ? 10 : 2.5)) },
      );
    },
  );
});
