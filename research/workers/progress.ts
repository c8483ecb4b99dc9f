/**
 * Progress of many runs: on a terminal a bar over all of them, what runs now, and the time left; piped, a line a run.
 * Rests on bar, terminal and messages.
 */
import { Bar, type Clock, formatLeft } from "../bar.ts";
import type { Terminal } from "../terminal.ts";
import type { Done } from "./messages.ts";
import type { PoolListener } from "./pool.ts";

/** A run as progress shows it. */
export interface ShownRun {
  /** `init-relu-depth init=xavier seed=2`. */
  readonly title: string;
  /** How long it takes beside the others, > 0. */
  readonly weight: number;
}

/** Prints progress; call `stop` at the end, also after an error. */
export interface RunsProgress extends PoolListener {
  stop(): void;
}

/** Both streams are written to: what is wrong to the one of errors. */
export function runsProgress(
  runs: readonly ShownRun[],
  { output, errors }: Terminal,
  clock: Clock = () => performance.now(),
): RunsProgress {
  const total = runs.reduce((sum, { weight }) => sum + weight, 0);
  const bar = output.isTTY === true ? new Bar(output, clock) : null;
  const started = clock();
  const running = new Map<number, number>();
  let ended = 0;
  let done = 0;
  /** Weight of runs that were there already: they say nothing of how long the others take. */
  let found = 0;

  const draw = (): void => {
    bar?.draw((now) => {
      const partly = [...running].reduce((sum, [at, share]) => sum + share * weightOf(at), 0);
      const share = Math.min(1, (done + partly) / total);
      const worked = done + partly - found;
      const left = worked > 0 ? ((now - started) / 1000) * ((total - done - partly) / worked) : 0;
      const [current] = [...running.keys()].map((at) => runs[at]?.title ?? "");
      const time = worked > 0 ? `  ${formatLeft(left)}` : "";
      const after = `  ${Math.floor(100 * share)} %${time}  ${current ?? ""}`;
      return { before: `${ended}/${runs.length} runs  `, share, after };
    });
  };
  const weightOf = (index: number): number => runs[index]?.weight ?? 0;
  const print = (line: string, to = output): void => {
    bar?.clear();
    to.write(`${line}\n`);
  };

  return {
    onStart: (index) => {
      running.set(index, 0);
      draw();
    },
    onProgress: (index, share) => {
      running.set(index, share);
      draw();
    },
    onSetAside: (folder, reason) => print(`set aside as ${folder}: ${reason}`, errors),
    onEnd: (index, end) => {
      running.delete(index);
      ended += 1;
      done += weightOf(index);
      if (end.type === "done" && end.how === "found") found += weightOf(index);
      const title = `[${ended}/${runs.length}] ${runs[index]?.title}`;
      if (end.type === "failed") print(`${title}  failed: ${end.message}`, errors);
      else print(`${title}  ${wordsOf(end)}`, end.how === "differs" ? errors : output);
      draw();
    },
    onInterrupt: () =>
      print("interrupted: what is finished stays, and the same command goes on from here", errors),
    stop: () => bar?.clear(),
  };
}

function wordsOf({ how, seconds, fingerprint, other }: Done): string {
  const short = fingerprint.slice(0, 12);
  const time = `${seconds.toFixed(1)} s`;
  switch (how) {
    case "found":
      return `was there  ${short}`;
    case "repeated":
      return `made again, the same  ${short}`;
    case "differs":
      return `ALARM: made again with another fingerprint: ${fingerprint} stored, ${other?.fingerprint} now, kept in ${other?.folder}`;
    case "resumed":
      return `went on, ${time}  ${short}`;
    default:
      return `${time}  ${short}`;
  }
}
