/**
 * The transcendental functions of the wasm device keep their stated errors in float32 and are core/scalar-math bit for bit in
 * float64. With BITGRAD_SLOW=1 every float32 is tried, which takes minutes per function.
 */
import { describe, expect, it } from "vitest";
import { uniformFrom } from "./scalar-math-samples.ts";
import {
  chunk,
  errorInUlps32,
  fillFloat64,
  functions,
  makeProbe,
  specialBits,
} from "./wasm-math-samples.ts";

const { BITGRAD_SLOW } = process.env;
const slow = BITGRAD_SLOW === "1";
const probe = makeProbe();
const pow = functions.findIndex(({ name }) => name === "pow");

/** The largest error over the first `count` inputs, and where it is. */
function worst(fn: number, count: number): { error: number; x: number; y: number } {
  probe.run(fn, "float32", 0, count);
  const found = { error: 0, x: 0, y: 0 };
  for (let i = 0; i < count; i++) {
    const x = probe.input32[i] ?? 0;
    const y = probe.second32[i] ?? 0;
    const exact = functions[fn]?.exact(x, y) ?? 0;
    const error = errorInUlps32(probe.output32[i] ?? 0, exact);
    if (error > found.error) Object.assign(found, { error, x, y });
  }
  return found;
}

describe.each(functions.map((f, fn) => ({ ...f, fn })))("$name", ({ name, fn, ulps }) => {
  it(`is within ${ulps} ulp in float32 on 100,000 numbers of all exponents`, () => {
    // An odd stride: the low bits vary too.
    const stride = 42949;
    const uniform = uniformFrom(fn + 1);
    for (let start = 0; start < 2 ** 32; start += stride * chunk) {
      const count = Math.min(chunk, Math.ceil((2 ** 32 - start) / stride));
      for (let i = 0; i < count; i++) {
        probe.bits[i] = start + i * stride;
        // Exponents of pow: any bits, numbers up to 8, integers up to 8.
        if (i % 3 === 0) probe.secondBits[i] = Math.floor(uniform() * 2 ** 32);
        else probe.second32[i] = 16 * uniform() - 8;
        if (i % 3 === 2) probe.second32[i] = Math.round(probe.second32[i] ?? 0);
      }
      const { error, x, y } = worst(fn, count);
      expect(error, `at ${x}${fn === pow ? `, ${y}` : ""}`).toBeLessThanOrEqual(ulps);
    }
  });

  it("has the special values of scalar-math", () => {
    const pairs = specialBits.flatMap((x) => specialBits.map((y) => [x, y] as const));
    for (const [i, [x, y]] of pairs.entries()) {
      probe.bits[i] = x;
      probe.secondBits[i] = y;
    }
    const { error, x, y } = worst(fn, pairs.length);
    expect(error, `at ${x}${fn === pow ? `, ${y}` : ""}`).toBeLessThanOrEqual(ulps);
  });

  it("gives a float32 the same bits in every lane, and in a padded tail", () => {
    const uniform = uniformFrom(fn + 100);
    // Angles beyond 2^20 among small ones: a far lane must not move its neighbours.
    const values = Array.from({ length: 251 }, (_, i) =>
      Math.fround((uniform() - 0.5) * (i % 5 === 0 ? 1e9 : 12)),
    );
    const shifted = [0, 1, 2, 3, 4, 5, 6, 7].map((shift) => {
      probe.input32.fill(1, 0, 300);
      probe.input32.set(values, shift);
      probe.second32.fill(2.5, 0, 300);
      probe.output32.fill(0, 0, 300);
      probe.run(fn, "float32", 0, shift + values.length);
      expect(probe.output32[shift + values.length]).toBe(0);
      return Array.from(probe.outputBits.subarray(shift, shift + values.length));
    });
    for (const bits of shifted) expect(bits).toEqual(shifted[0]);
  });

  it("has the bits of scalar-math in float64", () => {
    const chunks = slow ? 16 : 1;
    for (let part = 0; part < chunks; part++) {
      fillFloat64(probe, chunk, 1000 * fn + part);
      probe.run(fn, "float64", 0, chunk);
      const wrong: number[] = [];
      for (let i = 0; i < chunk; i++) {
        const exact = functions[fn]?.exact(probe.input64[i] ?? 0, probe.second64[i] ?? 0);
        if (!Object.is(exact, probe.output64[i])) wrong.push(probe.input64[i] ?? 0);
      }
      expect(wrong).toEqual([]);
    }
  });

  it.runIf(slow && name !== "pow")(
    `is within ${ulps} ulp for every float32`,
    () => {
      let largest = { error: 0, x: 0 };
      const inputs = new Float32Array(chunk);
      const results = new Float32Array(chunk);
      for (let start = 0; start < 2 ** 32; start += chunk) {
        for (let i = 0; i < chunk; i++) probe.bits[i] = start + i;
        probe.run(fn, "float32", 0, chunk);
        inputs.set(probe.input32);
        results.set(probe.output32);
        // The float64 kernel has scalar-math's bits, as shown above, and is faster.
        probe.input64.set(inputs);
        probe.run(fn, "float64", 0, chunk);
        for (let i = 0; i < chunk; i++) {
          const error = errorInUlps32(results[i] ?? 0, probe.output64[i] ?? 0);
          if (error > largest.error) largest = { error, x: inputs[i] ?? 0 };
        }
      }
      process.stdout.write(`${name}: ${largest.error.toFixed(4)} ulp at ${largest.x}\n`);
      expect(largest.error, `at ${largest.x}`).toBeLessThanOrEqual(ulps);
    },
    3_600_000,
  );
});
