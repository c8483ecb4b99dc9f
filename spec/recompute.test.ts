/** recompute: the same value and the same gradient bits for less memory, with no side effect run twice. */
import { describe, expect, test } from "vitest";
import {
  assign,
  conv2d,
  dropout,
  exp,
  functionalCall,
  grad,
  hvp,
  jvp,
  matmul,
  mean,
  multiply,
  OverwrittenError,
  parameter,
  RandomSource,
  recompute,
  relu,
  sin,
  square,
  sum,
  type Tensor,
  tanh,
} from "../core/index.ts";
import { assemble, BatchNorm, Dropout, Linear, Sequential, Tanh } from "../layers/index.ts";
import {
  bitsOf,
  countingMemory,
  expectClose,
  f64,
  item,
  messageOf,
  noise,
  numbers,
} from "./plain.ts";

/** What `recompute` does not change: `f` as a function of several tensors. */
type Segment = (...inputs: readonly Tensor[]) => Tensor;

/** A block with everything that could go wrong: statistics, random masks and parameters by closure. */
function block(): { net: Sequential; run: Segment; again: Segment } {
  const layers = [
    new Linear(3, 4),
    new BatchNorm(4),
    new Tanh(),
    new Dropout(0.4),
    new Linear(4, 2),
  ];
  const net = assemble(new Sequential(layers), { seed: 5, dtype: "float64" });
  const run: Segment = (x) => net.forward(x ?? f64([]));
  return { net, run, again: recompute(run) };
}

const x = noise([6, 3], 1);

