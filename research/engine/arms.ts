/**
 * Arms: which configs of an experiment are compared.
 * Rests on knobs and values.
 */
import { UsageError, ValueError } from "../../core/index.ts";
import { requireInteger } from "../../core/require-number.ts";
import type { Experiment, Profile } from "./define-experiment.ts";
import { unknownKey } from "./knobs.ts";
import { canonicalOf, type Value, type Values } from "./values.ts";

/** Lists of values for some keys, all combinations of which are run; or the partial configs themselves. */
export type Arms<Config = Values> = ArmGrid<Config> | readonly Partial<Config>[];

/** For each key its values. */
export type ArmGrid<Config = Values> = {
  readonly [Key in keyof Config]?: readonly Config[Key][];
};

/** What a command asks of an experiment. */
export interface Selection {
  readonly profile: "quick" | "full";
  /** Values for keys, in place of the arms' and the defaults. */
  readonly overrides?: ArmGrid;
  /** In place of the profile's. */
  readonly seeds?: readonly number[];
}

/** One run to be made. */
export interface Planned {
  readonly config: Values;
  readonly seed: number;
}

/**
 * The configs that a selection comes to, each once: the schema's defaults, changed by the profile, by the arm, by the
 * overrides, the last of which wins. A value that some arms have chooses these arms, with all else that they set; another
 * one goes into every arm. Several values are one more axis. Throws UsageError for keys and values that the config refuses.
 */
export function armsOf(
  where: string,
  experiment: Experiment,
  { profile: name, overrides = {} }: Selection,
): readonly Values[] {
  const profile = experiment.profiles[name];
  const { knobs } = experiment;
  for (const key of Object.keys(overrides)) {
    if (!knobs.some((knob) => knob.key === key)) throw unknownKey(where, key, knobs);
  }
  const arms = Object.entries(overrides).reduce(
    (partials, [key, values = []]) => overridden(where, partials, key, values),
    partialsOf(profile.arms ?? experiment.arms),
  );
  const configs = arms.map((arm) =>
    experiment.resolve(where, { ...defined(profile.config ?? {}), ...arm }),
  );
  return distinct(where, configs);
}

/** All runs of a selection: seed after seed, and for each all arms, so that comparisons are whole as early as can be. */
export function planOf(
  where: string,
  experiment: Experiment,
  selection: Selection,
): readonly Planned[] {
  const configs = armsOf(where, experiment, selection);
  return seedsOf(experiment, selection).flatMap((seed) =>
    configs.map((config) => ({ config, seed })),
  );
}

/** The seeds of a selection. */
export function seedsOf(experiment: Experiment, { profile, seeds }: Selection): readonly number[] {
  return seeds ?? Array.from({ length: experiment.profiles[profile].seeds }, (_, seed) => seed);
}

/** Throws what is wrong with the arms and profiles of a definition. */
export function checkArms(where: string, experiment: Experiment): void {
  for (const name of ["quick", "full"] as const) {
    const profile: Profile = experiment.profiles[name];
    const argument = `profiles.${name}.seeds`;
    requireInteger(where, argument, profile.seeds, 1, "Give how many seeds each arm has");
    if (armsOf(where, experiment, { profile: name }).length === 0) {
      throw new ValueError({
        where,
        argument: "arms",
        expected: "to be one or more",
        got: "none",
        fix: "Write arms: [{}] where there is nothing to compare",
      });
    }
  }
}

/** The combinations of a grid, its first key varying slowest; of a list, the list. */
function partialsOf(arms: Arms): readonly Values[] {
  return isList(arms) ? arms.map(defined) : combinations(arms);
}

function isList(arms: Arms): arms is readonly Partial<Values>[] {
  return Array.isArray(arms);
}

function defined(partial: Partial<Values>): Values {
  return Object.fromEntries(
    Object.entries(partial).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
}

function combinations(grid: ArmGrid): readonly Values[] {
  return Object.entries(grid).reduce<readonly Values[]>(
    (partials, [key, values = []]) =>
      partials.flatMap((partial) => values.map((value: Value) => ({ ...partial, [key]: value }))),
    [{}],
  );
}

/** For each value, the arms that have it as it is; where none has it, all arms with it in place of their own. */
function overridden(
  where: string,
  arms: readonly Values[],
  key: string,
  values: readonly Value[],
): readonly Values[] {
  const textOf = (value: Value | undefined): string =>
    value === undefined ? "" : canonicalOf(where, key, value);
  return values.flatMap((value) => {
    const own = arms.filter((arm) => textOf(arm[key]) === textOf(value));
    return own.length > 0 ? own : arms.map((arm) => ({ ...arm, [key]: value }));
  });
}

/** Overriding the key of an axis makes arms equal: each is run once. */
function distinct(where: string, configs: readonly Values[]): readonly Values[] {
  const seen = new Map(configs.map((config) => [canonicalOf(where, "the config", config), config]));
  return [...seen.values()];
}

/** Throws UsageError unless seeds are integers that streams take, each once. Returns them. */
export function requireSeeds(where: string, seeds: readonly number[]): readonly number[] {
  const isSeed = (seed: number): boolean => Number.isSafeInteger(seed) && seed >= 0;
  if (seeds.length > 0 && seeds.every(isSeed) && new Set(seeds).size === seeds.length) return seeds;
  throw new UsageError({
    where,
    argument: "seeds",
    expected: "to be different integers ≥ 0, one or more",
    got: `[${seeds.join(", ")}]`,
    fix: "Write for example --seeds 8, or --seeds 3,5,7",
  });
}
