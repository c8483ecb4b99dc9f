/**
 * The command line: what it does not understand it refuses in one line of five parts, and what it is asked
 * it answers. Runs in this process, but for what only a process of its own shows.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { asComplaint } from "../research/system-error.ts";
import { bitgrad, writeSmallMnist } from "./command-line.ts";

const root = mkdtempSync(join(tmpdir(), "bitgrad-cli-"));
beforeAll(() => {
  writeSmallMnist(join(root, "data"));
  vi.stubEnv("BITGRAD_DATA", join(root, "data"));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

const most = Number.MAX_SAFE_INTEGER;
const trainFlags = "--device, --threads, --data, --limit, --epochs, --batch, --seed, --out, --help";
const commands =
  "bitgrad: expected the command to be one of reproduce, run, list, compare, report, new, train, fingerprint, bench, device, doctor, got";

/** Command lines that are not understood, each with what is said about it. */
const misuses: readonly (readonly [args: readonly string[], message: string])[] = [
  [["trian"], `${commands} "trian". Did you mean train? Otherwise run bitgrad --help.`],
  [["TRAIN"], `${commands} "TRAIN". Run bitgrad --help.`],
  [[""], `${commands} "". Run bitgrad --help.`],
  [["help", "walk"], `${commands} "walk". Run bitgrad --help.`],
  [
    ["--fast"],
    'bitgrad: expected every flag to be one of --version, --help, got "--fast". Run bitgrad --help.',
  ],
  [
    ["train", "--limti", "5"],
    `bitgrad train: expected every flag to be one of ${trainFlags}, got "--limti". Did you mean --limit? Otherwise run bitgrad train --help.`,
  ],
  [
    ["fingerprint", "--limit", "5"],
    'bitgrad fingerprint: expected every flag to be one of --device, --threads, --seed, --help, got "--limit". Run bitgrad fingerprint --help.',
  ],
  [
    ["train", "mnist", "quickly"],
    'bitgrad train: expected every word to be a flag or the value of one, got "mnist quickly". Run bitgrad train --help.',
  ],
  [
    ["train", "--limit"],
    "bitgrad train: expected --limit to be followed by <n>, got nothing. Run bitgrad train --help.",
  ],
  ...["0", "-1", "1e3", "0x10", "1.5", "", " 7", "many", "99999999999999999999"].map(
    (got) =>
      [
        ["train", "--limit", got],
        `bitgrad train: expected --limit to be an integer from 1 to ${most}, in digits, got "${got}". Write for example --limit 1.`,
      ] as const,
  ),
  [
    ["train", "--epochs", "x"],
    `bitgrad train: expected --epochs to be an integer from 1 to ${most}, in digits, got "x". Write for example --epochs 1.`,
  ],
  [
    ["train", "--batch", "0"],
    `bitgrad train: expected --batch to be an integer from 1 to ${most}, in digits, got "0". Write for example --batch 1.`,
  ],
  [
    ["fingerprint", "--seed", "-1"],
    `bitgrad fingerprint: expected --seed to be an integer from 0 to ${most}, in digits, got "-1". Write for example --seed 1.`,
  ],
  [
    ["train", "--data", "digits"],
    'bitgrad train: expected --data to be one of mnist, got "digits". Write for example --data mnist.',
  ],
  [
    ["fingerprint", "--device", "cuda"],
    'bitgrad fingerprint: expected --device to be one of wasm, reference, gpu, gpu:webgpu, gpu:webgl2, gpu:webasm-threads, gpu:webasm, got "cuda". Write for example --device wasm.',
  ],
  [
    ["train", "--out", ""],
    'bitgrad train: expected --out to be the path of a folder, got "". Write for example --out runs/first, or leave it out.',
  ],
  [
    ["train", "--limit", "121", "--out", join(root, "never")],
    "bitgrad train: expected --limit to be at most 120, the training images of mnist, got 121. Leave it out, or write --limit 120.",
  ],
];

describe("a command line that is not understood", () => {
  test.each(misuses)("%j is refused with status 2, in one line", async (args, message) => {
    expect(await bitgrad(...args)).toEqual({ status: 2, output: "", errors: `${message}\n` });
  });

  test("leaves nothing behind", () => {
    expect(readdirSync(root)).toEqual(["data"]);
  });

  test("ends a process of its own with status 2 and no stack trace", () => {
    const run = spawnSync(process.execPath, ["--import", "tsx", "research/cli.ts", "trian"], {
      encoding: "utf8",
    });
    expect([run.status, run.stdout, run.stderr]).toEqual([2, "", `${misuses[0]?.[1]}\n`]);
  });
});

describe("a command that fails", () => {
  test("says which file of the dataset is damaged, with status 1", async () => {
    const folder = join(root, "damaged");
    writeSmallMnist(folder);
    writeFileSync(join(folder, "t10k-labels-idx1-ubyte"), "not labels");
    vi.stubEnv("BITGRAD_DATA", folder);
    const outcome = await bitgrad("train", "--limit", "64");
    vi.stubEnv("BITGRAD_DATA", join(root, "data"));
    expect(outcome).toMatchObject({ status: 1, output: "" });
    expect(outcome.errors).toMatch(
      /^readMnist: expected t10k-labels-idx1-ubyte .+, got .+\. .+\.\n$/,
    );
  });

  test("speaks of the operating system's refusals in five parts, and leaves its own mistakes alone", () => {
    let refusal: unknown;
    try {
      readFileSync(join(root, "absent"));
    } catch (error) {
      refusal = error;
    }
    expect(asComplaint("bitgrad train", refusal)?.message).toMatch(
      /^bitgrad train: expected the operating system to read and write .+, got ENOENT: .+absent'\. Look at .+\.$/,
    );
    expect(asComplaint("bitgrad train", new TypeError("x is undefined"))).toBeUndefined();
  });
});

describe("help", () => {
  test.each([[[]], [["--help"]], [["-h"]], [["help"]]])("%j names every command", async (args) => {
    const { status, output, errors } = await bitgrad(...args);
    expect([status, errors]).toEqual([0, ""]);
    expect(output).toMatch(/^Usage: bitgrad \[options] \[command]\n/);
    expect(output).toMatch(/^ {2}train \[options] {2,}train a small/m);
    expect(output).toMatch(/^ {2}fingerprint \[options] {2,}train a canonical/m);
  });

  test("of train names every flag with its default", async () => {
    const { status, output } = await bitgrad("train", "--help");
    const shown = [...output.matchAll(/^ +(--\w+) .*?\(default:\s+("?[\w ]+)/gms)];
    expect(status).toBe(0);
    expect(shown.map(([, flag, value]) => `${flag} ${value}`)).toEqual([
      '--device "wasm',
      "--threads BITGRAD_THREADS",
      '--data "mnist',
      "--limit all",
      "--epochs 3",
      "--batch 32",
      "--seed 0",
      "--out a new folder under",
    ]);
    expect(await bitgrad("help", "train")).toMatchObject({ status: 0, output });
  });

  test("the version is that of package.json", async () => {
    const manifest = readFileSync("package.json", "utf8");
    const { output } = await bitgrad("--version");
    expect(manifest).toContain(`"version": "${output.trim()}"`);
  });
});
