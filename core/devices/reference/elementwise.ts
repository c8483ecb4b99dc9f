/**
 * Elementwise kernels: one output element from the input elements at the same place.
 * Rests on memory and scalar-math, which gives the same bits in every engine.
 */

import type { TypedArray } from "../../dtype.ts";
import {
  atan,
  cos,
  cosh,
  erf,
  erfc,
  exp,
  expm1,
  log,
  log1p,
  pow,
  sigmoid,
  sin,
  sinh,
  softplus,
  tan,
  tanh,
} from "../../scalar-math/index.ts";
import type { KernelTable } from "../device.ts";
import type { BinaryFunction, Comparison, LogicalFunction, UnaryFunction } from "../kernels.ts";
import { dense, gatherInto } from "./memory.ts";

/** Klambauer et al. 2017, section 2: the fixed point of mean 0 and variance 1. */
const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;
const sqrtHalf = Math.SQRT1_2;
const sqrtTwoOverPi = 0.7978845608028654;

/** x·σ(u); the limit at −∞ is −0, where ∞·0 would be NaN. */
const gated = (x: number, u: number): number =>
  x === Number.NEGATIVE_INFINITY ? -0 : x * sigmoid(u);
const elu = (x: number, alpha: number): number => (x > 0 ? x : alpha * expm1(x));

const unary: Readonly<Record<UnaryFunction, (x: number, parameter: number) => number>> = {
  negate: (x) => -x,
  abs: (x) => Math.abs(x),
  sign: (x) => Math.sign(x),
  sqrt: (x) => Math.sqrt(x),
  rsqrt: (x) => 1 / Math.sqrt(x),
  square: (x) => x * x,
  exp: (x) => exp(x),
  expm1: (x) => expm1(x),
  log: (x) => log(x),
  log1p: (x) => log1p(x),
  sin: (x) => sin(x),
  cos: (x) => cos(x),
  tan: (x) => tan(x),
  tanh: (x) => tanh(x),
  sinh: (x) => sinh(x),
  cosh: (x) => cosh(x),
  atan: (x) => atan(x),
  sigmoid: (x) => sigmoid(x),
  softplus: (x) => softplus(x),
  relu: (x) => (x > 0 || Number.isNaN(x) ? x : 0),
  leakyRelu: (x, slope) => (x > 0 ? x : slope * x),
  elu: (x, alpha) => elu(x, alpha),
  selu: (x) => seluScale * elu(x, seluAlpha),
  // erfc keeps the far left tail: 1 + erf(x/√2) would cancel there.
  gelu: (x) => (x === Number.NEGATIVE_INFINITY ? -0 : 0.5 * x * erfc(-x * sqrtHalf)),
  geluTanh: (x) => gated(x, 2 * sqrtTwoOverPi * (x + 0.044715 * x * x * x)),
  silu: (x) => gated(x, x),
  erf: (x) => erf(x),
  erfc: (x) => erfc(x),
};

/** Fills `out` from `a` and `b` element by element. */
type BinaryLoop = (a: TypedArray, b: TypedArray, out: TypedArray) => void;

const eachPair =
  (f: (a: number, b: number) => number): BinaryLoop =>
  (a, b, out) => {
    for (let i = 0; i < out.length; i++) out[i] = f(a[i]!, b[i]!);
  };

/** + − × ÷ have loops of their own: they are most of a training step, and a call costs more than they do. */
const binary: Readonly<Record<BinaryFunction, BinaryLoop>> = {
  add: (a, b, out) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i]! + b[i]!;
  },
  subtract: (a, b, out) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i]! - b[i]!;
  },
  multiply: (a, b, out) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i]! * b[i]!;
  },
  divide: (a, b, out) => {
    for (let i = 0; i < out.length; i++) out[i] = a[i]! / b[i]!;
  },
  pow: eachPair((a, b) => pow(a, b)),
  minimum: eachPair((a, b) => Math.min(a, b)),
  maximum: eachPair((a, b) => Math.max(a, b)),
  reluGradient: eachPair((a, b) => (a <= 0 ? 0 : b)),
};

