/** Checkpoints and tensors in files: at every moment the old content or the new one, also when the process is killed. */
import { spawn } from "node:child_process";
import fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { type Stateful, tensor, ValueError } from "../core/index.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
  loadCheckpoint,
  loadSafetensors,
  saveCheckpoint,
  saveSafetensors,
} from "../core/io/index.ts";
import { messageOf, noise, numbers } from "./plain.ts";
import { goldenBytes, goldenContents } from "./safetensors-samples.ts";

const folder = fs.mkdtempSync(join(tmpdir(), "bitgrad-io-"));
const path = join(folder, "checkpoint");
afterAll(() => fs.rmSync(folder, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  for (const name of fs.readdirSync(folder)) fs.rmSync(join(folder, name), { recursive: true });
});

/** A part whose state is `step` in several arrays, so that its file is written in several calls. */
function partAt(step: number): Stateful {
  const state = { step, a: tensor([step, step]), b: tensor([step]) };
  return { state: () => state, restore: () => undefined };
}

/** What every later call of a dead process's file system does: nothing. */
class Death extends Error {}

/** The file system's functions in the order of their calls. */
type Calls = string[];

/**
 * Lets the file system fail from its call number `moment` (from 0) on, once or for ever. Half of what that call was to
 * write is written.
 */
function failAt(moment: number, failure: () => Error, forEver: boolean): Calls {
  const calls: Calls = [];
  const failing = new Proxy(fs, {
    get: (target, name: keyof typeof fs) => {
      const real: unknown = Reflect.get(target, name);
      if (typeof real !== "function") return real;
      return (...args: readonly unknown[]) => {
        const now = calls.push(name) - 1;
        if (now !== moment && !(forEver && now > moment)) return Reflect.apply(real, target, args);
        const [descriptor, bytes, at] = args;
        if (now === moment && name === "writeSync" && bytes instanceof Uint8Array) {
          fs.writeSync(Number(descriptor), bytes, Number(at), Math.floor(bytes.length / 2));
        }
        throw failure();
      };
    },
  });
  const real = process.getBuiltinModule.bind(process);
  vi.spyOn(process, "getBuiltinModule").mockImplementation(((name: string) =>
    name === "node:fs" ? failing : real(name)) as typeof process.getBuiltinModule);
  return calls;
}

/** The calls of one undisturbed save: header and two arrays. */
const undisturbed = [
  "openSync",
  ...["writeSync", "writeSync", "writeSync", "fsyncSync", "closeSync"],
  "renameSync",
  ...["openSync", "fsyncSync", "closeSync"],
];
const moments = undisturbed.map((call, moment) => [moment, call] as const);
const renamed = undisturbed.indexOf("renameSync");

describe("saving", () => {
  test("brings the bytes to the disk before the name, and the name before it returns", () => {
    const calls = failAt(-1, () => new Death(), false);
    saveCheckpoint(path, { part: partAt(1) });
    expect(calls).toEqual(undisturbed);
    expect(fs.readdirSync(folder)).toEqual(["checkpoint"]);
  });

  test.each(moments)(
    "leaves the old file or the new one where the process dies in call %i, %s",
    (moment) => {
      saveCheckpoint(path, { part: partAt(1) });
      failAt(moment, () => new Death("killed"), true);
      expect(() => saveCheckpoint(path, { part: partAt(2) })).toThrow("killed");
      const expected = moment > renamed ? partAt(2) : partAt(1);
      expect(new Uint8Array(fs.readFileSync(path))).toEqual(encodeCheckpoint({ part: expected }));
    },
  );

  test.each(moments)("says what failed in call %i, %s, and tidies up", (moment) => {
    saveCheckpoint(path, { part: partAt(1) });
    const full = (): Error => Object.assign(new Error("no space"), { code: "ENOSPC" });
    failAt(moment, full, false);
    expect(messageOf(() => saveCheckpoint(path, { part: partAt(2) }), ValueError)).toBe(
      `saveCheckpoint: expected ${path} to be a path that can be written, got ENOSPC. Check the path, its folder, their permissions, and the space on the disk.`,
    );
    expect(fs.readdirSync(folder)).toEqual(["checkpoint"]);
    const expected = moment > renamed ? partAt(2) : partAt(1);
    expect(new Uint8Array(fs.readFileSync(path))).toEqual(encodeCheckpoint({ part: expected }));
  });

  test("writes all bytes where the system takes them a few at a time", () => {
    const real = process.getBuiltinModule.bind(process);
    const slow = new Proxy(fs, {
      get: (target, name: keyof typeof fs) =>
        name === "writeSync"
          ? (descriptor: number, bytes: Uint8Array, at: number) =>
              fs.writeSync(descriptor, bytes, at, Math.min(7, bytes.length - at))
          : target[name],
    });
    vi.spyOn(process, "getBuiltinModule").mockImplementation(((name: string) =>
      name === "node:fs" ? slow : real(name)) as typeof process.getBuiltinModule);
    saveCheckpoint(path, { part: partAt(3) });
    expect(new Uint8Array(fs.readFileSync(path))).toEqual(encodeCheckpoint({ part: partAt(3) }));
  });

  test("leaves the old file where a state cannot be saved", () => {
    saveCheckpoint(path, { part: partAt(1) });
    const wrong: Stateful = { ...partAt(2), state: () => ({ "\ud800": tensor([1]) }) };
    expect(() => saveCheckpoint(path, { wrong })).toThrow("to be Unicode text");
    expect(fs.readdirSync(folder)).toEqual(["checkpoint"]);
    expect(loadCheckpoint(path, { part: partAt(0) })).toBe(null);
  });

  test("does not write into the partial file of a process that was killed", () => {
    const stale = `${path}.${process.pid}.0.partial`;
    fs.writeFileSync(stale, "stale");
    saveCheckpoint(path, { part: partAt(1) });
    expect(fs.readFileSync(stale, "utf8")).toBe("stale");
    expect(fs.readdirSync(folder)).toEqual(["checkpoint", `checkpoint.${process.pid}.0.partial`]);
  });
});

