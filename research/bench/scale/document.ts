/**
 * How a training step grows with batch, channels, depth and threads: prints it, or with --write puts it into CONTRIBUTING.md.
 * `node --import tsx research/bench/scale/document.ts --write`. Rests on measure, model and markers. It takes some minutes.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { integerOption } from "../../commands/options.ts";
import { type Markers, withBetween } from "../../markers.ts";
import { markdown } from "../gpu-tables.ts";
import type { Answers } from "./answer.ts";
import { answerer, type MeasuredStep, measureSteps } from "./measure.ts";
import { type Machine, predict } from "./model.ts";
import { scaledSteps } from "./steps.ts";

/** The measured part of the document stands between these lines. */
export const markers: Markers = ["<!-- scale -->", "<!-- /scale -->"];

const file = "CONTRIBUTING.md";

/** Limits of one thread and of two. */
export type BothLimits = readonly [one: Answers["limits"], two: Answers["limits"]];

/** Thread counts that nobody measured here. */
const planned = [8, 64] as const;

/** Rounded to three significant digits, without an exponent. */
const short = (value: number): string => String(Number(value.toPrecision(3)));
const milliseconds = (seconds: number): string => short(1e3 * seconds);

/** Threads that have the memory of two, or for each as much as these have. */
function machineOf([one, two]: BothLimits, threads: number, grows = false): Machine {
  const { forkJoin } = two;
  const bandwidth = grows ? (two.bandwidth * threads) / 2 : two.bandwidth;
  return { threads, bandwidth, ofOne: one.bandwidth, forkJoin };
}

/** What was measured, a row a step, and the model's answer for two threads beside it. */
export function measuredTable(steps: readonly MeasuredStep[], limits: BothLimits): string {
  const two = machineOf(limits, 2);
  const heads = ["changed", "", "GFLOP", "one thread, ms", "two, ms", "times as fast", "GFLOP/s"];
  const rows = steps.map(({ axis, value, seconds: [one, both], observed }) => [
    ...[axis, value, short(observed.flops / 1e9), milliseconds(one), milliseconds(both)],
    ...[short(one / both), short(observed.flops / both / 1e9)],
    milliseconds(predict(observed, two).seconds),
  ]);
  return markdown([[...heads, "the model's two, ms"], ...rows]);
}

/**
 * The model's answers: how many times as fast as on one thread, with the memory of two threads and with as much for each as
 * these have; and what the time would go to.
 */
export function plannedTable(steps: readonly MeasuredStep[], limits: BothLimits): string {
  const machines = planned.map(
    (threads) => [machineOf(limits, threads), machineOf(limits, threads, true)] as const,
  );
  const heads = planned.flatMap((threads) => [`${threads} threads`, "computing; memory; alone"]);
  const rows = steps.map(({ axis, value, observed }) => {
    const alone = predict(observed, machineOf(limits, 1));
    const cells = machines.flatMap(([same, more]) => {
      const [least, most] = [predict(observed, same), predict(observed, more)];
      const times = [least, most].map(({ seconds }) => short(alone.seconds / seconds));
      const parts = [most.computing, most.moving, most.alone];
      return [
        times[0] === times[1] ? `${times[0]}` : times.join(" to "),
        `${parts.map((part) => Math.round((100 * part) / most.seconds)).join("; ")} %`,
      ];
    });
    return [axis, value, ...cells];
  });
  return markdown([["changed", "", ...heads], ...rows]);
}

/** Both tables, and under what conditions they were made. */
export function section(steps: readonly MeasuredStep[], limits: BothLimits, runs: number): string {
  const [one, two] = limits;
  const limit = ({ flops, bandwidth }: Answers["limits"]): string =>
    `${short(flops / 1e9)} GFLOP/s and ${short(bandwidth / 1e9)} GB/s`;
  return [
    `${cpus()[0]?.model.trim() ?? "unknown processor"}, Node ${process.version}, float32; the least of ${runs} turns, one thread and two ` +
      `by turns, since others on the machine only slow a step down. Measured in the same run: ${limit(one)} at most on one thread, ${limit(two)} on ` +
      `two, ${short(1e6 * two.forkJoin)} µs to share a task between them.`,
    measuredTable(steps, limits),
    "What the model says of more threads, which nobody measured: times as fast as one thread, with the memory bandwidth of two " +
      "threads, and with as much for each thread as these two have; and where the time goes with the latter.",
    plannedTable(steps, limits),
  ].join("\n\n");
}

async function main(args: readonly string[]): Promise<void> {
  const command = new Command("scale")
    .option("--write", `into ${file}`, false)
    .option("--runs <n>", "turns of each", integerOption("scale", "--runs", 1), 7);
  command.parse(args, { from: "user" });
  const { write, runs }: { readonly write: boolean; readonly runs: number } = command.opts();
  const answerers = [answerer(1), answerer(2)] as const;
  try {
    const limits = [
      await answerers[0].ask({ do: "limits" }),
      await answerers[1].ask({ do: "limits" }),
    ] as const;
    const steps: MeasuredStep[] = [];
    for await (const step of measureSteps(scaledSteps, answerers, { runs, turnSeconds: 0.1 })) {
      steps.push(step);
      console.error(`${step.axis} ${step.value}: ${step.seconds.map(milliseconds).join(", ")} ms`);
    }
    const text = section(steps, limits, runs);
    if (write) {
      writeFileSync(file, withBetween(readFileSync(file, "utf8"), markers, file, text));
    } else console.log(text);
  } finally {
    for (const { close } of answerers) close();
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(process.argv.slice(2));
}
