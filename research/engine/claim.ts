/**
 * Claims on a run's folder: two processes do not compute one run at the same time.
 * Rests on Node's file system and processes. What a process that was killed left behind does not count.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BitgradError } from "../../core/index.ts";
import { codeOf } from "../system-error.ts";

const fileName = "running";
const pause = 50;

/**
 * Claims `folder` for this process; the function that comes back gives it up. Throws BitgradError where another process
 * that is alive holds it, and goes on holding it for `patience` milliseconds: one whose parent was killed ends soon.
 */
export function claimFolder(where: string, folder: string, patience = 10_000): () => void {
  const path = join(folder, fileName);
  const own = `${process.pid} ${startOf(process.pid)}`;
  for (let waited = 0; ; waited += pause) {
    try {
      writeFileSync(path, own, { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
    const holder = holderOf(path);
    if (holder === null) {
      rmSync(path, { force: true });
    } else if (waited >= patience) {
      throw new BitgradError({
        where,
        argument: folder,
        expected: "to be computed by one process at a time",
        got: `process ${holder} at work on it`,
        fix: `Wait for it, or end it; if it is no process of bitgrad, remove ${path}`,
      });
    } else {
      sleep(pause);
    }
  }
}

/** The living process that holds a claim; null where there is none. */
function holderOf(path: string): number | null {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return null; // given up just now
  }
  const [id = "", ...start] = text.split(" ");
  const pid = Number(id);
  if (!Number.isSafeInteger(pid) || pid <= 0 || !isAlive(pid)) return null;
  return startOf(pid) === start.join(" ") ? pid : null;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/** When a process was started, in clock ticks: numbers of processes are used again. Linux alone tells; else "". */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}

function sleep(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
