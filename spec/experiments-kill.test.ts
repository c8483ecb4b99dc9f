/**
 * Runs in worker processes: killed in the middle, and started again, they end as if nothing had happened. Dozens of processes
 * that each load everything, so only with BITGRAD_SLOW=1.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test, vi } from "vitest";
import { RunStore } from "../research/engine/run-store.ts";
import { bitgrad } from "./command-line.ts";

const root = mkdtempSync(join(tmpdir(), "bitgrad-kill-"));
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));

const cli = fileURLToPath(new URL("../research/cli.ts", import.meta.url));
const experiment = "./spec/experiments/clusters.ts";
vi.setConfig({ testTimeout: 300_000 });
const isSlow = process.env["BITGRAD_SLOW"] === "1";
/** Two runs of a second each. */
const words = ["run", experiment, "rate=0.1", "pause=25", "steps=40", "--checkpoint-seconds", "0"];

/** Starts the command in a process of its own, with two worker processes. */
function start(store: string): { readonly child: ChildProcess; readonly ended: Promise<string> } {
  const args = ["--import", import.meta.resolve("tsx"), cli, ...words, "--workers", "2"];
  const child = spawn(process.execPath, [...args, "--out", store], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (text: Buffer) => {
      output += text.toString();
    });
  }
  return { child, ended: new Promise((resolve) => child.on("close", () => resolve(output))) };
}

/** Waits until something is there. */
async function until(isThere: () => boolean): Promise<void> {
  while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** The folders of runs so far. */
function folders(store: string): readonly string[] {
  const folder = join(store, "clusters");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /^[0-9a-f]{64}$/.test(name))
    .map((name) => join(folder, name));
}

function fingerprints(store: string): readonly string[] {
  return new RunStore(store).all(() => {}).map(({ run }) => `${run.key} ${run.fingerprint}`);
}

test.runIf(isSlow)(
  "killed twice, the next start goes on from checkpoints to the fingerprints of an undisturbed one",
  async () => {
    const store = join(root, "killed");
    for (const checkpoint of [3, 12]) {
      const { child, ended } = start(store);
      // Both runs have saved at a step not before this one.
      await until(
        () =>
          folders(store).length === 2 &&
          folders(store).every((folder) => stepSaved(folder) >= checkpoint),
      );
      child.kill("SIGKILL");
      await ended; // the pipes close once the workers, whose parent is gone, have ended too
      expect(folders(store).filter((folder) => existsSync(join(folder, "result.json")))).toEqual(
        [],
      );
    }
    const third = await start(store).ended;
    expect(third.match(/went on, /g)).toHaveLength(2);
    const undisturbed = join(root, "undisturbed");
    expect(await bitgrad(...words, "--workers", "1", "--out", undisturbed)).toMatchObject({
      status: 0,
    });
    expect(fingerprints(store)).toEqual(fingerprints(undisturbed));
    expect(fingerprints(store)).toHaveLength(2);
    for (const folder of folders(store)) expect(readdirSync(folder)).not.toContain("running");
  },
);

test.runIf(isSlow)("interrupted, the command says so and ends with status 130", async () => {
  const store = join(root, "interrupted");
  const { child, ended } = start(store);
  await until(() => folders(store).some((folder) => stepSaved(folder) >= 1));
  child.kill("SIGINT");
  expect(await ended).toContain("interrupted: what is finished stays");
  expect(child.exitCode).toBe(130);
});

/** The step of a run's last checkpoint; 0 where there is none. */
function stepSaved(folder: string): number {
  const path = join(folder, "checkpoints");
  if (!existsSync(path)) return 0;
  const steps = readdirSync(path).map((name) =>
    Number(/^step-(\d+)\.safetensors$/.exec(name)?.[1] ?? 0),
  );
  return Math.max(0, ...steps);
}

test.runIf(isSlow)("two commands at once on one store make each run once", async () => {
  const store = join(root, "together");
  const outputs = await Promise.all([start(store).ended, start(store).ended]);
  const lines = outputs.flatMap((output) =>
    output.split("\n").filter((line) => line.startsWith("[")),
  );
  expect(lines.filter((line) => line.includes("was there"))).toHaveLength(2);
  expect(lines).toHaveLength(4);
  const result = folders(store).map((folder) => readFileSync(join(folder, "result.json"), "utf8"));
  expect(result).toHaveLength(2);
});
