/**
 * Safetensors: bytes are those of the Python library, contents come back bit for bit, and
 * what other writers may write is read.
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { FormatError } from "../core/index.ts";
import { encodeSafetensors, parseSafetensors, type StoredArray } from "../core/io/index.ts";
import { messageOf } from "./plain.ts";
import { entry, fileOf, goldenBytes, goldenContents, storedArray } from "./safetensors-samples.ts";

describe.each(["own", "plain", "empty"])("the Python library's file %s.safetensors", (name) => {
  const bytes = goldenBytes(`${name}.safetensors`);
  const { tensors, metadata } = goldenContents(name);
  const contents = tensors.map(({ name, dtype, shape, data }): [string, StoredArray] => [
    name,
    storedArray(dtype === "bool" ? "bool" : dtype, shape, data),
  ]);

  test("is written here with the same bytes, in whatever order its arrays are given", () => {
    expect(encodeSafetensors(Object.fromEntries(contents), metadata)).toEqual(bytes);
    expect(encodeSafetensors(Object.fromEntries(contents.toReversed()), metadata)).toEqual(bytes);
  });

  test("is read here as what was written there", () => {
    expect(parseSafetensors(bytes, name)).toEqual({
      tensors: Object.fromEntries(contents),
      metadata,
    });
  });
});

describe("element types that bitgrad does not have", () => {
  const { tensors } = goldenContents("foreign");
  const read = parseSafetensors(goldenBytes("foreign.safetensors"), "foreign").tensors;

  test.each(tensors)("are read without loss: $dtype in $name", ({ name, dtype, shape, data }) => {
    const expected = dtype.includes("float") ? "float32" : "int32";
    expect(read[name]).toEqual(storedArray(expected, shape, data));
  });

  test("are refused where an element does not fit, word by word", () => {
    const run = (): unknown => parseSafetensors(goldenBytes("too-wide.safetensors"), "step");
    expect(messageOf(run, FormatError)).toBe(
      'parseSafetensors: expected step to hold elements that int32 can represent in "step" of I64, got 2147483648. Cast it to F64 where the file was made.',
    );
  });

  test("are read with every one of the 65,536 float16 numbers as its definition says", () => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const header = '{"h":{"dtype":"F16","shape":[65536],"data_offsets":[0,131072]}}';
    const { data = [] } =
      parseSafetensors(fileOf(header, new Uint8Array(bits.buffer)), "h").tensors["h"] ?? {};
    bits.forEach((half, i) => {
      const exponent = Math.floor(half / 1024) % 32;
      const fraction = half % 1024;
      const size =
        exponent === 31
          ? fraction === 0
            ? Number.POSITIVE_INFINITY
            : Number.NaN
          : exponent === 0
            ? fraction / 2 ** 24
            : (1 + fraction / 1024) *
              (exponent < 15 ? 1 / 2 ** (15 - exponent) : 2 ** (exponent - 15));
      if (!Object.is(data[i], half < 32768 ? size : -size))
        expect([half, data[i]]).toEqual([half, size]);
    });
    expect(data.length).toBe(65536);
  });
});

/** Arrays of every dtype, with any bits where they are floats. */
const anyArray: fc.Arbitrary<StoredArray> = fc
  .tuple(
    fc.constantFrom("float32", "float64", "int32", "bool"),
    fc.array(fc.nat(4), { maxLength: 4 }),
    fc.infiniteStream(fc.integer()),
  )
  .map(([dtype, shape, integers]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const words = Int32Array.from({ length: 2 * size }, () => integers.next().value ?? 0);
    if (dtype === "bool")
      return storedArray(
        dtype,
        shape,
        [...words.subarray(size)].map((w) => w & 1),
      );
    if (dtype === "int32") return { dtype, shape, data: words.slice(size) };
    return dtype === "float32"
      ? { dtype, shape, data: new Float32Array(words.buffer, 4 * size) }
      : { dtype: "float64", shape, data: new Float64Array(words.buffer) };
  });
