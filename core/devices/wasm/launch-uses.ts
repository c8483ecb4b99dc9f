/**
 * Uses of memory by the launches of a recording: who reads and writes it when, and where JavaScript looks.
 * Rests on the types of recordings. Fusion asks here whether a task may run later than it was written down.
 */
import type { Operand } from "../device.ts";
import type { LaunchNote, Observation } from "../recorder.ts";

/** Who reads and writes each memory, by launch. */
export class Uses {
  readonly readers: Map<unknown, number[]> = new Map();
  readonly writers: Map<unknown, number[]> = new Map();
  /** Where JavaScript looks at it, before the launch of this number. */
  readonly looks: Map<unknown, number[]> = new Map();
  /** Where code runs that may do anything. */
  readonly open: readonly number[];
  readonly #launches: readonly LaunchNote[];

  constructor(launches: readonly LaunchNote[], observations: readonly Observation[]) {
    this.#launches = launches;
    const note = (map: Map<unknown, number[]>, key: unknown, place: number): void => {
      const known = map.get(key);
      if (known === undefined) map.set(key, [place]);
      else known.push(place);
    };
    launches.forEach(({ inputs, outputs }, place) => {
      for (const { handle } of inputs) note(this.readers, handle, place);
      for (const { handle } of outputs) note(this.writers, handle, place);
    });
    for (const { at: place, handles } of observations) {
      for (const handle of handles) note(this.looks, handle, place);
    }
    this.open = observations.filter(({ isOpen }) => isOpen).map(({ at: place }) => place);
  }

  /** The only launch that reads what launch `producer` gives in `handle`, where nobody else ever looks at it; else null. */
  onlyReader(handle: unknown, producer: number): number | null {
    const [reader, another] = this.readers.get(handle) ?? [];
    if (reader === undefined || another !== undefined || this.looks.has(handle)) return null;
    return this.onlyWriter(handle) === producer && reader > producer ? reader : null;
  }

  /** The only launch that writes this memory, or null. */
  onlyWriter(handle: unknown): number | null {
    const [writer, rewriter] = this.writers.get(handle) ?? [];
    return writer === undefined || rewriter !== undefined ? null : writer;
  }

  /** What launches `parts` give that they alone read. */
  innerOf(parts: readonly number[]): ReadonlySet<unknown> {
    const isOwn = (place: number): boolean => parts.includes(place);
    const given = parts.flatMap((part) => handlesOf(this.#launches[part]?.outputs ?? []));
    return new Set(
      given.filter((handle) => {
        const readers = this.readers.get(handle) ?? [];
        const isSeen = this.looks.has(handle) || !readers.every(isOwn);
        return readers.length > 0 && !isSeen && this.writers.get(handle)?.every(isOwn) === true;
      }),
    );
  }

  /** Whether what launch `from` reads in `handles` is still there at launch `to`, whatever code runs between. */
  isUnchanged(handles: readonly unknown[], from: number, to: number): boolean {
    const isBetween = (place: number): boolean => place > from && place < to;
    return (
      !this.open.some((place) => place > from && place <= to) &&
      !handles.some((handle) => this.writers.get(handle)?.some(isBetween) === true)
    );
  }

  /** Whether all of the parts may wait for the last. The first keeps what it does besides its last task. */
  mayJoin(parts: readonly number[]): boolean {
    return parts.slice(0, -1).every((part, i) => {
      const { inputs, outputs } = this.#launches[part] ?? { inputs: [], outputs: [] };
      // Of a normalization the statistics stay where they are; what its last task writes is its first output.
      const written = handlesOf(outputs).slice(0, 1);
      const read =
        i === 0 ? [...handlesOf(inputs), ...handlesOf(outputs).slice(1)] : handlesOf(inputs);
      return this.#mayWait(part, parts, read, written);
    });
  }

  /**
   * Whether the last task of launch `from` may run together with the others of `parts` in the place of the last: nobody else
   * writes `inputs` or touches `outputs` meanwhile.
   */
  #mayWait(
    from: number,
    parts: readonly number[],
    inputs: readonly unknown[],
    outputs: readonly unknown[],
  ): boolean {
    const to = parts.at(-1) ?? from;
    const isWithin = (place: number): boolean => {
      return place > from && place < to && !parts.includes(place);
    };
    const isLooked = (place: number): boolean => place > from && place <= to;
    if (this.open.some(isLooked)) return false;
    return (
      !inputs.some((handle) => this.writers.get(handle)?.some(isWithin)) &&
      !outputs.some(
        (handle) =>
          this.writers.get(handle)?.some(isWithin) === true ||
          this.readers.get(handle)?.some(isWithin) === true ||
          this.looks.get(handle)?.some(isLooked) === true,
      )
    );
  }
}

/** The memory of operands. */
export function handlesOf(operands: readonly Operand[]): readonly unknown[] {
  return operands.map(({ handle }) => handle);
}
