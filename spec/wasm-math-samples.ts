/**
 * What the tests of the wasm device's transcendental functions share: the compiled kernels on plain arrays, the table of
 * functions with their stated errors, and the error measure. Rests on the compiled kernels and core/scalar-math.
 */
import { singleBinary } from "../core/devices/wasm/binary.gen.ts";
import * as scalar from "../core/scalar-math/index.ts";
import { uniformFrom } from "./scalar-math-samples.ts";

type Kernel = (task: number, from: number, to: number, scratch: number) => void;

/** Elements that one call takes at most; a multiple of the kernels' segments. */
export const chunk = 65536;
const segment = 4096;

/** Where things lie in the kernels' memory, beyond their constant tables; in bytes. */
const task = 524288;
const scratch = 589824;
const input = 1048576;
const second = input + 8 * chunk;
const output = second + 8 * chunk;

/** A function with a float32 and a float64 kernel. */
export interface MeasuredFunction {
  readonly name: string;
  readonly kernel: "unary" | "binary";
  /** Its number among the kernel's functions. */
  readonly number: number;
  /** The kernel's parameter: elu's α. */
  readonly parameter?: number;
  /** The float64 function whose bits the float64 kernel must have. */
  readonly exact: (x: number, y: number) => number;
  /** The error stated for float32, in units in the last place; subnormal results included. */
  readonly ulps: number;
  /** Where formulas change, results saturate, overflow or become subnormal, cancellation is worst, or errors are largest. */
  readonly hard: readonly number[];
}

const gated = (x: number, u: number): number => (x === -Infinity ? -0 : x * scalar.sigmoid(u));
const cubicGate = (x: number): number => 2 * 0.7978845608028654 * (x + 0.044715 * x * x * x);
const gelu = (x: number): number =>
  x === -Infinity ? -0 : 0.5 * x * scalar.erfc(-x * Math.SQRT1_2);
const elu = (x: number, alpha: number): number => (x > 0 ? x : alpha * scalar.expm1(x));
const selu = (x: number): number => 1.0507009873554805 * elu(x, 1.6732632423543772);

/** Multiples of ln 2 / 2, between which exp(x) changes its power of two, and exp's limits. */
const exponentials: readonly number[] = [
  ...Array.from({ length: 80 }, (_, i) => (i - 40) * 7.5 * (Math.LN2 / 2)),
  ...[
    0.5, 1, 1.5, 2, 3, 17.3, -59.91941452026367, 88.72284, 89, 89.41599, -87.33655, -88.72284,
    -103.27893, -103.97209,
  ],
  ...[-104, -105, -120, 120],
];
/** Multiples of π/4 up to the largest float32, and x = 16367173 · 2^72, the float32 closest to a multiple of π/2. */
const angles: readonly number[] = [
  ...Array.from({ length: 300 }, (_, i) => i * (Math.PI / 4)),
  ...Array.from({ length: 1300 }, (_, i) => {
    const n = Math.floor(scalar.powerOfTwo(Math.floor(i / 10)) * (1 + (i % 10) / 10));
    return n * (Math.PI / 2);
  }),
  ...Array.from({ length: 400 }, (_, i) => (667544 - 200 + i) * (Math.PI / 2)),
  ...[1048576, 16367173 * scalar.powerOfTwo(72)],
];
const logarithms: readonly number[] = [
  ...Array.from({ length: 278 }, (_, i) => scalar.powerOfTwo(i - 149)),
  ...Array.from({ length: 252 }, (_, i) => scalar.powerOfTwo(i - 126) * Math.SQRT1_2),
];
const errors = [
  0.25, 0.5, 0.5489739179611206, 0.9965352416038513, 1, 2, 2.5, 3, 3.83, 3.92, 4, 5, 9.19, 9.3,
  10.05, 10.06, 10.6,
] as const;
const signed = (...points: readonly number[]): readonly number[] => points.flatMap((x) => [x, -x]);

/** Computed in float64 to 2^-32 of the result and rounded once; functions with more are float32 in part or throughout. */
const roundedOnce = 0.51;

