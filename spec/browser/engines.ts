/**
 * Engines on this machine: browsers that can be opened without a screen, and engines with a command line.
 * Rests on Node. A browser that is not there is not an error; a test says that it skips it.
 */
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { build } from "esbuild";
import type { Answer } from "./canonical.ts";

/** A program, and how to start it. */
export interface Engine {
  readonly name: string;
  readonly path: string;
}

const env: { readonly PATH?: string; readonly BITGRAD_ENGINES?: string } = process.env;
const browserNames = ["chromium", "chromium-browser", "google-chrome", "firefox", "firefox-esr"];

/** The browsers found in PATH: at most one Chromium and one Firefox. */
export function browsers(): readonly Engine[] {
  const found = browserNames.flatMap((name) => {
    const path = which(name);
    return path === null
      ? []
      : [{ name: name.startsWith("firefox") ? "firefox" : "chromium", path }];
  });
  return found.filter(
    ({ name }, index) => found.findIndex((other) => other.name === name) === index,
  );
}

/** This Node, Bun and Deno where they are in PATH, and the programs in BITGRAD_ENGINES, separated as in PATH. */
export function commandLines(): readonly Engine[] {
  const named = (env.BITGRAD_ENGINES ?? "").split(delimiter).filter((path) => path !== "");
  const paths = [process.execPath, which("bun"), which("deno"), ...named];
  return paths.flatMap((path) => {
    if (path === null) return [];
    const [version = ""] = execFileSync(path, ["--version"], { encoding: "utf8" })
      .trim()
      .split("\n");
    const name = /^v\d/.test(version)
      ? `node ${version}`
      : /^\d/.test(version)
        ? `bun ${version}`
        : version;
    return [{ name, path }];
  });
}

function which(name: string): string | null {
  const folders = (env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, name)).find(existsSync) ?? null;
}

/** The text of `entry` (beside this file) and all it imports, as one module for browsers. */
export async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, entry)],
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: ["node:*"], // readers of files, which nothing in a browser uses: they go with all that is not used
  });
  return outputFiles[0]?.text ?? "";
}

/** What a command-line engine answers. */
export function askProcess(engine: Engine, code: string, threads: number): Answer {
  const folder = mkdtempSync(join(tmpdir(), "bitgrad-engine-"));
  try {
    const file = join(folder, "canonical.mjs");
    writeFileSync(file, code);
    const flags = engine.name.startsWith("deno") ? ["run", "-A"] : [];
    return JSON.parse(
      execFileSync(engine.path, [...flags, file], {
        encoding: "utf8",
        env: { ...process.env, BITGRAD_THREADS: String(threads) },
        timeout: 50_000,
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** How a page is served. */
export interface Serving {
  /** With the headers that cross-origin isolation needs: without them a browser shares no memory. */
  readonly isolated: boolean;
  /** Threads the page asks for, or whatever else its Worker is sent; null asks for none. */
  readonly threads: number | string | null;
  /** Further flags of the browser. */
  readonly flags?: readonly string[];
  /** Further scripts, and whatever else is fetched, by their address: files of this machine. */
  readonly scripts?: Readonly<Record<string, string>>;
  /** Milliseconds of silence after which there is no answer; default 50 s. */
  readonly patience?: number;
}

const isolation = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

/** What a browser answers that opens a page which runs `code` in a Worker. Rejects where there is no answer. */
export async function askBrowser<T = Answer>(
  engine: Engine,
  code: string,
  serving: Serving,
): Promise<T> {
  const page = `<!doctype html><script>
    const worker = new Worker("/worker.js", { type: "module" });
    const send = (answer) => fetch("/answer", { method: "POST", body: JSON.stringify(answer) });
    worker.onmessage = ({ data }) => send(data);
    worker.onerror = ({ message }) => send({ result: "worker: " + message, threads: null });
    worker.postMessage(${JSON.stringify(serving.threads)});
  </script>`;
  const headers = serving.isolated ? isolation : {};
  const profile = mkdtempSync(join(tmpdir(), "bitgrad-browser-"));
  const { promise, resolve, reject } = withResolvers<T>();
  const server = createServer((request, response) => {
    if (request.method === "POST") {
      let text = "";
      request.on("data", (part) => {
        text += part;
      });
      request.on("end", () => {
        response.end();
        resolve(JSON.parse(text));
      });
      return;
    }
    const file = serving.scripts?.[request.url ?? ""];
    const script = request.url === "/worker.js" || file !== undefined;
    response.writeHead(200, {
      ...headers,
      "Content-Type": script ? "text/javascript" : "text/html",
    });
    if (file !== undefined) response.end(readFileSync(file));
    else response.end(script ? code : page);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const child = spawn(
    engine.path,
    [...flagsOf(engine, profile), ...(serving.flags ?? []), `http://127.0.0.1:${port}/`],
    {
      stdio: "ignore",
      detached: true, // a group of its own: a browser is many processes
    },
  );
  const timer = setTimeout(
    () => reject(new Error(`${engine.name} gave no answer`)),
    serving.patience ?? 50_000,
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    server.close();
    server.closeAllConnections();
    const ended = new Promise((done) => child.once("exit", done));
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    await ended;
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  }
}

function flagsOf({ name }: Engine, profile: string): readonly string[] {
  return name === "firefox"
    ? ["--headless", "--no-remote", "--profile", profile]
    : [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        `--user-data-dir=${profile}`,
      ];
}

function withResolvers<T>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: Error) => void;
} {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
