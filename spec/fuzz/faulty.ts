/**
 * Faulty readers: each with a fault of one kind, which the fuzzer must find.
 * Rests on formats and on IDX, the simplest of them.
 */
import { parseIdx } from "../../core/data/idx.ts";
import { type Format, formats } from "./formats.ts";

/** IDX with something done to its bytes before they are read. */
function faulty(name: string, before: (bytes: Uint8Array) => void): Format {
  const idx = formats.find((format) => format.name === "idx");
  if (idx === undefined) throw new Error("IDX is the basis of the faulty readers");
  const readTwice = (bytes: Uint8Array): readonly [string, string] => {
    before(bytes);
    return idx.readTwice(bytes);
  };
  return { ...idx, name, readTwice };
}

/** Keeps an engine from removing what is made and thrown away. */
export const kept: { memory: unknown } = { memory: null };

/** The promised length of the first axis. */
function firstLength(bytes: Uint8Array): number {
  return bytes.length < 8 ? 0 : new DataView(bytes.buffer, bytes.byteOffset).getUint32(4);
}

export const faultyFormats: readonly Format[] = [
  faulty("faulty: throws another error", (bytes) => {
    if (bytes.length < 4) throw new RangeError("offset is out of bounds");
  }),
  faulty("faulty: believes a size", (bytes) => {
    kept.memory = new Uint8Array(Math.min(firstLength(bytes), 2 ** 27));
  }),
  faulty("faulty: builds lists of a promised size", (bytes) => {
    kept.memory = new Array(Math.min(firstLength(bytes), 2 ** 21)).fill(0.5);
  }),
  faulty("faulty: writes to its input", (bytes) => {
    if (bytes[2] === 8) bytes[3] = 1;
  }),
  faulty("faulty: never ends", (bytes) => {
    while (bytes.length === 3) kept.memory = null;
  }),
  {
    ...faulty("faulty: reads something else", () => undefined),
    readTwice: (bytes) => {
      const { data } = parseIdx(bytes, "case");
      return [`${data[0]}`, `${Math.abs(data[0] ?? 0)}`];
    },
  },
];
