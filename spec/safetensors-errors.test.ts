/** What safetensors files, and arrays to be written, are refused for, word by word. */
import { describe, expect, test } from "vitest";
import { DTypeError, FormatError, ShapeError, ValueError } from "../core/index.ts";
import { encodeSafetensors, parseSafetensors } from "../core/io/index.ts";
import { messageOf } from "./plain.ts";
import { entry, fileOf, storedArray } from "./safetensors-samples.ts";

const fetchIt = "This is not a safetensors file, or it is damaged: fetch it again.";
const cutShort = "The file is cut short: fetch it again.";

describe("parseSafetensors refuses, word by word,", () => {
  const a = entry("a", "F32", "[1]", 0, 4);
  const four = [0, 0, 0, 0];
  const cases: readonly [string, Uint8Array, string][] = [
    [
      "fewer than 8 bytes",
      Uint8Array.of(1),
      `to begin with the 8-byte length of its header, got 1 byte. ${cutShort}`,
    ],
    [
      "a header past the file's end",
      fileOf("{}", [], 3),
      `to have a header of 3 bytes, got only 2 bytes. ${cutShort}`,
    ],
    [
      "a header above 100 MB",
      fileOf("{}", [], 100_000_001),
      "to have a header of at most 100000000 bytes, got 100000001. This is not a safetensors file: check its name, or fetch it again.",
    ],
    [
      "a length of 64 bits",
      fileOf("{}", [], 2 ** 60),
      "to have a header of at most 100000000 bytes, got 1152921504606846976. This is not a safetensors file: check its name, or fetch it again.",
    ],
    [
      "a header that is no UTF-8",
      fileOf(Uint8Array.of(0x7b, 0xff, 0x7d)),
      `to have a header in UTF-8, got other bytes. ${fetchIt}`,
    ],
    [
      "space before the header",
      fileOf(" {}"),
      `to have a header that begins with {, got " " at character 0. ${fetchIt}`,
    ],
    [
      "a byte order mark",
      fileOf("\ufeff{}"),
      `to have a header that begins with {, got "\ufeff" at character 0. ${fetchIt}`,
    ],
    ["an empty header", fileOf(""), `to have a header that begins with {, got its end. ${fetchIt}`],
    [
      "anything after the header's end",
      fileOf("{}\0"),
      `to have spaces after its header's last }, got "\\u0000" at character 2. ${fetchIt}`,
    ],
    [
      "a trailing comma",
      fileOf(`{${a},}`, four),
      `to have " in its header, got "}" at character 54. ${fetchIt}`,
    ],
    [
      "a name that stands twice",
      fileOf(`{${a},${a}}`, four),
      `to have each key of its header once, got "a" twice. ${fetchIt}`,
    ],
    [
      "a name that stands twice, once in escapes",
      fileOf(`{${a},${entry("\\u0061", "F32", "[0]", 4, 4)}}`, four),
      `to have each key of its header once, got "a" twice. ${fetchIt}`,
    ],
    [
      "two texts of one key",
      fileOf('{"__metadata__":{"k":"1","k":"2"}}'),
      `to have each key of its header once, got "k" twice. ${fetchIt}`,
    ],
    [
      "metadata twice",
      fileOf('{"__metadata__":{},"__metadata__":{}}'),
      `to have each key of its header once, got "__metadata__" twice. ${fetchIt}`,
    ],
    [
      "a text that is a number",
      fileOf('{"__metadata__":{"k":1}}'),
      `to have " in its header, got "1" at character 21. ${fetchIt}`,
    ],
    [
      "half of a surrogate pair",
      fileOf('{"__metadata__":{"k":"\\ud800"}}'),
      `to have Unicode text in the strings of its header, got "\\\\ud800" at character 22. ${fetchIt}`,
    ],
    [
      "an escape that JSON does not have",
      fileOf('{"\\x":{}}'),
      `to have JSON's escapes in the strings of its header, got "\\\\x" at character 2. ${fetchIt}`,
    ],
    [
      "a string that does not end",
      fileOf('{"a'),
      `to have strings that end with " in its header, got its end. ${fetchIt}`,
    ],
    [
      "a line break in a string",
      fileOf('{"a\n":1}'),
      `to have strings that end with " in its header, got "\\n" at character 3. ${fetchIt}`,
    ],
    [
      "a field that the format does not have",
      fileOf('{"a":{"dtype":"F32","strides":[1]}}'),
      `to say only dtype, shape and data_offsets of "a", got "strides". ${fetchIt}`,
    ],
    [
      "an array without a shape",
      fileOf('{"a":{"dtype":"F32","data_offsets":[0,4]}}', four),
      `to say dtype, shape and two data_offsets of "a", got no shape. ${fetchIt}`,
    ],
    [
      "three offsets",
      fileOf('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}}', four),
      `to say dtype, shape and two data_offsets of "a", got 3 of them. ${fetchIt}`,
    ],
    [
      "a negative length",
      fileOf(`{${entry("a", "F32", "[-1]", 0, 4)}}`, four),
      `to have integers ≥ 0 as shapes and offsets, got "-" at character 29. ${fetchIt}`,
    ],
    [
      "a length with a fraction",
      fileOf(`{${entry("a", "F32", "[1.0]", 0, 4)}}`, four),
      `to have integers ≥ 0 as shapes and offsets, got "." at character 30. ${fetchIt}`,
    ],
    [
      "a length that a float64 would round",
      fileOf(`{${entry("a", "F32", "[9007199254740993]", 0, 4)}}`, four),
      `to have integers below 2^53 without leading zeros as shapes and offsets, got "9007199254740993" at character 29. ${fetchIt}`,
    ],
    [
      "a leading zero",
      fileOf(`{${entry("a", "F32", "[01]", 0, 4)}}`, four),
      `to have integers below 2^53 without leading zeros as shapes and offsets, got "01" at character 29. ${fetchIt}`,
    ],
    [
      "a dtype that it cannot read",
      fileOf(`{${entry("a", "F8_E4M3", "[4]", 0, 4)}}`, four),
      'to hold arrays of F64, F32, I32, BOOL, F16, BF16, U8, I8, U16, I16, U32, I64, U64, got "F8_E4M3" for "a". Cast it where the file was made.',
    ],
    [
      "an array past the data's end",
      fileOf(`{${a}}`, [0, 0, 0]),
      `to have every array within its 3 bytes of data, got "a" at 0 to 4. ${fetchIt}`,
    ],
    [
      "an array that ends before it begins",
      fileOf(`{${entry("a", "F32", "[1]", 4, 0)}}`, four),
      `to have every array within its 4 bytes of data, got "a" at 4 to 0. ${fetchIt}`,
    ],
    [
      "a hole",
      fileOf(`{${entry("a", "BOOL", "[1]", 1, 2)}}`, [0, 0]),
      `to have an array begin at byte 0 of its data, got a hole: "a" at 1 to 2. ${fetchIt}`,
    ],
    [
      "an overlap",
      fileOf(`{${a},${entry("b", "BOOL", "[2]", 3, 5)}}`, [...four, 0]),
      `to have an array begin at byte 4 of its data, got an overlap: "b" at 3 to 5. ${fetchIt}`,
    ],
    [
      "two arrays in one place",
      fileOf(`{${a},${entry("b", "F32", "[1]", 0, 4)}}`, four),
      `to have an array begin at byte 4 of its data, got an overlap: "b" at 0 to 4. ${fetchIt}`,
    ],
    [
      "bytes that are nobody's",
      fileOf(`{${a}}`, [...four, 0]),
      `to have arrays for all its 5 bytes of data, got 1 too many. ${fetchIt}`,
    ],
    [
      "a shape of another size",
      fileOf(`{${entry("a", "F32", "[2]", 0, 4)}}`, four),
      `to give "a" the bytes of F32 [2], got 4 bytes. ${fetchIt}`,
    ],
    [
      "a shape beyond any memory, in a short message",
      fileOf(`{${entry("a", "F64", `[${new Array(99).fill(2 ** 52)}]`, 0, 8)}}`, [
        ...four,
        ...four,
      ]),
      `to give "a" the bytes of F64 [${new Array(8).fill(2 ** 52).join(", ")}, … 99 axes], got 8 bytes. ${fetchIt}`,
    ],
    [
      "a bool that is neither 0 nor 1",
      fileOf(`{${entry("a", "BOOL", "[2]", 0, 2)}}`, [1, 2]),
      'to hold only 0 and 1 in "a" of BOOL, got 2. The file is damaged: fetch it again.',
    ],
  ];
  test.each(cases)("%s", (_, bytes, message) => {
    expect(messageOf(() => parseSafetensors(bytes, "f"), FormatError)).toBe(
      `parseSafetensors: expected f ${message}`,
    );
  });

  test("a name of any length in a message of 80 of its characters", () => {
    const bytes = fileOf(`{${entry("n".repeat(10_000), "F32", "[2]", 0, 4)}}`, four);
    const message = messageOf(() => parseSafetensors(bytes, "f"), FormatError);
    expect(message).toContain(`"${"n".repeat(80)}"… (10000 characters)`);
    expect(message.length).toBeLessThan(400);
  });
});

