/** Fingerprints: equal exactly where every bit, shape, dtype and name is. */
import { createHash } from "node:crypto";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { reshape, type Tensor, tensor, transpose } from "../core/index.ts";
import { fingerprint } from "../core/io/index.ts";
import { f64, noise } from "./plain.ts";

const base = (): Record<string, Tensor> => ({
  "linear1.weight": noise([2, 3], 1),
  "linear1.bias": tensor([0.5, -1]),
  labels: tensor([1, 2, 3], { dtype: "int32" }),
  mask: tensor([true, false]),
});

describe("a fingerprint", () => {
  test("is the SHA-256 of length-prefixed name, dtype, shape and little-endian elements", () => {
    const hash = createHash("sha256");
    const part = (bytes: Buffer): void => {
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(bytes.length));
      hash.update(length).update(bytes);
    };
    const elements = Buffer.alloc(8);
    elements.writeFloatLE(1.5, 0);
    elements.writeFloatLE(-2, 4);
    for (const text of ["w", "float32", "2,1"]) part(Buffer.from(text));
    part(elements);
    expect(fingerprint({ w: tensor([[1.5], [-2]]) })).toBe(hash.digest("hex"));
  });

  test("does not depend on the order of keys", () => {
    const entries = Object.entries(base());
    expect(fingerprint(Object.fromEntries(entries.reverse()))).toBe(fingerprint(base()));
  });

  test("sorts names by their bytes, not by UTF-16 units", () => {
    // U+FFFD has greater bytes than "a" and smaller than U+1F600, whose first UTF-16 unit is smaller.
    const names = ["\u{1F600}", "\uFFFD", "a", "B"];
    const entries = names.map((name, i) => [name, f64(i)] as const);
    const hash = fingerprint(Object.fromEntries(entries));
    expect(fingerprint(Object.fromEntries([...entries].sort()))).toBe(hash);
  });

  test.prop([fc.nat(5), fc.nat(63)], { seed: 1, numRuns: 64 })(
    "changes with any single bit",
    (element, bit) => {
      const x = noise([2, 3], 1);
      const flipped = x.elements() as Float64Array;
      const words = new BigUint64Array(flipped.buffer);
      words[element] = (words[element] ?? 0n) ^ (1n << BigInt(bit));
      expect(fingerprint({ x: tensor(flipped, { shape: [2, 3] }) })).not.toBe(fingerprint({ x }));
    },
  );

  test("changes with a name, a shape, a dtype, or an entry more", () => {
    const zero = fingerprint({ a: f64([0, 0]) });
    const others: Record<string, Tensor>[] = [
      { b: f64([0, 0]) },
      { a: f64([[0, 0]]) },
      { a: f64([[0], [0]]) },
      { a: tensor([0, 0]) },
      { a: tensor([0, 0, 0, 0]) }, // as many bytes as two float64
      { a: tensor([0, 0], { dtype: "int32" }) },
      { a: f64([0, 0]), b: f64([]) },
      {},
    ];
    const hashes = [zero, ...others.map(fingerprint)];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test("does not run names and entries together", () => {
    expect(fingerprint({ ab: f64(1), c: f64(2) })).not.toBe(fingerprint({ a: f64(1), bc: f64(2) }));
  });

  test("tells -0 from 0", () => {
    expect(fingerprint({ x: f64([-0]) })).not.toBe(fingerprint({ x: f64([0]) }));
    expect(fingerprint({ x: tensor([-0]) })).not.toBe(fingerprint({ x: tensor([0]) }));
  });

  test("takes every NaN for the same one, and no NaN for a number", () => {
    const payloads = [
      0x7ff8000000000000n,
      0x7ff8000000000001n,
      0xfff8000000000000n,
      0x7ff4000000000000n,
    ];
    const hashes = payloads.map((bits) => {
      const data = new Float64Array(1);
      new BigUint64Array(data.buffer)[0] = bits;
      return fingerprint({ x: tensor(data) });
    });
    expect(new Set(hashes).size).toBe(1);
    expect(hashes).not.toContain(fingerprint({ x: f64([Number.POSITIVE_INFINITY]) }));
  });

  test("looks at elements, not at how they lie in memory", () => {
    const x = noise([2, 3], 1);
    const through = transpose(transpose(x));
    const copied = transpose(reshape(transpose(x), [3, 2]));
    expect(fingerprint({ x: through })).toBe(fingerprint({ x }));
    expect(fingerprint({ x: copied })).toBe(fingerprint({ x }));
  });
});
