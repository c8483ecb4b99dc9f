/**
 * The transcendental functions: `…32(x)` on four float32 lanes, `…64(x)` on one float64, the same bits as core/scalar-math.
 * A lane's result depends on that lane alone, so tails run through padded vectors. Two vectors at once hide latency best.
 */
export { elu32, elu64, geluTanh32, geluTanh64, silu32, silu64 } from "./math-activation";
export { erf32, erf64, erfc32, erfc64, gelu32, gelu64 } from "./math-erf";
export { exp32, exp64, expm132, expm164 } from "./math-exp";
export {
  cosh32, cosh64, sigmoid32, sigmoid64, sinh32, sinh64, softplus32, softplus64, tanh32, tanh64,
} from "./math-hyperbolic";
export { log1p32, log1p64, log32, log64 } from "./math-log";
export { pow32, pow64 } from "./math-pow";
export { atan32, atan64, cos32, cos64, sin32, sin64, tan32, tan64 } from "./math-trigonometric";
