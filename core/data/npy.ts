/**
 * npy: NumPy's file of one array, read in versions 1, 2 and 3 and written as NumPy writes it.
 * Rests on errors, shape and extent; no Node imports, so that it also runs in a browser.
 *
 * Layout (NumPy Enhancement Proposal 1, and `numpy.lib.format`): the magic 93 "NUMPY", two bytes of version, the length of
 * the header (little-endian uint16, from version 2 on uint32), the header, and the elements. The header is a Python
 * dictionary of descr, fortran_order and shape, padded with spaces, and ends with a newline.
 */
import type { DType } from "../dtype.ts";
import { FormatError, ShapeError } from "../errors.ts";
import { formatShape, rowMajorStrides, type Shape, sizeOf } from "../shape.ts";
import { countOf, elementBytes, formatExtents, hex } from "./extent.ts";

/** The element types that are read and written: bitgrad's dtypes, and bytes, which image files are made of. */
export type NpyType = DType | "uint8";

/** What an npy file holds, row-major whatever order the file has. `bool` is a Uint8Array of 0 and 1. */
export interface NpyArray {
  readonly shape: Shape;
  readonly dtype: NpyType;
  readonly data: Float32Array | Float64Array | Int32Array | Uint8Array;
}

/** One element type: its name in the header without the byte order, its bytes, and how it is read and written. */
interface ElementType {
  readonly dtype: NpyType;
  readonly bytes: number;
  allocate(length: number): NpyArray["data"];
  read(view: DataView, at: number, little: boolean): number;
  write(view: DataView, at: number, value: number): void;
}

const elementTypes: ReadonlyMap<string, ElementType> = new Map<string, ElementType>([
  [
    "f4",
    {
      dtype: "float32",
      bytes: 4,
      allocate: (length) => new Float32Array(length),
      read: (view, at, little) => view.getFloat32(at, little),
      write: (view, at, value) => view.setFloat32(at, value, true),
    },
  ],
  [
    "f8",
    {
      dtype: "float64",
      bytes: 8,
      allocate: (length) => new Float64Array(length),
      read: (view, at, little) => view.getFloat64(at, little),
      write: (view, at, value) => view.setFloat64(at, value, true),
    },
  ],
  [
    "i4",
    {
      dtype: "int32",
      bytes: 4,
      allocate: (length) => new Int32Array(length),
      read: (view, at, little) => view.getInt32(at, little),
      write: (view, at, value) => view.setInt32(at, value, true),
    },
  ],
  ["b1", byteType("bool")],
  ["u1", byteType("uint8")],
]);

function byteType(dtype: "bool" | "uint8"): ElementType {
  return {
    dtype,
    bytes: 1,
    allocate: (length) => new Uint8Array(length),
    read: (view, at) => view.getUint8(at),
    write: (view, at, value) => view.setUint8(at, value),
  };
}

const magic: readonly number[] = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** The longest header that is read: what version 1 can say. NumPy itself refuses 10,000 unless told otherwise. */
const longestHeader = 65535;

/** The reader's complaint, with the file and the function filled in. */
type Refuse = (expected: string, got: string, fix: string) => FormatError;

const anew = "The file is cut short or damaged: fetch or save it again";

/**
 * Reads the bytes of an npy file. `name` is the file's, for messages; `where` the caller's.
 * float32, float64 and int32 of either byte order, bool and uint8, in C and in Fortran order. Nothing is allocated before
 * the sizes are known to match the bytes.
 * Throws FormatError if it is not npy, is cut short or over-long, has a header that is no such dictionary, an element type
 * that is not among those, or a bool that is neither 0 nor 1.
 * Example: `const { shape, data } = parseNpy(readBytes("x.npy"), "x.npy")`.
 */
