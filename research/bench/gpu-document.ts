/**
 * What the gpu device does on this machine: prints it, or with --write puts it into CONTRIBUTING.md, in place of what
 * stands there of the same mode and adapter. `node --import tsx research/bench/gpu-document.ts --device gpu --write`.
 * Rests on gpu-tables and markers. On an adapter that is a GPU it takes minutes; on a software one, fewer sizes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { isSoftware } from "../../core/devices/gpu/modes.ts";
import { gpuStatus, setDevice, setGpuCutoff, setThreads, threadCount } from "../../core/index.ts";
import { addDeviceOptions, integerOption } from "../commands/options.ts";
import { betweenMarkers, type Markers, withBetween } from "../markers.ts";
import { crossover, formTable, workloadTable } from "./gpu-tables.ts";
import type { Peer } from "./peer.ts";
import { select } from "./select.ts";
import { TiledPeer } from "./tiled.ts";
import { findTorch } from "./torch.ts";
import { largeWorkloads, workloads } from "./workload.ts";

/** The measured part of the document stands between these lines. */
export const markers: Markers = ["<!-- gpu -->", "<!-- /gpu -->"];

const file = "CONTRIBUTING.md";

/** What is measured: less where nobody expects speed. */
interface Extent {
  /** About how long one contestant's turn lasts. */
  readonly turnSeconds: number;
  readonly forms: readonly number[];
  readonly crossings: readonly number[];
  readonly workloads: readonly string[];
}

const software: Extent = {
  turnSeconds: 0.05,
  forms: [128, 256],
  crossings: [64, 128, 256],
  workloads: ["matmul/256", "conv3x3/c16", "step/lenet"],
};

const hardware: Extent = {
  turnSeconds: 0.2,
  forms: [256, 512, 1024, 2048, 4096],
  crossings: [64, 96, 128, 192, 256, 384, 512, 768, 1024],
  workloads: [
    ...["256", "512", "1024", "2048", "4096"].map((n) => `matmul/${n}`),
    ...["conv3x3", "step/lenet", "step/resnet20-b128"],
  ],
};

/** `text` as the section called `title` in place of the one of this name, or after all others. */
export function withSection(sections: string, title: string, text: string): string {
  const section = `#### ${title}\n\n${text}`;
  const parts = sections.split(/^(?=#### )/m).map((part) => part.trim());
  const at = parts.findIndex((part) => part.split("\n", 1)[0] === `#### ${title}`);
  const others = at < 0 ? [...parts, section] : parts.with(at, section);
  return others.filter((part) => part !== "").join("\n\n");
}

/** The section of the mode that runs, whose kernels of any size must run there. */
export async function section(
  extent: Extent,
  given: {
    readonly runs: number;
    readonly peers: readonly Peer[];
    readonly threads: number;
  },
): Promise<string> {
  const options = { ...given, turnSeconds: extent.turnSeconds };
  const names = options.peers.map(({ title }) => title);
  const tiled = gpuStatus()?.mode === "webgpu" ? new TiledPeer() : null;
  let table: string;
  try {
    table = await formTable(extent.forms, options, tiled);
  } finally {
    tiled?.close();
  }
  const least = await crossover(extent.crossings, options);
  const chosen = select([...workloads, ...largeWorkloads], extent.workloads);
  const beside = await workloadTable(chosen, options);
  const most = extent.crossings.at(-1);
  const size =
    least === null
      ? `No product up to ${most}³ is faster than on wasm.`
      : `Faster than wasm from ${least} multiplications on: \`BITGRAD_GPU_CUTOFF=${least}\`.`;
  return [
    `${cpus()[0]?.model.trim() ?? "unknown processor"}, Node ${process.version}, ${options.threads} threads for wasm; ` +
      `${[`medians of ${options.runs} turns`, ...names].join(", ")}.`,
    `Forms of a product, in GFLOP/s, all arrays with the adapter:\n\n${table}`,
    size,
    "Workloads; `gpu` is with the way there and back, `resident` and `naive` without, where there is one:\n\n" +
      beside,
  ].join("\n\n");
}

/** PyTorch on the processor and on CUDA, where there are such. */
async function peersHere(threads: number): Promise<readonly Peer[]> {
  const found: Peer[] = [];
  for (const on of ["cpu", "cuda"] as const) {
    const torch = await findTorch({ threads, on });
    if ("peer" in torch) found.push(torch.peer);
    else console.error(torch.missing);
  }
  return found;
}

async function main(args: readonly string[]): Promise<void> {
  const command = addDeviceOptions(new Command("gpu-document"))
    .option("--write", `into ${file}`, false)
    .option("--runs <n>", "turns of each", integerOption("gpu-document", "--runs", 1), 5);
  command.parse(args, { from: "user" });
  const flags: {
    readonly device: string;
    readonly threads?: number;
    readonly write: boolean;
    readonly runs: number;
  } = command.opts();
  if (flags.threads !== undefined) setThreads(flags.threads);
  const threads = threadCount();
  setGpuCutoff(0);
  setDevice(flags.device.startsWith("gpu") ? flags.device : "gpu");
  const { mode = "", adapter = "" } = gpuStatus() ?? {};
  const extent = mode.startsWith("webasm") || isSoftware(adapter) ? software : hardware;
  const peers = await peersHere(threads);
  try {
    const text = await section(extent, { peers, threads, runs: flags.runs });
    const title = `${mode} on ${adapter}`;
    if (!flags.write) {
      console.log(withSection("", title, text));
      return;
    }
    const before = readFileSync(file, "utf8");
    const sections = withSection(betweenMarkers(before, markers, file), title, text);
    writeFileSync(file, withBetween(before, markers, file, sections));
  } finally {
    for (const peer of peers) peer.close();
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(process.argv.slice(2));
}
