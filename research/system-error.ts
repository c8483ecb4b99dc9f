/**
 * Failures of the operating system, told apart from mistakes of a program.
 * Rests on core's errors.
 */
import { BitgradError } from "../core/index.ts";

/** The code of a failed system call: `"ENOSPC"`; undefined for any other error. */
export function codeOf(error: unknown): string | undefined {
  const failed = error instanceof Error && "syscall" in error && "code" in error;
  return failed && typeof error.code === "string" ? error.code : undefined;
}

/** A failed system call as a complaint of `where`; undefined for any other error. */
export function asComplaint(where: string, error: unknown): BitgradError | undefined {
  const code = codeOf(error);
  if (code === undefined || !(error instanceof Error)) return undefined;
  return new BitgradError(
    {
      where,
      argument: "the operating system",
      expected: "to read and write what the command needs",
      got: error.message,
      fix: "Look at the path, its permissions and the room on the disk, then run it again",
    },
    { cause: error },
  );
}
