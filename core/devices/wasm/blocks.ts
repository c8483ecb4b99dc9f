/**
 * Blocks of a recording: who uses them when, how long they must last, and whether a run goes as the one before.
 * Rests on memory-plan and recorder. Times are numbers of launches; block and temporary live from the first launch that
 * uses them up to the one after the last.
 */
import type { Operand } from "../device.ts";
import type { Observation, Placement } from "../recorder.ts";
import type { WasmHandle } from "./memory.ts";
import { type Life, mostAtOnce, planMemory } from "./memory-plan.ts";

/** Memory of a handle that was made while a step was recorded. */
export interface Block {
  readonly handle: WasmHandle;
  readonly number: number;
  /** The first launch that uses it, and the last one so far; -1: none. */
  first: number;
  last: number;
  /** When it was given back; infinite if it was not. */
  given: number;
  /** Whether nobody uses it after the last launch, though it was not given back. */
  isEnding: boolean;
  /** Whether it was neither given back nor ending when the last launch had run: somebody may look at it later. */
  isHeld: boolean;
  /** Whether somebody may look at it after all launches, until it is given back. */
  isLooked: boolean;
  /** Whether it has no memory yet, has some, or no longer. */
  state: "promised" | "here" | "gone";
  /** Whether its memory lies in a region. */
  isPlaced: boolean;
}

/** A temporary of a launch. */
export interface Temporary {
  readonly pointer: number;
  readonly bytes: number;
}

/** A plan, and the events that it presumes. */
export interface WasmPlacement extends Placement {
  readonly events: readonly number[];
  /** Offsets of planned blocks; null of those that outlive the recording. */
  readonly offsets: readonly (number | null)[];
  /** The temporaries of each launch, in order. */
  readonly temporaries: readonly (readonly { readonly offset: number; readonly bytes: number }[])[];
  /** Launches of each fusion for which the plan leaves memory as long as it takes. */
  readonly fused: ReadonlySet<string>;
}

/** What a fusion uses until it has run. */
export interface Hold {
  readonly name: string;
  /** Its last launch. */
  readonly end: number;
  readonly uses: readonly { readonly launch: number; readonly pointer: number }[];
}

/** A launch as far as it concerns memory. */
interface Use {
  readonly inputs: readonly Operand[];
  readonly outputs: readonly Operand[];
  readonly temporaries: readonly Temporary[];
}

/** Events: a block is made (its bytes) or given back (negative); and these, with the number of a block. */
const uses = 2 ** 34;
const ends = 2 ** 35;
const interruption = 2 ** 36;

/** The blocks of one recording. */
export class Blocks {
  readonly all: Block[] = [];
  /** Whether the run went another way than the plan presumes. */
  deviates = false;
  readonly #byHandle = new WeakMap<WasmHandle, Block>();
  readonly #events: number[] = [];
  readonly #plan: WasmPlacement | null;
  /** When launches ran though others were still to come: from then on code may look at all that is not given back. */
  readonly #interruptions: number[] = [];

  constructor(plan: WasmPlacement | null) {
    this.#plan = plan;
  }

  /** Whether all went as the plan presumes, to the end. */
  get isAsPlanned(): boolean {
    return !this.deviates && this.#plan?.events.length === this.#events.length;
  }

  /** The block of a handle; undefined of memory from outside. */
  of(handle: unknown): Block | undefined {
    return this.#byHandle.get(handle as WasmHandle);
  }

  make(bytes: number): WasmHandle {
    const handle: WasmHandle = { pointer: 0, bytes, isLent: true };
    const number = this.all.length;
    const block: Block = {
      ...{ handle, number, first: -1, last: -1, given: Number.POSITIVE_INFINITY },
      ...{ isEnding: false, isHeld: false, isLooked: false, state: "promised", isPlaced: false },
    };
    this.all.push(block);
    this.#byHandle.set(handle, block);
    this.#note(bytes);
    return handle;
  }

  give(block: Block, time: number): void {
    block.given = time;
    this.#note(-block.number - 1);
  }

  use(operands: readonly Operand[], launch: number): void {
    for (const { handle } of operands) {
      const block = this.of(handle);
      this.#note(uses + (block === undefined ? 0 : block.number + 1));
      if (block === undefined) continue;
      if (block.first < 0) block.first = launch;
      block.last = launch;
    }
  }

