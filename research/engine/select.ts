/**
 * Choosing among runs: arms, pairs of one seed, curves with the band of their seeds.
 * Rests on the run's contract and values.
 */
import { ValueError } from "../../core/index.ts";
import type { LinePoint } from "./figure.ts";
import type { Run } from "./run-context.ts";
import { canonicalOf } from "./values.ts";

/** The runs whose config has these values. Throws ValueError if there is none. */
export function runsWhere<Config extends object, Result>(
  runs: readonly Run<Config, Result>[],
  values: Partial<Config>,
): readonly Run<Config, Result>[] {
  const wanted = Object.entries(values);
  const found = runs.filter(({ config }) =>
    wanted.every(([key, value]) => isSame(config[key as keyof Config], value)),
  );
  if (found.length > 0) return found;
  throw new ValueError({
    where: "runsWhere",
    argument: "values",
    expected: "to be those of a run",
    got: textOf(values),
    fix: "Ask for values that the arms have",
  });
}

/** Two runs of one seed that differ in one key of the config alone. */
export interface Pair<Config, Result> {
  readonly first: Run<Config, Result>;
  readonly second: Run<Config, Result>;
}

/**
 * The runs with `key` = `first` beside those with `key` = `second`, by seed and the rest of the config, in the order of
 * `runs`. Paired by construction: both drew from the same named streams. Runs without a partner are left out.
 *
 * @example
 * const gains = pairsOf(runs, "init", "xavier", "kaiming").map(({ first, second }) => first.result.loss - second.result.loss);
 */
export function pairsOf<Config extends object, Result, Key extends keyof Config & string>(
  runs: readonly Run<Config, Result>[],
  key: Key,
  first: Config[Key],
  second: Config[Key],
): readonly Pair<Config, Result>[] {
  const partners = new Map(
    runs
      .filter(({ config }) => textOf(config[key]) === textOf(second))
      .map((run) => [restOf(run, key), run] as const),
  );
  return runs.flatMap((run) => {
    if (textOf(run.config[key]) !== textOf(first)) return [];
    const partner = partners.get(restOf(run, key));
    return partner === undefined ? [] : [{ first: run, second: partner }];
  });
}

/** The values of a key among runs, each once, in their order. */
export function valuesOf<Config extends object, Result, Key extends keyof Config>(
  runs: readonly Run<Config, Result>[],
  key: Key,
): readonly Config[Key][] {
  const seen = new Map(runs.map(({ config }) => [textOf(config[key]), config[key]]));
  return [...seen.values()];
}

/** A metric of one run over its steps; where it is a list, its item `at`. */
export function curveOf<Config, Result>(
  run: Run<Config, Result>,
  metric: string,
  at = 0,
): readonly LinePoint[] {
  return run.metrics.flatMap(({ step, values }) => {
    const value = values[metric];
    const y = typeof value === "object" ? value[at] : value;
    return y === undefined ? [] : [{ x: step, y }];
  });
}

/**
 * A metric of several runs as one line: at each step the median, and lowest and highest as a band. Only steps at which
 * every run has a finite value: the line ends where the first run diverged.
 */
export function bandOf<Config, Result>(
  runs: readonly Run<Config, Result>[],
  metric: string,
  at = 0,
): readonly LinePoint[] {
  const atStep = new Map<number, number[]>();
  for (const run of runs) {
    for (const { x, y } of curveOf(run, metric, at)) {
      if (!Number.isFinite(y)) continue;
      atStep.set(x, [...(atStep.get(x) ?? []), y]);
    }
  }
  return [...atStep]
    .filter(([, values]) => values.length === runs.length)
    .sort(([a], [b]) => a - b)
    .map(([x, values]) => {
      const sorted = [...values].sort((a, b) => a - b);
      const [low = 0, high = 0] = [sorted[0], sorted.at(-1)];
      return { x, y: medianOf(sorted), low, high };
    });
}

/** The middle of sorted numbers, or the mean of the two middle ones. */
function medianOf(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  const [low = 0, high = 0] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === high ? low : (low + high) / 2;
}

/** Whether two values of a key are the same; lists and objects by what they hold. */
function isSame(a: unknown, b: unknown): boolean {
  const areObjects = typeof a === "object" && typeof b === "object";
  return areObjects ? textOf(a) === textOf(b) : Object.is(a, b);
}

/** What two runs must share to be a pair. */
function restOf<Config extends object, Result>(run: Run<Config, Result>, key: string): string {
  const rest = Object.entries(run.config).filter(([name]) => name !== key);
  return textOf({ seed: run.seed, config: Object.fromEntries(rest) });
}

function textOf(value: unknown): string {
  return canonicalOf("runs", "a value", value);
}
