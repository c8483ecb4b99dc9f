/**
 * Running a law on an op: seeded random cases in four strata, then the special points; what was met is counted.
 * Rests on fast-check and the sampler.
 */
import fc from "fast-check";
import { device } from "../../core/devices/current.ts";
import type { OpRecord } from "../../core/op.ts";
import { sizeOf } from "../../core/shape.ts";
import type { Case, DeclaredLaw, SampledLaw } from "./law.ts";
import { type CaseSampler, type Stratum, samplerFrom } from "./sampler.ts";

/** How many random cases, and from which seed. */
interface Budget {
  /** Cases a law and op: whole number ≥ 8. */
  readonly runs: number;
  readonly seed: number;
}

const { BITGRAD_SPEC_RUNS = "32", BITGRAD_SPEC_SEED = "20260" } = process.env;

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
  readonly failure: Error | null;
}

/** Of the budget, the share that goes to each steered stratum: one eighth. */
const steeredShare = 8;
const usualStrata: readonly Stratum[] = ["free", "empty", "scalar", "broadcast"];

/** Runs `law` on `record`. A failure comes with the call that shows it again. */
export function runLaw(
  law: SampledLaw | DeclaredLaw,
  record: OpRecord,
  { runs, seed }: Budget = budget,
): Outcome {
  const tally = { examples: 0, coverage: { inputs: 0, empty: 0, scalar: 0, broadcast: 0 } };
  const outcome = (failure: Error | null): Outcome => ({ ...tally, failure });
  try {
    if ("checkAll" in law) {
      tally.examples = law.checkAll(record);
      return outcome(null);
    }
    const { strata = usualStrata } = law;
    for (const stratum of strata) {
      const share = Math.max(2, Math.floor(runs / steeredShare));
      const numRuns = stratum === strata[0] ? runs - (strata.length - 1) * share : share;
      const start = seedOf(seed, `${record.name}/${law.name}/${stratum}`);
      runStratum(law, record, stratum, { runs: numRuns, seed: start }, tally);
    }
    for (const point of record.special.filter((candidate) => law.holdsAt(candidate))) {
      const draw = fc.sample(fc.gen(), { seed, numRuns: 1 })[0];
      if (draw !== undefined && law.check(record, point, samplerFrom(draw))) tally.examples++;
    }
    return outcome(null);
  } catch (error) {
    return outcome(error instanceof Error ? error : new Error(String(error)));
  }
}

function runStratum(
  law: SampledLaw,
  record: OpRecord,
  stratum: Stratum,
  { runs, seed }: Budget,
  tally: { examples: number; coverage: Coverage },
): void {
  let shrinking = false;
  const details = fc.check(
    fc.property(fc.gen(), (draw) => {
      const sampler = samplerFrom(draw, stratum);
      const sample = record.sample(sampler);
      if (!shrinking) cover(tally.coverage, sample, sampler);
      shrinking = true;
      if (law.check(record, sample, sampler)) tally.examples++;
      shrinking = false;
    }),
    { numRuns: runs, seed },
  );
  if (!details.failed) return;
  const { errorInstance, counterexamplePath } = details;
  const why = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance));
  const again = `BITGRAD_SPEC_SEED=${budget.seed} BITGRAD_SPEC_RUNS=${budget.runs} npx vitest run ${law.file ?? lawsFile()} -t "${record.name} ${law.name}"`;
  why.message += `\n  to see it again: ${again}\n  (stratum ${stratum}, path ${counterexamplePath}, ${details.numShrinks} shrinks)`;
  throw why;
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

/** A seed for each op, law and stratum, so that adding an op moves no other's cases. FNV-1a. */
export function seedOf(seed: number, name: string): number {
  let hash = (0x811c9dc5 ^ seed) | 0;
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  }
  return hash;
}
