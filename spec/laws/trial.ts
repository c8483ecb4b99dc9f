/**
 * Trials: laws about things that are not ops (layers, optimisers, schedules, initializers), on one random case at a time.
 * Rests on fast-check, the sampler and the kept examples. What a trial finds is a LawError; what it draws shrinks.
 */
import fc from "fast-check";
import type { Sampler } from "../../core/sampling.ts";
import { type KeptExample, keptOf } from "./kept.ts";
import { asLawError, LawError } from "./law-error.ts";
import { isAlike, isNear } from "./observed.ts";
import { seedOf } from "./run.ts";
import { samplerFrom } from "./sampler.ts";

/** A claim about every subject that it applies to. */
export interface TrialLaw<S> {
  /** A short name: `"resume"`. */
  readonly name: string;
  /** The claim, as a test's title. */
  readonly claim: string;
  /** Of the random cases asked for, the share that this law gets, where one costs much; default 1. */
  readonly share?: number;
  /** Whether the claim says anything about `subject`; absent: always. */
  applies?(subject: S): boolean;
  /** Fails the trial where the claim is false. */
  check(subject: S, trial: Trial): void;
}

/** One random case. */
export class Trial {
  readonly draw: Sampler;
  /** For noise that need not shrink. */
  readonly seed: number;
  readonly #law: string;
  readonly #subject: string;
  #example = "";

  constructor(law: string, subject: string, draw: Sampler) {
    this.draw = draw;
    this.seed = draw.integer(0, 99_999);
    this.#law = law;
    this.#subject = subject;
  }

  /** What is being looked at, for the message. */
  at(example: string): void {
    this.#example = example;
  }

  /** What a breach is about. */
  get about(): { readonly law: string; readonly subject: string; readonly example: string } {
    return { law: this.#law, subject: this.#subject, example: this.#example };
  }

  /** The claim is false. */
  fail(expected: string, got: string): never {
    throw new LawError({ ...this.about, expected, got });
  }

  /** Fails unless `got` is written as `expected` is: -0 and NaN as themselves, long bits shortened. */
  same(what: string, got: unknown, expected: unknown): void {
    const [came, wanted] = [written(got), written(expected)];
    if (!isAlike(came === wanted))
      this.fail(`${what} to be ${shortened(wanted, came)}`, shortened(came, wanted));
  }

  /** Fails unless |got - expected| ≤ bound; NaN is never close. */
  close(what: string, got: number, expected: number, bound: number): void {
    if (!isNear(got - expected, bound)) {
      this.fail(`${what} to be ${expected} ± ${bound}`, String(got));
    }
  }
}

/** What became of a law on a subject. */
export interface TrialOutcome {
  readonly examples: number;
  /** The shrunk counterexample, or null. */
  readonly failure: LawError | null;
}

/** How a law is run. */
export interface TrialOptions {
  readonly runs: number;
  readonly seed: number;
  /** The call or command that shows a failure again. */
  again(law: string): string;
  /** Examples that run first; default all that are kept. */
  readonly kept?: readonly KeptExample[];
}

/** Runs `law` on `subject`, called `name`: kept examples first. */
export function runTrials<S>(
  law: TrialLaw<S>,
  subject: S,
  name: string,
  { runs, seed, again, kept }: TrialOptions,
): TrialOutcome {
  let examples = 0;
  for (const each of [...keptOf(name, law.name, kept), { seed, runs }]) {
    const numRuns = Math.max(1, Math.ceil(Math.max(runs, each.runs) * (law.share ?? 1)));
    const details = fc.check(
      fc.property(fc.gen(), (draw) => {
        const trial = new Trial(law.name, name, samplerFrom(draw));
        try {
          law.check(subject, trial);
        } catch (error) {
          throw asLawError(error, trial.about);
        }
        examples++;
      }),
      { numRuns, seed: seedOf(each.seed, `${name}/${law.name}`) },
    );
    if (!details.failed) continue;
    const { errorInstance, counterexamplePath, numShrinks } = details;
    const why = asLawError(errorInstance, { law: law.name, subject: name, example: "" });
    const path = `path ${counterexamplePath}, ${numShrinks} shrinks`;
    return { examples, failure: why.seenAgain({ seed: each.seed, again: again(law.name), path }) };
  }
  return { examples, failure: null };
}

/** The text of plain data. */
export function written(value: unknown): string {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  if (Array.isArray(value)) return `[${value.map(written).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const parts = Object.entries(value).map(([key, each]) => `${key}: ${written(each)}`);
    return `{ ${parts.join(", ")} }`;
  }
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** `text` from a little before the first character in which it differs from `other`. */
function shortened(text: string, other: string): string {
  const room = 160;
  if (text.length <= room) return text;
  let differs = 0;
  while (differs < text.length && text[differs] === other[differs]) differs++;
  const from = Math.max(0, differs - 40);
  return `${from > 0 ? "…" : ""}${text.slice(from, from + room)}${from + room < text.length ? "…" : ""}`;
}

/**
 * A sampler that gives what `draw` gave before, each time from the start: a thing that is drawn can be made again.
 * `again()` gives such samplers; the first one draws.
 */
export function replaying(draw: Sampler): () => Sampler {
  const drawn: unknown[] = [];
  return () => {
    let next = 0;
    const replay = <T>(fresh: () => T): T => {
      if (next === drawn.length) drawn.push(fresh());
      return drawn[next++] as T;
    };
    return {
      integer: (min, max) => replay(() => draw.integer(min, max)),
      number: (domain) => replay(() => draw.number(domain)),
      boolean: () => replay(() => draw.boolean()),
      pick: (options) => replay(() => draw.pick(options)),
      shape: (bounds) => replay(() => draw.shape(bounds)),
      broadcastable: (shape) => replay(() => draw.broadcastable(shape)),
      axes: (rank) => replay(() => draw.axes(rank)),
      values: (shape, domain) => replay(() => draw.values(shape, domain)),
      distinct: (shape, domain) => replay(() => draw.distinct(shape, domain)),
      integers: (shape, low, high) => replay(() => draw.integers(shape, low, high)),
      booleans: (shape) => replay(() => draw.booleans(shape)),
    };
  };
}
