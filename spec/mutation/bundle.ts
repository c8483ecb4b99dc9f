/**
 * A test file and all sources behind it as one script. To run it is to load everything anew, in a tenth of a second: no
 * mutant leaves anything to the next, and a mutant in what runs while loading is met as well.
 * Rests on esbuild, node:vm and vitest.
 */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { constants, Script } from "node:vm";
import * as fastCheck from "@fast-check/vitest";
import { build } from "esbuild";
import * as vitest from "vitest";

/** Runs a test file: its tests are handed to vitest's runner, which must be collecting. */
export type Load = () => void;

/** Loaded once: they hold what vitest's runner knows of the file at hand, and take long to load. */
const loaded: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["vitest", vitest],
  ["@fast-check/vitest", fastCheck],
]);

/**
 * Compiles the test file at `path`, from the current folder. `instead` gives sources that are not on the disk, by how their
 * paths end.
 */
export async function bundle(
  path: string,
  instead: Readonly<Record<string, string>> = {},
): Promise<Load> {
  const file = resolve(path);
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: "cjs",
    platform: "node",
    target: "es2023",
    logLevel: "silent",
    plugins: [
      {
        name: "places",
        setup: ({ onLoad, onResolve }) => {
          onResolve({ filter: /^[^./]/ }, ({ path: name }) =>
            name === file ? null : { path: name, external: true },
          );
          onLoad({ filter: /\.ts$/ }, async ({ path: source }) => ({
            contents:
              Object.entries(instead).find(([end]) => source.endsWith(end))?.[1] ??
              withPlace(await readFile(source, "utf8"), source),
            loader: "ts",
          }));
        },
      },
    ],
  });
  const text = outputFiles[0]?.text ?? "";
  const script = new Script(`(function (exports, require, module) {${text}\n})`, {
    filename: file,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  const native = createRequire(file);
  const require = (name: string): unknown => loaded.get(name) ?? native(name);
  return () => {
    const module = { exports: {} };
    script.runInThisContext()(module.exports, require, module);
  };
}

/** In one script every source has its own place still. */
function withPlace(text: string, source: string): string {
  return text
    .replaceAll("import.meta.url", JSON.stringify(pathToFileURL(source).href))
    .replaceAll("import.meta.dirname", JSON.stringify(dirname(source)))
    .replaceAll("import.meta.filename", JSON.stringify(source));
}
