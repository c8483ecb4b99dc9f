/**
 * Experiments: one question each, with the design that answers it.
 * Rests on zod, knobs, arms and the contracts beside it. Everything else – seeds, data, storing, resuming, printing – is the engine's.
 */
import type { z } from "zod";
import { ValueError } from "../../core/index.ts";
import { type Arms, checkArms } from "./arms.ts";
import type { Figure } from "./figure.ts";
import { type Knob, knobsOf, resolveConfig } from "./knobs.ts";
import type { DatasetName, Run, RunContext } from "./run-context.ts";
import type { Values } from "./values.ts";
import type { Verdict, VerdictContext } from "./verdict.ts";

/** How much of an experiment is run. */
export interface Profile<Config = Values> {
  /** How many seeds each arm has, integer ≥ 1: seeds 0, 1, … */
  readonly seeds: number;
  /** Changed defaults, such as fewer steps. */
  readonly config?: Partial<Config>;
  /** Other arms than the experiment's. */
  readonly arms?: Arms<Config>;
  /** Seconds that one run takes on one core, measured once: what the time left is guessed from at first. */
  readonly seconds?: number;
}

/** An experiment as its file writes it. */
export interface ExperimentDefinition<
  Claim extends string,
  Schema extends z.ZodObject,
  Result extends object,
> {
  /** Lower-case words joined by hyphens; its file is called so too. */
  readonly id: string;
  readonly title: string;
  readonly question: string;
  /** The claims that it decides, by their ids; each gets a verdict. */
  readonly claims: readonly Claim[];
  /** Author, year, section, figure. */
  readonly source: string;
  /** Whether chance decides it (default: seeds, intervals, tests) or not (a tolerance). */
  readonly kind?: "statistical" | "deterministic";
  /** Every knob, with its default and a description that names its unit: `z.strictObject({ … })`. */
  readonly config: Schema;
  /** The comparison: lists of values for keys of the config, all combinations of which are run, or a list of partial configs. */
  readonly arms: Arms<z.output<Schema>>;
  readonly profiles: {
    readonly quick: Profile<z.output<Schema>>;
    readonly full: Profile<z.output<Schema>>;
  };
  /** The datasets that a run needs; none where absent. */
  readonly data?: readonly DatasetName[] | ((config: z.output<Schema>) => readonly DatasetName[]);
  /** One arm, one seed. Synchronous; everything that matters later is in what it returns, plain data, and in its metrics. */
  run(context: RunContext<z.output<Schema>>): Result;
  /** A pure function of the runs. */
  figures(runs: readonly Run<z.output<Schema>, Result>[]): readonly Figure[];
  /** A pure function of the runs: for each claim, what they say of it. */
  verdict(
    runs: readonly Run<z.output<Schema>, Result>[],
    context: VerdictContext,
  ): Readonly<Record<Claim, Verdict>>;
}

/** An experiment as the engine uses it: its config and results are values. */
export interface Experiment {
  readonly id: string;
  readonly title: string;
  readonly question: string;
  readonly claims: readonly string[];
  readonly source: string;
  readonly kind: "statistical" | "deterministic";
  readonly knobs: readonly Knob[];
  readonly arms: Arms;
  readonly profiles: { readonly quick: Profile; readonly full: Profile };
  /** A whole config from a part of one. Throws UsageError for unknown keys and values out of range. */
  resolve(where: string, partial: Values): Values;
  datasets(config: Values): readonly DatasetName[];
  run(context: RunContext<Values>): object;
  figures(runs: readonly Run[]): readonly Figure[];
  verdict(runs: readonly Run[], context: VerdictContext): Readonly<Record<string, Verdict>>;
}

/**
 * Checks the definition and makes it an experiment. Throws ValueError for an id of another form and no claims, and
 * UsageError for knobs without a default and arms or profiles that the config refuses.
 *
 * @example
 * const experiment: Experiment = defineExperiment({
 *   id: "sgd-rate",
 *   title: "The rate of SGD on a quadratic",
 *   question: "From which rate on does gradient descent on x²/2 diverge?",
 *   claims: ["lr-range"],
 *   source: "Goodfellow, Bengio & Courville 2016, section 4.3",
 *   kind: "deterministic",
 *   config: z.strictObject({ rate: z.number().positive().default(1).describe("learning rate") }),
 *   arms: { rate: [1.9, 2.1] },
 *   profiles: { quick: { seeds: 1 }, full: { seeds: 1 } },
 *   run({ config: { rate } }) {
 *     let x = 1;
 *     for (let step = 0; step < 1000; step++) x -= rate * x;
 *     return { distance: Math.abs(x) };
 *   },
 *   figures: () => [],
 *   verdict(runs) { … },
 * });
 */
export function defineExperiment<
  const Claim extends string,
  Schema extends z.ZodObject,
  Result extends object,
>(definition: ExperimentDefinition<Claim, Schema, Result>): Experiment {
  type Config = z.output<Schema>;
  const { id, title, question, claims, source, config: schema, kind = "statistical" } = definition;
  const where = `defineExperiment ${JSON.stringify(id)}`;
  requireForm(where, id, claims);
  const configOf = (config: Values): Config => schema.parse(config);
  const typed = (run: Run): Run<Config, Result> => ({
    ...run,
    config: configOf(run.config),
    result: run.result as Result,
  });
  const experiment: Experiment = {
    id,
    title,
    question,
    claims,
    source,
    kind,
    knobs: knobsOf(where, schema),
    arms: definition.arms as Arms,
    profiles: definition.profiles as Experiment["profiles"],
    resolve: (asker, partial) => resolveConfig(asker, schema, partial),
    datasets: (config) => {
      const { data = [] } = definition;
      return typeof data === "function" ? data(configOf(config)) : data;
    },
    run: (context) => definition.run({ ...context, config: configOf(context.config) }),
    figures: (runs) => definition.figures(runs.map(typed)),
    verdict: (runs, context) => definition.verdict(runs.map(typed), context),
  };
  checkArms(where, experiment);
  return experiment;
}

function requireForm(where: string, id: string, claims: readonly string[]): void {
  const refuse = (argument: string, expected: string, got: string, fix: string): ValueError =>
    new ValueError({ where, argument, expected, got, fix });
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) {
    const fix = "Write for example init-kaiming-depth";
    throw refuse("id", "to be lower-case words joined by hyphens", JSON.stringify(id), fix);
  }
  if (claims.length === 0) {
    throw refuse("claims", "to name one claim or more", "none", "Name the claim that it decides");
  }
}
