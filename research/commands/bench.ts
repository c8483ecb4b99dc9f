/**
 * `bitgrad bench`: measures bitgrad, with PyTorch beside it where there is one.
 * Rests on research/bench.
 */
import { cpus } from "node:os";
import { Command } from "commander";
import { device, setDevice, UsageError } from "../../core/index.ts";
import { javaScriptPeers, loadPeer } from "../bench/javascript-peers.ts";
import type { Peer } from "../bench/peer.ts";
import { tableHead, tableRow } from "../bench/record.ts";
import { bench } from "../bench/run.ts";
import { select } from "../bench/select.ts";
import { findTorch } from "../bench/torch.ts";
import { largeWorkloads, workloads } from "../bench/workload.ts";
import { deviceNotes } from "../device-notes.ts";
import type { Terminal, TextOutput } from "../terminal.ts";
import { useThreads } from "../threads.ts";
import { requireProfilable, runProfiles } from "./bench-profile.ts";
import { addDeviceOptions, integerOption } from "./options.ts";

/** Options as commander gives them. */
interface BenchFlags {
  readonly threads?: number;
  readonly json: boolean;
  readonly against: readonly Opponent[];
  readonly device: string;
  readonly runs: number;
  readonly peers?: string;
  readonly profile: boolean;
  readonly asWritten: boolean;
  readonly trace?: string;
}

const opponents = ["torch", "torch-cuda", ...javaScriptPeers, "none"] as const;
type Opponent = (typeof opponents)[number];

/** Long enough for clocks and caches to settle. */
const turnSeconds = 0.2;

/** The command. */
export function benchCommand(terminal: Terminal): Command {
  return addDeviceOptions(new Command("bench"))
    .description("measure speed, by turns with other libraries on the same work")
    .argument("[names...]", "workloads, or beginnings of their names; all where absent")
    .option("--json", "one JSON object a line", false)
    .option("--against <list>", `who else is measured: ${opponents.join(", ")}`, opponentsOption, [
      "torch",
    ])
    .option(
      "--runs <n>",
      "turns of each, of which the median counts",
      integerOption("bench", "--runs", 1),
      7,
    )
    .option(
      "--peers <folder>",
      "where tfjs and jax-js are installed with npm (default: BITGRAD_PEERS)",
    )
    .option("--profile", "time by kernel, beside what the machine allows", false)
    .option(
      "--trace <file>",
      "the same, and each kernel's times for the browser's profiler",
      pathOption,
    )
    .option("--as-written", "profile steps without compile", false)
    .addHelpText("after", `\nWorkloads: ${workloads.map(({ name }) => name).join(" ")}`)
    .action((names: readonly string[], flags: BenchFlags, command: Command) => {
      const isProfile = flags.profile || flags.trace !== undefined;
      if (!isProfile && flags.asWritten) throw withoutProfile();
      if (!isProfile) return run(names, flags, terminal);
      const isNamed = command.getOptionValueSource("against") === "cli";
      requireProfilable(flags.device, isNamed ? flags.against.join() : undefined);
      return profile(names, flags, terminal);
    });
}

async function run(
  names: readonly string[],
  flags: BenchFlags,
  { output, errors }: Terminal,
): Promise<void> {
  const isGpu = flags.device.startsWith("gpu");
  const chosen = select(isGpu ? [...workloads, ...largeWorkloads] : workloads, names);
  const threads = useThreads("bitgrad bench", flags.device, flags.threads);
  setDevice(flags.device);
  for (const line of deviceNotes()) errors.write(`${line}\n`);
  const peers = await findPeers(threads, flags, errors);
  try {
    if (!flags.json) output.write(`${headline(threads, flags, peers)}\n${tableHead()}\n`);
    for await (const record of bench(chosen, { peers, threads, runs: flags.runs, turnSeconds })) {
      output.write(`${flags.json ? JSON.stringify(record) : tableRow(record)}\n`);
    }
  } finally {
    for (const peer of peers) peer.close();
  }
}

async function profile(
  names: readonly string[],
  flags: BenchFlags,
  { output }: Terminal,
): Promise<void> {
  const chosen = select(workloads, names);
  const threads = useThreads("bitgrad bench", flags.device, flags.threads);
  setDevice(flags.device);
  if (!flags.json) output.write(`${headline(threads, flags, [])}\n`);
  await runProfiles(chosen, names, { ...flags, threads, turnSeconds }, output);
}

function withoutProfile(): UsageError {
  return new UsageError({
    where: "bitgrad bench",
    argument: "--as-written",
    expected: "to stand beside --profile or --trace",
    got: "neither",
    fix: "Leave it out: steps are measured compiled and as written",
  });
}

/** The path of a file. */
function pathOption(text: string): string {
  if (text.trim() !== "") return text;
  throw new UsageError({
    where: "bitgrad bench",
    argument: "--trace",
    expected: "to be the path of a file",
    got: `"${text}"`,
    fix: "Write for example --trace step.json",
  });
}

/** Those asked for. A missing PyTorch is said and left out; a missing peer in JavaScript is an error. */
async function findPeers(
  threads: number,
  { against, peers }: BenchFlags,
  errors: TextOutput,
): Promise<readonly Peer[]> {
  const found: Peer[] = [];
  for (const name of javaScriptPeers) {
    if (!against.includes(name)) continue;
    found.push(await loadPeer(name, peers ?? (process.env["BITGRAD_PEERS"] || undefined)));
  }
  for (const [name, on] of [
    ["torch", "cpu"],
    ["torch-cuda", "cuda"],
  ] as const) {
    if (!against.includes(name)) continue;
    const torch = await findTorch({ threads, on });
    if ("peer" in torch) found.push(torch.peer);
    else errors.write(`bitgrad bench: ${torch.missing}\n`);
  }
  return found;
}

/** What a figure must be quoted with. */
function headline(threads: number, { runs }: BenchFlags, peers: readonly Peer[]): string {
  return [
    `bitgrad on ${device()}`,
    `${threads} ${threads === 1 ? "thread" : "threads"}`,
    `Node ${process.version}`,
    cpus()[0]?.model.trim() ?? "unknown processor",
    `medians of ${runs} turns`,
    ...peers.map(({ title }) => title),
  ].join(", ");
}

/** Names separated by commas. */
function opponentsOption(text: string): readonly Opponent[] {
  return text.split(",").map((name) => {
    const found = opponents.find((opponent) => opponent === name);
    if (found !== undefined) return found;
    throw new UsageError({
      where: "bitgrad bench",
      argument: "--against",
      expected: `to hold names out of ${opponents.join(", ")}`,
      got: `"${name}"`,
      fix: "Write for example --against torch",
    });
  });
}
