/**
 * `bitgrad bench --profile` and `--trace`: where the time of workloads goes, kernel by kernel.
 * Rests on research/bench/profile.
 */
import { UsageError } from "../../core/index.ts";
import { replaceFile } from "../../core/io/files.ts";
import { Costs } from "../bench/profile/profile.ts";
import { profileTask } from "../bench/profile/run.ts";
import { profileRecord, profileTable } from "../bench/profile/table.ts";
import { type TraceEvent, traceEvents, traceOf } from "../bench/profile/trace.ts";
import type { TimedTask } from "../bench/task.ts";
import type { Workload } from "../bench/workload.ts";
import type { TextOutput } from "../terminal.ts";

/** What is profiled, and how. */
export interface ProfileFlags {
  readonly device: string;
  readonly threads: number;
  readonly runs: number;
  readonly turnSeconds: number;
  readonly json: boolean;
  /** Whether steps and forward passes run without `compile`. */
  readonly asWritten: boolean;
  /** Where the trace goes. */
  readonly trace?: string | undefined;
}

/** Throws UsageError for what cannot be profiled: another device than wasm, and others beside it. */
export function requireProfilable(device: string, against: string | undefined): void {
  if (device !== "wasm")
    throw complaint("--device", "to be wasm with --profile or --trace", device);
  if (against === undefined) return;
  throw complaint("--against", "not to be there with --profile or --trace", against);
}

/** Profiles workload after workload, those of memory left out where nobody named them. */
export async function runProfiles(
  chosen: readonly Workload[],
  names: readonly string[],
  { device, threads, runs, turnSeconds, json, asWritten, trace }: ProfileFlags,
  output: TextOutput,
): Promise<void> {
  const timed = timedOnes(chosen, names);
  const events: TraceEvent[] = [];
  if (trace !== undefined) writeTrace(trace, events); // a path that cannot be written is told now
  for (const [index, { name, task }] of timed.entries()) {
    const isCompiled = !asWritten && (task.kind === "step" || task.kind === "forward");
    const { limits, profile, spans } = await profileTask(task, { runs, turnSeconds, isCompiled });
    const conditions = { name, isCompiled, threads, node: process.version, device };
    const record = profileRecord(conditions, profile, limits);
    output.write(json ? `${JSON.stringify(record)}\n` : `\n${profileTable(record)}\n`);
    if (trace === undefined) continue;
    events.push(...traceEvents(spans, new Costs(), { name, id: index + 1, threads }));
    writeTrace(trace, events);
  }
}

function timedOnes(
  chosen: readonly Workload[],
  names: readonly string[],
): readonly { readonly name: string; readonly task: TimedTask }[] {
  return chosen.flatMap(({ name, task }) => {
    if (task.kind !== "memory") return [{ name, task }];
    if (names.length === 0) return [];
    throw complaint("names", "to be of workloads that take time, with --profile or --trace", name);
  });
}

function writeTrace(path: string, events: readonly TraceEvent[]): void {
  const text = JSON.stringify(traceOf(events));
  replaceFile("bitgrad bench", path, [Buffer.from(text, "utf8")]);
}

function complaint(argument: string, expected: string, got: string): UsageError {
  return new UsageError({
    where: "bitgrad bench",
    argument,
    expected,
    got,
    fix: "Write for example bitgrad bench step/resnet20-b32 --profile --threads 2",
  });
}
