/**
 * The depths of a run: one pass over everything, or pass after pass until the time is over.
 * Rests on proof and tally.
 */
import type { TextOutput } from "../../research/terminal.ts";
import type { Found, LawResult, Proof, ProofOptions } from "./proof.ts";
import { SpecTally } from "./tally.ts";

/** What every depth needs. */
export interface Run {
  readonly proofs: readonly Proof[];
  readonly device: string;
  readonly output: TextOutput;
  /** Hears of what is broken. */
  report(found: Found): void;
  /** Hears of all that came so far, after every pass. */
  tallied(tally: SpecTally): void;
  /** Milliseconds. */
  clock(): number;
}

/** Runs one proof into the tally; gives what is broken. */
async function perform(
  proof: Proof,
  options: ProofOptions,
  tally: SpecTally,
  report: Run["report"],
): Promise<readonly LawResult[]> {
  const results = await proof.run(options);
  tally.add(proof, results);
  for (const { found } of results) if (found !== null) report(found);
  return results;
}

/** One pass over everything. Gives the exit status. */
export async function once(
  { proofs, device, output, report, tallied }: Run,
  { seed, runs }: { readonly seed: number; readonly runs: number },
): Promise<number> {
  const tally = new SpecTally();
  tally.passes.push({ seed, runs });
  for (const proof of proofs) {
    const results = await perform(proof, { seed, runs, device }, tally, report);
    const examples = results.reduce((total, result) => total + result.examples, 0);
    output.write(`${proof.kind} ${proof.name}: ${results.length} laws, ${examples} examples\n`);
  }
  tallied(tally);
  output.write(`${tally.examples} examples, ${tally.broken} broken, seed ${seed}\n`);
  return tally.broken === 0 ? 0 : 1;
}

/** Largest seed that is drawn. */
const seeds = 2 ** 31;

/** Pass after pass, each with a seed of its own and twice the runs of the last, until the time is over or a law broken. */
export async function deep(
  { proofs, device, output, report, tallied, clock }: Run,
  {
    minutes,
    ...start
  }: { readonly minutes: number; readonly seed?: number; readonly runs: number },
): Promise<number> {
  const end = clock() + 60_000 * minutes;
  const tally = new SpecTally();
  let { seed = Math.floor(Math.random() * seeds), runs } = start;
  while (clock() < end) {
    const pass = tally.passes.push({ seed, runs });
    output.write(`pass ${pass}: seed ${seed}, ${runs} runs a law\n`);
    for (const proof of proofs) {
      if (clock() >= end) break;
      await perform(proof, { seed, runs, device }, tally, report);
      if (tally.broken > 0) {
        tallied(tally);
        output.write(`broken after ${tally.examples} examples\n`);
        return 1;
      }
    }
    tallied(tally);
    seed = (seed + 1) % seeds;
    runs *= 2;
  }
  output.write(`${tally.examples} examples, none broken\n`);
  return 0;
}