const unaryFunctions: readonly Omit<MeasuredFunction, "kernel" | "number">[] = [
  { name: "exp", exact: scalar.exp, ulps: 1, hard: exponentials },
  { name: "expm1", exact: scalar.expm1, ulps: roundedOnce, hard: exponentials },
  { name: "log", exact: scalar.log, ulps: 0.9, hard: [...logarithms, 0.7015700936317444] },
  {
    name: "log1p",
    exact: scalar.log1p,
    ulps: roundedOnce,
    hard: [...logarithms, ...logarithms.map((u) => u - 1), ...logarithms.map((u) => -u)],
  },
  { name: "sin", exact: scalar.sin, ulps: roundedOnce, hard: signed(...angles) },
  { name: "cos", exact: scalar.cos, ulps: roundedOnce, hard: signed(...angles) },
  { name: "tan", exact: scalar.tan, ulps: roundedOnce, hard: signed(...angles) },
  {
    name: "tanh",
    exact: scalar.tanh,
    ulps: 2,
    hard: signed(0.015532239340245724, 9.02, 9.25, ...exponentials),
  },
  { name: "sinh", exact: scalar.sinh, ulps: roundedOnce, hard: signed(...exponentials) },
  { name: "cosh", exact: scalar.cosh, ulps: roundedOnce, hard: signed(...exponentials) },
  {
    name: "atan",
    exact: scalar.atan,
    ulps: roundedOnce,
    hard: signed(Math.SQRT2 - 1, Math.SQRT2 + 1, 7 / 16, 1),
  },
  {
    name: "sigmoid",
    exact: scalar.sigmoid,
    ulps: 1.6,
    hard: signed(5.541774749755859, 5.866938591003418, ...exponentials),
  },
  { name: "softplus", exact: scalar.softplus, ulps: roundedOnce, hard: signed(...exponentials) },
  {
    name: "elu",
    exact: (x) => elu(x, 1.5),
    ulps: roundedOnce,
    hard: exponentials,
  },
  { name: "selu", exact: selu, ulps: roundedOnce, hard: exponentials },
  {
    name: "gelu",
    exact: gelu,
    ulps: 1.2,
    hard: signed(-1.3992522954940796, -13.8, -14.4, -15, ...errors.map((x) => x * Math.SQRT2)),
  },
  {
    name: "geluTanh",
    exact: (x) => gated(x, cubicGate(x)),
    ulps: roundedOnce,
    hard: signed(-9.8, -10, -10.2, -20, ...errors),
  },
  { name: "silu", exact: (x) => gated(x, x), ulps: roundedOnce, hard: signed(...exponentials) },
  { name: "erf", exact: scalar.erf, ulps: 1.3, hard: signed(...errors) },
  { name: "erfc", exact: scalar.erfc, ulps: 1.3, hard: signed(...errors) },
];

/** The kernels' numbers of functions, as in the host's table. */
const numbers: Readonly<Record<string, number>> = {
  ...{ exp: 8, expm1: 9, log: 10, log1p: 11, sin: 12, cos: 13, tan: 14, tanh: 15, sinh: 16 },
  ...{ cosh: 17, atan: 18, sigmoid: 19, softplus: 20, elu: 21, selu: 22, gelu: 23, geluTanh: 24 },
  ...{ silu: 25, erf: 26, erfc: 27 },
};

/** Every transcendental function with its stated error. The kernels' docstrings say the same. */
export const functions: readonly MeasuredFunction[] = [
  ...unaryFunctions.map((f) => ({
    ...f,
    kernel: "unary" as const,
    number: numbers[f.name] ?? Number.NaN,
    parameter: 1.5,
  })),
  {
    name: "pow",
    kernel: "binary",
    number: 6,
    exact: scalar.pow,
    ulps: roundedOnce,
    hard: [...logarithms, 1, 2, 3, 10],
  },
];

/** Typed views of the kernels' arrays, and the call. Views of different dtypes share their bytes. */
export interface Kernels {
  readonly input32: Float32Array;
  readonly inputBits: Uint32Array;
  readonly second32: Float32Array;
  readonly secondBits: Uint32Array;
  readonly output32: Float32Array;
  readonly outputBits: Uint32Array;
  readonly input64: Float64Array;
  readonly second64: Float64Array;
  readonly output64: Float64Array;
  /** Runs `f` on the first `count` elements; from element `offset` and with `step` elements from one to the next. */
  run(
    f: MeasuredFunction,
    dtype: "float32" | "float64",
    count: number,
    place?: { readonly offset?: number; readonly step?: number },
  ): void;
}

/** The compiled kernels in a memory of their own. */
export function makeKernels(): Kernels {
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536 });
  const module = new WebAssembly.Module(Buffer.from(singleBinary, "base64"));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const { heapStart } = exports;
  if (typeof heapStart !== "function" || heapStart() > task) throw new RangeError("no room");
  const { buffer } = memory;
  const words = new Int32Array(buffer, task, 64);
  const reals = new Float64Array(buffer, task + 256, 16);
  return {
    input32: new Float32Array(buffer, input, 2 * chunk),
    inputBits: new Uint32Array(buffer, input, 2 * chunk),
    second32: new Float32Array(buffer, second, 2 * chunk),
    secondBits: new Uint32Array(buffer, second, 2 * chunk),
    output32: new Float32Array(buffer, output, 2 * chunk),
    outputBits: new Uint32Array(buffer, output, 2 * chunk),
    input64: new Float64Array(buffer, input, chunk),
    second64: new Float64Array(buffer, second, chunk),
    output64: new Float64Array(buffer, output, chunk),
    run(f, dtype, count, { offset = 0, step = 1 } = {}) {
      const bytes = dtype === "float64" ? 8 : 4;
      const pieces = Math.ceil(count / segment);
      const pointers = [output, input, second, 0].map((at) => at + offset * bytes);
      const strides = [step, step, step, 0].map((n) => n * bytes);
      words.set([f.number, 0, count, pieces, ...pointers, ...strides]);
      reals[0] = f.parameter ?? 0;
      const kernel = exports[`${f.kernel}${dtype === "float64" ? "F64" : "F32"}`];
      if (typeof kernel !== "function") throw new TypeError(`the binary lacks ${f.kernel}`);
      (kernel as Kernel)(task, 0, pieces, scratch);
    },
  };
}

