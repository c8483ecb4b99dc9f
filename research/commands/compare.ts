/**
 * `bitgrad compare`: two runs, or two arms over their seeds.
 * Rests on the engine's store and statistics.
 */
import { Command } from "commander";
import { UsageError } from "../../core/index.ts";
import { nearest, textOf } from "../engine/knobs.ts";
import { RunStore, type StoredRun } from "../engine/run-store.ts";
import { canonicalOf, type Value } from "../engine/values.ts";
import { comparePaired } from "../statistics/index.ts";
import type { Terminal } from "../terminal.ts";
import { folderOption } from "./options.ts";
import { defaultStore } from "./store-options.ts";
import { jsonLine, shown } from "./study-text.ts";

/** Options as commander gives them. */
interface CompareFlags {
  readonly out: string;
  readonly json: boolean;
}

/** How one measure differs between the two. */
export interface MeasureDifference {
  readonly name: string;
  /** Pairs, one a seed and arm. */
  readonly pairs: number;
  readonly a: number;
  readonly b: number;
  /** Mean of b - a. */
  readonly difference: number;
  /** 95 % interval of the mean difference; null for one pair, or where a value is not finite. */
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** d_z with its small-sample correction; null as the interval. */
  readonly effect: number | null;
  /** Of the exact sign-flip test; null for one pair. */
  readonly p: number | null;
}

const where = "bitgrad compare";

/** The command. */
export function compareCommand({ output, errors }: Terminal): Command {
  return new Command("compare")
    .description("two runs or arms of the store: how configs and results differ, over paired seeds")
    .argument("<a>", "the beginning of a run's key, or experiment:key=value,key=value")
    .argument("<b>", "the same; an assignment alone is enough for an experiment's other arm")
    .option("--out <folder>", "where runs are kept", folderOption("compare", "--out"), defaultStore)
    .option("--json", "print one JSON object", false)
    .addHelpText("after", "\nExample: bitgrad compare init-relu-depth:init=xavier init=kaiming")
    .action((a: string, b: string, { out, json }: CompareFlags) => {
      const stored = new RunStore(out).all(({ folder, reason }) => {
        errors.write(`left out ${folder}: ${reason}\n`);
      });
      const first = chosen(stored, a, null);
      const second = chosen(stored, b, first.experiment);
      const answer = comparison(first, second);
      output.write(json ? jsonLine(answer) : `${linesOf(answer).join("\n")}\n`);
    });
}

/** The runs that a word names. */
interface Choice {
  readonly word: string;
  readonly experiment: string;
  /** Keys that the word gives values for. */
  readonly keys: readonly string[];
  readonly runs: readonly StoredRun[];
}

function chosen(stored: readonly StoredRun[], word: string, experiment: string | null): Choice {
  if (/^[0-9a-f]{6,64}$/.test(word)) {
    const found = stored.filter(({ run }) => run.key.startsWith(word));
    const [run] = found;
    if (run !== undefined && found.length === 1) {
      return { word, experiment: run.identity.experiment, keys: [], runs: [run] };
    }
    throw refusal(
      "to begin the key of one run in the store",
      word,
      `Found ${found.length}: see config.json in its folders`,
    );
  }
  const [before, after] = word.includes(":") ? split(word, ":") : named(word, experiment);
  const ids = [...new Set(stored.map(({ identity }) => identity.experiment))];
  if (!ids.includes(before)) {
    const near = nearest(before, ids);
    const fix = near.length > 0 ? `Did you mean ${near[0]}` : "Run it first with bitgrad run";
    throw refusal(`to name an experiment with runs: ${ids.join(", ") || "none so far"}`, word, fix);
  }
  const wanted = after === "" ? [] : after.split(",").map((part) => split(part, "="));
  const own = stored.filter(({ identity }) => identity.experiment === before);
  const runs = newest(
    own.filter(({ run }) =>
      wanted.every(([key, text]) => textOf(run.config[key] ?? null) === text),
    ),
  );
  if (runs.length === 0) {
    const fix = `Its keys are ${Object.keys(own[0]?.run.config ?? {}).join(", ")}; run the arm first with bitgrad run`;
    throw refusal("to fit a run in the store", word, fix);
  }
  return { word, experiment: before, keys: wanted.map(([key]) => key), runs };
}

function named(word: string, experiment: string | null): readonly [string, string] {
  return word.includes("=") ? [experiment ?? "", word] : [word, ""];
}

function split(word: string, at: string): readonly [string, string] {
  const index = word.indexOf(at);
  return index < 0 ? [word, ""] : [word.slice(0, index), word.slice(index + 1)];
}

/** Of runs that differ in their sources or device alone, the one made last. */
function newest(runs: readonly StoredRun[]): readonly StoredRun[] {
  const last = new Map<string, StoredRun>();
  for (const stored of runs) {
    const name = canonicalOf(where, "a run", { config: stored.run.config, seed: stored.run.seed });
    const other = last.get(name);
    if (other === undefined || other.timing.finishedAt < stored.timing.finishedAt) {
      last.set(name, stored);
    }
  }
  return [...last.values()];
}

