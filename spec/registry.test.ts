/**
 * The registry is complete, its records say what they must, and imports point one way.
 * Rests on the file system: sources are read as text.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { isComposed, type OpRecord } from "../core/op.ts";
import { registry } from "../core/ops/registry.ts";
import { Tensor } from "../core/tensor.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const files = readdirSync(resolve(root, "core/ops"));
/** Every export of an op file, with the file it stands in. */
const exports = (
  await Promise.all(
    files.map(async (file) => {
      const module: Readonly<Record<string, unknown>> = await import(
        `../core/ops/${file.slice(0, -".ts".length)}.ts`
      );
      return Object.entries(module).map(([name, value]) => [name, file, value] as const);
    }),
  )
).flat();
/** Every exported const named `…Op`, a record, and every one named `…Ops`, a list of them. */
const exported = exports
  .filter(([name]) => name.endsWith("Op"))
  .map(([name, file, value]) => [name, file, value as OpRecord] as const);
const lists = exports
  .filter(([name]) => name.endsWith("Ops"))
  .map(([name, file, value]) => [name, file, value as readonly OpRecord[]] as const);

describe("the registry", () => {
  test("holds every record that an op file exports", () => {
    const missing = exported.filter(([, , value]) => !registry.includes(value));
    expect(missing.map(([name, file]) => `${file}: ${name}`)).toEqual([]);
    expect(exported.length).toBeGreaterThan(0);
  });

  test("holds no record twice and no name twice", () => {
    const names = registry.map(({ name }) => name);
    expect(new Set(registry).size).toBe(registry.length);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  test("is made of lists that hold the records of their own file, all of them and no others", () => {
    const fileOf = new Map(exported.map(([, file, value]) => [value, file]));
    const wrong = lists.filter(
      ([, file, list]) =>
        list.some((record) => fileOf.get(record) !== file) ||
        list.length !== exported.filter(([, other]) => other === file).length,
    );
    expect(wrong.map(([name, file]) => `${file}: ${name}`)).toEqual([]);
    expect(lists.length).toBeGreaterThan(0);
  });

  test("names each record's constant after its op", () => {
    const wrong = exported.filter(([name, , value]) => `${value.name}Op` !== name);
    expect(wrong.map(([name, file]) => `${file}: ${name}`)).toEqual([]);
  });

  test.each(registry)("$name says its formula, source and reason of the bound", (record) => {
    for (const text of [record.family, record.formula, record.source, record.bound.reason]) {
      expect(text.trim()).not.toBe("");
    }
  });

  test.each(registry)("$name has both rules or none; a composed op has none", (record) => {
    expect(record.jvp === undefined).toBe(record.vjp === undefined);
    if (isComposed(record)) expect(record.vjp).toBeUndefined();
  });

  test.each(registry)("$name declares an error if its shape rule can refuse", (record) => {
    const refuses = /throw|require|check|normali[sz]e|same|broadcastShapes/.test(
      record.infer.toString(),
    );
    if (refuses) expect(record.errors.length).toBeGreaterThan(0);
  });
});

describe("the op files", () => {
  test("load, whichever of them is imported first", { timeout: 60_000 }, () => {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [
        ...["--experimental-vm-modules", "--import", "tsx", "spec/loading/alone.ts"],
        ...files.map((file) => resolve(root, "core/ops", file)),
      ],
      { cwd: root, encoding: "utf8" },
    );
    expect(stdout, stderr).toBe("[]");
    expect(files.length).toBeGreaterThan(50);
  });
});

/** What a user must find by name. */
const promised =
  `add subtract multiply divide pow negate abs sign sqrt rsqrt square exp expm1 log log1p sin cos tan tanh sinh cosh
  atan sigmoid softplus relu leakyRelu elu selu gelu silu erf erfc minimum maximum clamp where equal notEqual less
  lessEqual greater greaterEqual logicalAnd logicalOr logicalXor logicalNot cast
  sum mean variance std max min prod any all argmax argmin logSumExp cumsum norm matmul outer dot einsum
  reshape flatten transpose permute expandDims squeeze broadcastTo slice index gather scatterAdd concat stack split pad
  flip tile oneHot full zeros ones zerosLike onesLike arange linspace eye lowerTriangle upperTriangle
  conv2d convTranspose2d maxPool2d avgPool2d globalAvgPool2d globalMaxPool2d im2col col2im
  batchNorm groupNorm layerNorm softmax logSoftmax crossEntropy mse binaryCrossEntropyWithLogits dropout detach`.split(
    /\s+/,
  );

describe("the entry point", () => {
  test.each(promised)("%s is a function of bitgrad", async (name) => {
    const bitgrad: Readonly<Record<string, unknown>> = await import("../core/index.ts");
    expect(typeof bitgrad[name]).toBe("function");
  });
});

/** Op functions that do not start from a tensor, or make another of its kind. */
const noMethods =
  `arange concat einsum eye full linspace lowerTriangle ones onesLike randomBernoulli randomIntegers randomNormal
  randomTruncatedNormal randomUniform stack upperTriangle zeros zerosLike`.split(/\s+/);

describe("methods", () => {
  test("of Tensor are all op functions whose first argument is a tensor", async () => {
    await import("../core/index.ts");
    const functions = Object.keys(await import("../core/ops/index.ts"));
    const names = functions.filter((name) => !noMethods.includes(name));
    expect(names.filter((name) => !(name in Tensor.prototype))).toEqual([]);
    expect(noMethods.filter((name) => name in Tensor.prototype)).toEqual([]);
    expect(noMethods.filter((name) => !functions.includes(name))).toEqual([]);
  });
});

/** One import statement: from which file, to which, and whether only types are meant. */
interface Arrow {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

const sources = ["core", "layers", "optim", "init", "schedules", "research"].flatMap((folder) =>
  filesUnder(folder),
);
const arrows = sources.flatMap(arrowsOf);

function filesUnder(folder: string): readonly string[] {
  try {
    return readdirSync(resolve(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `${folder}/${name.replaceAll("\\", "/")}`);
  } catch {
    return []; // A folder that does not exist yet imports nothing.
  }
}

function arrowsOf(from: string): readonly Arrow[] {
  const text = readFileSync(resolve(root, from), "utf8");
  const statement = /^(?:import|export)\s(?<keyword>type\s)?[^;]*?from\s+"(?<target>[^"]+)";/gms;
  const dynamic = /\bimport\("(?<target>[^"]+)"\)/g;
  return [...text.matchAll(statement), ...text.matchAll(dynamic)].map(
    ({ groups: { keyword, target = "" } = { keyword: "", target: "" } }) => ({
      from,
      to: pathOf(from, target),
      typeOnly: keyword === "type ",
    }),
  );
}

