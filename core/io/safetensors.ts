/**
 * Reading safetensors: named arrays and a few texts in one file, as bytes, in Node and in browsers.
 * Rests on safetensors-header, stored-dtypes, quote, data's extent and errors.
 *
 * Layout (github.com/huggingface/safetensors, "Format"): 8 bytes with the length of the header, little-endian; the
 * header, JSON padded with spaces; the elements, row-major and little-endian, without holes or overlaps.
 */

import { countOf, formatExtents } from "../data/extent.ts";
import type { DType, TypedArray } from "../dtype.ts";
import { FormatError } from "../errors.ts";
import { type Shape, sizeOf } from "../shape.ts";
import { quoteBriefly } from "./quote.ts";
import {
  type HeaderEntry,
  longestHeader,
  prefix,
  type Refuse,
  readHeader,
} from "./safetensors-header.ts";
import { storedDTypes } from "./stored-dtypes.ts";

/** An array with no device behind it. */
export interface StoredArray {
  readonly dtype: DType;
  readonly shape: Shape;
  /** As many elements as `shape` multiplies to, row-major; bool as 0 and 1. */
  readonly data: TypedArray;
}

/** What a safetensors file holds. */
export interface Safetensors {
  /** By name. */
  readonly tensors: Readonly<Record<string, StoredArray>>;
  /** Texts by key; empty where the file has none. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads the bytes of a safetensors file. `name` is the file's, for messages; `where` the caller's.
 *
 * F64, F32, I32 and BOOL are read as they are, F16 and BF16 as float32, I8, U8, I16 and U16 as int32, and I64, U64 and
 * U32 as int32 where every element fits. No elements are copied before the header is known to account for every byte.
 * Throws FormatError if the header is too long, cut short, not of the format, names a key twice or a dtype that is none
 * of these, if arrays overlap, leave a hole or reach past the end, or if an element does not fit.
 *
 * @example
 * const { tensors } = parseSafetensors(await file.bytes(), "model.safetensors");
 * tensors["linear1.weight"].shape; // [10, 784]
 */
export function parseSafetensors(
  bytes: Uint8Array,
  name: string,
  where = "parseSafetensors",
): Safetensors {
  const refuse = (expected: string, got: string, fix: string): FormatError =>
    new FormatError({ where, argument: name, expected, got, fix });
  const damaged: Refuse = (expected, got) =>
    refuse(expected, got, "This is not a safetensors file, or it is damaged: fetch it again");

  const header = headerBytes(bytes, refuse);
  const { entries, metadata } = readHeader(decode(header, damaged), damaged);
  const data = bytes.subarray(prefix + header.length);
  const sorted = entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end);
  checkLayout(sorted, data.length, damaged);
  for (const { name: tensor, dtype } of sorted) {
    if (!storedDTypes.has(dtype)) {
      throw refuse(
        `to hold arrays of ${[...storedDTypes.keys()].join(", ")}`,
        `${quoteBriefly(dtype)} for ${quoteBriefly(tensor)}`,
        "Cast it where the file was made",
      );
    }
  }
  const tensors = sorted.map((entry): [string, StoredArray] => [
    entry.name,
    readArray(entry, data, refuse),
  ]);
  return { tensors: Object.fromEntries(tensors), metadata };
}

type RefuseWithFix = (expected: string, got: string, fix: string) => FormatError;

/** The bytes of the header. Throws where its length is cut short, too large, or past the file's end. */
function headerBytes(bytes: Uint8Array, refuse: RefuseWithFix): Uint8Array {
  if (bytes.length < prefix) {
    const fix = "The file is cut short: fetch it again";
    throw refuse(
      "to begin with the 8-byte length of its header",
      countOf(bytes.length, "byte"),
      fix,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const promised = view.getBigUint64(0, true);
  if (promised > longestHeader) {
    throw refuse(
      `to have a header of at most ${longestHeader} bytes`,
      String(promised),
      "This is not a safetensors file: check its name, or fetch it again",
    );
  }
  const length = Number(promised);
  const available = bytes.length - prefix;
  if (length > available) {
    const fix = "The file is cut short: fetch it again";
    throw refuse(`to have a header of ${length} bytes`, `only ${countOf(available, "byte")}`, fix);
  }
  return bytes.subarray(prefix, prefix + length);
}

function decode(header: Uint8Array, refuse: Refuse): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
  } catch {
    throw refuse("to have a header in UTF-8", "other bytes");
  }
}

/** Throws unless the arrays, sorted by where they begin, fill `available` bytes one after another. */
function checkLayout(entries: readonly HeaderEntry[], available: number, refuse: Refuse): void {
  let at = 0;
  for (const { name, dtype, shape, begin, end } of entries) {
    const shown = `${quoteBriefly(name)} at ${begin} to ${end}`;
    if (end < begin || end > available) {
      throw refuse(`to have every array within its ${countOf(available, "byte")} of data`, shown);
    }
    if (begin !== at) {
      const problem = begin < at ? "an overlap" : "a hole";
      throw refuse(`to have an array begin at byte ${at} of its data`, `${problem}: ${shown}`);
    }
    const width = storedDTypes.get(dtype)?.bytes;
    if (width !== undefined && sizeOf(shape) * width !== end - begin) {
      const expected = `to give ${quoteBriefly(name)} the bytes of ${dtype} ${formatExtents(shape)}`;
      throw refuse(expected, countOf(end - begin, "byte"));
    }
    at = end;
  }
  if (at !== available) {
    throw refuse(
      `to have arrays for all its ${countOf(available, "byte")} of data`,
      `${available - at} too many`,
    );
  }
}

function readArray(entry: HeaderEntry, data: Uint8Array, refuse: RefuseWithFix): StoredArray {
  const { name, dtype: stored, shape, begin, end } = entry;
  const kind = storedDTypes.get(stored);
  const read = kind?.read(data.subarray(begin, end)) ?? "an unknown dtype";
  if (kind === undefined || typeof read === "string") {
    const holds = kind?.dtype === "bool" ? "only 0 and 1" : "elements that int32 can represent";
    throw refuse(
      `to hold ${holds} in ${quoteBriefly(name)} of ${stored}`,
      String(read),
      kind?.dtype === "bool"
        ? "The file is damaged: fetch it again"
        : "Cast it to F64 where the file was made",
    );
  }
  return { dtype: kind.dtype, shape, data: read };
}
