/**
 * What the tests of files share: safetensors made by hand from the format's text alone, and PyTorch's golden ones.
 * Rests on nothing of the reader or the writer.
 */
import { readFileSync } from "node:fs";
import type { StoredArray } from "../core/io/index.ts";

/** A file of any header and data, well-formed or not: 8 bytes of length, header, data. */
export function fileOf(
  header: string | Uint8Array,
  data: readonly number[] | Uint8Array = [],
  length?: number,
): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

/** An entry of a header. */
export function entry(
  name: string,
  dtype: string,
  shape: string,
  begin: number,
  end: number,
): string {
  return `"${name}":{"dtype":"${dtype}","shape":${shape},"data_offsets":[${begin},${end}]}`;
}

/** The bytes of a golden file. */
export function goldenBytes(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`golden/safetensors/${name}`, import.meta.url)));
}

/** One of the golden files' contents as the script that made it knew them. */
interface GoldenFile {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: readonly (readonly [string, GoldenArray])[];
}

interface GoldenArray {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | boolean | "nan" | "inf" | "-inf")[];
}

const golden: Readonly<Record<string, GoldenFile>> = JSON.parse(
  new TextDecoder().decode(goldenBytes("values.json")),
);

/** Contents of the golden file `name`, every array as numbers. */
export function goldenContents(name: string): {
  readonly metadata: Readonly<Record<string, string>>;
  readonly tensors: readonly {
    name: string;
    dtype: string;
    shape: readonly number[];
    data: number[];
  }[];
} {
  const file = golden[name];
  if (file === undefined) throw new Error(`no golden file ${name}`);
  const tensors = file.tensors.map(([tensor, { dtype, shape, data }]) => ({
    name: tensor,
    dtype,
    shape,
    data: data.map((value) => notFinite.get(value) ?? Number(value)),
  }));
  return { metadata: file.metadata, tensors };
}

const notFinite: ReadonlyMap<unknown, number> = new Map([
  ["nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
]);

/** An array of one of bitgrad's dtypes; throws for the name of another. */
export function storedArray(
  dtype: string,
  shape: readonly number[],
  data: readonly number[],
): StoredArray {
  switch (dtype) {
    case "float32":
      return { dtype, shape, data: Float32Array.from(data) };
    case "float64":
      return { dtype, shape, data: Float64Array.from(data) };
    case "int32":
      return { dtype, shape, data: Int32Array.from(data) };
    case "bool":
      return { dtype, shape, data: Uint8Array.from(data) };
    default:
      throw new Error(`${dtype} is none of bitgrad's dtypes`);
  }
}
