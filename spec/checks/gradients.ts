/**
 * checkGradients: the derivatives of any function of tensors, by every mode, against extrapolated differences.
 * Rests on compare, the vector function and the sampler.
 */
import fc from "fast-check";
import { type Tree, ValueError } from "../../core/index.ts";
import type { Sampler } from "../../core/sampling.ts";
import { absolute, relative } from "../laws/adjoint.ts";
import { formatNumber } from "../laws/arrays.ts";
import { asLawError, LawError } from "../laws/law-error.ts";
import { seedOf } from "../laws/run.ts";
import { type CaseSampler, directions, drawFrom, samplerFrom } from "../laws/sampler.ts";
import { type Claim, compare, type Kink, type Scene, type Verdict } from "./compare.ts";
import { type Vector, type VectorFunction, vectorFunction } from "./function.ts";
import { type CheckOptions, onDevice, type Settings, settle } from "./options.ts";

/** A kink that f is known to have wherever an element of its input has this value. */
export interface DeclaredKink {
  readonly at: number;
  /** ∂Σf/∂(that element) there, exactly; absent: anything between the one-sided derivatives. */
  readonly slope?: number;
}

/** Options of `checkGradients`. */
export interface GradientOptions extends Omit<CheckOptions, "dtype" | "only"> {
  /** Kinks of f. Inputs are moved away from them, to 0.05 at least, and the kinks are checked on their own. */
  readonly kinks?: readonly DeclaredKink[];
  /** What f is called in messages; default its own name. */
  readonly name?: string;
}

/** What was found where nothing is wrong. */
export interface GradientReport {
  /** Comparisons with differences. */
  readonly examples: number;
  /** Kinks that nobody declared, at which a one-sided derivative or one between them is claimed. */
  readonly kinks: readonly Kink[];
  /** The worst error as a share of its bound. */
  readonly worst: number;
}

/** Up to this many numbers the whole Jacobian is checked, beyond it random directions. */
const small = 24;
/** And the whole Hessian up to this many. */
const smallSquare = 8;
/** Random directions and cotangents for larger inputs. */
const many = 4;
/** How far inputs keep from declared kinks. */
const margin = 0.05;

/**
 * Checks the derivatives of `f` at `inputs`: forward mode, reverse mode, and at second order forward over reverse and
 * reverse over reverse, against differences with a step for each element's own scale, extrapolated, with an error
 * estimate. The whole Jacobian where inputs are small, random directions where they are large. Everything in float64.
 *
 * inputs: a tree of tensors (integers and masks stay as they are), or a function that draws one: then `runs` random
 * ones are checked (default 8), and a failure is shrunk. f: to a tensor or tree, a pure function of its inputs.
 *
 * Where one-sided derivatives differ consistently f has a kink: a derivative between them is no mistake, and the kink is
 * in the report. Throws LawError for a wrong derivative ("forward mode", "reverse mode", "forward over reverse",
 * "reverse over reverse"), for one that no side of a kink has ("subgradient", "declared kink"), for differences that do
 * not settle ("conditioning"), and for a function that is not one of its inputs alone ("repeatable").
 *
 * @example
 * checkGradients((x) => sum(multiply(x, tanh(x))), tensor([0.5, -1, 2]));
 */
export function checkGradients<X extends Tree>(
  f: (x: X) => Tree,
  inputs: X | ((draw: Sampler) => X),
  options: GradientOptions = {},
): GradientReport {
  const settings = settle("checkGradients", { ...options, runs: options.runs ?? 8 });
  const { kinks: declared = [], name = f.name === "" ? "f" : f.name } = options;
  const check = (x: X, draw: Sampler): GradientReport =>
    checkAt(name, vectorFunction(f, x), declared, settings, draw);
  return onDevice(settings, () => {
    const { seed, runs } = settings;
    if (typeof inputs !== "function") {
      const again = `checkGradients(${name}, …, { seed: ${seed} })`;
      try {
        return check(inputs, samplerFrom(drawFrom(seed)));
      } catch (error) {
        const why = asLawError(error, { law: "no errors", subject: name, example: "" });
        throw why.seenAgain({ seed, again, path: "the input was given" });
      }
    }
    const reports: GradientReport[] = [];
    const make = inputs;
    const details = fc.check(
      fc.property(fc.gen(), (generator) => {
        const draw: CaseSampler = samplerFrom(generator);
        reports.push(check(make(draw), draw));
      }),
      { numRuns: runs, seed: seedOf(seed, `checkGradients/${name}`) },
    );
    if (details.failed) {
      const { errorInstance, counterexamplePath, numShrinks } = details;
      const about = { law: "no errors", subject: name, example: "" };
      const again = `checkGradients(${name}, …, { seed: ${seed}, runs: ${runs} })`;
      const path = `path ${counterexamplePath}, ${numShrinks} shrinks`;
      throw asLawError(errorInstance, about).seenAgain({ seed, again, path });
    }
    return joined(reports);
  });
}

