/**
 * tar: the files of an archive, as views of its bytes.
 * Rests on errors and extent. POSIX.1-1988 "ustar" (IEEE Std 1003.1, pax: "ustar Interchange Format"), of which regular
 * files with sizes in octal are read and everything else is passed over.
 */
import { FormatError } from "../errors.ts";
import { countOf } from "./extent.ts";

const block = 512;

/** Text up to the first zero byte. */
function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return String.fromCharCode(...(end === -1 ? bytes : bytes.subarray(0, end)));
}

/** A number in octal digits, spaces and zero bytes around it; NaN for anything else. */
function octalOf(bytes: Uint8Array): number {
  const digits = textOf(bytes).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

/** The sum of all bytes of a header, with spaces in place of the sum itself. */
function checksumOf(header: Uint8Array): number {
  return header.reduce((sum, byte, at) => sum + (at >= 148 && at < 156 ? 32 : byte), 0);
}

/**
 * The regular files of a tar archive by their paths in it. `name` is the archive's, for messages; `where` the caller's.
 * Throws FormatError for a header whose sum or size is wrong, and a file that reaches past the end.
 * Example: `filesOfTar(bytes, "cifar-10.tar").get("cifar-10-batches-bin/test_batch.bin")`.
 */
export function filesOfTar(
  bytes: Uint8Array,
  name: string,
  where = "filesOfTar",
): ReadonlyMap<string, Uint8Array> {
  const refuse = (expected: string, got: string): FormatError =>
    new FormatError({
      where,
      argument: name,
      expected,
      got,
      fix: "The archive is cut short or damaged: fetch it again",
    });
  const files = new Map<string, Uint8Array>();
  let at = 0;
  while (at + block <= bytes.length) {
    const header = bytes.subarray(at, at + block);
    if (header.every((byte) => byte === 0)) return files;
    const [sum, size] = [octalOf(header.subarray(148, 156)), octalOf(header.subarray(124, 136))];
    if (sum !== checksumOf(header) || Number.isNaN(size)) {
      throw refuse(`to have a tar header at byte ${at}`, "other bytes");
    }
    const start = at + block;
    if (start + size > bytes.length) {
      const left = countOf(bytes.length - start, "byte");
      throw refuse(
        `to hold the ${size} bytes of ${textOf(header.subarray(0, 100))}`,
        `only ${left}`,
      );
    }
    const type = header[156] ?? 0;
    if (type === 0 || type === 48) {
      const prefix =
        textOf(header.subarray(257, 262)) === "ustar" ? textOf(header.subarray(345, 500)) : "";
      const path = textOf(header.subarray(0, 100));
      files.set(prefix === "" ? path : `${prefix}/${path}`, bytes.subarray(start, start + size));
    }
    at = start + Math.ceil(size / block) * block;
  }
  throw refuse("to end with a block of zeros", `the end at byte ${bytes.length}`);
}
