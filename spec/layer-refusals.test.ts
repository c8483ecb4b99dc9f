/** Layers and nets refuse what they cannot be made of, and say whose argument it is and what it is called. */
import { describe, expect, test } from "vitest";
import { ShapeError, type Tensor, ValueError } from "../core/index.ts";
import { constant } from "../init/index.ts";
import * as layers from "../layers/index.ts";
import { messageOf, noise } from "./plain.ts";

const { BatchNorm, BatchNorm1d, Conv2d, Linear, cifarResNet, lenet, vgg } = layers;
const { GroupNorm, LayerNorm, InstanceNorm2d, ZeroPadShortcut, projectionShortcut } = layers;

describe("a refusal names the layer and the option", () => {
  const cases: readonly (readonly [string, string, () => unknown])[] = [
    ["Linear", "inFeatures", () => new Linear(0, 1)],
    ["Linear", "outFeatures", () => new Linear(1, 0)],
    ["Conv2d", "inChannels", () => new Conv2d(0, 1, { kernel: 3 })],
    ["Conv2d", "outChannels", () => new Conv2d(1, 0, { kernel: 3 })],
    ["Conv2d", "kernel", () => new Conv2d(1, 1, { kernel: 0 })],
    ["Conv2d", "groups", () => new Conv2d(1, 1, { kernel: 3, groups: 0 })],
    ["Conv2d", "inChannels", () => new Conv2d(3, 2, { kernel: 1, groups: 2 })],
    ["Conv2d", "outChannels", () => new Conv2d(2, 3, { kernel: 1, groups: 2 })],
    ["BatchNorm", "channels", () => new BatchNorm(0)],
    ["BatchNorm", "rho", () => new BatchNorm(1, { rho: 1 })],
    ["BatchNorm1d", "rho", () => new BatchNorm1d(1, { rho: -0.1 })],
    ["BatchNorm1d", "epsilon", () => new BatchNorm1d(1, { epsilon: Number.POSITIVE_INFINITY })],
    ["GroupNorm", "channels", () => new GroupNorm(0, { groups: 1 })],
    ["GroupNorm", "groups", () => new GroupNorm(1, { groups: 0.5 })],
    ["InstanceNorm2d", "channels", () => new InstanceNorm2d(0)],
    ["LayerNorm", "shape", () => new LayerNorm([2, 0])],
    ["LayerNorm", "epsilon", () => new LayerNorm(2, { epsilon: 0 })],
    ["ZeroPadShortcut", "inChannels", () => new ZeroPadShortcut(0, 1)],
    ["ZeroPadShortcut", "outChannels", () => new ZeroPadShortcut(1, 1.5)],
    ["ZeroPadShortcut", "stride", () => new ZeroPadShortcut(1, 1, { stride: 0 })],
    ["projectionShortcut", "inChannels", () => projectionShortcut(0, 1)],
    ["projectionShortcut", "outChannels", () => projectionShortcut(1, 0)],
    ["projectionShortcut", "stride", () => projectionShortcut(1, 1, { stride: 0 })],
    ["cifarResNet", "channels", () => cifarResNet({ channels: 0 })],
    ["cifarResNet", "classes", () => cifarResNet({ classes: 0 })],
    ["cifarResNet", "width", () => cifarResNet({ width: 0 })],
    ["lenet", "shape", () => lenet({ shape: [0, 4, 4] })],
    ["lenet", "shape", () => lenet({ shape: [1, 4, 6] })],
    ["lenet", "classes", () => lenet({ classes: 0 })],
    ["vgg", "shape", () => vgg({ shape: [0, 16, 16] })],
    ["vgg", "stages", () => vgg({ stages: [1, 0] })],
    ["vgg", "stages", () => vgg({ stages: [] })],
    ["vgg", "stages", () => vgg({ shape: [3, 16, 24] })],
    ["vgg", "hidden", () => vgg({ hidden: [0] })],
    ["vgg", "classes", () => vgg({ classes: 0 })],
    ["vgg", "width", () => vgg({ width: 0 })],
  ];
  test.each(cases)("%s: %s", (name, option, make) => {
    expect(messageOf(make, ValueError)).toContain(`${name}: expected ${option} `);
  });
});

test("a share of the old average outside [0, 1) is refused with PyTorch's word for it", () => {
  expect(messageOf(() => new BatchNorm(1, { rho: 1 }), ValueError)).toBe(
    "BatchNorm: expected rho to be in [0, 1), the share of the old average that is kept, got 1. PyTorch's momentum m is rho = 1 - m.",
  );
});

test("an x with too few axes for its channels is refused", () => {
  const net = layers.assemble(new LayerNorm([2, 3]));
  expect(() => net.forward(noise([3], 1))).toThrow(ShapeError);
});

describe("a layer of one's own", () => {
  class Own extends layers.Layer {
    readonly kind = "own";
    override declareParameters(): layers.Declarations {
      return { weight: { shape: [1], init: constant(1) }, bias: { shape: [1], init: constant(1) } };
    }
    override declareBuffers(): layers.Declarations {
      return { mean: { shape: [1], init: constant(1) } };
    }
    override forward(_x: Tensor): Tensor {
      return this.cell("gamma");
    }
  }

  test("that asks for a cell which it did not declare hears which ones it has", () => {
    const net = layers.assemble(new Own());
    expect(messageOf(() => net.forward(noise([1], 1)), ValueError)).toBe(
      'own1: expected name to be one of weight, bias, mean, got "gamma". Declare it in declareParameters or declareBuffers.',
    );
  });

  test("has no values before it is assembled", () => {
    expect(messageOf(() => new Own().forward(noise([1], 1)), ValueError)).toBe(
      "own: expected the layer to be assembled, got a layer without values. Call assemble(net, { seed }) before using the net.",
    );
  });
});
