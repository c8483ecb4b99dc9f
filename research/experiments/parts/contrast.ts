/**
 * Verdicts on one number a seed: by how much a claim holds there. Most comparisons come to such a contrast between arms.
 * Rests on the engine and statistics.
 */
import { type Run, runsWhere, type Verdict, type VerdictContext } from "../../engine/index.ts";
import { effectSize, signFlipTest, tInterval } from "../../statistics/index.ts";

/** The level of tests, and what intervals leave out. */
const level = 0.05;

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
 * Reproduced where all contrasts hold: the 95 % t-interval of the mean gain lies above 0 and reaches `least`, and from six
 * seeds on the exact two-sided sign-flip test agrees (with fewer it cannot reach 5 %). Not reproduced where for one of
 * them the interval lies below `least`. All must hold and each errs at 2.5 % at most, so together they err at no more
 * (Berger 1982, theorem 1). Throws ValueError for fewer than two seeds and gains that are not finite.
 *
 * @example
 * contrastVerdict([{ name: "loss without less loss with (nats)", gains, least: 0.01, why: "…" }], context, { arms });
 */
export function contrastVerdict(
  contrasts: readonly [Contrast, ...Contrast[]],
  context: VerdictContext,
  { arms, paper }: ContrastText,
): Verdict {
  const judged = contrasts.map(judge);
  const conclusions = judged.map(({ verdict }) => verdict);
  const verdict = conclusions.every((conclusion) => conclusion === "reproduced")
    ? "reproduced"
    : conclusions.includes("not reproduced")
      ? "not reproduced"
      : "inconclusive";
  const undecided = verdict === "inconclusive" && context.profile === "quick";
  const whys = contrasts.map(({ why }) => why).join("; ");
  return {
    verdict,
    threshold: contrasts
      .map(({ name, least }) => `${name}: 95 % interval above 0, and not all below ${least}`)
      .join("; and "),
    reason: undecided ? `${whys}; too few seeds to tell (quick)` : whys,
    measured: `${judged.map(({ text }) => text).join("; ")}; ${arms}`,
    p: Math.max(...judged.map(({ p }) => p)),
    ...(paper === undefined ? {} : { paper }),
    ...effectOf(judged[0]),
  };
}

interface Judged extends Required<Pick<Verdict, "verdict" | "p" | "effect">> {
  readonly text: string;
}

function judge({ name, gains, least }: Contrast): Judged {
  const { mean, low, high } = tInterval(gains, { confidence: 1 - level });
  const test = signFlipTest(gains);
  const agrees = test.least > level || test.p <= level;
  const holds = low > 0 && high >= least && agrees;
  return {
    verdict: holds ? "reproduced" : high < least ? "not reproduced" : "inconclusive",
    p: test.p,
    text: `${name} ${intervalText(gains)}`,
    effect: {
      name,
      mean,
      low,
      high,
      confidence: 1 - level,
      standardised: effectSize(gains).dz,
    },
  };
}

function effectOf(judged: Judged | undefined): Pick<Verdict, "effect"> {
  return judged === undefined ? {} : { effect: judged.effect };
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
  const { mean, low, high } = tInterval(values, { confidence: 1 - level });
  return { y: mean, low, high };
}
