/**
 * Passes over one thing after another: a bias and its relu, a maximum's gradient and that of the relu before it, elementwise
 * launches that follow each other. Repeated steps leave the bits of the steps as written; with two threads at work.
 */
import { fc, test as property } from "@fast-check/vitest";
import { beforeAll, describe, expect, test } from "vitest";
import {
  add,
  argmax,
  assign,
  broadcastTo,
  clearGradients,
  compile,
  conv2d,
  detach,
  exp,
  matmul,
  maxPool2d,
  multiply,
  noGrad,
  parameter,
  RandomSource,
  randomNormal,
  relu,
  type Shape,
  scatterAdd,
  setDevice,
  setThreads,
  slice,
  square,
  subtract,
  sum,
  type Tensor,
  tanh,
  tensor,
} from "../core/index.ts";
import { bitsOf, numbers } from "./plain.ts";

beforeAll(() => {
  setDevice("wasm");
  setThreads(2);
});

const drawn = (shape: Shape, seed: number): Tensor =>
  randomNormal(shape, { stream: new RandomSource(seed).stream("spec/fusion") });

/** What stands in the midst of an argument at times. */
const special = fc.constantFrom(1, 0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e38, 1e-45);

interface Steps {
  readonly bits: readonly string[];
  readonly fused: number;
}

describe("a bias with the relu behind it", () => {
  const biased = fc.record({
    rows: fc.constantFrom(1, 2, 7, 33, 700),
    channels: fc.constantFrom(1, 4, 8, 32, 6),
    isImage: fc.boolean(),
    reused: fc.constantFrom("nothing", "the sum", "the result"),
    special: special,
  });
  const train = (
    given: typeof biased extends fc.Arbitrary<infer B> ? B : never,
    isCompiled: boolean,
  ): Steps => {
    const { rows, channels, isImage, reused, special } = given;
    const shape = isImage ? [rows, 3, 2, 2] : [rows, 5];
    const weight = parameter(drawn(isImage ? [channels, 3, 1, 1] : [5, channels], 1));
    const bias = parameter(drawn(isImage ? [1, channels, 1, 1] : [channels], 2));
    const written = (x: Tensor): Tensor => {
      clearGradients([weight, bias]);
      const total = add(isImage ? conv2d(x, weight) : matmul(x, weight), bias);
      const result = relu(total);
      const again = { nothing: bias, "the sum": total, "the result": result }[reused];
      const loss = add(sum(square(result)), sum(multiply(again, 2)));
      loss.backward();
      return detach(add(result, 0));
    };
    const compiled = compile(written);
    const step = isCompiled ? compiled : written;
    const bits: string[] = [];
    for (let i = 0; i < 5; i++) {
      const data = [...numbers(drawn(shape, 10 + i))];
      data[data.length >> 1] = i % 2 === 0 ? (data[0] ?? 0) : special;
      bits.push(bitsOf(step(tensor(Float32Array.from(data), { shape }))));
      bits.push(...[weight, bias].map(({ grad }) => (grad === null ? "none" : bitsOf(grad))));
    }
    expect(compiled.report().replayed > 0).toBe(isCompiled);
    return { bits, fused: compiled.report().routines[0]?.fused ?? 0 };
  };

  property.prop({ given: biased }, { seed: 21, numRuns: 25 })(
    "leaves the bits of the step as written, whatever else is done with the sum",
    ({ given }) => {
      expect(train(given, true).bits).toEqual(train(given, false).bits);
    },
  );

  test.each([
    ["of a product is one pass", { isImage: false }, 1],
    ["of a convolution is one pass", { isImage: true }, 1],
    ["is two where the sum is needed", { reused: "the sum" }, 0],
    ["is two where channels do not come in fours", { channels: 6 }, 0],
  ] as const)("%s", (_, change, fused) => {
    const given = { rows: 33, channels: 8, isImage: true, reused: "nothing", special: 1 } as const;
    expect(train({ ...given, ...change }, true).fused).toBe(fused);
  });
});

describe("a maximum's gradient", () => {
  const pooled = fc.record({
    images: fc.constantFrom(1, 2, 5, 40),
    channels: fc.constantFrom(1, 3, 4, 16),
    size: fc.constantFrom(2, 4, 7, 12),
    window: fc.constantFrom(1, 2, 3),
    stride: fc.constantFrom(1, 2, 3),
    isRectified: fc.boolean(),
    isConvolved: fc.boolean(),
    reused: fc.boolean(),
    special: special,
  });
  type Pooled = typeof pooled extends fc.Arbitrary<infer P> ? P : never;
  const train = (given: Pooled, isCompiled: boolean): Steps => {
    const { images, channels, size, stride, isRectified, isConvolved, reused, special } = given;
    const window = Math.min(given.window, size);
    const shape = [images, channels, size, size];
    const weight = parameter(drawn(isConvolved ? [channels, channels, 1, 1] : shape, 1));
    const written = (x: Tensor): Tensor => {
      clearGradients([weight]);
      const h = isConvolved ? conv2d(x, weight) : multiply(x, weight);
      const found = maxPool2d(isRectified ? relu(h) : h, { window, stride });
      const loss = add(sum(add(square(found), found)), sum(multiply(reused ? h : weight, 2)));
      loss.backward();
      return detach(add(found, 0));
    };
    const compiled = compile(written);
    const step = isCompiled ? compiled : written;
    const bits: string[] = [];
    for (let i = 0; i < 5; i++) {
      const data = [...numbers(drawn(shape, 10 + i))];
      data[data.length >> 1] = i % 2 === 0 ? (data[0] ?? 0) : special;
      bits.push(bitsOf(step(tensor(Float32Array.from(data), { shape }))));
      bits.push(weight.grad === null ? "none" : bitsOf(weight.grad));
    }
    expect(compiled.report().replayed > 0).toBe(isCompiled);
    return { bits, fused: compiled.report().routines[0]?.fused ?? 0 };
  };

  property.prop({ given: pooled }, { seed: 22, numRuns: 40 })(
    "leaves the bits of the step as written, however windows overlap",
    ({ given }) => {
      expect(train(given, true).bits).toEqual(train(given, false).bits);
    },
  );

  test.each([
    ["takes one pass with that of the relu", {}, 1],
    ["takes one pass with that of a relu whose argument is needed besides", { reused: true }, 1],
    ["takes one alone", { isRectified: false }, 0],
  ] as const)("%s", (_, change, fused) => {
    const form = { images: 5, channels: 4, size: 12, window: 2, stride: 2, special: 1 } as const;
    const given = { ...form, isRectified: true, isConvolved: true, reused: false };
    expect(train({ ...given, ...change }, true).fused).toBe(fused);
  });
});

