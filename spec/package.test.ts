/** The package: its entry points, its lock file, and what importing one of them brings. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };

/** Each entry point's name with its source file. */
const entries: readonly (readonly [name: string, source: string])[] = Object.entries(
  manifest.exports,
).flatMap(([name, target]) =>
  typeof target === "string"
    ? []
    : [[name, target.default.replace(/^\.\/dist\//, "").replace(/\.js$/, ".ts")] as const],
);

/** Every module that loads with `source`: relative imports and re-exports that are not of types alone. */
function loadedWith(source: string, loaded = new Set<string>()): ReadonlySet<string> {
  if (loaded.has(source)) return loaded;
  loaded.add(source);
  const text = readFileSync(source, "utf8");
  const imports = /^(?:import|export)\s+(?!type\b)(?:[^;"]*?\sfrom\s+)?"(\.[^"]+)"/gm;
  for (const [, path = ""] of text.matchAll(imports)) {
    loadedWith(normalize(join(dirname(source), path)), loaded);
  }
  return loaded;
}

/** A package as the lock file has it. */
interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const lock: { readonly packages: Readonly<Record<string, Locked>> } = JSON.parse(
  readFileSync("package-lock.json", "utf8"),
);

describe("every entry point", () => {
  test.each(entries)("%s is a source file, with types beside its code", (name, source) => {
    expect(existsSync(source)).toBe(true);
    expect(Object.entries(manifest.exports).find(([key]) => key === name)?.[1]).toEqual({
      types: `./dist/${source.replace(/\.ts$/, ".d.ts")}`,
      default: `./dist/${source.replace(/\.ts$/, ".js")}`,
    });
  });

  test.each(entries)("%s gives tensors with their methods, if it gives any", (_, source) => {
    const loaded = loadedWith(source);
    expect(loaded.has("core/methods.ts")).toBe(loaded.has("core/tensor.ts"));
  });
});

test("a bundler keeps every module that attaches the methods, and those that import it for that", () => {
  const attaching = [...new Set(entries.flatMap(([, source]) => [...loadedWith(source)]))].filter(
    (source) =>
      source === "core/methods.ts" ||
      /^import "\.{1,2}\/methods\.ts"/m.test(readFileSync(source, "utf8")),
  );
  const built = attaching.map((source) => `./dist/${source.replace(/\.ts$/, ".js")}`);
  expect([...manifest.sideEffects].sort()).toEqual(
    [...attaching.map((source) => `./${source}`), ...built].sort(),
  );
});

test("importing bitgrad/data alone is enough for a batch that can be summed and printed", async () => {
  const { DataLoader, imageDataset } = await import("bitgrad/data");
  const images = new Uint8Array([0, 255, 0, 255]);
  const set = { name: "dots", images, shape: [1, 1, 2], labels: new Uint8Array(2) } as const;
  const dataset = imageDataset({ ...set, count: 2, classes: ["dot"] }, { mean: [0], std: [1] });
  for (const { x } of new DataLoader(dataset, { batchSize: 2 })) {
    expect(x.sum().item()).toBe(2);
    expect(x.inspect()).toMatch(/^Tensor \[2, 1, 1, 2] float32/);
  }
});

describe("the lock file", () => {
  test("holds every optional package, for all platforms: npm ci refuses it otherwise", () => {
    const lacking = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter(
        (name) =>
          lock.packages[`node_modules/${name}`]?.version === undefined &&
          lock.packages[`${path}/node_modules/${name}`]?.version === undefined,
      ),
    );
    expect(lacking).toEqual([]);
  });

  test("names no address that a package was downloaded from", () => {
    const named = Object.values(lock.packages).filter(({ resolved }) => resolved !== undefined);
    expect(named).toEqual([]);
  });

  test("is of this version of the manifest", () => {
    const { version, dependencies, devDependencies } = manifest;
    expect(lock.packages[""]).toMatchObject({ version, dependencies, devDependencies });
  });
});