describe("encodeSafetensors refuses, word by word,", () => {
  const w = storedArray("float32", [1], [1]);
  test("names and texts that are not Unicode", () => {
    expect(messageOf(() => encodeSafetensors({ "\ud800": w }), ValueError)).toBe(
      'encodeSafetensors: expected name to be Unicode text, got "\\ud800". Give a string without lone surrogates.',
    );
    expect(messageOf(() => encodeSafetensors({}, { k: "\udc00" }), ValueError)).toBe(
      'encodeSafetensors: expected metadata.k to be Unicode text, got "\\udc00". Give a string without lone surrogates.',
    );
  });

  test("the name that the format keeps for texts", () => {
    expect(messageOf(() => encodeSafetensors({ __metadata__: w }), ValueError)).toBe(
      'encodeSafetensors: expected name to be another than __metadata__, got "__metadata__". Rename it: the format keeps this name for texts.',
    );
  });

  test("data that do not fit their shape, dtype or range", () => {
    const shape = messageOf(() => encodeSafetensors({ w: { ...w, shape: [2] } }), ShapeError);
    expect(shape).toBe(
      "encodeSafetensors: expected w to have the 2 elements of its shape [2], got 1. Give data and shape of the same size.",
    );
    const dtype = messageOf(() => encodeSafetensors({ w: { ...w, dtype: "int32" } }), DTypeError);
    expect(dtype).toBe(
      "encodeSafetensors: expected w to have its int32 elements as Int32Array, got Float32Array. Give data of the dtype.",
    );
    const wrong = { dtype: "bool", shape: [2], data: Uint8Array.of(1, 2) } as const;
    expect(messageOf(() => encodeSafetensors({ wrong }), ValueError)).toBe(
      "encodeSafetensors: expected wrong to hold only 0 and 1, as bool does, got 2 at element 1. Compare it first, or write it as int32.",
    );
  });

  test("a header above 100 MB", () => {
    const run = (): unknown => encodeSafetensors({}, { k: "x".repeat(100_000_000) });
    expect(messageOf(run, ValueError)).toBe(
      "encodeSafetensors: expected names and metadata to make a header of at most 100000000 bytes, got 100000032. Write fewer texts, or split the file.",
    );
  });
});
