/**
 * One pass over memory in place of several: a repeated step that joins launches leaves the bits of the step as written, also
 * where numbers are not finite, what lies between is needed elsewhere, or somebody looks at it; with two threads at work.
 */
import { fc, test as property } from "@fast-check/vitest";
import { beforeAll, describe, expect, test } from "vitest";
import { capturing } from "../core/capture.ts";
import {
  add,
  argmax,
  assign,
  batchNorm,
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
import { assemble, BatchNorm, Conv2d, ReLU, Residual, Sequential } from "../layers/index.ts";
import { bitsOf, numbers } from "./plain.ts";

beforeAll(() => {
  setDevice("wasm");
  setThreads(2);
});

const drawn = (shape: Shape, seed: number): Tensor =>
  randomNormal(shape, { stream: new RandomSource(seed).stream("spec/fusion") });

/** How a step goes on from a normalization. */
const plans = fc.record({
  rows: fc.constantFrom(1, 2, 7, 33, 700),
  channels: fc.constantFrom(4, 8, 32, 6),
  sum: fc.constantFrom("none", "last", "first", "itself", "twice"),
  isRectified: fc.boolean(),
  /** What is used once more beside the end of the chain. */
  reused: fc.constantFrom("nothing", "the normalized", "the sum", "the result"),
  /** What somebody looks at in the middle of the step. */
  looked: fc.constantFrom("nothing", "the normalized", "the sum"),
  special: fc.constantFrom(1, 0, -0, Number.NaN, Number.POSITIVE_INFINITY, 1e38, 1e-45),
});
type Plan = typeof plans extends fc.Arbitrary<infer P> ? P : never;

interface Steps {
  readonly bits: readonly string[];
  readonly fused: number;
}

/** Five steps of the plan: what they give, and all gradients after each. */
function run(plan: Plan, isCompiled: boolean): Steps {
  const { rows, channels } = plan;
  const shape = [rows, channels];
  const w = parameter(drawn(shape, 1));
  const gamma = parameter(drawn([channels], 2));
  const beta = parameter(drawn([channels], 3));
  const seen: string[] = [];
  const look = (name: Plan["looked"], x: Tensor): void => {
    if (name !== plan.looked) return;
    const tell = (given: Tensor | undefined): void => {
      if (given !== undefined) seen.push(bitsOf(given));
    };
    const capture = capturing();
    if (capture === null) tell(detach(x));
    else capture.aside([detach(x)], tell);
  };
  const written = (x: Tensor, other: Tensor): Tensor => {
    clearGradients([w, gamma, beta]);
    const h = multiply(w, x);
    const { output } = batchNorm(h, gamma, beta);
    look("the normalized", output);
    const added = {
      none: () => output,
      last: () => add(output, other),
      first: () => add(other, output),
      itself: () => add(output, h),
      twice: () => add(output, output),
    }[plan.sum]();
    look("the sum", added);
    const result = plan.isRectified ? relu(added) : added;
    const again = {
      nothing: other,
      "the normalized": output,
      "the sum": added,
      "the result": result,
    }[plan.reused];
    const loss = add(sum(multiply(result, x)), sum(square(again)));
    loss.backward();
    return detach(add(result, 0));
  };
  const compiled = compile(written);
  const step = isCompiled ? compiled : written;
  const bits: string[] = [];
  for (let i = 0; i < 5; i++) {
    const data = [...numbers(drawn(shape, 10 + i))];
    data[data.length >> 1] = i % 2 === 0 ? (data[0] ?? 0) : plan.special;
    bits.push(bitsOf(step(tensor(Float32Array.from(data), { shape }), drawn(shape, 20 + i))));
    bits.push(...[w, gamma, beta].map(({ grad }) => (grad === null ? "none" : bitsOf(grad))));
  }
  const { replayed, routines } = compiled.report();
  expect(replayed).toBe(isCompiled ? 2 : 0);
  return { bits: [...bits, ...seen], fused: routines[0]?.fused ?? 0 };
}

describe("a normalization with what follows it", () => {
  property.prop({ plan: plans }, { seed: 20, numRuns: 60 })(
    "leaves the bits of the step as written, whatever else is done with what lies between",
    ({ plan }) => {
      expect(run(plan, true).bits).toEqual(run(plan, false).bits);
    },
  );

  const plain: Plan = {
    rows: 33,
    channels: 8,
    sum: "none",
    isRectified: true,
    reused: "nothing",
    looked: "nothing",
    special: 1,
  };
  test.each([
    ["γ, β and relu, and its gradient with theirs", {}, 3],
    ["a sum as well", { sum: "last" }, 3],
    ["the sum turned round", { sum: "first" }, 3],
    ["all but a relu whose argument is needed", { reused: "the sum" }, 1],
    ["a sum of gradients with the relu's gradient", { reused: "the result" }, 3],
    ["nothing that somebody looks at", { looked: "the normalized" }, 1],
    ["no rows whose channels do not come in fours", { channels: 6 }, 0],
  ] as const)("takes one pass with %s", (_, change, fused) => {
    expect(run({ ...plain, ...change }, true).fused).toBe(fused);
  });
});

test.each([["by the step"], ["by code in the middle of it"]])(
  "a γ that is written before the relu, %s, is read before that",
  (how) => {
    const run = (isCompiled: boolean): readonly string[] => {
      const gamma = parameter(drawn([8], 2));
      const beta = parameter(drawn([8], 3));
      const double = (): void => assign(gamma, multiply(gamma, 2));
      const written = (x: Tensor): Tensor =>
        noGrad(() => {
          const { output } = batchNorm(x, gamma, beta);
          const capture = how === "by the step" ? null : capturing();
          if (capture === null) double();
          else capture.aside([], double);
          return relu(output);
        });
      const compiled = compile(written);
      const results = Array.from({ length: 4 }, (_, i) => {
        return bitsOf((isCompiled ? compiled : written)(drawn([5, 8], i)));
      });
      expect(compiled.report().replayed).toBe(isCompiled ? 2 : 0);
      return [...results, bitsOf(gamma)];
    };
    expect(run(true)).toEqual(run(false));
  },
);

test("a β that is written before the relu's gradient is taken decides nothing there", () => {
  const train = (isCompiled: boolean, isWritten: boolean): Steps => {
    const [gamma, beta] = [parameter(drawn([8], 2)), parameter(drawn([8], 3))];
    const w = parameter(drawn([33, 8], 1));
    const written = (x: Tensor): Tensor => {
      clearGradients([w, gamma, beta]);
      const loss = sum(multiply(relu(batchNorm(multiply(w, x), gamma, beta).output), x));
      if (isWritten) noGrad(() => assign(beta, multiply(beta, -1)));
      loss.backward();
      return detach(loss);
    };
    const compiled = compile(written);
    const step = isCompiled ? compiled : written;
    const bits: string[] = [];
    for (let i = 0; i < 4; i++) {
      bits.push(bitsOf(step(drawn([33, 8], i))));
      bits.push(...[w, gamma, beta].map(({ grad }) => (grad === null ? "none" : bitsOf(grad))));
    }
    return { bits, fused: compiled.report().routines[0]?.fused ?? 0 };
  };
  expect(train(true, false).fused).toBe(3);
  const repeated = train(true, true);
  expect(repeated.bits).toEqual(train(false, true).bits);
  expect(repeated.fused).toBe(2);
});

describe("a bias with the relu behind it", () => {
  const biased = fc.record({
    rows: fc.constantFrom(1, 2, 7, 33, 700),
    channels: fc.constantFrom(1, 4, 8, 32, 6),
    isImage: fc.boolean(),
    reused: fc.constantFrom("nothing", "the sum", "the result"),
    special: plans.map(({ special }) => special),
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

  property.prop({ given: biased }, { seed: 21, numRuns: 40 })(
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
    special: plans.map(({ special }) => special),
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

  property.prop({ given: pooled }, { seed: 22, numRuns: 60 })(
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
    special: plans.map(({ special }) => special),
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

  property.prop({ given: chains }, { seed: 23, numRuns: 80 })(
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

test("a residual net of convolutions is joined, block by block, and leaves the bits of the net as written", () => {
  const block = (): Residual =>
    new Residual(
      new Sequential([
        new Conv2d(8, 8, { kernel: 3, padding: 1, bias: false }),
        new BatchNorm(8),
        new ReLU(),
        new Conv2d(8, 8, { kernel: 3, padding: 1, bias: false }),
        new BatchNorm(8),
      ]),
    );
  const train = (isCompiled: boolean): Steps => {
    const net = assemble(
      new Sequential([new Conv2d(3, 8, { kernel: 3 }), block(), new ReLU(), block(), new ReLU()]),
      { seed: 3 },
    );
    const written = (x: Tensor): Tensor => {
      clearGradients(net.parameters());
      const loss = sum(square(net.forward(x)));
      loss.backward();
      return detach(loss);
    };
    const compiled = compile(written);
    const step = isCompiled ? compiled : written;
    const bits: string[] = [];
    for (let i = 0; i < 5; i++) {
      bits.push(bitsOf(step(drawn([9, 3, 10, 10], i))));
      bits.push(...net.parameters().map(({ grad }) => (grad === null ? "none" : bitsOf(grad))));
    }
    const cells = Object.values(net.namedBuffers()).map(bitsOf);
    return { bits: [...bits, ...cells], fused: compiled.report().routines[0]?.fused ?? 0 };
  };
  const [repeated, written] = [train(true), train(false)];
  expect(repeated.bits).toEqual(written.bits);
  // Each block: γ and β, relu and its gradient; γ and β, sum, relu. Gradients of the first block and of the input come by
  // two ways. The gradient of the square is a chain.
  expect(repeated.fused).toBe(15);
});
