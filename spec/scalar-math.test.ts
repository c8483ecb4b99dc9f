/**
 * Scalar mathematics: every stated error, measured against 64-digit arithmetic. Rests on core/scalar-math.
 */
import { describe, expect, test } from "vitest";
import * as scalar from "../core/scalar-math/index.ts";
import {
  anyPositive,
  anySize,
  between,
  claims,
  draw,
  erfcExact,
  errorInUlps,
  one,
  positive,
  rootPi,
  toBig,
  two,
  uniformFrom,
} from "./scalar-math-samples.ts";

describe("the stated error", () => {
  for (const { name, f, exact, ulps, points, samplers } of claims) {
    test(`${name} is within ${ulps} ulp of the exact value on ${points} seeded points`, () => {
      let worst = { ulps: 0, at: 0 };
      for (const x of draw(20240501, points, samplers)) {
        const found = errorInUlps(f(x), exact(toBig(x)));
        if (found > worst.ulps) worst = { ulps: found, at: x };
      }
      expect(worst.ulps, `scalar.${name}(${worst.at})`).toBeLessThan(ulps);
      // Half an ulp is the best possible: less than 0.4 would mean that the points were all trivial.
      expect(worst.ulps).toBeGreaterThan(0.4);
    });
  }

  test("pow is within 0.8 ulp of the exact value on 1,000 seeded pairs", () => {
    const uniform = uniformFrom(11);
    const bases = [between(0, 10), anyPositive, between(0.999999, 1.000001)];
    let worst = { ulps: 0, at: "" };
    for (const base of bases) {
      for (let i = 0; i < 334; i++) {
        const x = base(uniform);
        const y = ((2 * uniform() - 1) * 745) / scalar.log(x);
        const exact = toBig(y).times(toBig(x).ln()).exp();
        const found = errorInUlps(scalar.pow(x, y), exact);
        if (found > worst.ulps) worst = { ulps: found, at: `scalar.pow(${x}, ${y})` };
      }
    }
    expect(worst.ulps, worst.at).toBeLessThan(0.8);
  });

  test("sin and cos are within 1 ulp up to the largest float64, where whole turns have 300 digits", () => {
    for (const x of draw(3, 40, [positive(anySize(80, 1023))])) {
      expect(errorInUlps(scalar.sin(x), toBig(x).sin()), `sin(${x})`).toBeLessThan(1);
      expect(errorInUlps(scalar.cos(x), toBig(x).cos()), `cos(${x})`).toBeLessThan(1);
    }
    expect(scalar.sin(1e22)).toBe(-0.8522008497671888);
    // The float64 nearest to a multiple of π/2, relatively (Muller et al. 2018): 61 leading bits cancel.
    expect(scalar.cos(scalar.scaleByPowerOfTwo(6381956970095103, 797))).toBe(
      -4.687165924254628e-19,
    );
  });

  test("normalQuantile is within 8 ulp of the exact quantile on 600 seeded probabilities", () => {
    const points = draw(5, 600, [between(0, 1), between(0, 0.1), positive(anySize(-1073, -1))]);
    const normalizer = two.sqrt().times(rootPi);
    let worst = { ulps: 0, at: 0 };
    for (const p of points) {
      // One Newton step from z itself: z - (Φ(z) - p) / φ(z), whose error is of second order.
      const z = toBig(scalar.normalQuantile(p));
      const side = p < 0.5 ? -1 : 1;
      const tail = p < 0.5 ? toBig(p) : one.minus(toBig(p));
      const miss = erfcExact(z.times(side).div(two.sqrt())).div(2).minus(tail).times(side);
      const exact = z.plus(miss.times(normalizer).times(z.times(z).div(2).exp()));
      const found = errorInUlps(scalar.normalQuantile(p), exact);
      if (found > worst.ulps) worst = { ulps: found, at: p };
    }
    expect(worst.ulps, `scalar.normalQuantile(${worst.at})`).toBeLessThan(8);
  });

  test("powInteger is within |n| half-ulps of x^n, relatively", () => {
    const uniform = uniformFrom(17);
    for (let i = 0; i < 500; i++) {
      const x = 0.5 + uniform();
      const n = Math.floor(400 * uniform()) - 200;
      const exact = toBig(x).pow(n);
      const relative = toBig(scalar.powInteger(x, n)).div(exact).minus(1).abs().toNumber();
      // One rounding per product, |n| of them at the most; 1.01 for the terms of second order.
      expect(relative, `powInteger(${x}, ${n})`).toBeLessThanOrEqual(
        Math.max(1, Math.abs(n)) * 1.01 * scalar.powerOfTwo(-53),
      );
    }
  });
});
