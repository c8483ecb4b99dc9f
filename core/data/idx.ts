/**
 * IDX: the format of the MNIST files, a typed array behind a header of sizes.
 * Rests on errors, extent and bytes; no Node imports, so that it also runs in a browser.
 *
 * Layout (Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits", section
 * "The IDX file format"): two zero bytes, a byte for the element type, a byte for the rank, one
 * big-endian uint32 per axis, then the elements, row-major and big-endian.
 */
import { FormatError } from "../errors.ts";
import { inMachineOrder } from "../io/bytes.ts";
import type { Shape } from "../shape.ts";
import { countOf, elementBytes, formatExtents, hex } from "./extent.ts";

/** The memory of an IDX file's elements. */
export type IdxData =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** What an IDX file holds: `data` has as many elements as `shape` multiplies to, row-major. */
export interface IdxArray {
  readonly shape: Shape;
  readonly data: IdxData;
}

/** One element type: its name in messages, the bytes of an element, and how the elements in `bytes` are read. */
interface ElementType {
  readonly name: string;
  readonly bytes: number;
  readonly read: (bytes: Uint8Array) => IdxData;
}

/** An element type of several bytes, swapped to this machine's order. */
function swapped(
  name: string,
  Elements: { readonly BYTES_PER_ELEMENT: number; new (memory: ArrayBuffer): IdxData },
): ElementType {
  const width = Elements.BYTES_PER_ELEMENT;
  const read = (bytes: Uint8Array): IdxData => new Elements(inMachineOrder(bytes, width, "big"));
  return { name, bytes: width, read };
}

/** The six type codes of the format. A byte needs no swapping, so bytes are viewed, not copied. */
const elementTypes: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [
    0x08,
    {
      name: "uint8",
      bytes: 1,
      read: ({ buffer, byteOffset, length }) => new Uint8Array(buffer, byteOffset, length),
    },
  ],
  [
    0x09,
    {
      name: "int8",
      bytes: 1,
      read: ({ buffer, byteOffset, length }) => new Int8Array(buffer, byteOffset, length),
    },
  ],
  [0x0b, swapped("int16", Int16Array)],
  [0x0c, swapped("int32", Int32Array)],
  [0x0d, swapped("float32", Float32Array)],
  [0x0e, swapped("float64", Float64Array)],
]);

/**
 * Reads the bytes of an IDX file. `name` is the file's, for messages; `where` the caller's.
 * Types uint8 and int8 are views of `bytes`, the others are copied and swapped to this machine's
 * order. Nothing is allocated before the sizes are known to match the bytes.
 * Throws FormatError if the header is not IDX, is cut short, or promises more or fewer bytes than
 * there are; compressed bytes too (`readBytes` unpacks them).
 * Example: `parseIdx(readBytes(path), "train-labels-idx1-ubyte").shape` is `[60000]`.
 */
export function parseIdx(bytes: Uint8Array, name: string, where = "parseIdx"): IdxArray {
  const refuse = (expected: string, got: string, fix: string): FormatError =>
    new FormatError({ where, argument: name, expected, got, fix });

  const magic = bytes.subarray(0, 4);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    throw refuse("to be unpacked", "gzip (1f 8b)", "Unpack it first, for example with readBytes");
  }
  if (magic.length < 4) {
    const fix = "The file is cut short: fetch it again";
    throw refuse("to begin with a 4-byte IDX header", countOf(magic.length, "byte"), fix);
  }
  const [zero0 = 0, zero1 = 0, code = 0, rank = 0] = magic;
  if (zero0 !== 0 || zero1 !== 0) {
    const fix = "This is not an IDX file: check its name, or fetch it again";
    throw refuse("to begin with two zero bytes, as IDX does", hex(magic), fix);
  }
  const type = elementTypes.get(code);
  if (type === undefined) {
    throw refuse(
      "to have an IDX type code (08, 09, 0b, 0c, 0d, 0e) as its third byte",
      hex(magic),
      "This is not an IDX file: check its name, or fetch it again",
    );
  }
  const header = 4 + 4 * rank;
  if (bytes.length < header) {
    throw refuse(
      `to have a ${header}-byte header for its ${rank === 1 ? "1 axis" : `${rank} axes`}`,
      countOf(bytes.length, "byte"),
      "The file is cut short: fetch it again",
    );
  }

  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const available = bytes.length - header;
  const wanted = elementBytes(shape, type.bytes, available);
  if (wanted !== available) {
    throw refuse(
      `to hold ${type.name} ${formatExtents(shape)} after its ${header}-byte header`,
      `${wanted === undefined ? "only " : ""}${countOf(available, "byte")}${
        wanted === undefined ? "" : `, ${available - wanted} too many`
      }`,
      wanted === undefined
        ? "The file is cut short or its sizes are damaged: fetch it again"
        : "The file is over-long or its sizes are damaged: fetch it again",
    );
  }
  return { shape, data: type.read(bytes.subarray(header)) };
}