const magnitude = (x: number): number => (Math.abs(x) === Infinity ? Math.sign(x) * 2 ** 128 : x);

/**
 * |result - exact| in units in the last place of float32 at `exact`, an overflow counting as 2^128; infinite where one is
 * NaN and the other is not, or where zeros differ in sign.
 */
export function errorInUlps32(result: number, exact: number): number {
  const nearest = Math.fround(exact);
  if (result === nearest) {
    if (result === 0 && !Object.is(result, nearest)) return Infinity;
    if (Math.abs(result) === Infinity) return 0;
  } else if (Number.isNaN(result) || Number.isNaN(nearest)) {
    return Number.isNaN(result) && Number.isNaN(nearest) ? 0 : Infinity;
  }
  const exponent = ((scalar.highWord(exact) >>> 20) & 0x7ff) - 1023;
  const unit = scalar.powerOfTwo(Math.min(Math.max(exponent, -126), 127) - 23);
  return Math.abs(magnitude(result) - magnitude(exact)) / unit;
}

/** The largest error found, and where. */
export interface Worst {
  readonly error: number;
  readonly x: number;
  readonly y: number;
}

/** Fills a chunk of `bits` with `start`, `start + stride`, …, modulo 2^32. */
export function countUp(bits: Uint32Array, start: number, stride: number): void {
  const from = start | 0;
  for (let i = 0; i < chunk; i++) bits[i] = (from + i * stride) | 0;
}

const results = new Float32Array(chunk);
const resultBits = new Uint32Array(results.buffer);
const rounded = new Float32Array(chunk);
const roundedBits = new Uint32Array(rounded.buffer);

/**
 * The larger of `worst` and the errors of `f` in float32 on the first `count` inputs, against its float64 kernel, which has
 * scalar-math's bits and is faster. Correctly rounded results count as 0.
 */
export function worstError(
  kernels: Kernels,
  f: MeasuredFunction,
  count: number,
  worst: Worst = { error: 0, x: 0, y: 0 },
): Worst {
  const { input32, second32, output32, input64, second64, output64 } = kernels;
  kernels.run(f, "float32", count);
  results.set(output32.subarray(0, count));
  // The inputs share their bytes with the float64 ones: `set` copies them first.
  input64.set(input32.subarray(0, count));
  if (f.kernel === "binary") second64.set(second32.subarray(0, count));
  kernels.run(f, "float64", count);
  rounded.set(output64.subarray(0, count));
  let found = worst;
  for (let i = 0; i < count; i++) {
    if (resultBits[i] === roundedBits[i]) continue;
    const error = errorInUlps32(results[i] ?? 0, output64[i] ?? 0);
    if (error > found.error) {
      found = { error, x: input64[i] ?? 0, y: f.kernel === "binary" ? (second64[i] ?? 0) : 0 };
    }
  }
  return found;
}

/** ±0, ±∞, NaN, the smallest and largest subnormal, normal and finite numbers, and small integers, as float32 bits. */
export const specialBits: readonly number[] = [
  0x00000000, 0x7f800000, 0x7fc00000, 0x00000001, 0x007fffff, 0x00800000, 0x7f7fffff, 0x3f000000,
  0x3f800000, 0x40000000, 0x40400000, 0x4b800000, 0x4b7fffff, 0x42b17218, 0x49800000,
].flatMap((bits) => [bits, (bits | 0x80000000) >>> 0]);

/** Fills the first `count` float64 inputs: any bits, and numbers of the sizes that nets and tests see. */
export function fillFloat64(kernels: Kernels, count: number, seed: number): void {
  const { inputBits, secondBits, input64, second64 } = kernels;
  const uniform = uniformFrom(seed);
  const bits = (): number => Math.floor(uniform() * 4294967296);
  for (let i = 0; i < count; i++) {
    if (i % 4 === 0) {
      for (let half = 0; half < 2; half++) {
        inputBits[2 * i + half] = bits();
        secondBits[2 * i + half] = bits();
      }
    } else {
      const size = [8, 1600, scalar.powerOfTwo(Math.floor(64 * uniform()) - 32)][(i % 4) - 1] ?? 1;
      input64[i] = (uniform() - 0.5) * size;
      const exponent = (uniform() - 0.5) * 40;
      second64[i] = i % 3 === 0 ? Math.round(exponent) : exponent;
    }
  }
}

/** A worst error as text. */
export function inWords({ kernel }: MeasuredFunction, { error, x, y }: Worst): string {
  const at = kernel === "binary" ? `${x}, ${y}` : `${x}`;
  return `${error.toFixed(4)} ulp at ${at}`;
}
