/**
 * Kept examples: seeds at which a law was once broken. They run before all others, forever.
 * Rests on nothing. `npm run spec` and `npm run spec:deep` write a line here when they find a failure; whoever mends it
 * commits the line with the mend.
 */

/** One failure that was found. */
export interface KeptExample {
  /** An op, layer, optimiser, initializer, schedule or device, or a part of the suite. */
  readonly subject: string;
  readonly law: string;
  readonly seed: number;
  /** The budget at which it was found, random cases a law: with a smaller one the case may not be reached. */
  readonly runs: number;
  /** Of random graphs: the op around which they were grown. */
  readonly around?: string;
}

/** All of them, the oldest first, one a line. */
export const keptExamples: readonly KeptExample[] = [
  // New lines go below this one.
  { subject: "metamorphic", law: "adjoint convolution", seed: 20260, runs: 32 },
  { subject: "metamorphic", law: "shifted logSumExp", seed: 2, runs: 64 },
];

/** The examples at which `subject` once broke `law`. */
export function keptOf(
  subject: string,
  law: string,
  all: readonly KeptExample[] = keptExamples,
): readonly KeptExample[] {
  return all.filter((example) => example.subject === subject && example.law === law);
}
