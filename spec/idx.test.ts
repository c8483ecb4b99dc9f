/** IDX files and the bytes they come in: right files are read exactly, damaged ones refused. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { fc, test } from "@fast-check/vitest";
import { afterAll, describe, expect } from "vitest";
import { readBytes } from "../core/data/files.ts";
import { parseIdx } from "../core/data/idx.ts";
import { DatasetError, FormatError } from "../core/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "bitgrad-idx-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The bytes of an IDX file, written here by hand: the header, then `elements` as bytes. */
function idxFile(code: number, shape: readonly number[], elements: readonly number[]): Uint8Array {
  const sizes = shape.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
  return Uint8Array.from([0, 0, code, shape.length, ...sizes, ...elements]);
}

/** The message of what `run` throws; fails unless that is a `kind`. */
function messageOf(run: () => unknown, kind: new (...args: never[]) => Error): string {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(kind);
    return error instanceof Error ? error.message : "";
  }
  throw new Error("nothing was thrown");
}

describe("a well-formed IDX file", () => {
  // Expected elements worked out from the formats' definitions, not by another DataView.
  test.each([
    ["uint8", 0x08, Uint8Array, [0, 127, 128, 255], [0, 127, 128, 255]],
    ["int8", 0x09, Int8Array, [0, 127, 128, 255], [0, 127, -128, -1]],
    ["int16", 0x0b, Int16Array, [0x01, 0x02, 0xff, 0xfe], [258, -2]],
    ["int32", 0x0c, Int32Array, [0, 1, 0, 2, 0xff, 0xff, 0xff, 0xfd], [65538, -3]],
    ["float32", 0x0d, Float32Array, [0x3f, 0xc0, 0, 0, 0xc0, 0, 0, 0], [1.5, -2]],
    ["float64", 0x0e, Float64Array, [0x40, 0x09, 0, 0, 0, 0, 0, 0], [3.125]],
  ])("of %s is read big-endian into its own array", (_, code, kind, bytes, expected) => {
    const { shape, data } = parseIdx(idxFile(code, [expected.length], bytes), "f");
    expect(shape).toEqual([expected.length]);
    expect(data).toBeInstanceOf(kind);
    expect([...data]).toEqual(expected);
  });

  test("is read where it lies in a larger buffer, unaligned", () => {
    const file = idxFile(0x0c, [1], [0, 0, 1, 0]);
    const padded = new Uint8Array(file.length + 9).fill(7);
    padded.set(file, 3);
    expect([...parseIdx(padded.subarray(3, 3 + file.length), "f").data]).toEqual([256]);
  });

  test("keeps the payload of a NaN, also of one that signals", () => {
    const { data } = parseIdx(idxFile(0x0d, [1], [0xff, 0x80, 0x1d, 0x01]), "f");
    expect([...new Uint8Array(data.buffer)].sort()).toEqual([0x01, 0x1d, 0x80, 0xff].sort());
  });

  test("of bytes is viewed, not copied", () => {
    const file = idxFile(0x08, [2], [5, 6]);
    const { data } = parseIdx(file, "f");
    expect(data.buffer).toBe(file.buffer);
    file[8] = 9;
    expect(data[0]).toBe(9);
  });

  test("may have no axes or an empty one, also beside axes of 2^64 elements", () => {
    expect(parseIdx(idxFile(0x08, [], [4]), "f")).toEqual({ shape: [], data: Uint8Array.of(4) });
    const { data } = parseIdx(idxFile(0x0e, [0xffffffff, 0xffffffff, 0], []), "f");
    expect(data.length).toBe(0);
  });

  test("has a size: an empty axis beside a product that overflows is refused", () => {
    const sizes = [...new Array(100).fill(0xffffffff), 0];
    expect(() => parseIdx(idxFile(0x0e, sizes, []), "f")).toThrow(FormatError);
  });
});

describe("parseIdx refuses, word by word,", () => {
  const cases: readonly [string, Uint8Array, string][] = [
    [
      "a header cut short",
      Uint8Array.of(0, 0, 8),
      "parseIdx: expected t10k to begin with a 4-byte IDX header, got 3 bytes. The file is cut short: fetch it again.",
    ],
    [
      "a wrong magic",
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47),
      "parseIdx: expected t10k to begin with two zero bytes, as IDX does, got 89 50 4e 47. This is not an IDX file: check its name, or fetch it again.",
    ],
    [
      "an unknown type code",
      idxFile(0x0a, [1], [0]),
      "parseIdx: expected t10k to have an IDX type code (08, 09, 0b, 0c, 0d, 0e) as its third byte, got 00 00 0a 01. This is not an IDX file: check its name, or fetch it again.",
    ],
    [
      "sizes cut short",
      idxFile(0x08, [1, 1, 1], []).subarray(0, 9),
      "parseIdx: expected t10k to have a 16-byte header for its 3 axes, got 9 bytes. The file is cut short: fetch it again.",
    ],
    [
      "elements cut short",
      idxFile(0x08, [2, 3], [1, 2, 3, 4, 5]),
      "parseIdx: expected t10k to hold uint8 [2, 3] after its 12-byte header, got only 5 bytes. The file is cut short or its sizes are damaged: fetch it again.",
    ],
    [
      "elements too many",
      idxFile(0x0b, [1], [1, 2, 3]),
      "parseIdx: expected t10k to hold int16 [1] after its 8-byte header, got 3 bytes, 1 too many. The file is over-long or its sizes are damaged: fetch it again.",
    ],
    [
      "sizes beyond any memory",
      idxFile(0x0e, new Array(40).fill(0xffffffff), [1]),
      "parseIdx: expected t10k to hold float64 [4294967295, 4294967295, 4294967295, 4294967295, 4294967295, 4294967295, 4294967295, 4294967295, … 40 axes] after its 164-byte header, got only 1 byte. The file is cut short or its sizes are damaged: fetch it again.",
    ],
    [
      "gzip that nobody unpacked",
      gzipSync(idxFile(0x08, [1], [1])),
      "parseIdx: expected t10k to be unpacked, got gzip (1f 8b). Unpack it first, for example with readBytes.",
    ],
  ];
  test.each(cases)("%s", (_, bytes, message) => {
    expect(messageOf(() => parseIdx(bytes, "t10k"), FormatError)).toBe(message);
  });
});

