/**
 * Comparing claimed slopes with differences: right, wrong, a kink with a subgradient, a kink without, or nothing to say.
 * Rests on slopes and the vector function.
 */
import { formatNumber } from "../laws/arrays.ts";
import { LawError } from "../laws/law-error.ts";
import { isKink, noiseOf, type Slopes, slopesOf } from "../laws/slopes.ts";
import type { Vector } from "./function.ts";

/** A kink at the point: one-sided derivatives differ, and what is claimed lies between them. */
export interface Kink {
  /** The input element, `x[2]`, or `x` where it is seen along a direction alone. */
  readonly at: string;
  /** The one-sided derivatives of an output along that element, from below and from above. */
  readonly sides: readonly [below: number, above: number];
  /** What the rules say. */
  readonly claimed: number;
}

/** A mode of derivatives, as a claim about a function of plain numbers. */
export interface Claim {
  /** The law's name: `"forward mode"`. */
  readonly law: string;
  /** The number of the output, where the claim is about one alone. */
  readonly output?: number;
  /** The function's value at any point. */
  value(x: Vector): Vector;
  /** What the mode says its slopes along t are, at the point. */
  slope(t: Vector): Vector;
}

/** What is being checked, for messages. */
export interface Scene {
  readonly subject: string;
  readonly point: Vector;
  readonly scales: Vector;
  place(index: number): string;
  describe(): string;
}

/** What came of a comparison. */
export interface Verdict {
  readonly kinks: readonly Kink[];
  /** The worst error as a share of its bound. */
  readonly worst: number;
}

/**
 * A bound above this share of the slope, or of the value where there is next to no slope, says nothing about it. Half the
 * digits of a slope are lost to differences of a function that loses two thirds of its own.
 */
const useful = 1e-4;
const usefulOfValue = 1e-7;
/** Where slope and value are zero, the noise is that of the smallest numbers. */
const nothing = 1e-250;

const unit = 2 ** -53;

/** The slopes of the claim's function along t. */
function differences({ point }: Scene, claim: Claim, t: Vector): readonly Slopes[] {
  const along = (h: number): Vector => claim.value(point.map((x, i) => x + h * (t[i] ?? 0)));
  return slopesOf(along, noiseOf(along));
}

/** Holds `claim` against differences along `t`. Throws LawError. */
export function compare(scene: Scene, claim: Claim, t: Vector): Verdict {
  const slopes = differences(scene, claim, t);
  const claimed = claim.slope(t);
  const size = slopes.reduce((most, { at }) => Math.max(most, Math.abs(at)), 0);
  const kinks: Kink[] = [];
  let worst = 0;
  slopes.forEach((slope, i) => {
    const said = claimed[i] ?? Number.NaN;
    const { value, error } = slope.central;
    const allowed = error + roundings(claimed, said);
    const parts = halves(t);
    if (isKink(slope) && (parts === null || isBetween(slope, said))) {
      kinks.push(atKink(scene, claim, t, slope, { i, said }));
      return;
    }
    if (!isKink(slope) && Math.abs(said - value) <= allowed) {
      const enough = Math.max(useful * Math.abs(value), usefulOfValue * size, nothing);
      if (!(error <= enough)) unsettled(scene, claim, t, slope, i);
      worst = Math.max(worst, Math.abs(said - value) / allowed);
      return;
    }
    if (!Number.isFinite(error)) unsettled(scene, claim, t, slope, i);
    // Several kinks at once, or a mistake: one half of the direction has it too.
    if (parts === null) wrong(scene, claim, t, slope, { i, said });
    const alone: Claim = {
      law: claim.law,
      output: claim.output ?? i,
      value: (x) => [claim.value(x)[i] ?? Number.NaN],
      slope: (toward) => [claim.slope(toward)[i] ?? Number.NaN],
    };
    const inside = parts.map((part) => compare(scene, claimed.length === 1 ? claim : alone, part));
    const found = inside.flatMap((verdict) => verdict.kinks);
    if (found.length === 0) wrong(scene, claim, t, slope, { i, said });
    kinks.push(...found);
  });
  return { kinks, worst };
}

/** The claim's own roundings: a thousand of the largest slope beside it, or of itself. */
function roundings(claimed: Vector, said: number): number {
  const largest = claimed.reduce((most, each) => Math.max(most, Math.abs(each)), Math.abs(said));
  return Number.isFinite(largest) ? 1024 * unit * largest : 0;
}

/** The direction in two, each with half of what is not zero; null for one element. */
function halves(t: Vector): readonly Vector[] | null {
  const places = t.flatMap((each, i) => (each === 0 ? [] : [i]));
  if (places.length < 2) return null;
  const middle = places[Math.floor(places.length / 2)] ?? 0;
  return [t.map((each, i) => (i < middle ? each : 0)), t.map((each, i) => (i < middle ? 0 : each))];
}

/** The one input element that t moves, and how far; null for several. */
function only(t: Vector): { readonly index: number; readonly step: number } | null {
  const places = t.flatMap((each, i) => (each === 0 ? [] : [i]));
  const [index = 0] = places;
  return places.length === 1 ? { index, step: t[index] ?? 1 } : null;
}

interface Said {
  readonly i: number;
  readonly said: number;
}

/** A slope along t as ∂/∂x where t moves one element. */
function per(t: Vector, slope: number): number {
  return slope / (only(t)?.step ?? 1);
}

function whereOf(scene: Scene, t: Vector): string {
  const one = only(t);
  return one === null ? `x along [${t.join(", ")}]` : scene.place(one.index);
}

/** Whether a slope lies between the one-sided ones. */
function isBetween({ fore, back }: Slopes, said: number): boolean {
  const [low, high] = fore.value < back.value ? [fore, back] : [back, fore];
  return said >= low.value - low.error && said <= high.value + high.error;
}

function atKink(scene: Scene, claim: Claim, t: Vector, slope: Slopes, { i, said }: Said): Kink {
  const { fore, back } = slope;
  const at = whereOf(scene, t);
  const sides = [per(t, back.value), per(t, fore.value)] as const;
  if (isBetween(slope, said)) return { at, sides, claimed: per(t, said) };
  throw new LawError({
    law: "subgradient",
    subject: scene.subject,
    example: scene.describe(),
    expected: `output ${claim.output ?? i}, which has a kink in ${at}, to have a derivative by ${claim.law} between ${sides[0]} (from below) and ${sides[1]} (from above)`,
    got: formatNumber(per(t, said)),
  });
}

function wrong(scene: Scene, claim: Claim, t: Vector, slope: Slopes, { i, said }: Said): never {
  const { value, error } = slope.central;
  const step = Math.abs(only(t)?.step ?? 1);
  throw new LawError({
    law: claim.law,
    subject: scene.subject,
    example: scene.describe(),
    expected: `output ${claim.output ?? i} to change with ${whereOf(scene, t)} at the rate ${per(t, value)} ± ${error / step}`,
    got: formatNumber(per(t, said)),
  });
}

function unsettled(scene: Scene, claim: Claim, t: Vector, slope: Slopes, i: number): never {
  const { value, error } = slope.central;
  const got = Number.isFinite(error)
    ? `${per(t, value)} ± ${error / Math.abs(only(t)?.step ?? 1)}: the function jumps here, or loses nearly all digits`
    : "no finite value on both sides: the point lies on the edge of the domain";
  throw new LawError({
    law: "conditioning",
    subject: scene.subject,
    example: scene.describe(),
    expected: `differences of output ${claim.output ?? i} with ${whereOf(scene, t)} to settle, so that they can say anything about ${claim.law}`,
    got,
  });
}
