/**
 * Judging paired runs: whether one arm is better than another, seed by seed, as a verdict.
 * Rests on statistics and the verdict's contract.
 */
import {
  comparePaired,
  type Interval,
  type PairedComparison,
  type Score,
} from "../statistics/index.ts";
import type { Conclusion, Verdict, VerdictContext } from "./verdict.ts";

/** What is claimed of two arms. */
export interface PairedClaim {
  /** What the scores are, with their unit: `"test error (%)"`. */
  readonly name: string;
  readonly better: "lower" | "higher";
  /** The smallest gain that would matter, in the scores' unit, ≥ 0. */
  readonly margin: number;
  /** Why this margin. */
  readonly reason: string;
  /** What the source says, with section or figure. */
  readonly paper?: string;
}

/** Seeds from which on the exact test decides: with 8 of them its least p is 2/256. */
const enough = 8;
const level = 0.05;

/**
 * Whether `claimed` is better than `other`; both hold one score a seed, in the same order. A gain is counted so that above 0
 * is as claimed. With 8 seeds or more the exact paired sign-flip test decides, two-sided at 5 %, so that arms that do not
 * differ are called different the claimed way in 2.5 % at most; with fewer the 95 % t-interval of the mean gain.
 * A gain that is surely below the margin is `not reproduced`, as is one the other way. Throws ValueError as comparePaired.
 *
 * @example
 * judgePaired(withWarmup, without, { name: "test error (%)", better: "lower", margin: 0.1, reason: "…" }, context);
 */
export function judgePaired(
  claimed: readonly Score[],
  other: readonly Score[],
  { name, better, margin, reason, paper }: PairedClaim,
  { profile }: Pick<VerdictContext, "profile">,
): Verdict {
  const comparison = comparePaired(claimed, other, { better });
  const { n, interval, effect, test } = comparison;
  const gain = interval === null ? null : better === "higher" ? interval : turned(interval);
  const direction = comparison.wins.a - comparison.wins.b;
  const isSure = n >= enough || gain === null ? test.p <= level : gain.low > 0 || gain.high < 0;
  const isGain = gain === null ? direction > 0 : gain.mean > 0;
  const isSmall = gain !== null && gain.high < margin;
  const verdict: Conclusion = isSmall
    ? "not reproduced"
    : isSure
      ? isGain
        ? "reproduced"
        : "not reproduced"
      : "inconclusive";
  const rule =
    n >= enough
      ? `the exact sign-flip test over ${n} paired seeds has p ≤ ${level}`
      : `the 95 % t-interval of the gain over ${n} paired seeds lies above 0`;
  return {
    verdict,
    threshold: `${rule}, and the gain (${name}) is not surely below ${short(margin)}`,
    reason: `${reason}${verdict === "inconclusive" && profile === "quick" ? ". Too few seeds to tell (quick)" : ""}`,
    measured: `${name}: ${meanText(claimed)} against ${meanText(other)}; ${gainText(gain, comparison)}${n >= enough ? `; p = ${short(test.p)}` : ""}`,
    ...(paper === undefined ? {} : { paper }),
    ...(gain === null
      ? {}
      : {
          effect: {
            name: `gain in ${name}`,
            mean: gain.mean,
            low: gain.low,
            high: gain.high,
            confidence: gain.confidence,
            ...(effect !== null && Number.isFinite(effect.dz)
              ? { standardised: better === "higher" ? effect.dz : -effect.dz }
              : {}),
          },
        }),
    ...(n >= enough ? { p: test.p } : {}),
  };
}

/**
 * One verdict of several that a claim needs all of: the worst of them, and the largest p, so that no correction is due.
 * The effect is that of the first. Throws what `Array.reduce` throws of none.
 */
export function judgeAll(verdicts: readonly [Verdict, ...Verdict[]]): Verdict {
  const order: readonly Conclusion[] = ["not reproduced", "inconclusive", "reproduced"];
  const [first] = verdicts;
  const verdict =
    order.find((name) => verdicts.some((own) => own.verdict === name)) ?? "inconclusive";
  const papers = verdicts.flatMap(({ paper }) => (paper === undefined ? [] : [paper]));
  const ps = verdicts.flatMap(({ p }) => (p === undefined ? [] : [p]));
  const joined = (texts: readonly string[], by = "; "): string => [...new Set(texts)].join(by);
  return {
    ...first,
    verdict,
    threshold: joined(verdicts.map(({ threshold }) => threshold)),
    reason: joined(
      verdicts.map(({ reason }) => `${reason.slice(0, 1).toUpperCase()}${reason.slice(1)}`),
      ". ",
    ),
    measured: joined(verdicts.map(({ measured }) => measured)),
    ...(papers.length === 0 ? {} : { paper: joined(papers) }),
    ...(ps.length === 0 ? {} : { p: Math.max(...ps) }),
  };
}

function turned({ mean, low, high, ...rest }: Interval): Interval {
  return { ...rest, mean: -mean, low: -high, high: -low };
}

function meanText(scores: readonly Score[]): string {
  const finite = scores.filter((score) => score !== "diverged");
  const lost = scores.length - finite.length;
  const lostText = `${lost} of ${scores.length} diverged`;
  if (finite.length === 0) return lostText;
  const mean = finite.reduce((sum, score) => sum + score, 0) / finite.length;
  return lost === 0 ? short(mean) : `${short(mean)} (${lostText})`;
}

function gainText(gain: Interval | null, { wins, n }: PairedComparison): string {
  return gain === null
    ? `better with ${wins.a} of ${n} seeds`
    : `gain ${short(gain.mean)}, 95 % interval ${short(gain.low)} to ${short(gain.high)}`;
}

/** Four digits, as numbers are read in a sentence. */
function short(value: number): string {
  return String(Number(value.toPrecision(4)));
}