const { BITGRAD_SLOW } = process.env;
const kills = BITGRAD_SLOW === "1" ? 100 : 8;

test(`a process killed ${kills} times while it saves leaves a whole file each time, never an older one`, async () => {
  const writer = join(folder, "writer.mjs");
  buildSync({
    entryPoints: ["spec/io-writer.ts"],
    outfile: writer,
    bundle: true,
    platform: "node",
    format: "esm",
    logLevel: "error",
  });
  for (let kill = 0; kill < kills; kill++) {
    const file = join(folder, `kill${kill}`);
    const printed = await killedAfter([writer, file], 1 + (kill % 4), (kill * 7) % 11);
    const { notes, parts } = decodeCheckpoint(new Uint8Array(fs.readFileSync(file)));
    expect(notes).toBeGreaterThanOrEqual(printed);
    for (const part of ["first", "last"]) {
      const { step, values } = Object(parts[part]);
      expect([step, new Set(numbers(values)).size, numbers(values)[0]]).toEqual([notes, 1, notes]);
    }
  }
}, 600_000);

/** Starts Node, waits for `lines` lines and some milliseconds more, kills it, and gives the last number printed. */
function killedAfter(args: readonly string[], lines: number, delay: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    let waiting = true;
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      if (waiting && text.split("\n").length > lines) {
        waiting = false;
        setTimeout(() => child.kill("SIGKILL"), delay);
      }
    });
    child.on("error", reject).on("close", (_, signal) => {
      if (signal === "SIGKILL") resolve(Math.max(...text.trim().split("\n").map(Number)));
      else reject(new Error(`the writer ended by itself: ${signal}`));
    });
  });
}

describe("files of tensors", () => {
  test("are written as the Python library writes them, and read back", () => {
    const { tensors } = goldenContents("plain");
    const made = tensors.map(({ name, shape, data }) => [name, tensor(data, { shape })] as const);
    saveSafetensors(path, Object.fromEntries(made));
    expect(new Uint8Array(fs.readFileSync(path))).toEqual(goldenBytes("plain.safetensors"));
    const read = loadSafetensors(path);
    expect(read.metadata).toEqual({});
    for (const [name, x] of made) {
      expect(read.tensors[name]?.toArray()).toEqual(x.toArray());
      expect(read.tensors[name]?.describe()).toBe(`"${name}" ${x.describe()}`);
    }
  });

  test("hold elements in row-major order, however they lie in memory, and texts", () => {
    const x = noise([2, 3], 1);
    saveSafetensors(path, { x: x.transpose() }, { metadata: { made: "here" } });
    const { tensors, metadata } = loadSafetensors(path);
    expect(tensors["x"]?.toArray()).toEqual(x.transpose().toArray());
    expect(metadata).toEqual({ made: "here" });
  });

  test("that cannot be read are named", () => {
    expect(messageOf(() => loadSafetensors(path), ValueError)).toBe(
      `loadSafetensors: expected ${path} to be a readable file, got ENOENT. Check the path, its folder, their permissions, and the space on the disk.`,
    );
    expect(messageOf(() => loadCheckpoint(folder, {}), ValueError)).toContain("got EISDIR");
  });

  test("and all else of bitgrad/io can be bundled for browsers: no module of Node is imported", () => {
    const { outputFiles, errors } = buildSync({
      entryPoints: ["core/io/index.ts"],
      bundle: true,
      write: false,
      platform: "browser",
      format: "esm",
      logLevel: "silent",
    });
    expect([errors, outputFiles.length]).toEqual([[], 1]);
  });

  test("need Node, and say what works without", () => {
    vi.spyOn(process, "getBuiltinModule").mockReturnValue(undefined as never);
    expect(messageOf(() => loadSafetensors(path), ValueError)).toBe(
      "loadSafetensors: expected path to be given in Node 20.19 or later, got a surrounding without Node's file system. Work on bytes: encodeCheckpoint, restoreCheckpoint, encodeSafetensors and parseSafetensors.",
    );
  });
});
