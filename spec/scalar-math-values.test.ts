/**
 * Scalar mathematics: special values, identities, and the bits themselves. Rests on core/scalar-math.
 */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import * as scalar from "../core/scalar-math/index.ts";
import { anySize, between, claims, draw, toBig, two, uniformFrom } from "./scalar-math-samples.ts";

describe("special values", () => {
  const tiny = Number.MIN_VALUE;
  const huge = Number.MAX_VALUE;
  /** Pairs "x f(x)"; the smallest float64 is 5e-324, the largest 1.7976931348623157e308. */
  const table: Readonly<Record<string, string>> = {
    exp: "0 1, -0 1, Infinity Infinity, -Infinity 0, 1 2.718281828459045, 709.79 Infinity, -746 0, -745 5e-324",
    expm1: "0 0, -0 -0, Infinity Infinity, -Infinity -1, 5e-324 5e-324, 710 Infinity, -800 -1",
    log: "0 -Infinity, -0 -Infinity, 1 0, -1 NaN, -5e-324 NaN, Infinity Infinity, -Infinity NaN, 5e-324 -744.4400719213812",
    log1p:
      "0 0, -0 -0, -1 -Infinity, -2 NaN, Infinity Infinity, -5e-324 -5e-324, 1.7976931348623157e308 709.782712893384",
    log2: "0 -Infinity, -0 -Infinity, 1 0, 8 3, 5e-324 -1074, -1 NaN, Infinity Infinity, 1.7976931348623157e308 1024",
    sin: "0 0, -0 -0, Infinity NaN, -Infinity NaN, 5e-324 5e-324, -5e-324 -5e-324",
    cos: "0 1, -0 1, Infinity NaN, -Infinity NaN, 5e-324 1",
    tan: "0 0, -0 -0, Infinity NaN, -Infinity NaN, -5e-324 -5e-324",
    atan: "0 0, -0 -0, Infinity 1.5707963267948966, -Infinity -1.5707963267948966, 1 0.7853981633974483, 5e-324 5e-324",
    tanh: "0 0, -0 -0, Infinity 1, -Infinity -1, 30 1, -30 -1, -5e-324 -5e-324",
    sinh: "0 0, -0 -0, Infinity Infinity, -Infinity -Infinity, 711 Infinity, -5e-324 -5e-324",
    cosh: "0 1, -0 1, Infinity Infinity, -Infinity Infinity, -711 Infinity, 5e-324 1",
    sigmoid: "0 0.5, -0 0.5, Infinity 1, -Infinity 0, 40 1, -745 5e-324",
    softplus: "0 0.6931471805599453, Infinity Infinity, -Infinity 0, 100 100, -745 5e-324",
    erf: "0 0, -0 -0, Infinity 1, -Infinity -1, 7 1, -7 -1, -5e-324 -5e-324",
    erfc: "0 1, -0 1, Infinity 0, -Infinity 2, 27.3 0, -7 2, 5e-324 1",
    normalQuantile:
      "0 -Infinity, -0 -Infinity, 1 Infinity, 0.5 0, -5e-324 NaN, 1.5 NaN, Infinity NaN",
  };
  const functions = [...claims, { name: "normalQuantile", f: scalar.normalQuantile }];

  for (const { name, f } of functions) {
    test(`${name} has its limits, keeps the sign of zero where it is odd, and passes NaN on`, () => {
      const rows = (table[name] ?? "").split(", ").map((row) => row.split(" ").map(Number));
      expect(rows.length).toBeGreaterThanOrEqual(5);
      for (const [x = NaN, expected] of rows) expect(f(x), `${name}(${x})`).toBe(expected);
      expect(f(NaN)).toBeNaN();
    });
  }

  test("pow follows the table of ECMAScript for every kind of special operands", () => {
    // Each row: x, then pow(x, y) for the y of the head.
    const heads = [NaN, 0, -0, Infinity, -Infinity, 3, -3, 2, -2, 0.5, -0.5];
    const [inf, nan] = [Infinity, NaN];
    const p = scalar.powerOfTwo;
    const rows: readonly (readonly number[])[] = [
      [nan, nan, 1, 1, nan, nan, nan, nan, nan, nan, nan, nan],
      [0, nan, 1, 1, 0, inf, 0, inf, 0, inf, 0, inf],
      [-0, nan, 1, 1, 0, inf, -0, -inf, 0, inf, 0, inf],
      [inf, nan, 1, 1, inf, 0, inf, 0, inf, 0, inf, 0],
      [-inf, nan, 1, 1, inf, 0, -inf, -0, inf, 0, inf, 0],
      [1, nan, 1, 1, nan, nan, 1, 1, 1, 1, 1, 1],
      [-1, nan, 1, 1, nan, nan, -1, -1, 1, 1, nan, nan],
      [0.25, nan, 1, 1, 0, inf, 0.015625, 64, 0.0625, 16, 0.5, 2],
      [-0.25, nan, 1, 1, 0, inf, -0.015625, -64, 0.0625, 16, nan, nan],
      [4, nan, 1, 1, inf, 0, 64, 0.015625, 16, 0.0625, 2, 0.5],
      [-4, nan, 1, 1, inf, 0, -64, -0.015625, 16, 0.0625, nan, nan],
      [p(1000), nan, 1, 1, inf, 0, inf, 0, inf, 0, p(500), p(-500)],
      [-huge, nan, 1, 1, inf, 0, -inf, -0, inf, 0, nan, nan],
      [-tiny, nan, 1, 1, 0, inf, -0, -inf, 0, inf, nan, nan],
    ];
    for (const [x = NaN, ...expected] of rows) {
      for (const [i, y] of heads.entries()) {
        expect(scalar.pow(x, y), `pow(${x}, ${y})`).toBe(expected[i]);
      }
    }
    // Every float64 from 2^53 on is even, 2^53 - 1 is odd.
    expect(scalar.pow(-1, 9007199254740991)).toBe(-1);
    expect(scalar.pow(-1, 9007199254740992)).toBe(1);
    expect(scalar.pow(-2, huge)).toBe(Infinity);
    expect(scalar.pow(1 + Number.EPSILON, -huge)).toBe(0);
    expect(scalar.pow(1 + Number.EPSILON, tiny)).toBe(1);
  });

  test("pow and powInteger are exact wherever n^k fits into 53 bits", () => {
    let cases = 0;
    for (let n = -40; n <= 40; n++) {
      let exact = 1n;
      for (let k = 0; k < 60 && exact ** 2n < 2n ** 106n; k++) {
        expect(scalar.pow(n, k), `pow(${n}, ${k})`).toBe(Number(exact));
        expect(scalar.powInteger(n, k), `powInteger(${n}, ${k})`).toBe(Number(exact));
        exact *= BigInt(n);
        cases++;
        if (n === 0 && k > 3) break;
      }
    }
    expect(cases).toBeGreaterThan(900);
    expect(scalar.pow(2, -1074)).toBe(tiny);
    expect(scalar.powInteger(2, -1000)).toBe(scalar.powerOfTwo(-1000));
  });

  test("powInteger refuses an exponent that is no integer", () => {
    expect(() => scalar.powInteger(2, 0.5)).toThrow(
      "powInteger: expected n to be a safe integer, got 0.5. Use pow(x, y) for other exponents.",
    );
  });

  test("log2 of every power of two is its exponent", () => {
    for (let n = -1074; n <= 1023; n++) expect(scalar.log2(scalar.powerOfTwo(n))).toBe(n);
  });
});

