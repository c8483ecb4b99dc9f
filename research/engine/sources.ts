/**
 * The sources that a run depends on, as one hash: the library's, the experiment's file, and what that imports.
 * Rests on Node's file system and values. Line ends are made equal, so a checkout on another system has the same hash.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, extname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { hashOf } from "./values.ts";

/** The folder above research: of the checkout, or `dist` of the package. */
const top: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
/** `.ts` in a checkout, `.js` in the package. */
const extension = extname(fileURLToPath(import.meta.url));
/** What computes. research is not among them: of it, only what the experiment imports counts. */
const libraryFolders = ["core", "init", "layers", "optim", "schedules"];

let library: readonly string[] | undefined;
const hashes = new Map<string, string>();

/** SHA-256 over the names and texts of all these files, for the experiment in `file`. Read once in a process. */
export function sourcesHash(file: string): string {
  const known = hashes.get(file);
  if (known !== undefined) return known;
  library ??= libraryFolders.flatMap(filesUnder);
  const files = [...new Set([...library, ...importedBy(file)])];
  const named = files.map((path) => [nameOf(path, file), path] as const);
  named.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const hash = hashOf(named.flatMap(([name, path]) => [name, textOf(path)]));
  hashes.set(file, hash);
  return hash;
}

/** `file` and every file that loads with it by relative imports: not those of types alone. */
export function importedBy(file: string, found: Set<string> = new Set()): ReadonlySet<string> {
  const path = resolve(file);
  if (found.has(path) || !existsSync(path)) return found;
  found.add(path);
  const statement = /^\s*(?:import|export)\s+(?!type\b)(?:[^;"']*?\sfrom\s+)?["'](\.[^"']+)["']/gm;
  const dynamic = /\bimport\(\s*["'](\.[^"']+)["']/g;
  const text = textOf(path);
  for (const [, target = ""] of [...text.matchAll(statement), ...text.matchAll(dynamic)]) {
    importedBy(join(dirname(path), target), found);
  }
  return found;
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(join(top, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(extension) && !name.endsWith(".d.ts"))
    .map((name) => join(top, folder, name));
}

/** From the top, or from the folder of an experiment that lies elsewhere. */
function nameOf(path: string, file: string): string {
  const inside = relative(top, path);
  const name = inside.startsWith("..") ? relative(dirname(resolve(file)), path) : inside;
  return name.split(sep).join("/");
}

function textOf(path: string): string {
  return readFileSync(path, "utf8").replaceAll("\r\n", "\n");
}