test("numbers added to more than a number, at places found in the step, are added to that", () => {
  const [x, heights] = [drawn([2, 3, 4], 1), drawn([2, 3, 5, 4], 2)];
  const written = (y: Tensor): Tensor => {
    const places = argmax(multiply(heights, sum(y)), { axis: 3 });
    const added = (on: Tensor): Tensor => scatterAdd(on, places, y, { axis: 2 });
    return add(added(x), added(broadcastTo(sum(y), x.shape)));
  };
  const compiled = compile(written);
  for (let i = 0; i < 5; i++) {
    const y = drawn([2, 3, 5], i);
    expect(bitsOf(compiled(y))).toBe(bitsOf(written(y)));
  }
  expect(compiled.report().replayed).toBe(2);
});

describe("elementwise launches that follow each other", () => {
  const links = {
    tanh: (y: Tensor) => tanh(y),
    exp: (y: Tensor) => exp(y),
    double: (y: Tensor) => multiply(y, 2),
    "add x": (y: Tensor, x: Tensor) => add(y, x),
    "x less": (y: Tensor, x: Tensor) => subtract(x, y),
    square: (y: Tensor) => square(y),
    "with itself": (y: Tensor) => multiply(y, y),
    "by a number": (y: Tensor, x: Tensor) => multiply(y, sum(x)),
    "its first row": (y: Tensor) => multiply(slice(y, [[0, 1]]), 2),
    "row by row": (y: Tensor, x: Tensor) => add(y, slice(x, [[0, 1]])),
  } as const;
  const names = Object.keys(links) as readonly (keyof typeof links)[];
  const chains = fc.record({
    shape: fc.constantFrom([1, 1], [3, 5], [1, 4096], [2, 4100], [33, 1000]),
    chain: fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 12 }),
    /** Of which link the result is used once more at the end. */
    again: fc.nat(12),
    special: special,
  });
  type Chain = typeof chains extends fc.Arbitrary<infer C> ? C : never;
  const run = ({ shape, chain, again, special }: Chain, isCompiled: boolean): Steps => {
    const w = parameter(drawn(shape, 1));
    const written = (x: Tensor): Tensor => {
      clearGradients([w]);
      const results = [multiply(w, x)];
      for (const link of chain) results.push(links[link](results.at(-1) ?? x, x));
      const last = results.at(-1) ?? x;
      const loss = add(sum(last), sum(results[again] ?? last));
      loss.backward();
      return detach(add(last, 0));
    };
    const compiled = compile(written);
    const step = isCompiled ? compiled : written;
    const bits: string[] = [];
    for (let i = 0; i < 5; i++) {
      const data = [...numbers(drawn(shape, 10 + i))];
      data[data.length >> 1] = i % 2 === 0 ? (data[0] ?? 0) : special;
      bits.push(bitsOf(step(tensor(Float32Array.from(data), { shape }))));
      bits.push(w.grad === null ? "none" : bitsOf(w.grad));
    }
    expect(compiled.report().replayed > 0).toBe(isCompiled);
    return { bits, fused: compiled.report().routines[0]?.fused ?? 0 };
  };

  property.prop({ given: chains }, { seed: 23, numRuns: 50 })(
    "leave the bits of the step as written, whatever is used once more",
    ({ given }) => {
      expect(run(given, true).bits).toEqual(run(given, false).bits);
    },
  );

  test.each([
    ["one pass for all of them", 3, null, 3],
    ["a pass for eight at most", 12, null, 11],
    ["another pass after what is used once more", 4, 2, 3],
  ] as const)("take %s", (_, length, again, fused) => {
    const forward = compile((x: Tensor) => {
      const results = [add(x, 1)];
      for (let i = 0; i < length; i++) results.push(tanh(results.at(-1) ?? x));
      const last = results.at(-1) ?? x;
      return again === null ? last : [last, sum(results[again] ?? last)];
    });
    for (let i = 0; i < 3; i++) forward(drawn([33, 1000], i));
    expect(forward.report().routines[0]?.fused).toBe(fused);
  });
});

test.each([
  ["a bias", [33, 8], [8]],
  ["a number of a chain", [5000], [5000]],
] as const)("%s that is written before the relu is read before that", (_, shape, own) => {
  const run = (isCompiled: boolean): readonly string[] => {
    const bias = parameter(drawn(own, 2));
    const written = (x: Tensor): Tensor =>
      noGrad(() => {
        const total = add(x, bias);
        assign(bias, multiply(bias, 2));
        return relu(total);
      });
    const step = isCompiled ? compile(written) : written;
    return [1, 2, 3, 4].map((i) => bitsOf(step(drawn(shape, i))));
  };
  expect(run(true)).toEqual(run(false));
});