describe("a damaged file", () => {
  const intact = idxFile(
    0x0b,
    [2, 3, 2],
    Array.from({ length: 24 }, (_, i) => i),
  );
  const damage = fc.record({
    flips: fc.array(fc.tuple(fc.nat(intact.length - 1), fc.integer({ min: 1, max: 255 })), {
      maxLength: 3,
    }),
    length: fc.option(fc.nat(intact.length)),
  });

  test.prop([damage], { seed: 11, numRuns: 2000 })(
    "is either read as its header says or refused with FormatError, never anything else",
    ({ flips, length }) => {
      const bytes = intact.slice(0, length ?? intact.length);
      for (const [at, mask] of flips) if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ mask;
      try {
        const { shape, data } = parseIdx(bytes, "f");
        expect(data.byteLength).toBe(bytes.length - 4 - 4 * shape.length);
        expect(data.length).toBe(shape.reduce((a, b) => a * b, 1));
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
        expect([error.where, error.argument]).toEqual(["parseIdx", "f"]);
        for (const part of [error.expected, error.got, error.fix]) expect(part).not.toBe("");
      }
    },
  );

  test.prop([fc.nat(intact.length - 1)], { seed: 12, numRuns: 40 })(
    "cut anywhere is refused",
    (length) => {
      expect(() => parseIdx(intact.subarray(0, length), "f")).toThrow(FormatError);
    },
  );

  const packed = gzipSync(intact);
  const flip = fc.tuple(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }));
  test.prop([flip, fc.option(fc.nat(packed.length - 1))], { seed: 13, numRuns: 300 })(
    "packed with gzip is read as it was or refused with FormatError",
    ([at, mask], length) => {
      const bytes = Uint8Array.from(packed).slice(0, length ?? packed.length);
      if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ mask;
      const path = join(folder, "mutated");
      writeFileSync(path, bytes);
      try {
        // The header's time, system and flag bits do not reach the content; all else is under the CRC.
        expect(parseIdx(readBytes(path), "f")).toEqual(parseIdx(intact, "f"));
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    },
  );
});

describe("readBytes", () => {
  const content = Uint8Array.from({ length: 5000 }, (_, i) => (i * i) & 255);
  const at = (name: string, bytes: Uint8Array): string => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };

  test("gives the same bytes for a file and its gzip", () => {
    expect(readBytes(at("plain", content))).toEqual(content);
    expect(readBytes(at("packed.gz", gzipSync(content)))).toEqual(content);
  });

  test("refuses gzip that is cut short, damaged, or larger than allowed", () => {
    const packed = gzipSync(content);
    expect(messageOf(() => readBytes(at("cut.gz", packed.subarray(0, 90))), FormatError)).toBe(
      "readBytes: expected cut.gz to be intact gzip, got unexpected end of file. The file is cut short or damaged: fetch it again.",
    );
    packed[packed.length - 6] = (packed[packed.length - 6] ?? 0) ^ 1;
    expect(messageOf(() => readBytes(at("crc.gz", packed)), FormatError)).toBe(
      "readBytes: expected crc.gz to be intact gzip, got incorrect data check. The file is cut short or damaged: fetch it again.",
    );
    const bomb = at("bomb.gz", gzipSync(new Uint8Array(1 << 20)));
    expect(messageOf(() => readBytes(bomb, { maxBytes: 1000 }), FormatError)).toBe(
      "readBytes: expected bomb.gz to unpack to at most 1000 bytes, got more. Check the file, or raise maxBytes if it is meant to be this large.",
    );
  });

  test("says which file it cannot read, and why", () => {
    const path = join(folder, "absent");
    expect(messageOf(() => readBytes(path, { where: "readMnist" }), DatasetError)).toBe(
      `readMnist: expected ${path} to be a readable file, got ENOENT. Check the path and its permissions.`,
    );
    expect(messageOf(() => readBytes(folder), DatasetError)).toContain("got EISDIR");
  });
});
