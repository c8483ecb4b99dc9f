/**
 * Files: read whole, and replaced whole or not at all. In Node only; its modules are loaded when they are used, so that
 * what works on bytes runs in browsers too.
 * Rests on errors.
 */
import type * as NodeFileSystem from "node:fs";
import { ValueError } from "../errors.ts";

type FileSystem = typeof NodeFileSystem;

/** Node's file system. Throws ValueError where there is none. */
function fileSystem(where: string): FileSystem {
  const modules = typeof process === "object" ? process.getBuiltinModule?.("node:fs") : undefined;
  if (modules !== undefined) return modules;
  throw new ValueError({
    where,
    argument: "path",
    expected: "to be given in Node 20.19 or later",
    got: "a surrounding without Node's file system",
    fix: "Work on bytes: encodeCheckpoint, restoreCheckpoint, encodeSafetensors and parseSafetensors",
  });
}

/** All bytes of the file at `path`. Throws ValueError if it cannot be read. */
export function readFile(where: string, path: string): Uint8Array {
  const fs = fileSystem(where);
  const { buffer, byteOffset, byteLength } = complaining(where, path, "to be a readable file", () =>
    fs.readFileSync(path),
  );
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/**
 * Makes the joined `parts` the content of the file at `path`, or leaves it as it was: they are written to a new file in
 * the same folder, brought to the disk, and renamed. Whenever the process or the machine stops, `path` holds all of the
 * old content or all of the new; what else may stay behind is a file `<path>.<process>.<number>.partial`.
 * Throws ValueError where the file system refuses, and what `parts` throw.
 */
export function replaceFile(where: string, path: string, parts: Iterable<Uint8Array>): void {
  const fs = fileSystem(where);
  const attempt = <T>(action: () => T): T =>
    complaining(where, path, "to be a path that can be written", action);
  const { partial, descriptor } = attempt(() => openPartial(fs, path));
  let isOpen = true;
  try {
    for (const part of parts) attempt(() => writeAll(fs, descriptor, part));
    attempt(() => fs.fsyncSync(descriptor));
    isOpen = false;
    attempt(() => fs.closeSync(descriptor));
    attempt(() => fs.renameSync(partial, path));
  } catch (error) {
    if (isOpen) quietly(() => fs.closeSync(descriptor));
    quietly(() => fs.unlinkSync(partial));
    throw error;
  }
  attempt(() => syncFolderOf(fs, path));
}

/** Makes the folder at `path`, with those above it, where it is not there. Throws ValueError where it cannot be made. */
export function makeFolder(where: string, path: string): void {
  const fs = fileSystem(where);
  complaining(where, path, "to be a folder, or a path for one", () => {
    fs.mkdirSync(path, { recursive: true });
  });
}

/** The names in the folder at `path`. Throws ValueError if it cannot be read. */
export function listFolder(where: string, path: string): readonly string[] {
  const fs = fileSystem(where);
  return complaining(where, path, "to be a readable folder", () => fs.readdirSync(path));
}

/** Removes the file at `path`. Throws ValueError if it cannot be removed. */
export function removeFile(where: string, path: string): void {
  const fs = fileSystem(where);
  complaining(where, path, "to be a file that can be removed", () => fs.unlinkSync(path));
}

/** Opens a file beside `path` that did not exist before. */
function openPartial(fs: FileSystem, path: string): { partial: string; descriptor: number } {
  for (let number = 0; ; number++) {
    const partial = `${path}.${process.pid}.${number}.partial`;
    try {
      return { partial, descriptor: fs.openSync(partial, "wx") };
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
  }
}

/** Writes all of `bytes`; one call of the system may write a part of them. */
function writeAll(fs: FileSystem, descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += fs.writeSync(descriptor, bytes, at);
}

/** Brings the folder's list of names to the disk; Windows keeps it there by itself, and lets nobody open it. */
function syncFolderOf(fs: FileSystem, path: string): void {
  if (process.platform === "win32") return;
  const folder = process.getBuiltinModule("node:path").dirname(path);
  const descriptor = fs.openSync(folder, "r");
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** What `action` gives; what it throws becomes a ValueError about `path`. */
function complaining<T>(where: string, path: string, expected: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    const fix = "Check the path, its folder, their permissions, and the space on the disk";
    throw new ValueError({ where, argument: path, expected, got: codeOf(cause), fix }, { cause });
  }
}

/** The code that an error of Node's file system carries: `ENOENT`. */
function codeOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "string" ? code : String(error);
}

/** Tidies up after an error, which is the one to be heard. */
function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // The partial file stays.
  }
}