describe("identities", () => {
  const rising = new Set(["exp", "expm1", "log", "log1p", "log2", "atan"]);
  for (const { name, f } of claims.filter((claim) => rising.has(claim.name))) {
    test(`${name} never falls between 20,000 seeded pairs of neighbours`, () => {
      for (const x of draw(23, 20_000, [between(-0.9, 3), between(0, 700)])) {
        if (f(scalar.nextUp(x)) < f(x)) expect.fail(`${name} falls after ${x}`);
      }
      expect(f(2)).toBeGreaterThan(f(0.5));
    });
  }

  test("sin² + cos² = 1 to 2 ulp of 1 at every size of angle", () => {
    // Each square inherits two errors of at most 1 ulp of a number below 1, and three roundings follow.
    for (const x of draw(29, 5000, [between(-10, 10), anySize(-30, 1023)])) {
      const [s, c] = [scalar.sin(x), scalar.cos(x)];
      expect(Math.abs(s * s + c * c - 1)).toBeLessThanOrEqual(2 * Number.EPSILON);
    }
  });

  test("log(exp(x)) = x to 1 ulp of max(|x|, 1)", () => {
    // exp is off by 0.8 ulp, that is 0.8 ε relatively, which log turns into 0.8 ε absolutely.
    for (const x of draw(31, 5000, [between(-700, 700), between(-2, 2)])) {
      const bound = Math.max(scalar.ulp(x), 2 * Number.EPSILON);
      expect(Math.abs(scalar.log(scalar.exp(x)) - x), `x = ${x}`).toBeLessThanOrEqual(bound);
    }
  });

  test("odd functions are odd and even functions even, bit for bit", () => {
    for (const x of draw(37, 2000, [between(-3, 3), anySize(-40, 500)])) {
      for (const f of [scalar.sin, scalar.tan, scalar.atan, scalar.tanh, scalar.sinh, scalar.erf]) {
        expect(f(-x)).toBe(-f(x));
      }
      for (const f of [scalar.cos, scalar.cosh]) expect(f(-x)).toBe(f(x));
    }
  });
});

