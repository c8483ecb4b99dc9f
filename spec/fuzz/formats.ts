/**
 * Formats under fuzzing: for each its whole files, what reads them, and what writes what was read.
 * Rests on core's readers. A new format is one more entry of the table.
 */
import { parseCifar10, parseCifar100 } from "../../core/data/cifar.ts";
import { type IdxArray, parseIdx } from "../../core/data/idx.ts";
import { formatNpy, parseNpy } from "../../core/data/npy.ts";
import { type StateRecord, scope, Tensor, tensor } from "../../core/index.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
  encodeSafetensors,
  parseSafetensors,
  type Safetensors,
} from "../../core/io/index.ts";
import { sizeOf } from "../../core/shape.ts";
import { goldenBytes, storedArray } from "../safetensors-samples.ts";
import { checkpointMutations, headerMutations, planMutations } from "./headers.ts";
import type { Mutation } from "./mutate.ts";
import { dictionaryMutations, recordMutations } from "./records.ts";

/** One format. */
export interface Format {
  readonly name: string;
  /** Whole files, each a few hundred bytes. */
  readonly seeds: readonly Uint8Array[];
  /** Damages that only this format knows. */
  readonly mutations: readonly Mutation[];
  /**
   * Reads `bytes`, writes what was read, reads that, and gives both readings bit for bit: a text of each. Throws what the
   * reader throws.
   */
  readonly readTwice: (bytes: Uint8Array) => readonly [first: string, second: string];
}

