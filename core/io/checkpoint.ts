/**
 * Checkpoints: everything that the next step depends on in one safetensors file, restored altogether or not at all.
 * Rests on state-text, safetensors, files and scope.
 *
 * Tensors stand in the file under part and name (`net/conv1.weight`), so any reader of safetensors finds them; the rest is
 * canonical JSON in the metadata, under one key, with the format's version.
 */
import { tensor } from "../create.ts";
import { FormatError, ValueError } from "../errors.ts";
import { scope } from "../scope.ts";
import { recordOfState, type State, type Stateful, type StateRecord } from "../state.ts";
import type { Tensor } from "../tensor.ts";
import { isPlainObject } from "../tree.ts";
import { joined } from "./bytes.ts";
import { readFile, replaceFile } from "./files.ts";
import { quoteBriefly } from "./quote.ts";
import { parseSafetensors, type StoredArray } from "./safetensors.ts";
import { safetensorsParts, sourcesOf } from "./safetensors-write.ts";
import { canonicalText, type Json, joinState, readCanonical, splitState } from "./state-text.ts";

/** What is saved and restored, by name: `{ net, optimizer, loader }`. */
export type Parts = Readonly<Record<string, Stateful>>;

/** Options of saving. */
export interface CheckpointOptions {
  /** Plain data to find again, such as the epoch and the score; default null. Tensors belong into parts. */
  readonly notes?: State;
}

/** What a checkpoint holds. */
export interface Checkpoint {
  /** The state of each part. */
  readonly parts: StateRecord;
  readonly notes: State;
}

/** The metadata's key: what the file is. */
const key = "bitgrad.checkpoint";
/** Raised when the content of a checkpoint changes its meaning. */
const version = 1;

/**
 * The bytes of a checkpoint of `parts`: the same states give the same bytes.
 * Throws ValueError for a state that is not made of tensors and plain data, and for tensors in `notes`.
 *
 * @example
 * const bytes = encodeCheckpoint({ net, optimizer }, { notes: { epoch: 3 } });
 */
export function encodeCheckpoint(parts: Parts, options: CheckpointOptions = {}): Uint8Array {
  return scope(() => joined([...checkpointParts("encodeCheckpoint", parts, options)]));
}

/**
 * Writes a checkpoint of `parts` to the file at `path`, which holds the old content or the new one whenever the process
 * is stopped. In Node only. Throws as `encodeCheckpoint`, and ValueError where the file cannot be written; then the file
 * is what it was.
 *
 * @example
 * saveCheckpoint("runs/epoch3.safetensors", { net, optimizer, loader }, { notes: { epoch: 3 } });
 */
export function saveCheckpoint(path: string, parts: Parts, options: CheckpointOptions = {}): void {
  scope(() =>
    replaceFile("saveCheckpoint", path, checkpointParts("saveCheckpoint", parts, options)),
  );
}

/**
 * Puts the file's states back into `parts`, the same names as were saved, and gives the notes. If one part refuses its
 * state, all parts are as they were. A part must copy the tensors that it keeps: they end with this call. In Node only.
 *
 * Throws ValueError where the file cannot be read, FormatError where it is damaged or no checkpoint of this version,
 * ValueError where the names of the parts differ, and what a part throws that its state does not fit.
 *
 * @example
 * const { epoch } = loadCheckpoint("runs/epoch3.safetensors", { net, optimizer, loader });
 */
export function loadCheckpoint(path: string, parts: Parts): State {
  const where = "loadCheckpoint";
  return restore(where, readFile(where, path), path, parts);
}

/** As `loadCheckpoint`, from bytes; `name` is what messages call them. */
export function restoreCheckpoint(bytes: Uint8Array, parts: Parts, name = "bytes"): State {
  return restore("restoreCheckpoint", bytes, name, parts);
}

/**
 * What the bytes of a checkpoint hold, restored into nothing. Throws FormatError where they are damaged or no checkpoint
 * of this version. `name` is what messages call them; `where` the caller's.
 *
 * @example
 * scope(() => decodeCheckpoint(bytes).notes); // { epoch: 3 }; the tensors of the parts end with the scope
 */