/** What `compare` answers. */
interface Comparison {
  readonly a: { readonly word: string; readonly runs: number; readonly diverged: number };
  readonly b: { readonly word: string; readonly runs: number; readonly diverged: number };
  /** Keys whose values differ, with those of each side. */
  readonly config: readonly {
    readonly key: string;
    readonly a: readonly Value[];
    readonly b: readonly Value[];
  }[];
  readonly measures: readonly MeasureDifference[];
}

function comparison(a: Choice, b: Choice): Comparison {
  const keys = [...new Set([...a.keys, ...b.keys])];
  const single = a.runs.length === 1 && b.runs.length === 1;
  const pairs = single
    ? [[a.runs[0], b.runs[0]] as const]
    : a.runs.map((run) => [run, b.runs.find((other) => isPartner(run, other, keys))] as const);
  const whole = pairs.flatMap(([one, two]) =>
    one === undefined || two === undefined ? [] : [[one, two] as const],
  );
  if (whole.length === 0) {
    throw refusal(
      "to have seeds and other keys in common with a",
      b.word,
      "Run both with the same seeds",
    );
  }
  const results = whole.map(([one, two]) => [one.run.result, two.run.result] as const);
  const [[first]] = [results[0] ?? [{}, {}]];
  const names = Object.keys(first).filter((name) =>
    results.every((pair) => pair.every((result) => typeof result[name] === "number")),
  );
  return {
    a: side(a),
    b: side(b),
    config: configDifference(a.runs, b.runs),
    measures: names.map((name) =>
      difference(
        name,
        results.map(([one]) => Number(one[name])),
        results.map(([, two]) => Number(two[name])),
      ),
    ),
  };
}

function side({ word, runs }: Choice): Comparison["a"] {
  const diverged = runs.filter(({ run }) => run.outcome === "diverged").length;
  return { word, runs: runs.length, diverged };
}

/** Same seed, and same config but for the keys that are compared. */
function isPartner(a: StoredRun, b: StoredRun, keys: readonly string[]): boolean {
  const rest = ({ run }: StoredRun): string => {
    const kept = Object.entries(run.config).filter(([key]) => !keys.includes(key));
    return canonicalOf(where, "a run", { seed: run.seed, config: Object.fromEntries(kept) });
  };
  return rest(a) === rest(b);
}

function configDifference(a: readonly StoredRun[], b: readonly StoredRun[]): Comparison["config"] {
  const keys = [...new Set([...a, ...b].flatMap(({ run }) => Object.keys(run.config)))];
  const valuesOf = (runs: readonly StoredRun[], key: string): readonly Value[] => {
    const seen = runs.map(({ run }) => run.config[key] ?? null);
    return [...new Map(seen.map((value) => [textOf(value), value])).values()];
  };
  return keys.flatMap((key) => {
    const own = { key, a: valuesOf(a, key), b: valuesOf(b, key) };
    const same = canonicalOf(where, key, own.a) === canonicalOf(where, key, own.b);
    return same ? [] : [own];
  });
}

function difference(name: string, a: readonly number[], b: readonly number[]): MeasureDifference {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const means = { name, pairs: a.length, a: mean(a), b: mean(b) };
  const none = { interval: null, effect: null, p: null };
  if (![...a, ...b].every(Number.isFinite))
    return { ...means, difference: mean(b) - mean(a), ...none };
  const differences = b.map((value, at) => value - (a[at] ?? 0));
  if (a.length < 2) return { ...means, difference: mean(differences), ...none };
  const { interval, effect, test } = comparePaired(b, a, { better: "higher" });
  return {
    ...means,
    difference: mean(differences),
    interval: interval === null ? null : { low: interval.low, high: interval.high },
    effect: effect?.g ?? null,
    p: test.p,
  };
}

function linesOf({ a, b, config, measures }: Comparison): readonly string[] {
  const values = (list: readonly Value[]): string => list.map(textOf).join(",");
  return [
    `a ${a.word}: ${a.runs} runs, ${a.diverged} diverged`,
    `b ${b.word}: ${b.runs} runs, ${b.diverged} diverged`,
    ...config.map(({ key, a: one, b: two }) => `  ${key}: ${values(one)} → ${values(two)}`),
    ...measures.map(({ name, pairs, a: one, b: two, difference: by, interval, effect, p }) => {
      const spread =
        interval === null || effect === null || p === null
          ? ""
          : `, 95 % interval [${shown(interval.low)}, ${shown(interval.high)}], effect ${shown(effect)}, p ${shown(p)}`;
      return `  ${name}: ${shown(one)} → ${shown(two)}, difference ${shown(by)}${spread}, ${pairs} pairs`;
    }),
  ];
}

function refusal(expected: string, word: string, fix: string): UsageError {
  return new UsageError({ where, argument: "a run or arm", expected, got: `"${word}"`, fix });
}