export function parseNpy(bytes: Uint8Array, name: string, where = "parseNpy"): NpyArray {
  const refuse: Refuse = (expected, got, fix) =>
    new FormatError({ where, argument: name, expected, got, fix });
  const { header, start } = headerOf(bytes, refuse);
  const { descr, fortran, shape } = parseHeader(header, refuse);
  const [order = "", type] = [descr.slice(0, 1), elementTypes.get(descr.slice(1))];
  if (type === undefined || !(type.bytes === 1 ? "|<>" : "<>").includes(order)) {
    throw refuse(
      "to hold float32, float64, int32, bool or uint8 (descr f4, f8, i4, b1, u1 after < or >)",
      excerpt(descr),
      "Convert it before saving, for example array.astype(np.float32)",
    );
  }
  const available = bytes.length - start;
  const wanted = elementBytes(shape, type.bytes, available);
  if (wanted !== available) {
    throw refuse(
      `to hold ${type.dtype} ${formatExtents(shape)} after its ${start}-byte header`,
      wanted === undefined
        ? `only ${countOf(available, "byte")}`
        : `${countOf(available, "byte")}, ${available - wanted} too many`,
      anew,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, available);
  const data = type.allocate(wanted / type.bytes);
  const little = order !== ">";
  const from = fortran ? fortranOffsets(shape) : null;
  for (let i = 0; i < data.length; i++) {
    const at = from === null ? i : from();
    data[i] = type.read(view, at * type.bytes, little);
  }
  const wrong = type.dtype === "bool" ? data.findIndex((value) => value > 1) : -1;
  if (wrong !== -1) {
    throw refuse("to hold bools 0 and 1", `${data[wrong]} at element ${wrong}`, anew);
  }
  return { shape, dtype: type.dtype, data };
}

/** The header's text, and where the elements start. */
function headerOf(
  bytes: Uint8Array,
  refuse: Refuse,
): { readonly header: string; readonly start: number } {
  const first = bytes.subarray(0, 6);
  if (!magic.every((byte, i) => first[i] === byte)) {
    const fix = "This is not an npy file: check its name, or fetch it again";
    throw refuse("to begin with 93 4e 55 4d 50 59, as npy does", hex(first) || "nothing", fix);
  }
  const [major = 0, minor = 0] = bytes.subarray(6, 8);
  if (bytes.length >= 8 && (major < 1 || major > 3 || minor !== 0)) {
    const fix = "Save it again with numpy.save";
    throw refuse("to be of version 1.0, 2.0 or 3.0", `${major}.${minor}`, fix);
  }
  const lengthBytes = major === 1 ? 2 : 4;
  const headerStart = 8 + lengthBytes;
  if (bytes.length < headerStart) {
    throw refuse("to have a length of its header", countOf(bytes.length, "byte"), anew);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = major === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  const start = headerStart + length;
  if (length > longestHeader) {
    const fix = "The file is damaged, or holds no plain array: save it again";
    throw refuse(`to have a header of at most ${longestHeader} bytes`, String(length), fix);
  }
  if (bytes.length < start) {
    const got = countOf(bytes.length - headerStart, "byte");
    throw refuse(`to have a header of ${length} bytes`, `only ${got}`, anew);
  }
  // Version 3 is UTF-8 and the others Latin 1: what is read here is ASCII in all of them.
  const header = String.fromCharCode(...bytes.subarray(headerStart, start));
  if (!header.endsWith("\n")) {
    throw refuse("to have a header that ends with a newline", excerpt(header), anew);
  }
  return { header, start };
}

/** The three entries of the dictionary, each exactly once and in any order. */
function parseHeader(
  header: string,
  refuse: Refuse,
): { readonly descr: string; readonly fortran: boolean; readonly shape: Shape } {
  const complain = (): FormatError =>
    refuse(
      "to have a header { 'descr': …, 'fortran_order': …, 'shape': … }",
      excerpt(header),
      "The file is damaged, or holds no plain array: save it again with numpy.save",
    );
  const text = header.trim();
  if (!text.startsWith("{") || !text.endsWith("}")) throw complain();
  const entries = new Map<string, string>();
  let rest = text.slice(1, -1).trim();
  while (rest !== "") {
    const key = /^(['"])(descr|fortran_order|shape)\1 {0,8}: {0,8}/.exec(rest);
    if (key === null || entries.has(key[2] ?? "")) throw complain();
    rest = rest.slice(key[0].length);
    const value = /^(?:'[^']*'|"[^"]*"|True|False|\([^()]*\))/.exec(rest);
    if (value === null) throw complain();
    entries.set(key[2] ?? "", value[0]);
    rest = rest.slice(value[0].length).trim();
    if (rest !== "" && !rest.startsWith(",")) throw complain();
    rest = rest.slice(1).trim();
  }
  const [descr = "", order = "", tuple = ""] = ["descr", "fortran_order", "shape"].map(
    (key) => entries.get(key) ?? "",
  );
  const shape = parseTuple(tuple);
  const isText = /^['"]/.test(descr);
  if (!isText || (order !== "True" && order !== "False") || shape === null) throw complain();
  return { descr: descr.slice(1, -1), fortran: order === "True", shape };
}

/** The integers of a Python tuple: `()`, `(3,)`, `(3, 4)`; null for anything else. */
function parseTuple(tuple: string): Shape | null {
  if (!tuple.startsWith("(")) return null;
  const parts = tuple
    .slice(1, -1)
    .split(",")
    .map((part) => part.trim());
  const last = parts.at(-1);
  const isTuple = parts.length > 1 || last === "";
  const items = last === "" ? parts.slice(0, -1) : parts;
  if (!isTuple || !items.every((item) => /^(?:0|[1-9]\d{0,14})$/.test(item))) return null;
  return items.map(Number);
}

/** Element after element in row-major order, the place of each in a file of Fortran order: the first axis innermost. */
function fortranOffsets(shape: Shape): () => number {
  const strides = [...rowMajorStrides([...shape].reverse())].reverse();
  const index = shape.map(() => 0);
  let offset = 0;
  return () => {
    const place = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] ?? 0) + 1;
      const stride = strides[axis] ?? 0;
      if (next < (shape[axis] ?? 0)) {
        index[axis] = next;
        offset += stride;
        break;
      }
      index[axis] = 0;
      offset -= (next - 1) * stride;
    }
    return place;
  };
}

/** The start of a header or of a word in it, for messages. */
function excerpt(header: string): string {
  return JSON.stringify(header.length > 60 ? `${header.slice(0, 60)}…` : header);
}

/** Room that NumPy leaves after the header, so that the first axis can grow to this many digits in place. */
const growingDigits = 21;

/**
 * The bytes of an npy file: version 1.0, little-endian, C order; byte for byte what `numpy.save` (NumPy 2) writes.
 * Throws ShapeError where `shape` is not that of `data`, FormatError for a header too long (thousands of axes).
 * Example: `writeFileSync("x.npy", formatNpy({ shape: [2], dtype: "float32", data: Float32Array.of(1, 2) }))`.
 */
export function formatNpy({ shape, dtype, data }: NpyArray): Uint8Array {
  const entry = [...elementTypes].find(([, type]) => type.dtype === dtype);
  if (entry === undefined || entry[1].allocate(0).constructor !== data.constructor) {
    throw new FormatError({
      where: "formatNpy",
      argument: "data",
      expected: `to be the typed array of ${dtype}`,
      got: data.constructor.name,
      fix: "Give the dtype of the data",
    });
  }
  if (sizeOf(shape) !== data.length) {
    throw new ShapeError({
      where: "formatNpy",
      argument: "shape",
      expected: `to hold the ${data.length} elements given`,
      got: `${formatShape(shape)}, which holds ${sizeOf(shape)}`,
      fix: "Give the shape of the data",
    });
  }
  const [code, type] = entry;
  const descr = `${type.bytes === 1 ? "|" : "<"}${code}`;
  const tuple = `(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  const room = shape.length > 0 ? growingDigits - String(shape[0]).length : 0;
  const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': ${tuple}, }${" ".repeat(room)}`;
  // To a multiple of 64, and where it is one already NumPy adds 64 more.
  const length = (Math.floor((10 + header.length + 1) / 64) + 1) * 64 - 10;
  if (length > longestHeader) {
    throw new FormatError({
      where: "formatNpy",
      argument: "shape",
      expected: `to fit a header of ${longestHeader} bytes`,
      got: formatExtents(shape),
      fix: "Merge some of its axes",
    });
  }
  const bytes = new Uint8Array(10 + length + data.length * type.bytes);
  const view = new DataView(bytes.buffer);
  bytes.set([...magic, 1, 0]);
  view.setUint16(8, length, true);
  bytes.set(new TextEncoder().encode(`${header.padEnd(length - 1)}\n`), 10);
  for (let i = 0; i < data.length; i++) {
    type.write(view, 10 + length + i * type.bytes, data[i] ?? 0);
  }
  return bytes;
}
