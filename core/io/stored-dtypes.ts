/**
 * Stored dtypes: what safetensors files call their element types, and how each is read without loss.
 * Rests on dtype and bytes.
 *
 * Four are bitgrad's own. The narrower ones become float32 or int32, which hold them all; the wider integers become
 * int32 where every element fits, as counters and labels of other frameworks do.
 */
import { allocateArray, type DType, type TypedArray } from "../dtype.ts";
import { elementsOfBytes } from "./bytes.ts";

/** How one stored dtype is read. */
export interface StoredDType {
  /** What it becomes. */
  readonly dtype: DType;
  /** Bytes of one stored element. */
  readonly bytes: number;
  /** The elements in `bytes`, or the first one, as text, that `dtype` cannot hold. */
  readonly read: (bytes: Uint8Array) => TypedArray | string;
}

/** The name of each of bitgrad's dtypes in a file. */
export const storedNames: Readonly<Record<DType, string>> = {
  float64: "F64",
  float32: "F32",
  int32: "I32",
  bool: "BOOL",
};

/** Every dtype that can be read, by its name in a file. */
export const storedDTypes: ReadonlyMap<string, StoredDType> = new Map<string, StoredDType>([
  ["F64", own("float64", 8)],
  ["F32", own("float32", 4)],
  ["I32", own("int32", 4)],
  ["BOOL", { dtype: "bool", bytes: 1, read: readBooleans }],
  // float16 and bfloat16 are read by their bits, so that also the payload of a NaN is kept.
  ["F16", { dtype: "float32", bytes: 2, read: (bytes) => fromBits(bytes, widenHalf) }],
  ["BF16", { dtype: "float32", bytes: 2, read: (bytes) => fromBits(bytes, (half) => half << 16) }],
  ["U8", narrow(1, (view, at) => view.getUint8(at))],
  ["I8", narrow(1, (view, at) => view.getInt8(at))],
  ["U16", narrow(2, (view, at) => view.getUint16(at, true))],
  ["I16", narrow(2, (view, at) => view.getInt16(at, true))],
  ["U32", wide(4, (view, at) => BigInt(view.getUint32(at, true)))],
  ["I64", wide(8, (view, at) => view.getBigInt64(at, true))],
  ["U64", wide(8, (view, at) => view.getBigUint64(at, true))],
]);

function own(dtype: DType, bytes: number): StoredDType {
  return { dtype, bytes, read: (stored) => elementsOfBytes(dtype, stored) };
}

function readBooleans(bytes: Uint8Array): TypedArray | string {
  const wrong = bytes.find((byte) => byte > 1);
  return wrong === undefined ? elementsOfBytes("bool", bytes) : String(wrong);
}

/** An integer dtype that int32 holds altogether. */
function narrow(width: number, element: (view: DataView, at: number) => number): StoredDType {
  const read = (bytes: Uint8Array): TypedArray => {
    const elements = allocateArray("int32", bytes.length / width);
    const view = viewOf(bytes);
    for (let i = 0; i < elements.length; i++) elements[i] = element(view, i * width);
    return elements;
  };
  return { dtype: "int32", bytes: width, read };
}

/** An integer dtype that int32 holds in part. */
function wide(width: number, element: (view: DataView, at: number) => bigint): StoredDType {
  const read = (bytes: Uint8Array): TypedArray | string => {
    const elements = allocateArray("int32", bytes.length / width);
    const view = viewOf(bytes);
    for (let i = 0; i < elements.length; i++) {
      const value = element(view, i * width);
      if (value !== BigInt.asIntN(32, value)) return String(value);
      elements[i] = Number(value);
    }
    return elements;
  };
  return { dtype: "int32", bytes: width, read };
}

/** Float32 numbers whose bits are `widen` of 16 stored bits. */
function fromBits(bytes: Uint8Array, widen: (half: number) => number): Float32Array {
  const bits = new Uint32Array(bytes.length / 2);
  const view = viewOf(bytes);
  for (let i = 0; i < bits.length; i++) bits[i] = widen(view.getUint16(2 * i, true));
  return new Float32Array(bits.buffer);
}

/** The float32 bits of a float16 (IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits, bias 15). */
function widenHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 127 - 15) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Subnormal: fraction · 2^-24, whose highest set bit becomes the implicit one.
  const top = 31 - Math.clz32(fraction);
  return sign | ((top - 24 + 127) << 23) | ((fraction << (23 - top)) & 0x7fffff);
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
