/** Metamorphic claims, each at a small budget; `holds` takes any seed and as many runs as there is time for. */
import { describe, expect, test } from "vitest";
import { tensor } from "../core/index.ts";
import { batchClaims } from "./metamorphic/batches.ts";
import { claimOf, inner, mustEqual, seeds, smallIntegers } from "./metamorphic/claim.ts";
import { imageClaims } from "./metamorphic/images.ts";
import { lossClaims } from "./metamorphic/losses.ts";

const claims = [...imageClaims, ...lossClaims, ...batchClaims];

test.each(claims.map(({ claim, holds }) => [claim, holds] as const))("%s", (_, holds) => {
  holds(7, 12);
});

describe("what the claims rest on has teeth", () => {
  test("a claim that is false is thrown with its smallest example", () => {
    const { holds } = claimOf("small", "seeds are small", seeds, (seed) => {
      expect(seed).toBeLessThan(100);
    });
    expect(() => holds(1, 100)).toThrow("[100]");
  });

  test("tensors are unequal by one element and by their shapes, and zeros are equal", () => {
    const x = smallIntegers([2, 3], 1);
    expect(() => mustEqual("x", x, x.add(0))).not.toThrow();
    expect(() => mustEqual("x", x.multiply(0), x.multiply(-0))).not.toThrow();
    expect(() => mustEqual("x", x, x.reshape([3, 2]))).toThrow("expected");
    expect(() => mustEqual("x", x, x.add(tensor([0, 0, 2 ** -20])))).toThrow("expected");
  });

  test("small integers are whole, of both signs and not all alike", () => {
    const drawn = Array.from(smallIntegers([50], 3).elements());
    expect(drawn.every((x) => Number.isInteger(x) && Math.abs(x) <= 4)).toBe(true);
    expect(new Set(drawn).size).toBeGreaterThan(5);
    expect(inner(smallIntegers([50], 3), smallIntegers([50], 3))).toBeGreaterThan(0);
  });
});
