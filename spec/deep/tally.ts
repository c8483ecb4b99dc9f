/**
 * What runs of laws add up to: a cell for each law of each subject, over any number of passes.
 * Rests on proof.
 */
import { joined, type Observed } from "../laws/observed.ts";
import type { Kind, LawResult, Proof } from "./proof.ts";

/** One law of one subject. */
export interface Cell {
  readonly law: string;
  readonly claim: string;
  readonly examples: number;
  readonly observed: Observed;
  /** What the failure said, or null. */
  readonly broken: string | null;
}

/** One subject with its laws, in the order in which they ran. */
export interface TalliedSubject {
  readonly kind: Kind;
  readonly name: string;
  readonly cells: readonly Cell[];
}

/** One way through everything, or through a part of it. */
export interface Pass {
  readonly seed: number;
  /** Random cases a law. */
  readonly runs: number;
}

/** Cells, as they come in. */
export class SpecTally {
  readonly passes: Pass[] = [];
  readonly #subjects = new Map<string, { kind: Kind; name: string; cells: Map<string, Cell> }>();

  /** Adds what a proof gave: examples add up, and of errors the worst stays. */
  add({ kind, name }: Pick<Proof, "kind" | "name">, results: readonly LawResult[]): void {
    const key = `${kind} ${name}`;
    const subject = this.#subjects.get(key) ?? { kind, name, cells: new Map() };
    this.#subjects.set(key, subject);
    for (const { law, claim, examples, observed, found } of results) {
      const before = subject.cells.get(law);
      subject.cells.set(law, {
        ...{ law, claim },
        examples: examples + (before?.examples ?? 0),
        observed: before === undefined ? observed : joined(before.observed, observed),
        broken: found?.failure.message ?? before?.broken ?? null,
      });
    }
  }

  /** All subjects, in the order in which they came. */
  get subjects(): readonly TalliedSubject[] {
    return [...this.#subjects.values()].map(({ cells, ...subject }) => ({
      ...subject,
      cells: [...cells.values()],
    }));
  }

  get cells(): readonly Cell[] {
    return this.subjects.flatMap(({ cells }) => cells);
  }

  get examples(): number {
    return this.cells.reduce((total, { examples }) => total + examples, 0);
  }

  get broken(): number {
    return this.cells.filter(({ broken }) => broken !== null).length;
  }
}
