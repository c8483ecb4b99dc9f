/**
 * One pass over memory in place of several: a repeated step that joins launches leaves the bits of the step as written, also
 * where numbers are not finite, what lies between is needed elsewhere, or somebody looks at it; with two threads at work.
 */
import { fc, test as property } from "@fast-check/vitest";
import { beforeAll, describe, expect, test } from "vitest";
import { capturing } from "../core/capture.ts";
import {
  add,
  assign,
  batchNorm,
  clearGradients,
  compile,
  detach,
  multiply,
  noGrad,
  parameter,
  RandomSource,
  randomNormal,
  relu,
  type Shape,
  setDevice,
  setThreads,
  square,
  sum,
  type Tensor,
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
