/**
 * What the tests of the wasm device's transcendental functions share: the compiled probe kernel on plain arrays, the table of
 * functions with their stated errors, and the error measure. Rests on the compiled kernels and core/scalar-math.
 */
import { singleBinary } from "../core/devices/wasm/binary.gen.ts";
import * as scalar from "../core/scalar-math/index.ts";
import { uniformFrom } from "./scalar-math-samples.ts";

type ProbeKernel = (task: number, from: number, to: number, scratch: number) => void;

/** Elements that one call of the probe takes at most. */
export const chunk = 65536;

/** Where things lie in the probe's memory, beyond the kernels' constant tables; in bytes. */
const task = 524288;
const scratch = 589824;
const input = 1048576;
const output = input + 8 * chunk;
const second = output + 8 * chunk;

/** The probe kernel with typed views of its arrays; float32 and float64 views share their bytes. */
export interface Probe {
  readonly bits: Uint32Array;
  readonly secondBits: Uint32Array;
  readonly input32: Float32Array;
  readonly second32: Float32Array;
  readonly output32: Float32Array;
  readonly outputBits: Uint32Array;
  readonly input64: Float64Array;
  readonly second64: Float64Array;
  readonly output64: Float64Array;
  /** Runs function number `fn` on elements `from` … `to - 1`. */
  run(fn: number, dtype: "float32" | "float64", from: number, to: number): void;
}

/** A probe of its own memory. */
export function makeProbe(): Probe {
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536 });
  const module = new WebAssembly.Module(Buffer.from(singleBinary, "base64"));
  const { mathProbe } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  if (typeof mathProbe !== "function") throw new TypeError("the binary lacks mathProbe");
  const kernel = mathProbe as ProbeKernel;
  const { buffer } = memory;
  const words = new Int32Array(buffer, task, 64);
  return {
    bits: new Uint32Array(buffer, input, 2 * chunk),
    secondBits: new Uint32Array(buffer, second, 2 * chunk),
    input32: new Float32Array(buffer, input, chunk),
    second32: new Float32Array(buffer, second, chunk),
    output32: new Float32Array(buffer, output, chunk),
    outputBits: new Uint32Array(buffer, output, chunk),
    input64: new Float64Array(buffer, input, chunk),
    second64: new Float64Array(buffer, second, chunk),
    output64: new Float64Array(buffer, output, chunk),
    run(fn, dtype, from, to) {
      words.set([fn, input, output, dtype === "float64" ? 1 : 0, second]);
      kernel(task, from, to, scratch);
    },
  };
}

/** A function of the probe: its number is its place in `functions`. */
export interface ProbedFunction {
  readonly name: string;
  /** The float64 function whose bits the kernel must have. */
  readonly exact: (x: number, y: number) => number;
  /** The error stated for float32, in units in the last place. */
  readonly ulps: number;
}

const gated = (x: number, u: number): number => (x === -Infinity ? -0 : x * scalar.sigmoid(u));
const cubicGate = (x: number): number => 2 * 0.7978845608028654 * (x + 0.044715 * x * x * x);
const gelu = (x: number): number =>
  x === -Infinity ? -0 : 0.5 * x * scalar.erfc(-x * Math.SQRT1_2);

/** 0.51 ulp: computed in float64 to 2^-32 or better and rounded once. The others are float32 throughout. */
export const functions: readonly ProbedFunction[] = [
  { name: "exp", exact: scalar.exp, ulps: 1 },
  { name: "expm1", exact: scalar.expm1, ulps: 0.51 },
  { name: "log", exact: scalar.log, ulps: 0.9 },
  { name: "log1p", exact: scalar.log1p, ulps: 0.51 },
  { name: "tanh", exact: scalar.tanh, ulps: 2 },
  { name: "sigmoid", exact: scalar.sigmoid, ulps: 2 },
  { name: "softplus", exact: scalar.softplus, ulps: 0.51 },
  { name: "erf", exact: scalar.erf, ulps: 0.51 },
  { name: "erfc", exact: scalar.erfc, ulps: 0.51 },
  { name: "gelu", exact: gelu, ulps: 0.51 },
  { name: "geluTanh", exact: (x) => gated(x, cubicGate(x)), ulps: 0.51 },
  { name: "silu", exact: (x) => gated(x, x), ulps: 0.51 },
  { name: "sin", exact: scalar.sin, ulps: 0.51 },
  { name: "cos", exact: scalar.cos, ulps: 0.51 },
  { name: "tan", exact: scalar.tan, ulps: 0.51 },
  { name: "sinh", exact: scalar.sinh, ulps: 0.51 },
  { name: "cosh", exact: scalar.cosh, ulps: 0.51 },
  { name: "atan", exact: scalar.atan, ulps: 0.51 },
  { name: "pow", exact: scalar.pow, ulps: 0.51 },
  { name: "elu with α = 1.5", exact: (x) => (x > 0 ? x : 1.5 * scalar.expm1(x)), ulps: 0.51 },
];

/** ±0, ±∞, NaN, the smallest and largest subnormal, normal and finite numbers, and small integers, as float32 bits. */
export const specialBits: readonly number[] = [
  0x00000000, 0x7f800000, 0x7fc00000, 0x00000001, 0x007fffff, 0x00800000, 0x7f7fffff, 0x3f000000,
  0x3f800000, 0x40000000, 0x40400000, 0x4b800000, 0x4b7fffff, 0x42b17218, 0x49800000,
].flatMap((bits) => [bits, (bits | 0x80000000) >>> 0]);

const magnitude = (x: number): number => (Math.abs(x) === Infinity ? Math.sign(x) * 2 ** 128 : x);
const word = new Float64Array(1);
const words = new Int32Array(word.buffer);

/**
 * |result - exact| in units in the last place of float32 at `exact`, an overflow counting as 2^128; infinite where one is
 * NaN and the other is not, or where zeros differ in sign.
 */
export function errorInUlps32(result: number, exact: number): number {
  const nearest = Math.fround(exact);
  if (result === nearest) {
    if (result === 0) return Object.is(result, nearest) ? 0 : Infinity;
    if (Math.abs(result) === Infinity) return 0;
  } else if (Number.isNaN(result) || Number.isNaN(nearest)) {
    return Number.isNaN(result) && Number.isNaN(nearest) ? 0 : Infinity;
  }
  word[0] = exact;
  const exponent = (((words[1] as number) >>> 20) & 0x7ff) - 1023;
  const unit = scalar.powerOfTwo(Math.min(Math.max(exponent, -126), 127) - 23);
  return Math.abs(magnitude(result) - magnitude(exact)) / unit;
}

/** Fills the first `count` float64 inputs: any bits, and numbers of the sizes that nets and tests see. */
export function fillFloat64(probe: Probe, count: number, seed: number): void {
  const uniform = uniformFrom(seed);
  const bits = (): number => Math.floor(uniform() * 4294967296);
  for (let i = 0; i < count; i++) {
    if (i % 4 === 0) {
      for (let half = 0; half < 2; half++) {
        probe.bits[2 * i + half] = bits();
        probe.secondBits[2 * i + half] = bits();
      }
    } else {
      const size = [8, 1600, scalar.powerOfTwo(Math.floor(64 * uniform()) - 32)][(i % 4) - 1] ?? 1;
      probe.input64[i] = (uniform() - 0.5) * size;
      const exponent = (uniform() - 0.5) * 40;
      probe.second64[i] = i % 3 === 0 ? Math.round(exponent) : exponent;
    }
  }
}
