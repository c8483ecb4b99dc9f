/**
 * Tensors in safetensors files. Rests on safetensors, files and create.
 */
import { tensor } from "../create.ts";
import type { Tensor } from "../tensor.ts";
import { readFile, replaceFile } from "./files.ts";
import { parseSafetensors } from "./safetensors.ts";
import { safetensorsParts, sourcesOf } from "./safetensors-write.ts";

/** Options of saving tensors. */
export interface SafetensorsOptions {
  /** Texts by key; none where absent. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** What a file of tensors holds. */
export interface LoadedTensors {
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Writes tensors by name to the file at `path`, which holds its old content or the new one whenever the process is
 * stopped. In Node only. Throws ValueError for a name or text that is not Unicode and where the file cannot be written.
 *
 * @example
 * saveSafetensors("weights.safetensors", net.namedParameters());
 */
export function saveSafetensors(
  path: string,
  tensors: Readonly<Record<string, Tensor>>,
  { metadata = {} }: SafetensorsOptions = {},
): void {
  const where = "saveSafetensors";
  replaceFile(where, path, safetensorsParts(where, sourcesOf(where, tensors), metadata));
}

/**
 * Reads the tensors of the file at `path`, on the current device; dtypes as in `parseSafetensors`. In Node only.
 * Throws ValueError where the file cannot be read and FormatError where it is damaged or cannot be read without loss.
 *
 * @example
 * const { tensors } = loadSafetensors("weights.safetensors");
 */
export function loadSafetensors(path: string): LoadedTensors {
  const where = "loadSafetensors";
  const { tensors, metadata } = parseSafetensors(readFile(where, path), path, where);
  const made = Object.entries(tensors).map(([name, { dtype, shape, data }]): [string, Tensor] => [
    name,
    tensor(data, { dtype, shape, name }),
  ]);
  return { tensors: Object.fromEntries(made), metadata };
}