  interrupt(time: number): void {
    this.#interruptions.push(time);
    this.#note(interruption);
  }

  end(block: Block): void {
    block.isEnding = true;
    this.#note(ends + block.number);
  }

  /** The place of a block in the plan's region; null: anywhere. */
  offsetOf({ number }: Block): number | null {
    return this.deviates ? null : (this.#plan?.offsets[number] ?? null);
  }

  /** The place of a launch's temporary number `index` in the plan's region; null: anywhere. */
  offsetOfTemporary(launch: number, index: number, bytes: number): number | null {
    if (this.#plan === null || this.deviates) return null;
    const planned = this.#plan.temporaries[launch]?.[index];
    if (planned?.bytes !== bytes) this.deviates = true;
    return this.deviates ? null : (planned?.offset ?? null);
  }

  /** A plan for the next run that is like this one. `holds`: of fusions, of which those are possible that the plan names. */
  plan(
    launches: readonly Use[],
    observations: readonly Observation[],
    holds: readonly Hold[],
  ): WasmPlacement {
    const ends = this.#ends(launches.length, observations);
    const lives = this.all.map(({ handle, first }, i): Life => {
      return { bytes: handle.bytes, born: first, died: ends[i] ?? first };
    });
    const temporaries = launches.map(({ temporaries: own }, launch) =>
      own.map(({ pointer, bytes }) => ({
        pointer,
        life: { bytes, born: launch, died: launch + 1 } as Life,
      })),
    );
    const lifeAt = (launch: number, pointer: number): Life | null | undefined => {
      const own = temporaries[launch]?.find((temporary) => temporary.pointer === pointer);
      if (own !== undefined) return own.life;
      const block = this.#at(launches[launch], pointer);
      return block === undefined || block === null ? block : lives[block.number];
    };
    const possible = holds.filter(({ end, uses: used }) => {
      const held = used.map(({ launch, pointer }) => lifeAt(launch, pointer));
      if (held.includes(undefined)) return false;
      for (const life of held) if (life) life.died = Math.max(life.died, end + 1);
      return true;
    });
    const planned = [
      ...lives.filter(({ born, died }) => born >= 0 && Number.isFinite(died)),
      ...temporaries.flatMap((own) => own.map(({ life }) => life)),
    ];
    const { offsets, bytes } = planMemory(planned);
    const places = new Map(planned.map((life, index) => [life, offsets[index] ?? 0]));
    return {
      bytes,
      least: mostAtOnce(planned),
      blocks: planned.length,
      events: this.#events,
      offsets: lives.map((life) => places.get(life) ?? null),
      temporaries: temporaries.map((own) =>
        own.map(({ life }) => ({ offset: places.get(life) ?? 0, bytes: life.bytes })),
      ),
      fused: new Set(possible.map(({ name }) => name)),
    };
  }

  /** When each block may end. */
  #ends(length: number, observations: readonly Observation[]): readonly number[] {
    const looks = new Map<unknown, number>();
    for (const { at, handles } of observations) {
      for (const handle of handles) looks.set(handle, Math.max(at, looks.get(handle) ?? 0));
    }
    return this.all.map(({ handle, first, last, given, isEnding, isHeld }) => {
      const until = isEnding ? length : given;
      if (isHeld || until === Number.POSITIVE_INFINITY) return until;
      const isSeen = this.#interruptions.some((time) => first < time && time <= until);
      return Math.max(last + 1, looks.get(handle) ?? 0, isSeen ? until : 0);
    });
  }

  /** The block that an address of a launch lies in; null: memory from outside; undefined: nobody knows. */
  #at(launch: Use | undefined, pointer: number): Block | null | undefined {
    const { inputs = [], outputs = [] } = launch ?? {};
    const found = [...inputs, ...outputs].find(({ handle }) => {
      const { pointer: start, bytes } = handle as WasmHandle;
      return pointer >= start && pointer < start + bytes;
    });
    return found === undefined ? undefined : (this.of(found.handle) ?? null);
  }

  #note(event: number): void {
    const { length } = this.#events;
    this.#events.push(event);
    if (this.#plan !== null && this.#plan.events[length] !== event) this.deviates = true;
  }
}
