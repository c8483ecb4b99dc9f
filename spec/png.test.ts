/** PNG: what the report's pictures are packed into, unpacked again by zlib. */
import { crc32, inflateSync } from "node:zlib";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { encodePng } from "../research/report/png.ts";

/** The chunks of a PNG file, each with the CRC that stands in it. */
function chunksOf(png: Uint8Array): { type: string; data: Buffer; crc: number; body: Buffer }[] {
  const file = Buffer.from(png);
  const chunks = [];
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const body = file.subarray(at + 4, at + 8 + length);
    const crc = file.readUInt32BE(at + 8 + length);
    chunks.push({ type: body.toString("latin1", 0, 4), data: body.subarray(4), crc, body });
    at += 12 + length;
  }
  return chunks;
}

describe("a PNG", () => {
  const sizes = fc.record({
    width: fc.integer({ min: 1, max: 300 }),
    height: fc.integer({ min: 1, max: 120 }),
    channels: fc.constantFrom(1, 3),
  });
  test.prop([sizes, fc.nat()], { seed: 41, numRuns: 30 })(
    "unpacks to its pixels row by row, with the checksums of zlib",
    (size, start) => {
      const { width, height, channels } = size;
      const pixels = Uint8Array.from(
        { length: channels * height * width },
        (_, i) => Math.imul(i + start, 2654435761) >>> 24,
      );
      const [header, data, end, ...rest] = chunksOf(encodePng(pixels, size));
      expect([header?.type, data?.type, end?.type, rest.length]).toEqual([
        "IHDR",
        "IDAT",
        "IEND",
        0,
      ]);
      for (const part of [header, data, end]) expect(part?.crc).toBe(crc32(part?.body ?? ""));
      expect(header?.data.readUInt32BE(0)).toBe(width);
      expect(header?.data.readUInt32BE(4)).toBe(height);
      const rows = inflateSync(data?.data ?? ""); // checks Adler-32 as well
      expect(rows.length).toBe(height * (1 + width * channels));
      let wrong = 0;
      for (let y = 0; y < height; y++) {
        const row = y * (1 + width * channels);
        if (rows[row] !== 0) wrong += 1;
        for (let x = 0; x < width; x++) {
          for (let c = 0; c < channels; c++) {
            const pixel = pixels[c * height * width + y * width + x];
            if (rows[row + 1 + x * channels + c] !== pixel) wrong += 1;
          }
        }
      }
      expect(wrong).toBe(0);
    },
  );
});
