/**
 * `bitgrad reproduce` as a whole: the same bytes in every store, whatever happened on the way. What takes dozens of processes
 * runs only with BITGRAD_SLOW=1.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fc } from "@fast-check/vitest";
import { parseHTML } from "linkedom";
import { afterAll, describe, expect, test } from "vitest";
import { RunStore } from "../research/engine/run-store.ts";
import { bitgrad } from "./command-line.ts";

const root = mkdtempSync(join(tmpdir(), "bitgrad-reproduce-"));
afterAll(() => rmSync(root, { recursive: true, force: true, maxRetries: 5 }));
const isSlow = process.env["BITGRAD_SLOW"] === "1";

/** The files of a store's report, without times. */
function reportOf(store: string): Readonly<Record<string, string>> {
  const folder = join(store, "report");
  return Object.fromEntries(
    readdirSync(folder)
      .filter((name) => name !== "timing.json")
      .map((name) => {
        const text = readFileSync(join(folder, name), "utf8");
        const steady = text.replace(/commit [0-9a-f]+(?: with changes)?/g, "commit"); // made between two starts
        return [name, steady.replace(/<time>[^<]*<\/time>/g, "<time></time>")];
      }),
  );
}

function fingerprints(store: string): readonly string[] {
  return new RunStore(store).all(() => {}).map(({ run }) => `${run.key} ${run.fingerprint}`);
}

describe("an entry of the store that is damaged", () => {
  const store = join(root, "damaged");
  const reproduce = ["reproduce", "opt-zigzag", "--workers", "1", "--out", store];

  test("is set aside and told, the rest is used, and the report says so", async () => {
    expect((await bitgrad(...reproduce)).status).toBe(0);
    const before = reportOf(store);
    const whole = fingerprints(store);
    const keys = readdirSync(join(store, "opt-zigzag")).filter((name) => name !== "studies");
    const [key = ""] = keys;
    truncateSync(join(store, "opt-zigzag", key, "result.json"), 25);
    const { status, output, errors } = await bitgrad(...reproduce);
    expect(status).toBe(0);
    expect(errors).toMatch(/^set aside as .+\.damaged-1: run store: expected .+, got .+\n$/);
    expect(output.match(/was there/g)).toHaveLength(keys.length - 1);
    expect(output).toMatch(/^opt-zigzag +reproduced +100 changes of sign/m);
    expect(fingerprints(store)).toEqual(whole);
    const { document } = parseHTML(reportOf(store)["index.html"] ?? "");
    const headings = [...document.querySelectorAll("h2")].map(({ textContent }) => textContent);
    expect(headings).toContain("In the store, but not as it should be");
    expect(document.body.textContent).toContain(`opt-zigzag/${key}.damaged-1: damaged, set aside`);
    expect(reportOf(store)["verdicts.csv"]).toBe(before["verdicts.csv"]);
    expect(reportOf(store)["runs.csv"]).toBe(before["runs.csv"]);
  });
});

describe("killed at any moment, twice", () => {
  const cli = fileURLToPath(new URL("../research/cli.ts", import.meta.url));
  const ids = ["opt-zigzag", "opt-saddle", "data-information"];

  /** Starts the command in a process of its own, with two worker processes; `heard` counts the runs that have ended. */
  function start(store: string): {
    readonly child: ChildProcess;
    readonly heard: () => number;
    readonly ended: Promise<string>;
  } {
    const words = ["reproduce", ...ids, "--workers", "2", "--threads", "1"];
    const args = [...words, "--checkpoint-seconds", "0", "--out", store];
    const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), cli, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (text: Buffer) => {
        output += text.toString();
      });
    }
    const heard = (): number => output.match(/^\[\d+\//gm)?.length ?? 0;
    return {
      child,
      heard,
      ended: new Promise((resolve) => child.on("close", () => resolve(output))),
    };
  }

  test.runIf(isSlow)(
    "the third start ends with the runs, fingerprints and page of an undisturbed one",
    async () => {
      const undisturbed = join(root, "undisturbed");
      const said = await start(undisturbed).ended;
      const runs = Number(/ (\d+) runs/.exec(said)?.[1]);
      expect(runs).toBeGreaterThan(50);
      const killed = join(root, "killed");
      const moment = fc.record({
        runs: fc.integer({ min: 1, max: Math.floor(runs / 3) }),
        milliseconds: fc.integer({ min: 0, max: 900 }),
      });
      for (const { runs: wanted, milliseconds } of fc.sample(moment, { seed: 20, numRuns: 2 })) {
        const { child, heard, ended } = start(killed);
        const from = fingerprints(killed).length;
        while (heard() < from + wanted) await new Promise((resolve) => setTimeout(resolve, 10));
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        child.kill("SIGKILL");
        await ended; // the pipes close once the workers, whose parent is gone, have ended too
        expect(fingerprints(killed).length).toBeGreaterThanOrEqual(from + wanted);
        expect(fingerprints(killed).length).toBeLessThan(runs);
      }
      await start(killed).ended;
      expect(fingerprints(killed)).toEqual(fingerprints(undisturbed));
      expect(fingerprints(killed)).toHaveLength(runs);
      expect(reportOf(killed)).toEqual(reportOf(undisturbed));
    },
    1_200_000,
  );
});