describe("recompute", () => {
  test("gives the value and the gradients of what it replaces, bit for bit", () => {
    const [plain, segment] = [block(), block()];
    const [a, b] = [parameter(x), parameter(x)];
    const [value, same] = [sum(square(plain.run(a))), sum(square(segment.again(b)))];
    expect(bitsOf(same)).toBe(bitsOf(value));
    value.backward();
    same.backward();
    const expected = [a, ...plain.net.parameters()].map((w) => w.grad && bitsOf(w.grad));
    expect([b, ...segment.net.parameters()].map((w) => w.grad && bitsOf(w.grad))).toEqual(expected);
    expect(expected).not.toContain(null);
  });

  test("updates moving averages once and draws each mask once", () => {
    const [plain, segment] = [block(), block()];
    sum(square(plain.run(parameter(x)))).backward();
    sum(square(segment.again(parameter(x)))).backward();
    const state = ({ net }: typeof plain) => Object.values(net.namedBuffers()).map(bitsOf);
    expect(state(segment)).toEqual(state(plain));
    // The next masks are the same too: the replay left the streams where they were.
    expect(bitsOf(segment.again(x))).toBe(bitsOf(plain.run(x)));
  });

  test("gives the forward derivative of what it replaces", () => {
    const f: Segment = (a, b) => multiply(tanh(a ?? x), b ?? x);
    const t = noise([6, 3], 2);
    const tangent = (g: Segment) => jvp((at: Tensor) => g(at, square(at)), x, t).tangent;
    expect(bitsOf(tangent(recompute(f)))).toBe(bitsOf(tangent(f)));
  });

  test("can be differentiated twice, in its arguments and through closures", () => {
    const w = noise([3, 3], 3);
    const f = (g: (s: Segment) => Segment) => (at: Tensor) => {
      const inner = g((a) => sin(matmul(a ?? x, multiply(w, sum(at)))));
      return sum(square(inner(at)));
    };
    const [plain, segment] = [f((s) => s), f(recompute)];
    const t = noise([6, 3], 4);
    expect(bitsOf(segment(x))).toBe(bitsOf(plain(x)));
    // The same terms; closures are added in another order.
    expectClose(grad(segment)(x), grad(plain)(x), 1e-13);
    expectClose(hvp(segment, x, t), hvp(plain, x, t), 1e-12);
    const second = (h: typeof plain) => grad((at: Tensor) => sum(multiply(grad(h)(at), t)))(x);
    expectClose(second(segment), second(plain), 1e-12);
  });

  test("sees an argument that is also used by closure", () => {
    const f = (at: Tensor) => recompute((a) => multiply(a ?? at, at))(at);
    expect(item(grad(f)(f64(3)))).toBe(6);
    expect(item(jvp(f, f64(3), f64(1)).tangent)).toBe(6);
  });

  test("passes on a tensor that it only returns", () => {
    expect(item(grad((at: Tensor) => square(recompute(() => at)()))(f64(3)))).toBe(6);
    expect(item(grad((at: Tensor) => square(recompute((a) => a ?? at)(at)))(f64(3)))).toBe(6);
  });

  test("nests", () => {
    const inner = recompute((a) => exp(a ?? x));
    const outer = recompute((a) => sin(inner(square(a ?? x))));
    const plain = (at: Tensor) => sum(sin(exp(square(at))));
    const small = noise([3], 6);
    expect(bitsOf(grad((at: Tensor) => sum(outer(at)))(small))).toBe(bitsOf(grad(plain)(small)));
    expectClose(
      hvp((at: Tensor) => sum(outer(at)), small, small),
      hvp(plain, small, small),
      1e-13,
    );
  });

  test("nested segments repeat their own masks", () => {
    const run = (wrap: (s: Segment) => Segment): readonly number[] => {
      const stream = new RandomSource(1).stream("masks");
      const inner = wrap((a) => dropout(a ?? x, { rate: 0.5, stream }));
      const outer = wrap((a) => square(inner(dropout(a ?? x, { rate: 0.3, stream }))));
      return numbers(grad((at: Tensor) => sum(outer(at)))(x));
    };
    expect(run(recompute)).toEqual(run((s) => s));
  });

  test("works inside functionalCall: the stand-ins get the gradients", () => {
    const plain = assemble(new Sequential([new Linear(3, 2), new Tanh()]), { dtype: "float64" });
    const run: Segment = (a) => plain.forward(a ?? x);
    const again = recompute(run);
    const net = (s: Segment) => ({ namedParameters: () => plain.namedParameters(), forward: s });
    const p = { "linear1.weight": noise([2, 3], 7), "linear1.bias": noise([2], 8) };
    const slope = (s: Segment) =>
      grad((q: typeof p) => sum(square(functionalCall(net(s), q, x))))(p);
    const [a, b] = [slope(again), slope(run)];
    expect(bitsOf(a["linear1.weight"])).toBe(bitsOf(b["linear1.weight"]));
    expect(bitsOf(a["linear1.bias"])).toBe(bitsOf(b["linear1.bias"]));
    expect(plain.parameters().map(({ grad: g }) => g)).toEqual([null, null]);
  });

  test("a closure parameter overwritten before backward is an error", () => {
    const w = parameter(f64([2]), { name: "w" });
    const loss = sum(recompute((a) => multiply(a ?? w, w))(parameter(f64([3]))));
    assign(w, f64([4]));
    expect(messageOf(() => loss.backward(), OverwrittenError)).toContain(
      '"w" [1] float64 at version 1',
    );
  });

  test("a frozen closure parameter gets no gradient", () => {
    const [w, frozen] = [parameter(f64([2])), parameter(f64([3]))];
    frozen.requiresGrad = false;
    sum(recompute((a) => multiply(a ?? w, frozen))(w)).backward();
    expect([w.grad && numbers(w.grad), frozen.grad]).toEqual([[3], null]);
  });

  test("needs less memory at its peak, in the backward pass too", () => {
    const peak = (wrap: (s: Segment) => Segment): number => {
      const image = parameter(noise([1, 1, 32, 32], 9));
      const w = parameter(noise([1, 1, 3, 3], 10));
      const segment = wrap((a) => {
        let y = a ?? image;
        for (let i = 0; i < 6; i++) y = relu(conv2d(y, w, { padding: 1 }));
        return y;
      });
      return countingMemory((count) => {
        let y: Tensor = image;
        for (let i = 0; i < 6; i++) y = segment(y);
        mean(y).backward();
        return count.peakBytes;
      });
    };
    // 6 segments of 12 images each: plain holds 72 and the cotangents, recompute 6 and those of one segment.
    expect(peak(recompute)).toBeLessThan(0.6 * peak((s) => s));
  });
});
