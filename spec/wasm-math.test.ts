/**
 * The transcendental functions of the wasm device keep their stated errors in float32 and are core/scalar-math bit for bit in
 * float64. wasm-math-every.test.ts tries every float32.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { uniformFrom } from "./scalar-math-samples.ts";
import {
  chunk,
  countUp,
  fillFloat64,
  functions,
  inWords,
  makeKernels,
  specialBits,
  worstError,
} from "./wasm-math-samples.ts";

const kernels = makeKernels();
const { input32, inputBits, second32, secondBits, output32, outputBits } = kernels;
const { input64, second64, output64 } = kernels;

/** Exponents of pow: any bits, numbers up to 8, integers up to 8. */
function fillExponents(seed: number): void {
  const uniform = uniformFrom(seed);
  for (let i = 0; i < chunk; i++) {
    if (i % 3 === 0) secondBits[i] = Math.floor(uniform() * 2 ** 32);
    else second32[i] = 16 * uniform() - 8;
    if (i % 3 === 2) second32[i] = Math.round(second32[i] ?? 0);
  }
}

describe.each(functions)("$name", (f) => {
  it(`is within ${f.ulps} ulp in float32 on 131,072 numbers of all exponents`, () => {
    for (const part of [0, 1]) {
      // An odd stride: the low bits vary too.
      countUp(inputBits, part * 32768, 65537);
      fillExponents(part + 1);
      const worst = worstError(kernels, f, chunk);
      expect(worst.error, inWords(f, worst)).toBeLessThanOrEqual(f.ulps);
    }
  });

  it(`is within ${f.ulps} ulp around its hard points, seven neighbours of each`, () => {
    let count = 0;
    for (const x of f.hard) {
      input32[count] = x;
      const bits = inputBits[count] ?? 0;
      for (let step = -3; step <= 3; step++) inputBits[count++] = bits + step;
    }
    fillExponents(3);
    const worst = worstError(kernels, f, count);
    expect(worst.error, inWords(f, worst)).toBeLessThanOrEqual(f.ulps);
    input64.set(f.hard);
    kernels.run(f, "float64", f.hard.length);
    const exact = f.hard.map((x, i) => f.exact(x, second64[i] ?? 0));
    expect([...output64.subarray(0, f.hard.length)]).toEqual(exact);
  });

  it("has the special values of scalar-math, with the signs of zeros", () => {
    const pairs = specialBits.flatMap((x) => specialBits.map((y) => [x, y] as const));
    for (const [i, [x, y]] of pairs.entries()) {
      inputBits[i] = x;
      secondBits[i] = y;
    }
    const worst = worstError(kernels, f, pairs.length);
    expect(worst.error, inWords(f, worst)).toBeLessThanOrEqual(f.ulps);
  });

  it("is NaN for every kind of NaN", () => {
    const payloads = [0x7f800001, 0x7fbfffff, 0x7fc00000, 0x7fffffff, 0xff800001, 0xffffffff];
    inputBits.set(payloads);
    second32.fill(2.5, 0, 6);
    kernels.run(f, "float32", 6);
    expect([...output32.subarray(0, 6)]).toEqual(Array(6).fill(Number.NaN));
  });

  it("gives a float32 the same bits at every place of rows of 0 to 17, dense or strided", () => {
    const uniform = uniformFrom(f.number + 100);
    // Angles beyond 2^20 among small ones: a far lane must not move its neighbours.
    const values = Array.from({ length: 17 }, (_, i) =>
      Math.fround((uniform() - 0.5) * (i % 5 === 0 ? 1e9 : 12)),
    );
    second32.fill(2.5, 0, 128);
    const alone = values.map((value) => {
      input32[0] = value;
      kernels.run(f, "float32", 1);
      return outputBits[0];
    });
    const untouched = 0xdeadbeef;
    for (const step of [1, 2, 3]) {
      for (let offset = 0; offset < 4; offset++) {
        for (let length = 0; length <= 17; length++) {
          input32.fill(1, 0, 128);
          for (let i = 0; i < length; i++) input32[offset + i * step] = values[i] ?? 0;
          outputBits.fill(untouched, 0, 128);
          kernels.run(f, "float32", length, { offset, step });
          const expected = Array<number | undefined>(128).fill(untouched);
          for (let i = 0; i < length; i++) expected[offset + i * step] = alone[i];
          const same = expected.every((bits, i) => outputBits[i] === bits);
          if (!same) expect([...outputBits.subarray(0, 128)]).toEqual(expected);
        }
      }
    }
  });

  it("has the bits of scalar-math in float64", () => {
    fillFloat64(kernels, chunk, 1000 + f.number);
    kernels.run(f, "float64", chunk);
    const wrong: number[] = [];
    for (let i = 0; i < chunk; i++) {
      const exact = f.exact(input64[i] ?? 0, second64[i] ?? 0);
      if (!Object.is(exact, output64[i])) wrong.push(input64[i] ?? 0);
    }
    expect(wrong).toEqual([]);
  });
});

test("the kernels' docstrings state the errors of the table", () => {
  const folder = new URL("../core/devices/wasm/kernels/", import.meta.url);
  const sources = readdirSync(folder)
    .filter((name) => name.startsWith("math"))
    .map((name) => readFileSync(new URL(name, folder), "utf8"));
  const stated = sources.flatMap((source) =>
    [
      ...source.matchAll(
        /Error < ([\d.]+) ulp(?:(?!\*\/)[\s\S])*\*\/(?:(?!\/\*\*)[\s\S])*?function (\w+)32\(/g,
      ),
    ].map(([, ulps, name]) => [name, Number(ulps)]),
  );
  expect(Object.fromEntries(stated)).toEqual(
    Object.fromEntries(functions.map(({ name, ulps }) => [name, ulps])),
  );
});
