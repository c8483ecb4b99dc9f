/** Summaries: what they count, and that making one changes nothing. */
import { describe, expect, test } from "vitest";
import type { Tensor } from "../core/index.ts";
import {
  assemble,
  BatchNorm2d,
  Conv2d,
  cifarResNet,
  Dropout,
  Flatten,
  formatSummary,
  Layer,
  Linear,
  lenet,
  ReLU,
  Sequential,
  summary,
  vgg,
} from "../layers/index.ts";
import { bitsOf } from "./plain.ts";

describe("summary", () => {
  /** Worked out by hand from the layers' sizes: Σ over convolutions of out·H′·W′·in·k², and over linear layers of in·out. */
  const costs: readonly [string, Layer, readonly number[], number][] = [
    ["LeNet", lenet(), [1, 28, 28], 16 * 784 * 25 + 32 * 196 * 16 * 25 + 1568 * 128 + 1280],
    ["ResNet-20", cifarResNet(), [3, 32, 32], 40_551_040],
    [
      "ResNet-20 with projections",
      cifarResNet({ shortcut: "projection" }),
      [3, 32, 32],
      40_813_184,
    ],
    [
      "VGG",
      vgg({ shape: [3, 8, 8], stages: [1, 1], width: 4, hidden: [6] }),
      [3, 8, 8],
      4 * 64 * 27 + 8 * 16 * 36 + 32 * 6 + 60,
    ],
    [
      "a strided, grouped convolution",
      new Conv2d(4, 6, { kernel: [3, 2], groups: 2, stride: 2 }),
      [4, 7, 6],
      6 * 3 * 3 * 2 * 6,
    ],
    ["a linear layer on a stack", new Linear(5, 3), [7, 5], 7 * 15],
  ];

  test.each(costs)("counts the multiply-adds of %s", (_, net, example, expected) => {
    const { multiplyAdds, parameters } = summary(assemble(net), example);
    expect(multiplyAdds).toBe(expected);
    expect(parameters).toBe(net.parameterCount);
  });

  test("tells each layer's own shape, parameters and multiply-adds, and the depth it lies at", () => {
    const net = assemble(
      new Sequential([
        new Sequential([new Conv2d(1, 2, { kernel: 3 }), new BatchNorm2d(2)]),
        new ReLU(),
      ]),
    );
    const output = [1, 2, 3, 2];
    const none = { parameters: 0, multiplyAdds: 0 };
    expect(summary(net, [1, 5, 4]).rows).toEqual([
      { name: "sequential", depth: 0, output, ...none },
      { name: "sequential", depth: 1, output, ...none },
      { name: "conv1", depth: 2, output, parameters: 20, multiplyAdds: 108 },
      { name: "batchNorm1", depth: 2, output, parameters: 4, multiplyAdds: 0 },
      { name: "relu", depth: 1, output, ...none },
    ]);
  });

  test("counts a layer that is called twice twice, and one that is not called not at all", () => {
    class Twice extends Layer {
      readonly kind = "twice";
      readonly shared = new Linear(3, 3);
      readonly idle = new Linear(2, 2);
      override forward(x: Tensor): Tensor {
        return this.shared.forward(this.shared.forward(x));
      }
    }
    const { rows, multiplyAdds, parameters } = summary(assemble(new Twice()), [3]);
    expect(rows.map(({ output }) => output)).toEqual([[1, 3], [1, 3], null]);
    expect([multiplyAdds, parameters]).toEqual([18, 18]);
  });

  test("changes nothing: modes, cells, streams, gradients, or what the next forward pass gives", () => {
    const make = () => {
      const net = assemble(
        new Sequential([
          new Conv2d(1, 2, { kernel: 3 }),
          new BatchNorm2d(2),
          new Dropout(0.5),
          new Flatten(),
        ]),
      );
      net.layers[1]?.evaluate();
      return net;
    };
    const [net, untouched] = [make(), make()];
    const state = (of: Sequential) => [
      [...of.walk()].map(({ training }) => training),
      [...of.parameters(), ...Object.values(of.namedBuffers())].map(bitsOf),
      of.state()["streams"],
      of.parameters().map((w) => w.grad),
    ];
    summary(net, [1, 4, 4]);
    expect(state(net)).toEqual(state(untouched));
    expect(net.layers.some((layer) => Object.hasOwn(layer, "forward"))).toBe(false);
  });

  test("gives modes back after an input that does not fit", () => {
    const net = assemble(new Sequential([new Linear(3, 2), new Dropout(0.5)]));
    expect(() => summary(net, [4])).toThrow("matmul");
    expect([...net.walk()].map(({ training }) => training)).toEqual([true, true, true]);
    expect(Object.hasOwn(net, "forward")).toBe(false);
  });

  test("is printed as a table", () => {
    const net = assemble(
      new Sequential([
        new Conv2d(3, 16, { kernel: 3, padding: 1 }),
        new ReLU(),
        new Flatten(),
        new Linear(16384, 10),
      ]),
    );
    expect(formatSummary(summary(net, [3, 32, 32]))).toBe(
      [
        "layer       output           parameters  multiply-adds",
        "sequential  [1, 10]                   0              0",
        "  conv1     [1, 16, 32, 32]         448        442,368",
        "  relu      [1, 16, 32, 32]           0              0",
        "  flatten   [1, 16384]                0              0",
        "  linear1   [1, 10]             163,850        163,840",
        "164,298 parameters; 606,208 multiply-adds for one example",
      ].join("\n"),
    );
    net.layers[0]?.freeze();
    expect(formatSummary(summary(net, [3, 32, 32]))).toContain(
      "164,298 parameters, 163,850 of them trainable; 606,208",
    );
  });
});
