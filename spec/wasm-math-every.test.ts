/**
 * Every float32 number through every transcendental function of the wasm device, against the float64 kernels.
 * One or two minutes a function, so only with BITGRAD_SLOW=1; the largest errors are printed.
 */
import { describe, expect, it } from "vitest";
import { uniformFrom } from "./scalar-math-samples.ts";
import {
  chunk,
  countUp,
  functions,
  inWords,
  type Kernels,
  makeKernels,
  type Worst,
  worstError,
} from "./wasm-math-samples.ts";

const { BITGRAD_SLOW } = process.env;
const skipped = BITGRAD_SLOW !== "1";
const reason = "takes minutes: set BITGRAD_SLOW=1 to try every float32";
const hour = 3_600_000;
if (skipped) process.stdout.write(`every float32 through every function: skipped, ${reason}\n`);

/** Exponents for pow: any bits, small integers, uniform in ±8, and so that |y log2 x| reaches float32's limits. */
function fillPowers({ inputBits, second32, secondBits }: Kernels, seed: number): void {
  const uniform = uniformFrom(seed);
  for (let i = 0; i < inputBits.length / 2; i++) {
    const u = uniform();
    const exponent = ((inputBits[i] ?? 0) >>> 23) & 0xff;
    if (i % 8 === 0) secondBits[i] = Math.floor(u * 2 ** 32);
    else if (i % 8 === 1) second32[i] = Math.round(16 * u - 8);
    else if (i % 8 === 2) second32[i] = 16 * u - 8;
    else second32[i] = (320 * u - 160) / Math.max(Math.abs(exponent - 127), 1e-3);
  }
}

describe.each(functions)("$name", (f) => {
  it(
    f.kernel === "unary"
      ? `is within ${f.ulps} ulp for every float32`
      : `is within ${f.ulps} ulp for every seventh float32, with exponents of all kinds`,
    ({ skip }) => {
      skip(skipped, reason);
      const kernels = makeKernels();
      const stride = f.kernel === "unary" ? 1 : 7;
      let worst: Worst = { error: 0, x: 0, y: 0 };
      for (let start = 0; start < 2 ** 32; start += stride * chunk) {
        countUp(kernels.inputBits, start, stride);
        if (f.kernel === "binary") fillPowers(kernels, start);
        worst = worstError(kernels, f, chunk, worst);
      }
      process.stdout.write(`${f.name}: ${inWords(f, worst)}\n`);
      expect(worst.error, inWords(f, worst)).toBeLessThanOrEqual(f.ulps);
    },
    hour,
  );
});