export function decodeCheckpoint(
  bytes: Uint8Array,
  name = "bytes",
  where = "decodeCheckpoint",
): Checkpoint {
  const { tensors, metadata } = parseSafetensors(bytes, name, where);
  const refuse = (expected: string, got: string, fix: string): FormatError =>
    new FormatError({ where, argument: name, expected, got, fix });
  const damaged = (got: string): FormatError =>
    refuse("to hold the text of a checkpoint", got, "The file is damaged: use an earlier one");
  const text = metadata[key];
  if (text === undefined) {
    const fix = "Read its tensors with loadSafetensors";
    throw refuse(`to be a checkpoint, with metadata ${key}`, "none", fix);
  }
  const content = readCanonical(text, damaged);
  if (!isPlainObject(content) || content["version"] !== version) {
    const got = isPlainObject(content) ? JSON.stringify(content["version"]) : undefined;
    throw refuse(
      `to be a checkpoint of version ${version}`,
      quoteBriefly(got ?? "none"),
      "Load it with the version of bitgrad that saved it",
    );
  }
  const { notes, parts } = content;
  if (Object.keys(content).length !== 3 || notes === undefined || parts === undefined) {
    throw damaged(`one with ${quoteBriefly(Object.keys(content).join(", "))}`);
  }
  return {
    parts: joinWhole(parts, tensors, damaged),
    notes: joinWhole({ notes }, {}, damaged)["notes"] ?? null,
  };
}

/** The state of `plain`, which must be a record, with every one of `arrays` as a tensor in its place. */
function joinWhole(
  plain: Json,
  arrays: Readonly<Record<string, StoredArray>>,
  damaged: (got: string) => FormatError,
): StateRecord {
  const unused = new Map(Object.entries(arrays));
  const tensorAt = (path: string): Tensor => {
    const found = unused.get(path);
    if (found === undefined) throw damaged(`no tensor ${quoteBriefly(path)}`);
    unused.delete(path);
    return tensor(found.data, { dtype: found.dtype, shape: found.shape });
  };
  const state = joinState(plain, tensorAt, damaged);
  const [stray] = unused.keys();
  if (stray !== undefined) throw damaged(`tensor ${quoteBriefly(stray)} in no part`);
  if (!isPlainObject(state)) throw damaged("no parts");
  return state as StateRecord;
}

/** The parts of the file. Asks for states when it begins, and for each tensor's elements in turn. */
function* checkpointParts(
  where: string,
  parts: Parts,
  { notes = null }: CheckpointOptions,
): Generator<Uint8Array, void, undefined> {
  const states = Object.entries(parts).map(([name, part]): [string, State] => [name, part.state()]);
  const { plain, tensors } = splitState(where, Object.fromEntries(states));
  const noted = splitState(where, notes);
  const [stray] = Object.keys(noted.tensors);
  if (stray !== undefined) {
    throw new ValueError({
      where,
      argument: "notes",
      expected: "to be plain data",
      got: `a tensor at ${stray === "" ? "its top" : stray}`,
      fix: "Save tensors as the state of a part",
    });
  }
  const text = canonicalText({ notes: noted.plain, parts: plain, version });
  yield* safetensorsParts(where, sourcesOf(where, tensors), { [key]: text });
}

function restore(where: string, bytes: Uint8Array, name: string, parts: Parts): State {
  return scope(() => {
    const { parts: saved, notes } = decodeCheckpoint(bytes, name, where);
    const states = recordOfState(where, saved, Object.keys(parts));
    const before = joined([...checkpointParts(where, parts, {})]);
    const done: string[] = [];
    try {
      for (const [part, stateful] of Object.entries(parts)) {
        stateful.restore(states[part] ?? null);
        done.push(part);
      }
    } catch (error) {
      // The part that threw has changed nothing; those before it get their own states back.
      const { parts: own } = decodeCheckpoint(before, "the states before", where);
      for (const part of done) parts[part]?.restore(own[part] ?? null);
      throw error;
    }
    return notes;
  });
}
