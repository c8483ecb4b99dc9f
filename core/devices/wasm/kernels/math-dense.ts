/**
 * Functions of one number on float32 that lie side by side, eight at a time: two vectors at once hide latency, and each
 * function has a loop of its own, with no call in it. What is left over, and what lies apart, goes through unary.ts.
 * Rests on math and math-plain. Numbers of functions as in elementwise.ts of the host.
 */
import * as m from "./math";
import { leaky32, relu32, selu32, sign32 } from "./math-plain";

/**
 * One type per function. The compiler decides `idof` before it inlines, so that each loop holds one function only; a number
 * passed down would put all of them into each loop.
 */
class Negate {}
class Abs {}
class Sign {}
class Sqrt {}
class Rsqrt {}
class Square {}
class Relu {}
class LeakyRelu {}
class Exp {}
class Expm1 {}
class Log {}
class Log1p {}
class Sin {}
class Cos {}
class Tan {}
class Tanh {}
class Sinh {}
class Cosh {}
class Atan {}
class Sigmoid {}
class Softplus {}
class Elu {}
class Selu {}
class Gelu {}
class GeluTanh {}
class Silu {}
class Erf {}
class Erfc {}

// @ts-ignore: decorator
@inline
function apply<F>(x: v128, parameter: f64): v128 {
  if (idof<F>() == idof<Negate>()) return f32x4.neg(x);
  if (idof<F>() == idof<Abs>()) return f32x4.abs(x);
  if (idof<F>() == idof<Sign>()) return sign32(x);
  if (idof<F>() == idof<Sqrt>()) return f32x4.sqrt(x);
  if (idof<F>() == idof<Rsqrt>()) return f32x4.div(f32x4.splat(1), f32x4.sqrt(x));
  if (idof<F>() == idof<Square>()) return f32x4.mul(x, x);
  if (idof<F>() == idof<Relu>()) return relu32(x);
  if (idof<F>() == idof<LeakyRelu>()) return leaky32(x, parameter);
  if (idof<F>() == idof<Exp>()) return m.exp32(x);
  if (idof<F>() == idof<Expm1>()) return m.expm132(x);
  if (idof<F>() == idof<Log>()) return m.log32(x);
  if (idof<F>() == idof<Log1p>()) return m.log1p32(x);
  if (idof<F>() == idof<Sin>()) return m.sin32(x);
  if (idof<F>() == idof<Cos>()) return m.cos32(x);
  if (idof<F>() == idof<Tan>()) return m.tan32(x);
  if (idof<F>() == idof<Tanh>()) return m.tanh32(x);
  if (idof<F>() == idof<Sinh>()) return m.sinh32(x);
  if (idof<F>() == idof<Cosh>()) return m.cosh32(x);
  if (idof<F>() == idof<Atan>()) return m.atan32(x);
  if (idof<F>() == idof<Sigmoid>()) return m.sigmoid32(x);
  if (idof<F>() == idof<Softplus>()) return m.softplus32(x);
  if (idof<F>() == idof<Elu>()) return m.elu32(x, parameter, 1.0);
  if (idof<F>() == idof<Selu>()) return selu32(x);
  if (idof<F>() == idof<Gelu>()) return m.gelu32(x);
  if (idof<F>() == idof<GeluTanh>()) return m.geluTanh32(x);
  if (idof<F>() == idof<Silu>()) return m.silu32(x);
  if (idof<F>() == idof<Erf>()) return m.erf32(x);
  return m.erfc32(x);
}

function eights<F>(y: usize, x: usize, count: i32, parameter: f64): void {
  const end = x + (<usize>count << 2);
  while (x < end) {
    const first = apply<F>(v128.load(x), parameter);
    const second = apply<F>(v128.load(x, 16), parameter);
    v128.store(y, first);
    v128.store(y, second, 16);
    x += 32;
    y += 32;
  }
}

/** Function `fn` on `count` float32 at `x`, into `y`. count: a multiple of 8. */
export function dense32(fn: i32, y: usize, x: usize, count: i32, parameter: f64): void {
  switch (fn) {
    case 0: return eights<Negate>(y, x, count, parameter);
    case 1: return eights<Abs>(y, x, count, parameter);
    case 2: return eights<Sign>(y, x, count, parameter);
    case 3: return eights<Sqrt>(y, x, count, parameter);
    case 4: return eights<Rsqrt>(y, x, count, parameter);
    case 5: return eights<Square>(y, x, count, parameter);
    case 6: return eights<Relu>(y, x, count, parameter);
    case 7: return eights<LeakyRelu>(y, x, count, parameter);
    case 8: return eights<Exp>(y, x, count, parameter);
    case 9: return eights<Expm1>(y, x, count, parameter);
    case 10: return eights<Log>(y, x, count, parameter);
    case 11: return eights<Log1p>(y, x, count, parameter);
    case 12: return eights<Sin>(y, x, count, parameter);
    case 13: return eights<Cos>(y, x, count, parameter);
    case 14: return eights<Tan>(y, x, count, parameter);
    case 15: return eights<Tanh>(y, x, count, parameter);
    case 16: return eights<Sinh>(y, x, count, parameter);
    case 17: return eights<Cosh>(y, x, count, parameter);
    case 18: return eights<Atan>(y, x, count, parameter);
    case 19: return eights<Sigmoid>(y, x, count, parameter);
    case 20: return eights<Softplus>(y, x, count, parameter);
    case 21: return eights<Elu>(y, x, count, parameter);
    case 22: return eights<Selu>(y, x, count, parameter);
    case 23: return eights<Gelu>(y, x, count, parameter);
    case 24: return eights<GeluTanh>(y, x, count, parameter);
    case 25: return eights<Silu>(y, x, count, parameter);
    case 26: return eights<Erf>(y, x, count, parameter);
    default: return eights<Erfc>(y, x, count, parameter);
  }
}