/** The file that an import means, from the top; packages stay as they are. */
function pathOf(from: string, target: string): string {
  if (!target.startsWith(".")) return target.replace(/^bitgrad\/?/, "package/");
  return relative(root, resolve(root, dirname(from), target)).replaceAll("\\", "/");
}

/** Arrows from files matching `from` to files matching `to`, as text. */
function forbidden(from: RegExp, to: RegExp, allow: (arrow: Arrow) => boolean = () => false) {
  return arrows
    .filter((arrow) => from.test(arrow.from) && to.test(arrow.to) && !allow(arrow))
    .map((arrow) => `${arrow.from} → ${arrow.to}`);
}

const typesOnly = ({ typeOnly }: Arrow): boolean => typeOnly;

describe("imports point one way", () => {
  test("there are imports to look at", () => {
    expect(arrows.length).toBeGreaterThan(100);
  });

  test("nothing in the library imports spec, nor itself by its package name", () => {
    expect(forbidden(/./, /^(spec|package)\//)).toEqual([]);
  });

  test("core imports no folder above it", () => {
    expect(forbidden(/^core\//, /^(layers|optim|init|schedules|research)\//)).toEqual([]);
  });

  test("layers and optim import core, init and schedules only", () => {
    expect(forbidden(/^layers\//, /^(optim|research)\//)).toEqual([]);
    expect(forbidden(/^optim\//, /^(layers|research)\//)).toEqual([]);
  });

  test("init and schedules import core only", () => {
    expect(forbidden(/^init\//, /^(layers|optim|schedules|research)\//)).toEqual([]);
    expect(forbidden(/^schedules\//, /^(layers|optim|init|research)\//)).toEqual([]);
  });

  test("shape, dtype, errors and scalar-math import nothing of core but each other", () => {
    const bottom = /^core\/(shape|dtype|errors)\.ts$|^core\/scalar-math\//;
    expect(forbidden(bottom, /^core\//, ({ to }) => bottom.test(to))).toEqual([]);
  });

  test("random rests on scalar-math, shape, dtype and errors", () => {
    const below = /^core\/(random\/|scalar-math\/|(shape|dtype|errors)\.ts$)/;
    expect(forbidden(/^core\/random\//, /^core\//, ({ to }) => below.test(to))).toEqual([]);
  });

  test("tensor, bind, tape, interpreters and pull know no mathematics", () => {
    const engine = /^core\/(tensor|bind|tape|interpreter|pull|forward-mode|op|scope|storage)\.ts$/;
    const toMethods = ({ to, typeOnly }: Arrow): boolean => typeOnly && to === "core/methods.ts";
    expect(forbidden(engine, /^core\/(ops\/|methods\.ts$)/, toMethods)).toEqual([]);
  });

  test("ops hold no loops over memory: they never import a device's kernels", () => {
    expect(
      forbidden(/^core\/ops\//, /^core\/devices\/(?!kernels\.ts$|current\.ts$)/, typesOnly),
    ).toEqual([]);
  });

  test("devices know no calculus: they never import ops", () => {
    expect(forbidden(/^core\/devices\//, /^core\/(ops|transforms)\//)).toEqual([]);
  });
});
