/** Nets as things with a state: saved, put back whole or not at all, and frozen. (Each layer's round trip is in layers-laws.) */
import { describe, expect, test } from "vitest";
import {
  crossEntropy,
  DTypeError,
  ShapeError,
  type State,
  sum,
  tensor,
  ValueError,
} from "../core/index.ts";
import {
  assemble,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Flatten,
  Linear,
  ReLU,
  Sequential,
} from "../layers/index.ts";
import { adam, type Optimizer, sgd } from "../optim/index.ts";
import { bitsOf, f64, noise } from "./plain.ts";

const make = (seed: number) =>
  assemble(
    new Sequential([
      new Conv2d(1, 2, { kernel: 3 }),
      new BatchNorm2d(2),
      new ReLU(),
      new Dropout(0.5),
      new Flatten(),
      new Linear(8, 3),
    ]),
    { seed, dtype: "float64" },
  );
const x = noise([4, 1, 4, 4], 1);
const labels = tensor([0, 1, 2, 0], { dtype: "int32" });
const bits = (net: Sequential) => ({
  cells: [...net.parameters(), ...Object.values(net.namedBuffers())].map(bitsOf),
  streams: net.state()["streams"],
});

describe("the state of a net", () => {
  test("is parameters and buffers by name, and the places of streams by layer", () => {
    const net = make(3);
    net.forward(x);
    const { parameters, buffers, streams, ...rest } = net.state();
    expect(rest).toEqual({});
    expect(parameters).toEqual(net.namedParameters());
    expect(buffers).toEqual(net.namedBuffers());
    // [4, 2, 2, 2] elements, two a block.
    expect(streams).toEqual({ dropout1: { seed: 3, name: "run/dropout1", position: 16 } });
  });

  test("holds all that the next step depends on: training goes on with the same bits, also under another seed", () => {
    const [net, other] = [make(3), make(4)];
    const step = (n: Sequential) => {
      const optimizer = sgd(n.parameters(), { learningRate: 0.1 });
      return bitsOf(optimizer.step(() => crossEntropy(n.forward(x), labels)));
    };
    for (let i = 0; i < 3; i++) step(net);
    other.restore(net.state());
    for (let i = 0; i < 3; i++) expect(step(other)).toBe(step(net));
    expect(bits(other)).toEqual(bits(net));
  });

  const good = make(3).state();
  const part = (name: string) => good[name] as Readonly<Record<string, State>>;
  const broken: readonly [string, State, new (...args: never[]) => Error, string][] = [
    [
      "nothing",
      null,
      ValueError,
      "sequential.restore: expected state to be an object with parameters, buffers, streams, got null.",
    ],
    [
      "a part too few",
      { parameters: part("parameters"), buffers: part("buffers") },
      ValueError,
      "got none of streams.",
    ],
    [
      "another net's names",
      { ...good, parameters: { weight: f64([1]) } },
      ValueError,
      "got none of conv1.weight",
    ],
    [
      "another shape",
      { ...good, buffers: { ...part("buffers"), "batchNorm1.movingMean": f64([1]) } },
      ShapeError,
      "sequential.restore: expected batchNorm1.movingMean to have shape [2], got [1]. Restore a state of the same net.",
    ],
    [
      "another dtype",
      {
        ...good,
        parameters: { ...part("parameters"), "linear1.bias": f64([1, 2, 3]).cast("float32") },
      },
      DTypeError,
      "expected linear1.bias to be float64, got float32.",
    ],
    [
      "no stream of a layer that draws",
      { ...good, streams: {} },
      ValueError,
      "got none of dropout1.",
    ],
    [
      "a stream without a number",
      { ...good, streams: { dropout1: { seed: 0, name: "a", position: "0" } } },
      ValueError,
      'expected state to have a number as dropout1\'s position, got "0".',
    ],
    [
      "a stream whose seed is none",
      { ...good, streams: { dropout1: { seed: null, name: "a", position: 0 } } },
      ValueError,
      "expected state to have a number as dropout1's seed, got null.",
    ],
    [
      "a stream without a name",
      { ...good, streams: { dropout1: { seed: 0, name: 1, position: 0 } } },
      ValueError,
      "expected state to have a string as dropout1's stream, got 1.",
    ],
    [
      "a stream that is none",
      { ...good, streams: { dropout1: null } },
      ValueError,
      "expected state to be an object with seed, name, position, got null.",
    ],
    [
      "a stream before its start",
      { ...good, streams: { dropout1: { seed: 0, name: "a", position: -1 } } },
      ValueError,
      "position",
    ],
  ];

  test.each(broken)("is refused, and nothing changed: %s", (_, state, kind, message) => {
    const net = make(5);
    net.forward(x);
    const before = bits(net);
    const restore = () => net.restore(state);
    expect(restore).toThrow(kind);
    expect(restore).toThrow(message);
    expect(bits(net)).toEqual(before);
  });
});

describe("a frozen layer", () => {
  const optimizers: readonly [string, (net: Sequential) => Optimizer][] = [
    ["sgd", (net) => sgd(net.parameters(), { learningRate: 0.1, momentum: 0.9 })],
    ["adam", (net) => adam(net.parameters(), { learningRate: 0.1 })],
  ];

  test.each(optimizers)(
    "is skipped by %s, also after steps that moved it, until it is thawed",
    (_, make_) => {
      const net = make(3);
      const [conv] = net.layers;
      if (!conv) throw new Error("a convolution");
      const optimizer = make_(net);
      const step = () => optimizer.step(() => crossEntropy(net.forward(x), labels));
      const frozen = () => conv.parameters().map(bitsOf);
      const others = () => net.parameters().slice(2).map(bitsOf);
      step();
      conv.freeze();
      const before = [frozen(), others()];
      step();
      expect(frozen()).toEqual(before[0]);
      expect(others()).not.toEqual(before[1]);
      optimizer.update(); // what gradient there was is gone
      expect(frozen()).toEqual(before[0]);
      conv.unfreeze();
      step();
      expect(frozen()).not.toEqual(before[0]);
    },
  );

  test("loses the gradient that it had: an update right after freezing leaves it alone", () => {
    const net = make(3);
    const optimizer = sgd(net.parameters(), { learningRate: 0.1 });
    sum(net.forward(x)).backward();
    const before = net.parameters().map(bitsOf);
    net.freeze();
    optimizer.update();
    expect(net.parameters().map(bitsOf)).toEqual(before);
  });

  test("goes on moving its averages in training", () => {
    const net = make(3).freeze();
    const before = Object.values(net.namedBuffers()).map(bitsOf);
    net.forward(x);
    expect(Object.values(net.namedBuffers()).map(bitsOf)).not.toEqual(before);
  });
});
