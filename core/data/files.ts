/**
 * Files: the bytes of a data file, unpacked where they are gzip.
 * Rests on errors and Node's file system and zlib.
 */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { DatasetError, FormatError } from "../errors.ts";

/** What `readBytes` may be told. */
export interface ReadOptions {
  /** The user's function, for messages; `"readBytes"` where absent. */
  readonly where?: string;
  /** Bytes a gzip file may unpack to, integer ≥ 1; 2³⁰ where absent. The guard against zip bombs. */
  readonly maxBytes?: number;
}

/** Whether `error` carries a code, as the errors of Node's file system and zlib do. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : "unknown";
}

/** The file's bytes as they lie on the disk. */
function readRaw(path: string, where: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new DatasetError(
      {
        where,
        argument: path,
        expected: "to be a readable file",
        got: codeOf(cause),
        fix: "Check the path and its permissions",
      },
      { cause },
    );
  }
}

/**
 * The bytes of the file at `path`; gzip (first bytes 1f 8b, RFC 1952) is unpacked.
 * Throws DatasetError if it cannot be read, FormatError if its gzip is truncated or damaged or
 * unpacks to more than `maxBytes`.
 * Example: `parseIdx(readBytes("train-images-idx3-ubyte.gz"), "train-images")`.
 */
export function readBytes(path: string, options: ReadOptions = {}): Uint8Array {
  const { where = "readBytes", maxBytes = 1 << 30 } = options;
  return unpackGzip(readRaw(path, where), basename(path), { where, maxBytes });
}

/** `raw` unpacked where it is gzip, else as it is. Throws FormatError as `readBytes`; `name` is the file's. */
export function unpackGzip(
  raw: Uint8Array,
  name: string,
  { where, maxBytes }: Required<ReadOptions>,
): Uint8Array {
  if (raw[0] !== 0x1f || raw[1] !== 0x8b) {
    return new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
  }
  try {
    const unpacked = gunzipSync(raw, { maxOutputLength: maxBytes });
    return new Uint8Array(unpacked.buffer, unpacked.byteOffset, unpacked.byteLength);
  } catch (cause) {
    const tooLarge = codeOf(cause) === "ERR_BUFFER_TOO_LARGE";
    throw new FormatError(
      {
        where,
        argument: name,
        expected: tooLarge ? `to unpack to at most ${maxBytes} bytes` : "to be intact gzip",
        got: tooLarge ? "more" : cause instanceof Error ? cause.message : codeOf(cause),
        fix: tooLarge
          ? "Check the file, or raise maxBytes if it is meant to be this large"
          : "The file is cut short or damaged: fetch it again",
      },
      { cause },
    );
  }
}
