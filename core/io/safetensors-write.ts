/**
 * Writing safetensors: the bytes that version 0.8.0 of the Python library writes for the same arrays.
 * Rests on safetensors-header, stored-dtypes, bytes and errors.
 *
 * That library keeps several texts in an order that changes from run to run; here they are sorted.
 */
import {
  allDTypes,
  allocateArray,
  bytesPerElement,
  type DType,
  requireDType,
  type TypedArray,
} from "../dtype.ts";
import { DTypeError, ShapeError, ValueError } from "../errors.ts";
import { checkShape, formatShape, type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { bytesOfElements, compareBytes, joined } from "./bytes.ts";
import { quoteBriefly } from "./quote.ts";
import type { StoredArray } from "./safetensors.ts";
import { loneSurrogate, longestHeader, metadataKey, prefix } from "./safetensors-header.ts";
import { storedNames } from "./stored-dtypes.ts";

/** An array to be written, whose elements are asked for when it is their turn. */
export interface ArraySource {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly elements: () => TypedArray;
}

/** Tensors as what can be written, by the same names; `where` is told of one that cannot be read. */
export function sourcesOf(
  where: string,
  tensors: Readonly<Record<string, Tensor>>,
): Readonly<Record<string, ArraySource>> {
  const sources = Object.entries(tensors).map(([name, tensor]): [string, ArraySource] => {
    const { dtype, shape } = tensor;
    return [name, { dtype, shape, elements: () => tensor.elements(where) }];
  });
  return Object.fromEntries(sources);
}

/** The order of dtypes in a file: the widest first, so that every array lies at a multiple of its width. */
const dtypeOrder: readonly DType[] = ["float64", "float32", "int32", "bool"];

/**
 * The bytes of a safetensors file: arrays by dtype (float64, float32, int32, bool) and then by the bytes of their names,
 * metadata by the bytes of its keys, the header padded to a multiple of 8. The same content gives the same bytes.
 *
 * Throws ValueError for a name or text that is not Unicode, the name `__metadata__`, a text that is no string or a header
 * above 100 MB, or a bool other than 0 and 1, DTypeError and ShapeError where data differ from their dtype or shape.
 *
 * @example
 * encodeSafetensors({ w: { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) } });
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, StoredArray>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const sources = Object.entries(tensors).map(
    ([name, { dtype, shape, data }]): [string, ArraySource] => [
      name,
      { dtype, shape, elements: () => data },
    ],
  );
  return joined([...safetensorsParts("encodeSafetensors", Object.fromEntries(sources), metadata)]);
}

/**
 * The same bytes part by part: the header with its length, then each array, made when it is asked for, so that a file can
 * be written without a second copy of everything. Throws as `encodeSafetensors`, for wrong names before the first part.
 */
export function* safetensorsParts(
  where: string,
  tensors: Readonly<Record<string, ArraySource>>,
  metadata: Readonly<Record<string, string>>,
): Generator<Uint8Array, void, undefined> {
  const sorted = Object.entries(tensors)
    .map(([name, source]) => ({ name, source, key: utf8.encode(checkText(where, "name", name)) }))
    .sort((a, b) => rank(a.source) - rank(b.source) || compareBytes(a.key, b.key));
  yield headerOf(where, sorted, metadata);
  for (const { name, source } of sorted) {
    const elements = source.elements();
    checkElements(where, name, source, elements);
    yield bytesOfElements(elements);
  }
}

const utf8 = new TextEncoder();

/** Throws unless `elements` are of the dtype and the size that the header gives them. */
function checkElements(
  where: string,
  name: string,
  { dtype, shape }: ArraySource,
  elements: TypedArray,
): void {
  const expected = allocateArray(dtype, 0).constructor;
  if (elements.constructor !== expected) {
    throw new DTypeError({
      where,
      argument: name,
      expected: `to have its ${dtype} elements as ${expected.name}`,
      got: elements.constructor.name,
      fix: "Give data of the dtype",
    });
  }
  if (elements.length !== sizeOf(shape)) {
    throw new ShapeError({
      where,
      argument: name,
      expected: `to have the ${sizeOf(shape)} elements of its shape ${formatShape(shape)}`,
      got: String(elements.length),
      fix: "Give data and shape of the same size",
    });
  }
  const wrong = dtype === "bool" ? elements.findIndex((element) => element > 1) : -1;
  if (wrong !== -1) {
    throw new ValueError({
      where,
      argument: name,
      expected: "to hold only 0 and 1, as bool does",
      got: `${elements[wrong]} at element ${wrong}`,
      fix: "Compare it first, or write it as int32",
    });
  }
}

function rank({ dtype }: ArraySource): number {
  return dtypeOrder.indexOf(dtype);
}

/** The header's length and the header, for arrays in the order in which they will follow. */
function headerOf(
  where: string,
  arrays: readonly { readonly name: string; readonly source: ArraySource }[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const members: string[] = [];
  const texts = Object.entries(metadata)
    .map(([key, text]) => ({ key: checkText(where, "metadata", key), text }))
    .sort((a, b) => compareBytes(utf8.encode(a.key), utf8.encode(b.key)));
  if (texts.length > 0) {
    const pairs = texts.map(({ key, text }) => {
      return `${JSON.stringify(key)}:${JSON.stringify(checkText(where, `metadata.${key}`, text))}`;
    });
    members.push(`"${metadataKey}":{${pairs.join(",")}}`);
  }
  let begin = 0;
  for (const { name, source } of arrays) {
    const { dtype, shape } = source;
    requireDType(where, name, dtype, allDTypes);
    const end = begin + sizeOf(checkShape(where, name, shape)) * bytesPerElement[dtype];
    members.push(
      `${JSON.stringify(name)}:{"dtype":"${storedNames[dtype]}","shape":[${shape.join(",")}],"data_offsets":[${begin},${end}]}`,
    );
    begin = end;
  }
  const json = utf8.encode(`{${members.join(",")}}`);
  const length = 8 * Math.ceil(json.length / 8);
  if (length > longestHeader) {
    throw new ValueError({
      where,
      argument: "names and metadata",
      expected: `to make a header of at most ${longestHeader} bytes`,
      got: String(length),
      fix: "Write fewer texts, or split the file",
    });
  }
  const bytes = new Uint8Array(prefix + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(json, prefix);
  return bytes;
}

/** `text`, which must be a string that UTF-8 can write, and as a name not that of the metadata. */
function checkText(where: string, argument: string, text: unknown): string {
  const isText = typeof text === "string" && !loneSurrogate.test(text);
  if (!isText || (argument === "name" && text === metadataKey)) {
    throw new ValueError({
      where,
      argument,
      expected: isText ? `to be another than ${metadataKey}` : "to be Unicode text",
      got: typeof text === "string" ? quoteBriefly(text) : String(text),
      fix: isText
        ? "Rename it: the format keeps this name for texts"
        : "Give a string without lone surrogates",
    });
  }
  return text;
}
