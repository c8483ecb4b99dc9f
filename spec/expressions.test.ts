/**
 * Random scalar expressions against symbolic differentiation (mathjs): first derivatives by reverse and by forward
 * mode, second derivatives by grad of grad.
 * Rests on the transforms, fast-check and mathjs.
 */
import { fc, test } from "@fast-check/vitest";
import { derivative, type MathNode, parse } from "mathjs";
import { describe, expect } from "vitest";
import { tensor } from "../core/create.ts";
import { sigmoid, silu, softplus } from "../core/ops/activation.ts";
import { add, divide, multiply, pow, subtract } from "../core/ops/arithmetic.ts";
import { exp, expm1, log, log1p } from "../core/ops/exponential.ts";
import { cosh, sinh, tanh } from "../core/ops/hyperbolic.ts";
import { rsqrt, sqrt, square } from "../core/ops/power.ts";
import { negate } from "../core/ops/sign.ts";
import { sum } from "../core/ops/sum.ts";
import { atan, cos, sin, tan } from "../core/ops/trigonometric.ts";
import type { Tensor } from "../core/tensor.ts";
import { jvp } from "../core/transforms/forward.ts";
import { grad } from "../core/transforms/reverse.ts";

/** An expression twice: as text for mathjs and as a program of ops. */
interface Expression {
  readonly text: string;
  run(at: Variables): Tensor;
}

interface Variables {
  readonly x: Tensor;
  readonly y: Tensor;
}

type Unary = readonly [text: (u: string) => string, op: (u: Tensor) => Tensor];
type Binary = readonly [
  text: (u: string, v: string) => string,
  op: (u: Tensor, v: Tensor) => Tensor,
];

/** Smooth everywhere: arguments of log, sqrt and tan are first brought inside their domains. */
const unary: readonly Unary[] = [
  [(u) => `-(${u})`, negate],
  [(u) => `sin(${u})`, sin],
  [(u) => `cos(${u})`, cos],
  [(u) => `tan(sin(${u}))`, (u) => tan(sin(u))],
  [(u) => `atan(${u})`, atan],
  [(u) => `tanh(${u})`, tanh],
  [(u) => `sinh(sin(${u}))`, (u) => sinh(sin(u))],
  [(u) => `cosh(cos(${u}))`, (u) => cosh(cos(u))],
  [(u) => `exp(cos(${u}))`, (u) => exp(cos(u))],
  [(u) => `(exp(sin(${u})) - 1)`, (u) => expm1(sin(u))],
  [(u) => `log(2 + sin(${u}))`, (u) => log(add(2, sin(u)))],
  [(u) => `log(1 + (${u})^2)`, (u) => log1p(square(u))],
  [(u) => `sqrt(2 + cos(${u}))`, (u) => sqrt(add(2, cos(u)))],
  [(u) => `1 / sqrt(1 + (${u})^2)`, (u) => rsqrt(add(1, square(u)))],
  [(u) => `(sin(${u}))^2`, (u) => square(sin(u))],
  [(u) => `1 / (1 + exp(-(${u})))`, sigmoid],
  [(u) => `log(1 + exp(${u}))`, softplus],
  [(u) => `(${u}) / (1 + exp(-(${u})))`, silu],
];

const binary: readonly Binary[] = [
  [(u, v) => `(${u} + ${v})`, add],
  [(u, v) => `(${u} - (${v}))`, subtract],
  [(u, v) => `(${u}) * (${v})`, multiply],
  [(u, v) => `(${u}) / (2 + (${v})^2)`, (u, v) => divide(u, add(2, square(v)))],
  [(u, v) => `(2 + sin(${u}))^(cos(${v}))`, (u, v) => pow(add(2, sin(u)), cos(v))],
];

/** Values on the grid of eighths in [-2, 2]. */
const eighths = fc.noBias(fc.integer({ min: -16, max: 16 })).map((k) => k / 8);
const points = fc.array(eighths, { minLength: 3, maxLength: 3 });

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc.constantFrom<Expression>({ text: "x", run: ({ x }) => x }, { text: "y", run: ({ y }) => y }),
  eighths.map((value) => ({
    text: `(${value})`,
    run: ({ x }: Variables) => add(multiply(x, 0), value),
  })),
);

const expression: fc.Memo<Expression> = fc.memo((depth) => {
  if (depth <= 1) return leaf;
  const inner = expression(depth - 1);
  return fc.oneof(
    { weight: 1, arbitrary: leaf },
    {
      weight: 4,
      arbitrary: fc.tuple(fc.constantFrom(...unary), inner).map(([[text, op], u]) => ({
        text: text(u.text),
        run: (at: Variables) => op(u.run(at)),
      })),
    },
    {
      weight: 4,
      arbitrary: fc.tuple(fc.constantFrom(...binary), inner, inner).map(([[text, op], u, v]) => ({
        text: text(u.text, v.text),
        run: (at: Variables) => op(u.run(at), v.run(at)),
      })),
    },
  );
});

const trees = 200;
const seed = 314;

const float64 = (data: readonly number[]): Tensor => tensor(data, { dtype: "float64" });
const variable = (x: readonly number[], y: readonly number[]): Variables => ({
  x: float64(x),
  y: float64(y),
});

/** Both sides evaluate some dozen terms that may cancel: 10⁶ roundings of the larger of 1 and the value. */
const relative = 1e-10;

function expectClose(
  got: Tensor,
  node: MathNode,
  x: readonly number[],
  y: readonly number[],
): void {
  const program = node.compile();
  Array.from(got.elements()).forEach((value, i) => {
    const want: number = program.evaluate({ x: x[i], y: y[i] });
    expect(Math.abs(value - want), `${value} against ${want}`).toBeLessThanOrEqual(
      relative * (1 + Math.abs(want)),
    );
  });
}

describe("random expressions", () => {
  test.prop([expression(5), points, points], { numRuns: trees, seed })(
    "value and first derivatives are the symbolic ones, by reverse and by forward mode",
    ({ text, run }, x, y) => {
      const at = variable(x, y);
      const node = parse(text);
      expectClose(run(at), node, x, y);
      const byX = derivative(node, "x", { simplify: false });
      const byY = derivative(node, "y", { simplify: false });
      const gradient = grad((z: { x: Tensor; y: Tensor }) => sum(run(z)))({ x: at.x, y: at.y });
      expectClose(gradient.x, byX, x, y);
      expectClose(gradient.y, byY, x, y);
      const one = float64([1, 1, 1]);
      const zero = float64([0, 0, 0]);
      const along = (tx: Tensor, ty: Tensor): Tensor =>
        jvp((z: { x: Tensor; y: Tensor }) => run(z), { x: at.x, y: at.y }, { x: tx, y: ty })
          .tangent;
      expectClose(along(one, zero), byX, x, y);
      expectClose(along(zero, one), byY, x, y);
    },
  );

  test.prop([expression(4), points, points], { numRuns: trees, seed: seed + 1 })(
    "second derivatives by grad of grad are the symbolic ones",
    ({ text, run }, x, y) => {
      const at = { x: float64(x), y: float64(y) };
      const node = parse(text);
      const byX = derivative(node, "x", { simplify: false });
      const slope = grad((z: { x: Tensor; y: Tensor }) => sum(run(z)));
      const curvature = grad((z: { x: Tensor; y: Tensor }) => sum(slope(z).x))(at);
      expectClose(curvature.x, derivative(byX, "x", { simplify: false }), x, y);
      expectClose(curvature.y, derivative(byX, "y", { simplify: false }), x, y);
    },
  );
});
