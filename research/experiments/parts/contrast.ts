/**
 * Verdicts on one number a seed: by how much a claim holds there. Most comparisons come to such a contrast between arms.
 * Rests on the engine.
 */
import {
  estimate,
  judgeAll,
  judgePaired,
  meanOf,
  type Verdict,
  type VerdictContext,
} from "../../engine/index.ts";

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
  const { effect } = verdict;
  return {
    ...verdict,
    ...(effect === undefined ? {} : { effect: { ...effect, name: first.name } }),
    measured: `${texts.join("; ")}; ${arms}`,
    ...(paper === undefined ? {} : { paper }),
  };
}

function judged({ name, gains, least, why }: Contrast, context: VerdictContext): Verdict {
  const nothing = gains.map(() => 0);
  const claim = { name, better: "higher", margin: least, reason: why } as const;
  return judgePaired(gains, nothing, claim, context);
}

/** The mean of several arms, seed by seed. */
export function meanOfArms(arms: readonly (readonly number[])[]): readonly number[] {
  const [first = []] = arms;
  return first.map((_, seed) => meanOf(arms.map((arm) => arm[seed] ?? Number.NaN)));
}

/** `0.0312 [0.0201, 0.0423]`: the mean and its 95 % interval over seeds; the number alone where there is one seed. */
export function intervalText(values: readonly number[]): string {
  const { y, low, high } = estimate(values);
  const shown = (value: number): string => String(Number(value.toPrecision(3)));
  return low === undefined || high === undefined
    ? shown(y)
    : `${shown(y)} [${shown(low)}, ${shown(high)}]`;
}
