/**
 * The folder of a run: tried before the run, made after it, and never one that holds a report.
 * Rests on core's errors and Node's file system.
 */
import { existsSync, mkdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "../../core/index.ts";
import { codeOf } from "../system-error.ts";

const where = "bitgrad train";

/** The files of a run, by name. */
export type RunFiles = Readonly<Record<string, string>>;

/**
 * Finds out whether files can be written in `folder`, and leaves no trace: a run that is broken off leaves
 * none either. Throws UsageError if it cannot be made or written to, or holds one of `names` already.
 */
export function tryFolder(folder: string, names: readonly string[]): void {
  refuseOverwriting(folder, names);
  const made: string[] = [];
  try {
    makeFolders(folder, made);
    const probe = join(folder, `.bitgrad-${process.pid}`);
    writeFileSync(probe, "");
    rmSync(probe);
  } catch (cause) {
    throw new UsageError(
      {
        where,
        argument: "--out",
        expected: "to be a folder that can be written to",
        got: `${folder} (${codeOf(cause) ?? String(cause)})`,
        fix: "Name another folder, or mend its permissions",
      },
      { cause },
    );
  } finally {
    for (const path of made.reverse()) removeEmpty(path);
  }
}

/** Removes a folder, unless another run has put something there by now. */
function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
  }
}

/**
 * Writes the files into `folder`, each whole or not at all. Throws UsageError if it holds one of them by now.
 */
export function writeFiles(folder: string, files: RunFiles): void {
  refuseOverwriting(folder, Object.keys(files));
  makeFolders(folder, []);
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    writeFileSync(`${path}.part`, text);
    renameSync(`${path}.part`, path);
  }
}

/** Makes `base`, or `base-2`, `base-3` … if there is one: two runs started at once get two folders. */
export function makeFreshFolder(base: string): string {
  makeFolders(dirname(base), []);
  for (let attempt = 1; ; attempt++) {
    const folder = attempt === 1 ? base : `${base}-${attempt}`;
    try {
      mkdirSync(folder);
      return folder;
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
  }
}

/**
 * Makes `folder` and the parents it lacks, from the outermost, and adds each to `made`. One by one: Node's
 * recursive mkdir never ends under /proc, where a folder is there and yet nothing can be made in it.
 */
function makeFolders(folder: string, made: string[]): void {
  const lacking: string[] = [];
  for (let path = resolve(folder); !existsSync(path); path = dirname(path)) lacking.unshift(path);
  for (const path of lacking) {
    mkdirSync(path);
    made.push(path);
  }
}

function refuseOverwriting(folder: string, names: readonly string[]): void {
  const found = names.find((name) => existsSync(join(folder, name)));
  if (found === undefined) return;
  throw new UsageError({
    where,
    argument: "--out",
    expected: "to hold no report yet",
    got: `${folder} with a ${found}`,
    fix: "Name another folder, or remove the old report",
  });
}
