/**
 * Verdicts on one number a seed: by how much a claim holds there. Most comparisons come to such a contrast between arms.
 * Rests on the engine's judge and statistics.
 */
import {
  judgeAll,
  judgePaired,
  type Run,
  runsWhere,
  type Verdict,
  type VerdictContext,
} from "../../engine/index.ts";
import { tInterval } from "../../statistics/index.ts";

/** What must hold, and by how much. */
export interface Contrast {
  /** What is measured, with its unit: `"error without less error with (share)"`. */
  readonly name: string;
  /** One a seed, finite, above 0 where the claim holds. */
  readonly gains: readonly number[];
  /** The least mean that matters, ≥ 0, in the unit of the gains. */
  readonly least: number;
  /** Why it is this much. */
  readonly why: string;
}

/** What else stands in a verdict. */
export interface ContrastText {
  /** What came out in each arm. */
  readonly arms: string;
  readonly paper?: string;
}

/**
 * Reproduced where all contrasts hold, as `judgePaired` says of gains beside 0: their 95 % t-interval above 0, or from eight
 * seeds on the exact sign-flip test. Not reproduced where one of them is surely below `least`, or the other way. All must hold
 * and each errs in 2.5 % at most, so together they err in no more (Berger 1982, theorem 1). Throws ValueError for fewer
 * than two seeds and gains that are not finite.
 *
 * @example
 * contrastVerdict([{ name: "loss without less loss with (nats)", gains, least: 0.01, why: "…" }], context, { arms });
 */
export function contrastVerdict(
  contrasts: readonly [Contrast, ...Contrast[]],
  context: VerdictContext,
  { arms, paper }: ContrastText,
): Verdict {
  const [first, ...others] = contrasts;
  const verdict = judgeAll([judged(first, context), ...others.map((one) => judged(one, context))]);
  const texts = contrasts.map(({ name, gains }) => `${name} ${intervalText(gains)}`);
  return {
    ...verdict,
    measured: `${texts.join("; ")}; ${arms}`,
    ...(paper === undefined ? {} : { paper }),
  };
}

function judged({ name, gains, least, why }: Contrast, context: VerdictContext): Verdict {
  const nothing = gains.map(() => 0);
  const claim = { name, better: "higher", margin: least, reason: why } as const;
  return judgePaired(gains, nothing, claim, context);
}

/** One number for each seed, in ascending order of seeds: the mean of `score` over its runs with these values. */
export function bySeed<Config extends object, Result>(
  runs: readonly Run<Config, Result>[],
  values: Partial<Config>,
  score: (run: Run<Config, Result>) => number,
): readonly number[] {
  const scores = new Map<number, number[]>();
  for (const run of runsWhere(runs, values)) {
    scores.set(run.seed, [...(scores.get(run.seed) ?? []), score(run)]);
  }
  return [...scores].sort(([a], [b]) => a - b).map(([, own]) => meanOf(own));
}

/** a - b, seed by seed. */
export function minus(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((value, i) => value - (b[i] ?? Number.NaN));
}

/** The least of several arms, seed by seed. */
export function leastOf(arms: readonly (readonly number[])[]): readonly number[] {
  const [first = []] = arms;
  return first.map((_, seed) => Math.min(...arms.map((arm) => arm[seed] ?? Number.NaN)));
}

/** The mean of several arms, seed by seed. */
export function meanOfArms(arms: readonly (readonly number[])[]): readonly number[] {
  const [first = []] = arms;
  return first.map((_, seed) => meanOf(arms.map((arm) => arm[seed] ?? Number.NaN)));
}

/** The mean; NaN of nothing. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** `0.0312 [0.0201, 0.0423]`: the mean and its 95 % interval over seeds; the number alone where there is one seed. */
export function intervalText(values: readonly number[]): string {
  const { y, low, high } = estimate(values);
  const shown = (value: number): string => String(Number(value.toPrecision(3)));
  return low === undefined || high === undefined
    ? shown(y)
    : `${shown(y)} [${shown(low)}, ${shown(high)}]`;
}

/** The mean as a figure shows it, with its 95 % interval over seeds where there are two or more. */
export function estimate(values: readonly number[]): {
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
} {
  if (values.length < 2) return { y: meanOf(values) };
  const { mean, low, high } = tInterval(values);
  return { y: mean, low, high };
}
