/**
 * Running a law on an op: kept examples first, then seeded random cases in four strata, then the special points; what was
 * met is counted.
 * Rests on fast-check, the sampler and the kept examples.
 */
import fc from "fast-check";
import { device } from "../../core/devices/current.ts";
import type { OpRecord } from "../../core/op.ts";
import { sizeOf } from "../../core/shape.ts";
import { keptSeeds } from "./kept.ts";
import type { Case, DeclaredLaw, SampledLaw } from "./law.ts";
import { asLawError, type LawError } from "./law-error.ts";
import { describeCase } from "./messages.ts";
import { type CaseSampler, drawFrom, type Stratum, samplerFrom } from "./sampler.ts";

/** How many random cases, and from which seed. */
export interface Budget {
  /** Cases a law and op: whole number ≥ 8. */
  readonly runs: number;
  readonly seed: number;
}

const { BITGRAD_SPEC_RUNS = "32", BITGRAD_SPEC_SEED = "20260" } =
  typeof process === "object" ? process.env : {};

/** Overridden by BITGRAD_SPEC_RUNS and BITGRAD_SPEC_SEED. */
export const budget: Budget = { runs: Number(BITGRAD_SPEC_RUNS), seed: Number(BITGRAD_SPEC_SEED) };

/** What the cases of a run contained. */
export interface Coverage {
  /** Cases with any input at all. */
  inputs: number;
  empty: number;
  scalar: number;
  broadcast: number;
}

/** What became of a law on an op. */
export interface Outcome {
  /** Cases that the law said something about. */
  readonly examples: number;
  readonly coverage: Coverage;
  /** The shrunk counterexample, or null. */
  readonly failure: LawError | null;
}

/** How a law is run besides its budget. */
export interface RunOptions extends Budget {
  /** The call or command that shows a failure again; by default of the suite. */
  again?(law: string): string;
}

/** Of the budget, the share that goes to each steered stratum: one eighth. */
const steeredShare = 8;
const usualStrata: readonly Stratum[] = ["free", "empty", "scalar", "broadcast"];

/** Runs `law` on `record`. A failure comes with the call that shows it again. */
export function runLaw(
  law: SampledLaw | DeclaredLaw,
  record: OpRecord,
  options: RunOptions = budget,
): Outcome {
  const { runs, seed } = options;
  const tally = { examples: 0, coverage: { inputs: 0, empty: 0, scalar: 0, broadcast: 0 } };
  const outcome = (failure: LawError | null): Outcome => ({ ...tally, failure });
  const about = { law: law.name, subject: record.name };
  try {
    if ("checkAll" in law) {
      tally.examples = law.checkAll(record);
      return outcome(null);
    }
    const { strata = usualStrata } = law;
    const seeds = [...keptSeeds(record.name, law.name), seed];
    for (const each of seeds) {
      for (const stratum of strata) {
        const share = Math.max(2, Math.floor(runs / steeredShare));
        const numRuns = stratum === strata[0] ? runs - (strata.length - 1) * share : share;
        runStratum(law, record, stratum, { ...options, seed: each, runs: numRuns }, tally);
      }
    }
    for (const point of record.special.filter((candidate) => law.holdsAt(candidate))) {
      try {
        if (law.check(record, point, samplerFrom(drawFrom(seed)))) tally.examples++;
      } catch (error) {
        throw asLawError(error, { ...about, example: describeCase(record, point) });
      }
    }
    return outcome(null);
  } catch (error) {
    return outcome(asLawError(error, { ...about, example: "" }));
  }
}

function runStratum(
  law: SampledLaw,
  record: OpRecord,
  stratum: Stratum,
  { runs, seed, again = (name) => suiteCommand(law, record, name, seed) }: RunOptions,
  tally: { examples: number; coverage: Coverage },
): void {
  let shrinking = false;
  const details = fc.check(
    fc.property(fc.gen(), (draw) => {
      const sampler = samplerFrom(draw, stratum);
      const sample = record.sample(sampler);
      if (!shrinking) cover(tally.coverage, sample, sampler);
      shrinking = true;
      try {
        if (law.check(record, sample, sampler)) tally.examples++;
      } catch (error) {
        const example = describeCase(record, sample);
        throw asLawError(error, { law: law.name, subject: record.name, example });
      }
      shrinking = false;
    }),
    { numRuns: runs, seed: seedOf(seed, `${record.name}/${law.name}/${stratum}`) },
  );
  if (!details.failed) return;
  const { errorInstance, counterexamplePath, numShrinks } = details;
  const path = `stratum ${stratum}, path ${counterexamplePath}, ${numShrinks} shrinks`;
  const why = asLawError(errorInstance, { law: law.name, subject: record.name, example: "" });
  throw why.seenAgain({ seed, again: again(law.name), path });
}

function suiteCommand(law: SampledLaw, { name }: OpRecord, title: string, seed: number): string {
  return `BITGRAD_SPEC_SEED=${seed} BITGRAD_SPEC_RUNS=${budget.runs} npx vitest run ${law.file ?? lawsFile()} -t "${name} ${title}"`;
}

/** The file of all laws on the device in use. */
function lawsFile(): string {
  return device() === "reference" ? "spec/laws.test.ts" : `spec/laws-${device()}.test.ts`;
}

function cover(coverage: Coverage, { inputs }: Case, sampler: CaseSampler): void {
  if (inputs.length > 0) coverage.inputs++;
  if (inputs.some(({ shape }) => sizeOf(shape) === 0)) coverage.empty++;
  if (inputs.some(({ shape }) => shape.length === 0)) coverage.scalar++;
  if (sampler.stretched() && inputs.length > 0) coverage.broadcast++;
}

/** A seed for each subject, law and stratum, so that adding a subject moves no other's cases. FNV-1a. */
export function seedOf(seed: number, name: string): number {
  let hash = (0x811c9dc5 ^ seed) | 0;
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  }
  return hash;
}
