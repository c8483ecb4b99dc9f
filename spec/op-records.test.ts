/**
 * What op records say that no law reads: names of inputs, what kernels are handed, and which ops there are.
 * Rests on the registry and the laws' sampler.
 */
import { describe, expect, test } from "vitest";
import { bind } from "../core/bind.ts";
import { type Tensor, ValueError } from "../core/index.ts";
import * as functions from "../core/ops/index.ts";
import { registry } from "../core/ops/registry.ts";
import { tensorFrom } from "./laws/arrays.ts";
import { drawFrom, samplerFrom } from "./laws/sampler.ts";
import { messageOf } from "./plain.ts";

/** The least that each op takes is drawn, and something for every input. */
const samples = registry.map((op) => ({ op, ...op.sample(samplerFrom(drawFrom(1))) }));
const list: Tensor = JSON.parse("[1, 2]");

/** Functions whose tensors another op's record makes. */
const withoutRecord = "ones onesLike zeros zerosLike".split(" ");
/** Records that only other ops, and layers, use. */
const inner =
  `avgPool2dGradient conv2dInputGradient conv2dWeightGradient identity batchMatmul multiplyAdd normalize normalizeAffine
  normalizeAffineGradient normalizeGradient embed reluGradient range softmaxCrossEntropy moments`.split(
    /\s+/,
  );

describe("the registry", () => {
  test("has a record for each function of ops, and none that nobody named", () => {
    const names = Object.keys(functions).filter((name) => !withoutRecord.includes(name));
    const recorded = registry.map(({ name }) => name);
    expect(recorded.toSorted()).toEqual([...names, ...inner].toSorted());
  });
});

describe("a kernel", () => {
  test.each(samples.filter(({ op }) => "kernel" in op.forward))(
    "of $op.name is handed an object of attributes, empty where it has none: compiled steps look into it",
    ({ op, inputs, attributes }) => {
      if (!("kernel" in op.forward)) throw new Error("a kernel");
      const types = inputs.map((input) => tensorFrom(input));
      expect(op.forward.with(attributes, types)).toEqual(expect.any(Object));
    },
  );
});

describe("an input that is no tensor is refused by its own name", () => {
  test.each(samples.filter(({ inputs }) => inputs.length > 0))(
    "by $op.name",
    ({ op, inputs, attributes }) => {
      inputs.forEach((_, i) => {
        const given = inputs.map((input, j) => (j === i ? list : tensorFrom(input)));
        const message = messageOf(() => bind(op, given, attributes), ValueError);
        const name = op.inputNames[i] ?? op.inputNames.at(-1);
        expect(message).toBe(
          `${op.name}: expected ${name} to be a tensor, got a plain array. Make one with tensor(data).`,
        );
      });
    },
  );

  test.each(samples)("$op.name names its inputs, each once", ({ op, inputs }) => {
    const { inputNames } = op;
    expect(inputNames.length > 0).toBe(inputs.length > 0);
    expect(inputNames.length).toBeLessThanOrEqual(inputs.length);
    expect(new Set(inputNames).size).toBe(inputNames.length);
  });
});
