/**
 * Whole nets beside PyTorch's: a LeNet and a ResNet-20 from the same weights and batches, 50 steps of SGD with momentum.
 * golden/make-nets.py made the losses; weights and batches are hashes of an index, computed on both sides.
 */
import { beforeAll, describe, expect, test } from "vitest";
import {
  assign,
  backward,
  crossEntropy,
  type DType,
  type Shape,
  scope,
  setDevice,
  type Tensor,
  tensor,
} from "../core/index.ts";
import { sizeOf } from "../core/shape.ts";
import { assemble, cifarResNet, type Layer, lenet } from "../layers/index.ts";
import { sgd } from "../optim/index.ts";
import golden from "./golden/nets.json" with { type: "json" };

beforeAll(() => setDevice("wasm"));

/** 32-bit hashes of 0, 1, 2, … and `salt`, over 2³²: numbers in [0, 1). */
function hashed(count: number, salt: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => {
    let h = (Math.imul(i, 2654435761) + salt * 97531) >>> 0;
    for (let round = 0; round < 2; round++) h = Math.imul(h ^ (h >>> 16), 73244475) >>> 0;
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
  });
}

/** Weights uniform in ±√(6/fan-in) by hash, biases 0; batch norm as it starts. */
function setWeights(net: Layer, dtype: DType): void {
  net.parameters().forEach((parameter, number) => {
    if (parameter.rank < 2) return;
    const bound = Math.sqrt(6 / sizeOf(parameter.shape.slice(1)));
    const values = hashed(parameter.size, number).map((u) => (2 * u - 1) * bound);
    scope(() => assign(parameter, tensor([...values], { shape: parameter.shape, dtype })));
  });
}

function batchOf(number: number, size: number, shape: Shape, dtype: DType): [Tensor, Tensor] {
  const pixels = hashed(size * sizeOf(shape), 1000 + number).map((u) => 2 * u - 1);
  const labels = hashed(size, 2000 + number).map((u) => Math.floor(10 * u));
  return [
    tensor([...pixels], { shape: [size, ...shape], dtype }),
    tensor([...labels], { dtype: "int32" }),
  ];
}

const nets = {
  lenet: { make: () => lenet(), golden: golden.lenet },
  resnet20: { make: () => cifarResNet({ depth: 20 }), golden: golden.resnet20 },
};

function prepare(name: keyof typeof nets, dtype: DType) {
  const { make, golden: want } = nets[name];
  const net = assemble(make(), { seed: 0, dtype });
  setWeights(net, dtype);
  const batch = (step: number) => batchOf(step % want.batches, want.batchSize, want.shape, dtype);
  return { net, want, batch };
}

function losses(name: keyof typeof nets, dtype: DType): number[] {
  const { net, want, batch } = prepare(name, dtype);
  const optimizer = sgd(net.parameters(), { learningRate: want.rate, momentum: want.momentum });
  return want.float64.map((_, step) =>
    scope(() => {
      const [x, y] = batch(step);
      return optimizer.step(() => crossEntropy(net.forward(x), y)).item();
    }),
  );
}

/** The largest of all entries so far, for each step. */
function running(values: readonly number[]): number[] {
  let most = 0;
  return values.map((value) => {
    most = Math.max(most, value);
    return most;
  });
}

const gaps = (a: readonly number[], b: readonly number[]): number[] =>
  a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN)));

describe.each([
  ["lenet", 1e-12],
  ["resnet20", 1e-8],
] as const)("%s from the same weights and batches", (name, tolerance) => {
  const want = nets[name].golden;

  test(`in float64 has PyTorch's loss in each of 50 steps, to ${tolerance}`, () => {
    const apart = gaps(losses(name, "float64"), want.float64);
    expect(apart.length).toBe(50);
    expect(Math.max(...apart)).toBeLessThanOrEqual(tolerance);
  });

  test("in float32 parts from PyTorch no faster than PyTorch's layouts and kernels part from each other", () => {
    const own = [want.float32, ...Object.values(want.alternatives)];
    const pairs = own.flatMap((a, i) => own.slice(i + 1).map((b) => running(gaps(a, b))));
    running(gaps(losses(name, "float32"), want.float32)).forEach((apart, step) => {
      // A loss is itself a mean of 8 terms: 8 ulp for as many roundings of half an ulp on either side.
      const rounding = 2 ** -20 * Math.max(...want.float32.slice(0, step + 1));
      const envelope = Math.max(...pairs.map((pair) => pair[step] ?? 0));
      expect(apart, `step ${step}`).toBeLessThanOrEqual(Math.max(envelope, rounding));
    });
  });

  test("in float32 has PyTorch's first loss and gradients to 1e-4 of the largest entry", () => {
    const { net, batch } = prepare(name, "float32");
    const [x, y] = batch(0);
    const loss = crossEntropy(net.forward(x), y);
    expect(Math.abs(loss.item() / (want.float32[0] ?? Number.NaN) - 1)).toBeLessThan(1e-4);
    backward(loss);
    const parameters = net.parameters();
    expect(parameters.length).toBe(want.gradients.length);
    want.gradients.forEach(({ largest, stride, every }, number) => {
      const gradient = parameters[number]?.grad?.elements() ?? [];
      every.forEach((entry, i) => {
        const got = gradient[i * stride] ?? Number.NaN;
        expect(Math.abs(got - entry), parameters[number]?.name).toBeLessThanOrEqual(1e-4 * largest);
      });
    });
  });
});
