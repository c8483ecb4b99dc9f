/**
 * `bitgrad train`, on a small dataset: what it prints, what it writes, what repeats, and what a run that
 * does not end leaves behind.
 */
import { spawn, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { makeFreshFolder, tryFolder } from "../research/train/folder.ts";
import { bitgrad, type Outcome, writeSmallMnist } from "./command-line.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "bitgrad-train-")));
const config = ["--limit", "44", "--epochs", "2", "--batch", "2"];
const cli = fileURLToPath(new URL("../research/cli.ts", import.meta.url));
const node = ["--import", import.meta.resolve("tsx"), cli];

beforeAll(() => {
  writeSmallMnist(join(root, "data"));
  vi.stubEnv("BITGRAD_DATA", join(root, "data"));
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

/** Trains into a folder of its own and gives what was printed and recorded. */
async function train(name: string, ...more: readonly string[]): Promise<Outcome & { record: Run }> {
  const folder = join(root, name);
  const outcome = await bitgrad("train", ...config, ...more, "--out", folder);
  return { ...outcome, record: recorded(name) };
}

/** The record of the run in the folder `name`. */
function recorded(name: string): Run {
  return JSON.parse(readFileSync(join(root, name, "record.json"), "utf8"));
}

/** The parts of a record that are compared. */
interface Run {
  readonly [part: string]: unknown;
  readonly command: string;
  readonly testAccuracy: number;
  readonly fingerprint: string;
  readonly steps: readonly { readonly loss: number }[];
  readonly epochs: readonly { readonly testLoss: number; readonly testAccuracy: number }[];
  readonly confusion: { readonly counts: readonly (readonly number[])[] };
}

/** All of a record that must repeat. */
function repeatable({
  environment: _,
  timing: __,
  ...rest
}: Run): Readonly<Record<string, unknown>> {
  return rest;
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

describe("a training run, piped,", () => {
  test("prints plain lines, at most ten steps an epoch, and what it printed is what it recorded", async () => {
    const { status, output, errors, record } = await train("first");
    expect([status, errors]).toEqual([0, ""]);
    const lines = output.split("\n");
    expect(lines[0]).toBe(
      "bitgrad train: 44 images of mnist, 40 to test, 9250 parameters, Adam from 0.003 by cosine, device wasm, threads 1",
    );
    const steps = lines.filter((line) => line.startsWith("step "));
    const multiples = Array.from({ length: 14 }, (_, i) => 3 * (i + 1));
    expect(steps).toEqual(
      multiples.map((n) => `step ${n}/44  loss ${record.steps[n - 1]?.loss.toFixed(4)}`),
    );
    const epochs = lines.filter((line) => line.startsWith("epoch "));
    expect(epochs).toHaveLength(2);
    record.epochs.forEach(({ testLoss, testAccuracy }, i) => {
      const measured = `test loss ${testLoss.toFixed(4)} accuracy ${percent(testAccuracy)}`;
      expect(epochs[i]).toContain(`epoch ${i + 1}/2  train loss `);
      expect(epochs[i]).toContain(measured);
    });
    expect(lines.slice(-4)).toEqual([
      `test accuracy ${percent(record.testAccuracy)} on 40 images`,
      `report ${relative(process.cwd(), join(root, "first", "report.html"))}`,
      `fingerprint ${record.fingerprint}`,
      "",
    ]);
    expect(record.testAccuracy).toBe(record.epochs.at(-1)?.testAccuracy);
    const right = record.confusion.counts.reduce((sum, row, label) => sum + (row[label] ?? 0), 0);
    expect(right / 40).toBe(record.testAccuracy);
  });

  test("writes a report that shows the recorded accuracy, fingerprint and command, and nothing more", () => {
    const text = readFileSync(join(root, "first", "report.html"), "utf8").replaceAll(
      /<[^>]*>/g,
      "",
    );
    const { testAccuracy, fingerprint, command } = recorded("first");
    const shown = [percent(testAccuracy).replace(" ", "\u00a0"), fingerprint, command];
    expect(shown.filter((part) => !text.includes(part))).toEqual([]);
    expect(command).toBe(
      "npm run -s bitgrad -- train --data mnist --limit 44 --epochs 2 --batch 2 --seed 0 --device wasm",
    );
    expect(readdirSync(join(root, "first")).sort()).toEqual(["record.json", "report.html"]);
  });

  test("repeats all but times and environment, and is another run with another seed", async () => {
    const again = await train("again", "--seed", "0");
    const other = await train("other", "--seed", "1");
    expect(repeatable(again.record)).toEqual(repeatable(recorded("first")));
    expect(other.record.fingerprint).not.toBe(again.record.fingerprint);
  });

  test("works with one image in one batch, and with a batch larger than the images", async () => {
    expect(await train("one", "--limit", "1", "--batch", "1")).toMatchObject({ status: 0 });
    expect(await train("large", "--limit", "10", "--batch", "64")).toMatchObject({ status: 0 });
  });
});

describe("the folder of a run", () => {
  test.each(["record.json", "report.html"])("that holds a %s is refused and kept", async (file) => {
    const folder = makeFreshFolder(join(root, "kept"));
    writeFileSync(join(folder, file), "precious");
    const { status, errors } = await bitgrad("train", ...config, "--out", folder);
    expect(status).toBe(2);
    expect(errors).toBe(
      `bitgrad train: expected --out to hold no report yet, got ${folder} with a ${file}. Name another folder, or remove the old report.\n`,
    );
    expect(readFileSync(join(folder, file), "utf8")).toBe("precious");
  });

  test.each([[["file"]], [["file", "below"]]])(
    "that runs into a file, %j, is refused",
    async (path) => {
      writeFileSync(join(root, "file"), "");
      const folder = join(root, ...path);
      const { status, errors } = await bitgrad("train", ...config, "--out", folder);
      expect([status, errors]).toEqual([
        2,
        `bitgrad train: expected --out to be a folder that can be written to, got ${folder} (ENOTDIR). Name another folder, or mend its permissions.\n`,
      ]);
    },
  );

  test("is tried without a trace", () => {
    tryFolder(join(root, "deep", "deeper"), ["report.html"]);
    expect(existsSync(join(root, "deep"))).toBe(false);
  });

  test("is a new one each time where two runs ask for the same", () => {
    const base = join(root, "deep", "twin");
    expect([makeFreshFolder(base), makeFreshFolder(base)]).toEqual([base, `${base}-2`]);
  });

  test("is below runs/train where the command was typed, if none is named", () => {
    const cwd = makeFreshFolder(join(root, "elsewhere"));
    const args = [...node, "train", "--limit", "4", "--epochs", "1"];
    const { stdout } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
    const report = /^report (.+)$/m.exec(stdout)?.[1] ?? "";
    expect(report).toMatch(/^runs\/train\/[\dT-]{19}-seed0\/report\.html$/);
    expect(existsSync(join(cwd, report))).toBe(true);
  });
});

describe("a process", () => {
  test("that is interrupted ends at once, with no folder and no stack trace", async () => {
    const folder = join(root, "interrupted");
    const args = [...node, "train", "--limit", "100", "--epochs", "100000", "--out", folder];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let errors = "";
    child.stderr.on("data", (data: Buffer) => {
      errors += data;
    });
    child.stdout.once("data", () => child.kill("SIGINT"));
    const signal = await new Promise((resolve) => child.on("exit", (_, name) => resolve(name)));
    expect([signal, errors, existsSync(folder)]).toEqual(["SIGINT", "", false]);
  });

  test("whose reader goes away works on and ends with status 0, without a word", () => {
    const command = `"$0" "$@" | head -n 1; exit "\${PIPESTATUS[0]}"`;
    const args = ["-c", command, process.execPath, ...node, "fingerprint"];
    const { status, stdout, stderr } = spawnSync("bash", args, { encoding: "utf8" });
    expect([status, stdout, stderr]).toEqual([
      0,
      "canonical net, 20 steps, seed 0, device wasm, threads 1\n",
      "",
    ]);
  });
});
