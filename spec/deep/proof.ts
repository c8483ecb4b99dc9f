/**
 * What a proof is: something that laws are held against, with one way to run them at any seed and budget.
 * Rests on the laws' observations.
 */
import type { KeptExample } from "../laws/kept.ts";
import { LawError } from "../laws/law-error.ts";
import { type Observed, observing } from "../laws/observed.ts";

/** How to run. */
export interface ProofOptions {
  readonly seed: number;
  /** Random cases a law; things that take long get a share. */
  readonly runs: number;
  readonly device: string;
}

/** A law that is broken: how to find it again, and what it says. */
export interface Found extends KeptExample {
  readonly failure: Error;
}

/** What became of one law. */
export interface LawResult {
  readonly law: string;
  readonly claim: string;
  /** Examples that it said something about, and held for. */
  readonly examples: number;
  readonly observed: Observed;
  readonly found: Found | null;
}

/** Kinds of things that laws are held against; a part belongs to the suite: random graphs, say. */
export const kinds = [
  "op",
  "layer",
  "optimiser",
  "schedule",
  "initializer",
  "device",
  "part",
] as const;

/** One of them. */
export type Kind = (typeof kinds)[number];

/** One thing that laws are held against. */
export interface Proof {
  readonly kind: Kind;
  readonly name: string;
  run(options: ProofOptions): readonly LawResult[] | Promise<readonly LawResult[]>;
}

/** The command that shows a failure again. */
export function commandOf({ seed, runs, device }: ProofOptions, name: string): string {
  const subject = /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
  const where = device === "wasm" ? "" : ` --device ${device}`;
  return `npm run spec -- --only ${subject} --seed ${seed} --runs ${runs}${where}`;
}

/** What running a law comes to. */
export interface Ran {
  readonly examples: number;
  readonly failure: Error | null;
}

/** The results of laws that are run one after the other. */
export function resultsOf<L extends { readonly name: string; readonly claim: string }>(
  subject: string,
  { seed, runs }: ProofOptions,
  laws: readonly L[],
  run: (law: L) => Ran,
): readonly LawResult[] {
  return laws.map((law) => {
    const { result, observed } = observing(() => run(law));
    const { examples, failure } = result;
    // Of a device it is an op that breaks a law, and the op's example that is kept.
    const broken = failure instanceof LawError ? failure.subject : subject;
    const kept: KeptExample = { subject: broken, law: law.name, seed, runs };
    const found = failure === null ? null : { ...kept, failure };
    return { law: law.name, claim: law.claim, examples, observed, found };
  });
}
