/**
 * Kept examples: seeds at which a law was once broken. They run before all others, forever.
 * Rests on nothing. `npm run spec` and `npm run spec:deep` write a line here when they find a failure; whoever mends it
 * commits the line with the mend.
 */

/** One failure that was found. */
export interface KeptExample {
  /** An op, layer, optimiser, initializer or schedule, or a part of the suite. */
  readonly subject: string;
  readonly law: string;
  readonly seed: number;
}

/** All of them, the oldest first, one a line. */
export const keptExamples: readonly KeptExample[] = [
  // New lines go below this one.
];

/** The seeds at which `subject` once broke `law`. */
export function keptSeeds(subject: string, law: string): readonly number[] {
  return keptExamples
    .filter((example) => example.subject === subject && example.law === law)
    .map(({ seed }) => seed);
}