/** int32 keeps the low 32 bits of a product; a float64 product would lose them beyond 2⁵³. */
const wholeUnary: Partial<typeof unary> = { square: (x) => Math.imul(x, x) };
const wholeBinary: Partial<typeof binary> = { multiply: eachPair((a, b) => Math.imul(a, b)) };

const comparisons: Readonly<Record<Comparison, (a: number, b: number) => boolean>> = {
  equal: (a, b) => a === b,
  notEqual: (a, b) => a !== b,
  less: (a, b) => a < b,
  lessEqual: (a, b) => a <= b,
  greater: (a, b) => a > b,
  greaterEqual: (a, b) => a >= b,
};

const logical: Readonly<Record<LogicalFunction, (a: number, b: number) => boolean>> = {
  logicalAnd: (a, b) => a !== 0 && b !== 0,
  logicalOr: (a, b) => a !== 0 || b !== 0,
  logicalXor: (a, b) => (a !== 0) !== (b !== 0),
};

/** Kernels that work element by element. */
export const elementwiseKernels: Pick<
  KernelTable<TypedArray>,
  | "copy"
  | "fill"
  | "range"
  | "unary"
  | "clamp"
  | "binary"
  | "multiplyAdd"
  | "compare"
  | "logical"
  | "logicalNot"
  | "select"
> = {
  copy: ([x], [y]) => {
    const out = dense(y!);
    if (y!.dtype === "bool" && x!.dtype !== "bool") {
      dense(x!).forEach((value, i) => {
        out[i] = value === 0 ? 0 : 1;
      });
    } else {
      gatherInto(out, x!);
    }
  },
  fill: (_, [y], { value }) => {
    y!.handle.fill(value);
  },
  range: (_, [y], { start, step }) => {
    const out = dense(y!);
    for (let i = 0; i < out.length; i++) out[i] = start + i * step;
  },
  unary: ([x], [y], { fn, parameter = 0 }) => {
    const f = (y!.dtype === "int32" ? wholeUnary[fn] : undefined) ?? unary[fn];
    const from = dense(x!);
    const out = dense(y!);
    for (let i = 0; i < out.length; i++) out[i] = f(from[i]!, parameter);
  },
  clamp: ([x], [y], { low, high }) => {
    const from = dense(x!);
    const out = dense(y!);
    for (let i = 0; i < out.length; i++) out[i] = Math.min(Math.max(from[i]!, low), high);
  },
  binary: ([a, b], [y], { fn }) => {
    const loop = (y!.dtype === "int32" ? wholeBinary[fn] : undefined) ?? binary[fn];
    loop(dense(a!), dense(b!), dense(y!));
  },
  multiplyAdd: ([a, b, c], [y]) => {
    const out = dense(y!);
    const shift = dense(c!);
    binary.multiply(dense(a!), dense(b!), out);
    binary.add(out, shift, out);
  },
  compare: ([a, b], [y], { fn }) => {
    const f = comparisons[fn];
    const left = dense(a!);
    const right = dense(b!);
    const out = dense(y!);
    for (let i = 0; i < out.length; i++) out[i] = f(left[i]!, right[i]!) ? 1 : 0;
  },
  logical: ([a, b], [y], { fn }) => {
    const f = logical[fn];
    const left = dense(a!);
    const right = dense(b!);
    const out = dense(y!);
    for (let i = 0; i < out.length; i++) out[i] = f(left[i]!, right[i]!) ? 1 : 0;
  },
  logicalNot: ([x], [y]) => {
    const from = dense(x!);
    const out = dense(y!);
    for (let i = 0; i < out.length; i++) out[i] = from[i] === 0 ? 1 : 0;
  },
  select: ([condition, a, b], [y]) => {
    const choose = dense(condition!);
    const left = dense(a!);
    const right = dense(b!);
    const out = dense(y!);
    for (let i = 0; i < out.length; i++) out[i] = choose[i] === 0 ? right[i]! : left[i]!;
  },
};
