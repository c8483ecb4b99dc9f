/** Assembling: names, first values that ablations share, and what a net finds inside itself. */
import { test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { DataLoader } from "../core/data/index.ts";
import { ShapeError, type Tensor, tensor, ValueError } from "../core/index.ts";
import { constant } from "../init/index.ts";
import {
  AvgPool2d,
  assemble,
  BatchNorm,
  Conv2d,
  Dropout,
  Flatten,
  InstanceNorm2d,
  Layer,
  Linear,
  ReLU,
  Sequential,
  Tanh,
} from "../layers/index.ts";
import { bitsOf, f64, messageOf, noise, numbers } from "./plain.ts";

describe("assembling", () => {
  const plain = (): Layer[] => [
    new Conv2d(1, 2, { kernel: 3 }),
    new Flatten(),
    new Linear(8, 4),
    new Linear(4, 2),
  ];
  const bits = (net: Layer) =>
    Object.fromEntries(Object.entries(net.namedParameters()).map(([name, w]) => [name, bitsOf(w)]));

  test("two kinds that come to one name are refused, and no layer is assembled", () => {
    class Numbered extends Linear {
      override readonly kind: "linear" = JSON.parse('"linear1"');
    }
    const linears = Array.from({ length: 11 }, () => new Linear(1, 1));
    const net = new Sequential([...linears, new Numbered(1, 1)]);
    expect(messageOf(() => assemble(net), ValueError)).toBe(
      "assemble: expected net to have a name of its own for each layer that is of another kind, got linear11 for layers of the kinds linear and linear1. Give one of the kinds a name that does not end in a digit.",
    );
    expect(linears[0]?.name).toBe("linear");
    expect(Object.keys(assemble(new Sequential(net.layers.slice(1))).namedParameters())).toContain(
      "linear11.weight",
    );
  });

  test("a dropout, a ReLU or a pooling between layers changes no first weight", () => {
    const base = bits(assemble(new Sequential(plain()), { seed: 3 }));
    const [conv, flat, first, second] = plain();
    if (!conv || !flat || !first || !second) throw new Error("four layers");
    const more = new Sequential([
      conv,
      new ReLU(),
      new Dropout(0.5),
      new AvgPool2d({ window: 1 }),
      flat,
      new Sequential([first, new Tanh()]),
      new Dropout(0.1),
      second,
    ]);
    expect(bits(assemble(more, { seed: 3 }))).toEqual(base);
    expect(Object.keys(base)).toEqual([
      "conv1.weight",
      "conv1.bias",
      "linear1.weight",
      "linear1.bias",
      "linear2.weight",
      "linear2.bias",
    ]);
  });

  test("a BatchNorm between layers changes no other layer's first weight", () => {
    const base = bits(assemble(new Sequential(plain()), { seed: 3 }));
    const [conv, ...rest] = plain();
    if (!conv) throw new Error("a convolution");
    const normalized = bits(
      assemble(new Sequential([conv, new BatchNorm(2), ...rest]), { seed: 3 }),
    );
    expect(normalized).toMatchObject(base);
  });

  test("a layer that owns nothing is not counted, even among its own kind", () => {
    const net = assemble(
      new Sequential([new InstanceNorm2d(2), new InstanceNorm2d(2, { affine: true })]),
    );
    expect([...net.walk()].map(({ name }) => name)).toEqual([
      "sequential",
      "instanceNorm",
      "instanceNorm1",
    ]);
  });

  test("nor does the net change the order of batches", () => {
    const orders = [plain(), [new Dropout(0.5), ...plain()]].map((layers) => {
      const net = assemble(new Sequential(layers), { seed: 3 });
      const order: number[] = [];
      const dataset = {
        length: 9,
        batch: (positions: Int32Array) => {
          order.push(...positions);
          return noise([positions.length, 1, 4, 4], 1).cast("float32");
        },
      };
      for (const x of new DataLoader(dataset, { batchSize: 4, seed: 3 })) net.forward(x);
      return order;
    });
    expect(orders[1]).toEqual(orders[0]);
  });

  test("another seed gives other weights, another dtype the rounded ones", () => {
    const weights = (seed: number, dtype: "float32" | "float64") =>
      assemble(new Linear(5, 4), { seed, dtype }).parameters()[0] ?? f64([]);
    expect(bitsOf(weights(1, "float64"))).not.toBe(bitsOf(weights(2, "float64")));
    expect(numbers(weights(1, "float32"))).toEqual(numbers(weights(1, "float64")).map(Math.fround));
  });

  test("finds layers in properties and lists of a layer of one's own, in their order", () => {
    class Block extends Layer {
      readonly kind = "block";
      readonly head = new Linear(2, 2);
      readonly tail = [new Linear(2, 2), new Linear(2, 1)];
      override forward(x: Tensor): Tensor {
        return this.tail.reduce((h, layer) => layer.forward(h), this.head.forward(x));
      }
    }
    const block = assemble(new Block());
    expect([...block.walk()].map((layer) => layer.assembly.name)).toEqual([
      "block",
      "linear1",
      "linear2",
      "linear3",
    ]);
    expect(block.forward(tensor([[1, 2]])).shape).toEqual([1, 1]);
  });

  test("an initializer of one's own is used", () => {
    const net = assemble(new Linear(2, 2, { init: constant(0.5) }));
    expect(numbers(net.forward(tensor([[1, 3]])))).toEqual([2, 2]);
  });

  test("train and evaluate reach every layer inside", () => {
    const net = assemble(new Sequential([new Sequential([new Dropout(0.5)])]));
    const modes = () => [...net.walk()].map(({ training }) => training);
    net.evaluate();
    expect(modes()).toEqual([false, false, false]);
    net.train();
    expect(modes()).toEqual([true, true, true]);
  });

  test("a layer that stands in a net twice, or is assembled twice, is refused", () => {
    const shared = new Linear(2, 2);
    const fix = "Make a new layer, or share weights by calling the same layer in forward.";
    expect(messageOf(() => assemble(new Sequential([shared, shared])), ValueError)).toBe(
      `assemble: expected net to hold each layer once, not assembled before, got linear1 a second time. ${fix}`,
    );
  });

  test("a wrong input speaks of the op that the layer is", () => {
    const net = assemble(new Sequential([new Linear(3, 2)]));
    expect(() => net.forward(tensor([[1, 2]]))).toThrow(ShapeError);
  });
});
