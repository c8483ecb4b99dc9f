/**
 * A fault in the kernels: one place of one AssemblyScript file, changed so that it still compiles.
 * Rests on nothing.
 */

/** A fault, and where it must be noticed. */
export interface Fault {
  /** A short name: `"matmul/last-row"`. */
  readonly name: string;
  /** The file in core/devices/wasm/kernels, without its ending. */
  readonly file: string;
  /** Text that stands there exactly once, and what stands there instead. */
  readonly from: string;
  readonly to: string;
  /** Ops whose laws on the device must notice, by name. Tests about tiles and large shapes are asked besides. */
  readonly ops: readonly string[];
}

/** `text` with the fault in it. Throws where its place is not there exactly once. */
export function withFault(text: string, { name, file, from, to }: Fault): string {
  const parts = text.split(from);
  if (parts.length !== 2) {
    throw new Error(
      `${name}: expected ${file}.ts to hold this text once, got it ${parts.length - 1} times: ${from}`,
    );
  }
  return parts.join(to);
}