function joined(reports: readonly GradientReport[]): GradientReport {
  return {
    examples: reports.reduce((total, { examples }) => total + examples, 0),
    kinks: reports.flatMap(({ kinks }) => kinks),
    worst: Math.max(0, ...reports.map(({ worst }) => worst)),
  };
}

function checkAt(
  subject: string,
  given: VectorFunction,
  declared: readonly DeclaredKink[],
  { order }: Settings,
  draw: Sampler,
): GradientReport {
  for (const kink of declared) checkDeclared(subject, given, kink);
  const f = awayFrom(given, declared);
  const { point, scales, place, describe } = f;
  const scene: Scene = { subject, point, scales, place, describe };
  const value = f.value(point);
  requireValue(scene, value, f.value(point));
  if (point.length === 0 || value.length === 0) return joined([]);
  const kinks = new Map<string, Kink>();
  let [examples, worst] = [0, 0];
  const hold = (claim: Claim, t: Vector): Verdict => {
    const verdict = compareAtScale(scene, claim, t);
    for (const kink of verdict.kinks) kinks.set(kink.at, kink);
    examples += value.length;
    worst = Math.max(worst, verdict.worst);
    return verdict;
  };

  const cotangents = weights(value.length, draw);
  const pulled = cotangents.map((c) => f.pull(c, point));
  for (const t of along(scales, small, draw)) {
    const forward: Claim = { law: "forward mode", value: f.value, slope: f.push };
    const seen = hold(forward, t);
    if (seen.kinks.length > 0 && point.length > small) {
      // Several kinks at once: what the modes say of them must agree, whatever the sides are.
      const pushed = f.push(t);
      for (const [k, c] of cotangents.entries())
        requireAdjoint(scene, [c, pushed], [pulled[k] ?? [], t]);
      continue;
    }
    const reverse: Claim = {
      law: "reverse mode",
      value: (x) => cotangents.map((c) => dot(c, f.value(x))),
      slope: (toward) => pulled.map((row) => dot(row, toward)),
    };
    hold(reverse, t);
  }
  if (order === 1 || kinks.size > 0) return { examples, kinks: [...kinks.values()], worst };

  const c = values(value.length, draw);
  const whole = point.length <= smallSquare;
  const ends = whole ? units(scales.map(() => 1)) : [values(point.length, draw)];
  const rows = ends.map((u) => f.pullPulled(c, u));
  for (const t of along(scales, smallSquare, draw)) {
    const over: Claim = {
      law: "forward over reverse",
      value: (x) => f.pull(c, x),
      slope: (toward) => f.pushPulled(c, toward),
    };
    hold(over, t);
    const twice: Claim = {
      law: "reverse over reverse",
      value: (x) => ends.map((u) => dot(u, f.pull(c, x))),
      slope: (toward) => rows.map((row) => dot(row, toward)),
    };
    hold(twice, t);
  }
  return { examples, kinks: [...kinks.values()], worst };
}

/** ⟨c, J t⟩ = ⟨Jᵀc, t⟩, but for the roundings of both sums. */
function requireAdjoint(
  scene: Scene,
  pushed: readonly [Vector, Vector],
  pulled: readonly [Vector, Vector],
): void {
  const [forward, reverse] = [dot(...pushed), dot(...pulled)];
  const magnitudes = [pushed, pulled].map(([a, b]) => dot(a.map(Math.abs), b.map(Math.abs)));
  const allowed = relative * magnitudes.reduce((total, each) => total + each, 0) + absolute;
  if (Math.abs(forward - reverse) <= allowed) return;
  throw new LawError({
    law: "reverse mode",
    subject: scene.subject,
    example: scene.describe(),
    expected: `the same slope at several kinks as by forward mode, ${forward} ± ${allowed}`,
    got: formatNumber(reverse),
  });
}

/** A function has one finite value at a point, however often it is asked. */
function requireValue(scene: Scene, value: Vector, again: Vector): void {
  const about = { subject: scene.subject, example: scene.describe() };
  const bad = value.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) {
    const expected = `output ${bad} to be finite where derivatives are checked`;
    throw new LawError({ ...about, law: "conditioning", expected, got: String(value[bad]) });
  }
  const other = value.findIndex((x, i) => !Object.is(x, again[i]));
  if (other < 0) return;
  throw new LawError({
    ...about,
    law: "repeatable",
    expected: `output ${other} to be the same for the same input, ${value[other]}`,
    got: `${again[other]} the second time: draw random numbers outside the function`,
  });
}

