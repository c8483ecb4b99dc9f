/**
 * A kernel for measuring the functions on plain arrays.
 * Words: 0 number of the function, 1 input, 2 output, 3 type (0 float32, 1 float64), 4 second input (pow's exponents).
 */
import {
  atan32, atan64, cos32, cos64, cosh32, cosh64, elu32, elu64, erf32, erf64, erfc32, erfc64, exp32, exp64, expm132,
  expm164, gelu32, gelu64, geluTanh32, geluTanh64, log1p32, log1p64, log32, log64, pow32, pow64, sigmoid32, sigmoid64,
  silu32, silu64, sin32, sin64, sinh32, sinh64, softplus32, softplus64, tan32, tan64, tanh32, tanh64,
} from "./math";
import { pointer, word } from "./task";

const EXP = 0, EXPM1 = 1, LOG = 2, LOG1P = 3, TANH = 4, SIGMOID = 5, SOFTPLUS = 6, ERF = 7, ERFC = 8, GELU = 9,
  GELU_TANH = 10, SILU = 11, SIN = 12, COS = 13, TAN = 14, SINH = 15, COSH = 16, ATAN = 17, POW = 18, ELU = 19;

/** alpha of the measured elu. */
const alpha: f64 = 1.5;

/**
 * One type per function. The compiler decides `idof` before it inlines, so that each loop holds one function only; a number
 * passed down would put all of them into each loop.
 */
class Exp {}
class Expm1 {}
class Log {}
class Log1p {}
class Tanh {}
class Sigmoid {}
class Softplus {}
class Erf {}
class Erfc {}
class Gelu {}
class GeluTanh {}
class Silu {}
class Sin {}
class Cos {}
class Tan {}
class Sinh {}
class Cosh {}
class Atan {}
class Pow {}
class Elu {}

// @ts-ignore: decorator
@inline
function apply32<F>(x: v128, y: v128): v128 {
  if (idof<F>() == idof<Exp>()) return exp32(x);
  if (idof<F>() == idof<Expm1>()) return expm132(x);
  if (idof<F>() == idof<Log>()) return log32(x);
  if (idof<F>() == idof<Log1p>()) return log1p32(x);
  if (idof<F>() == idof<Tanh>()) return tanh32(x);
  if (idof<F>() == idof<Sigmoid>()) return sigmoid32(x);
  if (idof<F>() == idof<Softplus>()) return softplus32(x);
  if (idof<F>() == idof<Erf>()) return erf32(x);
  if (idof<F>() == idof<Erfc>()) return erfc32(x);
  if (idof<F>() == idof<Gelu>()) return gelu32(x);
  if (idof<F>() == idof<GeluTanh>()) return geluTanh32(x);
  if (idof<F>() == idof<Silu>()) return silu32(x);
  if (idof<F>() == idof<Sin>()) return sin32(x);
  if (idof<F>() == idof<Cos>()) return cos32(x);
  if (idof<F>() == idof<Tan>()) return tan32(x);
  if (idof<F>() == idof<Sinh>()) return sinh32(x);
  if (idof<F>() == idof<Cosh>()) return cosh32(x);
  if (idof<F>() == idof<Atan>()) return atan32(x);
  if (idof<F>() == idof<Pow>()) return pow32(x, y);
  return elu32(x, alpha, 1.0);
}

function apply64(fn: i32, x: f64, y: f64): f64 {
  switch (fn) {
    case EXP: return exp64(x);
    case EXPM1: return expm164(x);
    case LOG: return log64(x);
    case LOG1P: return log1p64(x);
    case TANH: return tanh64(x);
    case SIGMOID: return sigmoid64(x);
    case SOFTPLUS: return softplus64(x);
    case ERF: return erf64(x);
    case ERFC: return erfc64(x);
    case GELU: return gelu64(x);
    case GELU_TANH: return geluTanh64(x);
    case SILU: return silu64(x);
    case SIN: return sin64(x);
    case COS: return cos64(x);
    case TAN: return tan64(x);
    case SINH: return sinh64(x);
    case COSH: return cosh64(x);
    case ATAN: return atan64(x);
    case POW: return pow64(x, y);
    default: return elu64(x, alpha);
  }
}

/** Float32 in steps of two vectors, then one at a time; the last one padded. */
function run32<F>(task: usize, from: usize, to: usize, scratch: usize): void {
  const input = pointer(task, 1), output = pointer(task, 2);
  const other = idof<F>() == idof<Pow>() ? pointer(task, 4) : input;
  let at = from << 2;
  const end = to << 2;
  for (; at + 32 <= end; at += 32) {
    const first = apply32<F>(v128.load(input + at), v128.load(other + at));
    const second = apply32<F>(v128.load(input + at, 16), v128.load(other + at, 16));
    v128.store(output + at, first);
    v128.store(output + at, second, 16);
  }
  for (; at < end; at += 16) {
    const bytes = min<usize>(16, end - at);
    memory.copy(scratch, input + at, bytes);
    memory.copy(scratch + 16, other + at, bytes);
    v128.store(scratch, apply32<F>(v128.load(scratch), v128.load(scratch, 16)));
    memory.copy(output + at, scratch, bytes);
  }
}

function run64(task: usize, from: usize, to: usize): void {
  const fn = word(task, 0);
  const input = pointer(task, 1), output = pointer(task, 2);
  const other = fn == POW ? pointer(task, 4) : input;
  for (let at = from << 3; at < to << 3; at += 8) {
    store<f64>(output + at, apply64(fn, load<f64>(input + at), load<f64>(other + at)));
  }
}

/** Function word 0 on elements from … to - 1. */
export function mathProbe(task: usize, from: i32, to: i32, scratch: usize): void {
  if (word(task, 3) == 1) return run64(task, from, to);
  switch (word(task, 0)) {
    case EXP: return run32<Exp>(task, from, to, scratch);
    case EXPM1: return run32<Expm1>(task, from, to, scratch);
    case LOG: return run32<Log>(task, from, to, scratch);
    case LOG1P: return run32<Log1p>(task, from, to, scratch);
    case TANH: return run32<Tanh>(task, from, to, scratch);
    case SIGMOID: return run32<Sigmoid>(task, from, to, scratch);
    case SOFTPLUS: return run32<Softplus>(task, from, to, scratch);
    case ERF: return run32<Erf>(task, from, to, scratch);
    case ERFC: return run32<Erfc>(task, from, to, scratch);
    case GELU: return run32<Gelu>(task, from, to, scratch);
    case GELU_TANH: return run32<GeluTanh>(task, from, to, scratch);
    case SILU: return run32<Silu>(task, from, to, scratch);
    case SIN: return run32<Sin>(task, from, to, scratch);
    case COS: return run32<Cos>(task, from, to, scratch);
    case TAN: return run32<Tan>(task, from, to, scratch);
    case SINH: return run32<Sinh>(task, from, to, scratch);
    case COSH: return run32<Cosh>(task, from, to, scratch);
    case ATAN: return run32<Atan>(task, from, to, scratch);
    case POW: return run32<Pow>(task, from, to, scratch);
    default: return run32<Elu>(task, from, to, scratch);
  }
}