const anyText = fc.string({ unit: "binary", maxLength: 12 });
const anyContents = fc.record({
  tensors: fc.dictionary(anyText, anyArray, { maxKeys: 6 }),
  metadata: fc.dictionary(anyText, anyText, { maxKeys: 4 }),
});

/** Every bit of the contents, as text that shows what differs. */
function bitsOf(tensors: Readonly<Record<string, StoredArray>>): unknown {
  return Object.entries(tensors)
    .map(([name, { dtype, shape, data }]) => {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      return `${JSON.stringify(name)} ${dtype} [${shape}] ${bytes.join(",")}`;
    })
    .sort();
}

describe("whatever is written", () => {
  test.prop([anyContents], { seed: 21, numRuns: 300 })(
    "is read back bit for bit, NaNs with their payloads too",
    ({ tensors, metadata }) => {
      const read = parseSafetensors(encodeSafetensors(tensors, metadata), "f");
      expect(bitsOf(read.tensors)).toEqual(bitsOf(tensors));
      expect(read.metadata).toEqual(Object.fromEntries(Object.entries(metadata)));
    },
  );

  test.prop([anyContents], { seed: 22, numRuns: 100 })(
    "has one form: reading and writing it again gives the same bytes",
    ({ tensors, metadata }) => {
      const bytes = encodeSafetensors(tensors, metadata);
      const read = parseSafetensors(bytes, "f");
      expect(encodeSafetensors(read.tensors, read.metadata)).toEqual(bytes);
    },
  );

  test.prop([anyContents], { seed: 23, numRuns: 100 })(
    "has every array at a multiple of its element's size",
    ({ tensors, metadata }) => {
      const bytes = encodeSafetensors(tensors, metadata);
      const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
      const header: Readonly<Record<string, { data_offsets?: [number, number] }>> = JSON.parse(
        new TextDecoder().decode(bytes.subarray(8, 8 + length)),
      );
      expect(length % 8).toBe(0);
      for (const [name, { data }] of Object.entries(tensors)) {
        const [begin = 0.5] = header[name]?.data_offsets ?? [];
        expect(begin % data.BYTES_PER_ELEMENT).toBe(0);
      }
    },
  );

  test("is read where it lies in a larger buffer, unaligned, into memory of its own", () => {
    const w = storedArray("float64", [2], [0.1, -0]);
    const bytes = encodeSafetensors({ w });
    for (const offset of [1, 3, 8]) {
      const padded = new Uint8Array(bytes.length + 16).fill(7);
      padded.set(bytes, offset);
      const read = parseSafetensors(padded.subarray(offset, offset + bytes.length), "f");
      padded.fill(0);
      expect(read.tensors["w"]).toEqual(w);
    }
  });
});

describe("parseSafetensors reads", () => {
  test("what the format allows and its writers do not write: spaces, escapes, fields in any order", () => {
    const header =
      ' { "\\u0062" : {"data_offsets":[4,8],\n"shape":[ 1 ],"dtype":"F32"},\t"a":{"shape":[],"dtype":"F32","data_offsets":[0,4]} } \n';
    const bytes = fileOf(header.trimStart(), [0, 0, 128, 63, 0, 0, 0, 64]);
    expect(parseSafetensors(bytes, "f").tensors).toEqual({
      a: storedArray("float32", [], [1]),
      b: storedArray("float32", [1], [2]),
    });
  });

  test("empty arrays beside others at the same place, also where another axis is beyond any memory", () => {
    const header = `{${entry("a", "F32", "[1]", 0, 4)},${entry("e", "F64", "[0]", 0, 0)},${entry("g", "F64", `[${2 ** 52},${2 ** 52},0]`, 4, 4)}}`;
    const { tensors } = parseSafetensors(fileOf(header, [0, 0, 0, 0]), "f");
    expect(Object.values(tensors).map(({ data }) => data.length)).toEqual([0, 1, 0]);
  });
});