describe("bits", () => {
  test("scaleByPowerOfTwo rounds once: it equals the exact product, also when the result is subnormal", () => {
    const uniform = uniformFrom(41);
    for (let i = 0; i < 3000; i++) {
      const x = anySize(-1074, 1023)(uniform);
      const n = Math.floor(4400 * uniform()) - 2200;
      const exact = toBig(x).times(two.pow(n)).toNumber();
      expect(scalar.scaleByPowerOfTwo(x, n), `scaleByPowerOfTwo(${x}, ${n})`).toBe(exact);
    }
  });

  test("nextUp and nextDown are one ulp apart and inverse to each other", () => {
    for (const x of draw(43, 2000, [between(-2, 2), anySize(-1074, 1022)])) {
      expect(scalar.nextDown(scalar.nextUp(x))).toBe(x);
      if (x > 0) expect(scalar.nextUp(x) - x).toBe(scalar.ulp(x));
    }
    expect(scalar.nextUp(Number.MAX_VALUE)).toBe(Infinity);
    expect(scalar.nextDown(0)).toBe(-Number.MIN_VALUE);
  });

  test("the rounding error of a sum and of a product is exact, as integers show", () => {
    const uniform = uniformFrom(47);
    const integer = (): number =>
      scalar.scaleByPowerOfTwo(Math.floor(uniform() * 2 ** 53), Math.floor(60 * uniform()));
    for (let i = 0; i < 1000; i++) {
      const [a, b] = [integer(), -integer()];
      const [sum, product] = [a + b, a * b];
      expect(BigInt(sum) + BigInt(scalar.sumError(a, b, sum))).toBe(BigInt(a) + BigInt(b));
      expect(BigInt(product) + BigInt(scalar.productError(a, b, product))).toBe(
        BigInt(a) * BigInt(b),
      );
    }
  });

  test("every engine gives the same bits: the hash of 1,000 values of each function is this one", () => {
    const hashes: Record<string, string> = {};
    const more = [
      { name: "normalQuantile", f: scalar.normalQuantile, samplers: [between(0, 1)] },
      { name: "pow", f: (x: number) => scalar.pow(x, x - 3), samplers: [between(0, 20)] },
    ];
    for (const { name, f, samplers } of [...claims, ...more]) {
      let hash = 0x811c9dc5;
      for (const x of draw(53, 1000, samplers)) {
        const y = f(x);
        hash = Math.imul(hash ^ scalar.highWord(y), 0x01000193);
        hash = Math.imul(hash ^ (hash >>> 15) ^ scalar.lowWord(y), 0x01000193);
      }
      hashes[name] = (hash >>> 0).toString(16).padStart(8, "0");
    }
    expect(hashes).toEqual({
      atan: "5900742f",
      cos: "ca5e0a57",
      cosh: "c6d468f2",
      erf: "552c4cb7",
      erfc: "d6c65fe6",
      exp: "64f9053b",
      expm1: "0b84627f",
      log: "6f9ecbda",
      log1p: "9cea299d",
      log2: "78418459",
      normalQuantile: "69d80d0a",
      pow: "fd624ccd",
      sigmoid: "59eef27d",
      sin: "29ff8699",
      sinh: "3aeb0a12",
      softplus: "f4bb8e11",
      tan: "9481b816",
      tanh: "d3a96d39",
    });
  });

  test("the sources call nothing of Math but what the standard fixes to the last bit", () => {
    const folder = new URL("../core/scalar-math/", import.meta.url);
    const fixed = new Set(["sqrt", "floor", "abs", "min", "max", "LOG2E"]);
    for (const file of readdirSync(folder)) {
      const code = readFileSync(new URL(file, folder), "utf8").replace(
        /\/\*[\s\S]*?\*\/|\/\/.*/g,
        "",
      );
      const used = [...code.matchAll(/\bMath\.(\w+)/g)].map((match) => match[1] ?? "");
      expect(
        used.filter((name) => !fixed.has(name)),
        file,
      ).toEqual([]);
      expect(code.includes("**"), file).toBe(false);
    }
  });
});
