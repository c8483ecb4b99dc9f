/**
 * Loads each file named on the command line into a fresh module graph, and prints those that fail as JSON.
 * Run by registry.test.ts as `node --experimental-vm-modules --import tsx`: one process for all files.
 *
 * Op files import each other in circles, so that which file starts decides the order in which they run. Sources are
 * compiled as tsx does it, with its helper `__name`, which a function does not have before its file has run.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";
import { type Module, SourceTextModule, SyntheticModule } from "node:vm";

/** What is used of tsx's compiler. */
interface Compiler {
  transformSync(
    code: string,
    options: Readonly<Record<string, string | boolean>>,
  ): { readonly code: string };
}

const compiler: Compiler = createRequire(createRequire(import.meta.url).resolve("tsx"))("esbuild");
const compiled = new Map<string, string>();

function sourceOf(path: string): string {
  const options = { loader: "ts", format: "esm", target: "es2022", keepNames: true };
  const code =
    compiled.get(path) ?? compiler.transformSync(readFileSync(path, "utf8"), options).code;
  compiled.set(path, code);
  return code;
}

/** Runs `path` and all that it imports, as if nothing had been loaded before. */
async function loadAlone(path: string): Promise<void> {
  const graph = new Map<string, SourceTextModule>();
  const moduleAt = (file: string): SourceTextModule => {
    const module = graph.get(file) ?? new SourceTextModule(sourceOf(file), { identifier: file });
    graph.set(file, module);
    return module;
  };
  const link = async (target: string, { identifier }: Module): Promise<Module> =>
    target.startsWith(".")
      ? moduleAt(resolve(dirname(identifier), target))
      : outsider(await import(target));
  const entry = moduleAt(path);
  await entry.link(link);
  await entry.evaluate();
}

function outsider(exports: Readonly<Record<string, unknown>>): SyntheticModule {
  const names = Object.keys(exports);
  return new SyntheticModule(names, function () {
    for (const name of names) this.setExport(name, exports[name]);
  });
}

const failures: string[] = [];
for (const path of process.argv.slice(2)) {
  await loadAlone(path).catch((error) => failures.push(`${path}: ${error}`));
}
process.stdout.write(JSON.stringify(failures));
