/**
 * PNG of a small picture, the same bytes on every machine.
 * Rests on nothing. Source: PNG Specification, third edition, W3C 2025 (chunks: section 5; CRC:
 * annex D), with deflate in stored blocks (RFC 1951, section 3.2.4) inside zlib (RFC 1950): zlib's
 * compressors differ from version to version, a stored block does not.
 */

/** The CRC-32 of each byte, polynomial 0xedb88320 (annex D). */
const crcTable: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1;
  return crc;
});

/** CRC-32 of `bytes`. */
function crc32(bytes: readonly number[]): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 255] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Adler-32 of `bytes` (RFC 1950, section 8.2). */
function adler32(bytes: readonly number[]): number {
  let a = 1;
  let b = 0;
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}

/** Four bytes, most significant first. */
function uint32(value: number): readonly number[] {
  return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

/** A chunk: length, type, data, CRC of type and data. */
function chunk(type: string, data: readonly number[]): readonly number[] {
  const body = [...type].map((letter) => letter.charCodeAt(0)).concat(data);
  return [...uint32(data.length), ...body, ...uint32(crc32(body))];
}

/** A zlib stream that stores `bytes` in blocks of at most 65,535. */
function zlibStored(bytes: readonly number[]): readonly number[] {
  const stream = [0x78, 0x01];
  for (let start = 0; start < bytes.length; start += 65535) {
    const block = bytes.slice(start, start + 65535);
    const last = start + block.length === bytes.length ? 1 : 0;
    const low = block.length & 255;
    const high = block.length >>> 8;
    stream.push(last, low, high, low ^ 255, high ^ 255);
    for (const byte of block) stream.push(byte);
  }
  return stream.concat(uint32(adler32(bytes)));
}

/**
 * A PNG file. `pixels`: intensities in the order channels, height, width; 1 channel (grey) or 3 (RGB).
 * Example: `encodePng(Uint8Array.of(0, 255), { width: 2, height: 1, channels: 1 })`.
 */
export function encodePng(
  pixels: Uint8Array,
  size: { readonly width: number; readonly height: number; readonly channels: number },
): Uint8Array {
  const { width, height, channels } = size;
  const rows: number[] = [];
  for (let y = 0; y < height; y++) {
    rows.push(0); // filter type: none
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) rows.push(pixels[(c * height + y) * width + x] ?? 0);
    }
  }
  const colourType = channels === 3 ? 2 : 0;
  return Uint8Array.from([
    ...[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a],
    ...chunk("IHDR", [...uint32(width), ...uint32(height), 8, colourType, 0, 0, 0]),
    ...chunk("IDAT", zlibStored(rows)),
    ...chunk("IEND", []),
  ]);
}