/** Bytes in hexadecimal. */
function hex({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("hex");
}

/** A text with every bit of what a reader gave. */
function shown(value: unknown): string {
  if (value instanceof Tensor) return `${value.dtype} [${value.shape}] ${hex(value.elements())}`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} ${hex(value)}`;
  if (Array.isArray(value)) return `[${value.map(shown).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}:${shown(v)}`);
    return `{${members.sort().join(",")}}`;
  }
  return Object.is(value, -0)
    ? "-0"
    : typeof value === "string"
      ? JSON.stringify(value)
      : `${value}`;
}

/** The bytes of an IDX file that holds `array`. */
function idxBytes({ shape, data }: IdxArray): Uint8Array {
  const code = [
    Uint8Array,
    Int8Array,
    null,
    Int16Array,
    Int32Array,
    Float32Array,
    Float64Array,
  ].findIndex((kind) => kind !== null && data instanceof kind);
  const width = data.BYTES_PER_ELEMENT;
  const bytes = new Uint8Array(4 + 4 * shape.length + data.byteLength);
  const view = new DataView(bytes.buffer);
  bytes.set([0, 0, 8 + code, shape.length]);
  shape.forEach((length, axis) => {
    view.setUint32(4 + 4 * axis, length);
  });
  const elements = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const from = 4 + 4 * shape.length;
  elements.forEach((byte, i) => {
    bytes[from + i - (i % width) + (width - 1 - (i % width))] = byte;
  });
  return bytes;
}

const idxSeeds: readonly Uint8Array[] = [
  idxBytes({ shape: [3, 4, 4], data: Uint8Array.from({ length: 48 }, (_, i) => 5 * i) }),
  idxBytes({ shape: [9], data: Uint8Array.from({ length: 9 }, (_, i) => i) }),
  idxBytes({ shape: [2, 3], data: Float32Array.of(1, -0, 0.1, 1e-45, Number.NaN, 7) }),
  idxBytes({ shape: [1, 2], data: Float64Array.of(1 / 3, Number.NEGATIVE_INFINITY) }),
  idxBytes({ shape: [2, 2, 1], data: Int16Array.of(1, -2, 3, -32768) }),
  idxBytes({ shape: [2], data: Int32Array.of(65536, -1) }),
  idxBytes({ shape: [], data: Int8Array.of(-1) }),
];

const safetensorsSeeds: readonly Uint8Array[] = [
  ...["own", "plain", "empty", "foreign"].map((name) => goldenBytes(`${name}.safetensors`)),
  encodeSafetensors({
    a: storedArray("float32", [2, 2], [1, 2, 3, 4]),
    b: storedArray("bool", [3], [1, 0, 1]),
  }),
];

/** Names in files of bitgrad's own dtypes. */
const ownNames: Readonly<Record<string, string>> = {
  float64: "F64",
  float32: "F32",
  int32: "I32",
  bool: "BOOL",
};

/**
 * Throws unless `read` is what JSON.parse and a hexadecimal dump see in `bytes`. That is enough of a reader for a file
 * that the strict one took: equal keys and rounded numbers are out.
 */
function requireAsWritten(bytes: Uint8Array, { tensors, metadata }: Safetensors): void {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = JSON.parse(Buffer.from(bytes.subarray(8, 8 + length)).toString());
  const names = Object.keys(header).filter((name) => name !== "__metadata__");
  const wrong = names.find((name) => {
    const { dtype, shape, data_offsets: offsets } = header[name];
    const array = Object.entries(tensors).find(([key]) => key === name)?.[1];
    if (array === undefined || shown(array.shape) !== shown(shape)) return true;
    if (sizeOf(array.shape) !== array.data.length) return true;
    const stored = bytes.subarray(8 + length + offsets[0], 8 + length + offsets[1]);
    return ownNames[array.dtype] === dtype && hex(array.data) !== hex(stored);
  });
  if (wrong !== undefined)
    throw new Error(`${JSON.stringify(wrong)} is not what stands in the file`);
  if (names.length !== Object.keys(tensors).length) throw new Error("there are more arrays");
  if (shown(metadata) !== shown(header["__metadata__"] ?? {})) throw new Error("other metadata");
}

/** A checkpoint of these states. */
function checkpointOf(parts: StateRecord, notes: number | null): Uint8Array {
  const stateful = Object.entries(parts).map(([name, state]) => {
    return [name, { state: () => state, restore: () => undefined }] as const;
  });
  return encodeCheckpoint(Object.fromEntries(stateful), { notes });
}

/** A file of CIFAR: `count` records, each of these labels and an image. */
function cifarBytes(count: number, labels: readonly number[]): Uint8Array {
  const size = labels.length + 3072;
  return Uint8Array.from({ length: count * size }, (_, i) => labels[i % size] ?? (7 * i) % 251);
}

/** The records of a file of CIFAR, written again. */
function recordsBytes(labels: readonly Uint8Array[], images: Uint8Array): Uint8Array {
  const size = labels.length + 3072;
  const count = images.length / 3072;
  const bytes = new Uint8Array(count * size);
  for (let n = 0; n < count; n++) {
    bytes.set(
      labels.map((kind) => kind[n] ?? 0),
      n * size,
    );
    bytes.set(images.subarray(n * 3072, (n + 1) * 3072), n * size + labels.length);
  }
  return bytes;
}

const npySeeds: readonly Uint8Array[] = [
  formatNpy({ shape: [2, 3], dtype: "float32", data: Float32Array.of(1, -0, 0.1, 1e-45, 7, 8) }),
  formatNpy({ shape: [], dtype: "float64", data: Float64Array.of(1 / 3) }),
  formatNpy({ shape: [3], dtype: "bool", data: Uint8Array.of(1, 0, 1) }),
  formatNpy({ shape: [2, 1, 2], dtype: "int32", data: Int32Array.of(1, -2, 3, -4) }),
  formatNpy({ shape: [0, 4], dtype: "uint8", data: new Uint8Array(0) }),
];

/** Every format. */
export const formats: readonly Format[] = [
  {
    name: "safetensors",
    seeds: safetensorsSeeds,
    mutations: [...headerMutations, ...planMutations],
    readTwice: (bytes) => {
      const read = parseSafetensors(bytes, "case");
      requireAsWritten(bytes, read);
      const again = parseSafetensors(encodeSafetensors(read.tensors, read.metadata), "again");
      return [shown(read), shown(again)];
    },
  },
  {
    name: "checkpoint",
    seeds: [
      goldenBytes("checkpoint.safetensors"),
      checkpointOf({ net: { w: tensor([1, 2]) } }, null),
      checkpointOf({ loop: { step: 3, best: Number.NaN, names: ["a", "$b", ""] } }, -0),
    ],
    mutations: [
      ...headerMutations,
      ...planMutations,
      ...checkpointMutations,
      ...checkpointMutations,
    ],
    readTwice: (bytes) =>
      scope(() => {
        const read = decodeCheckpoint(bytes, "case");
        const { parts } = read;
        const stateful = Object.entries(parts).map(([name, state]) => {
          return [name, { state: () => state, restore: () => undefined }] as const;
        });
        const { notes } = read;
        const again = decodeCheckpoint(encodeCheckpoint(Object.fromEntries(stateful), { notes }));
        return [shown(read), shown(again)];
      }),
  },
  {
    name: "idx",
    seeds: idxSeeds,
    mutations: [],
    // The form is unique: what was read must be written as the very bytes that were read.
    readTwice: (bytes) => [hex(bytes), hex(idxBytes(parseIdx(bytes, "case")))],
  },
  {
    name: "npy",
    seeds: npySeeds,
    mutations: dictionaryMutations,
    readTwice: (bytes) => {
      const read = parseNpy(bytes, "case");
      return [shown(read), shown(parseNpy(formatNpy(read), "again"))];
    },
  },
  {
    name: "cifar-10",
    seeds: [cifarBytes(1, [3]), cifarBytes(3, [9])],
    mutations: recordMutations(3073),
    readTwice: (bytes) => {
      const { labels, images } = parseCifar10(bytes, "case");
      return [hex(bytes), hex(recordsBytes([labels], images))];
    },
  },
  {
    name: "cifar-100",
    seeds: [cifarBytes(1, [19, 99]), cifarBytes(2, [0, 50])],
    mutations: recordMutations(3074),
    readTwice: (bytes) => {
      const { coarse, fine, images } = parseCifar100(bytes, "case");
      return [hex(bytes), hex(recordsBytes([coarse, fine], images))];
    },
  },
];
