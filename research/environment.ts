/**
 * The environment of a run: what may explain a difference, should there ever be one.
 * Rests on core and Node.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { device } from "../core/index.ts";
import { deviceEntries } from "./device-notes.ts";
import type { Scalar } from "./report/record.ts";

/** The folder above research: of the checkout, or `dist` of the package. */
const sourceFolder = dirname(dirname(fileURLToPath(import.meta.url)));

/** The folder that holds package.json, in a checkout and in an installed package. */
function packageFolder(): string {
  return existsSync(join(sourceFolder, "package.json")) ? sourceFolder : dirname(sourceFolder);
}

/** bitgrad's version, from its package.json. */
export function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageFolder(), "package.json"), "utf8"));
  const found =
    typeof manifest === "object" && manifest !== null && "version" in manifest
      ? manifest.version
      : undefined;
  return typeof found === "string" ? found : "unknown";
}

/** Whether `folder` is the top of the checkout that runs. */
export function isCheckout(folder: string): boolean {
  return packageFolder() === sourceFolder && realpathSync(folder) === realpathSync(sourceFolder);
}

/** What to type before a command: in a checkout, or where bitgrad is installed. */
export function invocation(): string {
  return packageFolder() === sourceFolder ? "npm run -s bitgrad --" : "npx bitgrad";
}

/** Versions, commit, processor, device and its threads, as flat entries; of the gpu device, what ran on it so far. */
export function environment(threads: number): Readonly<Record<string, Scalar>> {
  return {
    bitgrad: version(),
    commit: commit(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    device: device(),
    threads,
    ...deviceEntries(),
  };
}

let known: { readonly commit: string | null } | undefined;

/** The commit of the sources when it was first asked for: they were loaded by then. */
function commit(): string | null {
  known ??= { commit: readCommit() };
  return known.commit;
}

/** The git commit of the sources, marked where they differ from it; null outside a checkout. */
function readCommit(): string | null {
  const git = (...args: readonly string[]): string =>
    execFileSync("git", ["-C", packageFolder(), ...args], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    // An installed package may lie inside somebody else's repository.
    if (git("ls-files", "--error-unmatch", "package.json") === "") return null;
    const dirty = git("status", "--porcelain") === "" ? "" : " with changes";
    return git("rev-parse", "--short=12", "HEAD") + dirty;
  } catch {
    return null;
  }
}