/** f at a point that keeps its distance from the kinks. */
function awayFrom(f: VectorFunction, declared: readonly DeclaredKink[]): VectorFunction {
  if (declared.length === 0) return f;
  const point = f.point.map((x) => {
    const near = declared.find(({ at }) => Math.abs(x - at) < margin);
    return near === undefined ? x : near.at + (x < near.at ? -margin : margin);
  });
  const close = point.findIndex((x) => declared.some(({ at }) => Math.abs(x - at) < margin / 2));
  if (close >= 0) {
    throw new ValueError({
      where: "checkGradients",
      argument: "kinks",
      expected: `to be ${2 * margin} apart, so that inputs can keep their distance`,
      got: declared.map(({ at }) => at).join(", "),
      fix: "Check a function with narrower kinks on inputs that lie away from them, without kinks",
    });
  }
  return f.moved(point);
}

/** At the kink itself, in the first element: the promised slope by both modes, and between the sides. */
function checkDeclared(subject: string, given: VectorFunction, kink: DeclaredKink): void {
  const { at, slope } = kink;
  if (given.point.length === 0) return;
  const f = awayFromOthers(given, kink);
  const { point, scales, place, describe } = f;
  const scene: Scene = { subject, point, scales, place, describe };
  const t = point.map((_, i) => (i === 0 ? 1 : 0));
  const ones = f.value(point).map(() => 1);
  const total = (x: Vector): Vector => [dot(ones, f.value(x))];
  const [pulled = Number.NaN] = f.pull(ones, point);
  const pushed = dot(ones, f.push(t));
  for (const [mode, said] of [
    ["reverse mode", pulled],
    ["forward mode", pushed],
  ] as const) {
    const claim: Claim = { law: mode, value: total, slope: () => [said] };
    // Two roundings, as special points of ops have.
    if (slope !== undefined && !(Math.abs(said - slope) <= 2 ** -51 * Math.abs(slope))) {
      throw new LawError({
        law: "declared kink",
        subject,
        example: describe(),
        expected: `the slope ${slope} that is promised at ${at} by ${mode}`,
        got: formatNumber(said),
      });
    }
    compare(scene, claim, t);
  }
}

/**
 * `compare`; what fails, or looks like a kink, at the scale of the elements beside it, a pole away perhaps, is asked once
 * more at its own.
 */
function compareAtScale(scene: Scene, claim: Claim, t: Vector): Verdict {
  const own = t.map((step, i) => Math.sign(step) * Math.min(Math.abs(step), size(scene.point[i])));
  const isOwn = own.every((step, i) => step === t[i]);
  try {
    const verdict = compare(scene, claim, t);
    return isOwn || verdict.kinks.length === 0 ? verdict : compare(scene, claim, own);
  } catch (error) {
    if (!(error instanceof LawError) || isOwn) throw error;
    return compare(scene, claim, own);
  }
}

function size(x = 0): number {
  return x === 0 ? Number.POSITIVE_INFINITY : Math.abs(x);
}

/** The first element at the kink, all others a margin away from it. */
function awayFromOthers(f: VectorFunction, { at }: DeclaredKink): VectorFunction {
  const point = f.point.map((x, i) => {
    if (i === 0) return at;
    return Math.abs(x - at) < margin ? at + (x < at ? -margin : margin) : x;
  });
  return f.moved(point);
}

/** Directions as long as the scales: each element alone, or random ones of all. */
function along(scales: Vector, most: number, draw: Sampler): readonly Vector[] {
  if (scales.length <= most) return units(scales);
  return Array.from({ length: many }, () =>
    values(scales.length, draw).map((x, i) => x * (scales[i] ?? 1)),
  );
}

/** Cotangents: of each output alone, or random ones of all. */
function weights(size: number, draw: Sampler): readonly Vector[] {
  if (size <= small) return units(new Array<number>(size).fill(1));
  return Array.from({ length: many }, () => values(size, draw));
}

function units(scales: Vector): readonly Vector[] {
  return scales.map((_, j) => scales.map((scale, i) => (i === j ? scale : 0)));
}

function values(size: number, draw: Sampler): Vector {
  return draw.values([size], directions).data;
}

function dot(a: Vector, b: Vector): number {
  return a.reduce((total, x, i) => total + (x === 0 ? 0 : x * (b[i] ?? Number.NaN)), 0);
}
