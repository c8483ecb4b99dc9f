/**
 * Recordings on the wasm device: the tasks of each launch, what JavaScript asked meanwhile, and where memory lay.
 * Rests on state, memory-plan and program. What is recorded runs as always; a recording changes no bit.
 */
import { DeviceError } from "../../errors.ts";
import type { Operand } from "../device.ts";
import type { KernelName } from "../kernels.ts";
import type {
  LaunchNote,
  Observation,
  Placement,
  Program,
  Recorder,
  Recording,
} from "../recorder.ts";
import { type Fusion, findFusions } from "./fusion.ts";
import type { Allocator, MemoryWatch, WasmHandle } from "./memory.ts";
import { type Life, mostAtOnce, planMemory } from "./memory-plan.ts";
import {
  adjustableKernels,
  type Region,
  type Relaunch,
  type Step,
  WasmProgram,
} from "./program.ts";
import type { Runtime, TaskListener } from "./runtime.ts";
import { current } from "./state.ts";

/** A plan, with the events that it presumes: a block is made (its number + 1) or given back (the same, negative). */
interface WasmPlacement extends Placement {
  readonly events: readonly number[];
  /** Offsets of planned blocks; null of those that outlived the recording. */
  readonly offsets: readonly (number | null)[];
  /** Launches of each fusion for which the plan leaves memory as long as it takes. */
  readonly fused: ReadonlySet<string>;
}

let regions: readonly Region[] = [];

/** Gives regions back in which nothing runs; their programs cannot run again. */
function relieve(allocator: Allocator): boolean {
  const idle = regions.filter(({ users }) => users === 0);
  for (const region of idle) {
    region.isGone = true;
    allocator.putLasting(region.pointer, region.bytes);
  }
  regions = regions.filter(({ users }) => users > 0);
  return idle.length > 0;
}

/** A region with room for `bytes`: the smallest there is, else a new one; null where there is no memory for it. */
function regionFor({ allocator }: Runtime, bytes: number): Region | null {
  const roomy = regions.filter((region) => region.bytes >= bytes);
  const found = roomy.sort((a, b) => a.bytes - b.bytes)[0];
  if (found !== undefined) return found;
  allocator.relieve = () => relieve(allocator);
  try {
    const region = { pointer: allocator.takeLasting(bytes), bytes, users: 0, isGone: false };
    regions = [...regions, region];
    return region;
  } catch (error) {
    if (error instanceof DeviceError) return null;
    throw error;
  }
}

/** A launch with its tasks. */
interface Recorded extends LaunchNote {
  readonly steps: Step[];
  /** Events of memory before it. */
  readonly events: number;
  /** Its temporaries: the number of each block by its address. */
  readonly temporaries: Map<number, number>;
}

/** The name of a fusion among those of one recording. */
const keyOf = ({ launches }: Fusion): string => launches.join();

class WasmRecording implements Recording, TaskListener, MemoryWatch {
  readonly launches: Recorded[] = [];
  readonly #runtime: Runtime;
  readonly #placement: WasmPlacement | null;
  readonly #region: Region | null;
  readonly #relaunch: Relaunch;
  readonly #lives: Life[] = [];
  readonly #events: number[] = [];
  /** The numbers of the blocks that live now, by address. */
  readonly #living = new Map<number, number>();
  /** The numbers of blocks by their handles. */
  readonly #blocks = new WeakMap<WasmHandle, number>();
  /** Handles of blocks that outlive the recording, as the placement foresees. */
  readonly #lent: WasmHandle[] = [];
  #lasting: WasmHandle[] = [];
  #flaw: string | null = null;
  #deviates = false;
  #isOver = false;
  /** Whether blocks of the region were still alive at the end. */
  #leaks = false;

  constructor(runtime: Runtime, placement: WasmPlacement | null, relaunch: Relaunch) {
    this.#runtime = runtime;
    this.#placement = placement;
    this.#relaunch = relaunch;
    this.#region = placement === null ? null : regionFor(runtime, placement.bytes);
    if (this.#region !== null) this.#region.users += 1;
    else if (placement !== null) this.#flaw = "there is no memory for a plan of its own";
  }

  refusal: string | null = null;

  get flaw(): string | null {
    return this.#flaw;
  }

  get isPlaced(): boolean {
    const { length } = this.#events;
    return this.#placement?.events.length === length && !this.#deviates && !this.#leaks;
  }

  get survivors(): number {
    return this.#living.size;
  }

  start(): void {
    this.#runtime.listener = this;
    this.#runtime.allocator.watch = this;
  }

  launch(
    name: KernelName,
    inputs: readonly Operand[],
    outputs: readonly Operand[],
    attributes: object,
  ): void {
    const events = this.#events.length;
    const temporaries = new Map<number, number>();
    this.launches.push({ name, inputs, outputs, attributes, steps: [], events, temporaries });
  }

  outside<T>(body: () => T): T {
    const { allocator } = this.#runtime;
    this.#runtime.listener = null;
    allocator.watch = this.#releases;
    try {
      return body();
    } finally {
      this.start();
    }
  }

  end(): void {
    const { allocator } = this.#runtime;
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#region !== null) this.#region.users -= 1;
    this.#runtime.listener = null;
    allocator.watch = null;
    // What still lies in the region keeps it from ever being used again.
    const { offsets } = this.#placement ?? { offsets: [] };
    this.#leaks = [...this.#living.values()].some((block) => {
      const isPlanned = block < this.#placedBlocks && typeof offsets[block] === "number";
      return this.#region !== null && isPlanned;
    });
    if (this.#leaks) regions = regions.filter((region) => region !== this.#region);
  }

  placement(observations: readonly Observation[]): WasmPlacement {
    const fusions = findFusions(this.launches, observations).filter((it) => this.#hold(it));
    const planned = this.#lives.filter(({ died }) => Number.isFinite(died));
    const { offsets, bytes } = planMemory(planned);
    const places = new Map(planned.map((life, index) => [life, offsets[index] ?? 0]));
    return {
      bytes,
      least: mostAtOnce(planned),
      blocks: planned.length,
      events: this.#events,
      offsets: this.#lives.map((life) => places.get(life) ?? null),
      fused: new Set(fusions.map(keyOf)),
    };
  }

  /** Lengthens the lives of what a fusion uses until it has run. Gives whether all of it is known. */
  #hold({ launches, uses }: Fusion): boolean {
    const end = launches.at(-1) ?? 0;
    const until = this.launches[end + 1]?.events ?? this.#events.length;
    const blocks = uses.map(({ launch, pointer }) => this.#blockAt(launch, pointer));
    if (blocks.includes(undefined)) return false;
    for (const block of blocks) {
      const life = typeof block === "number" ? this.#lives[block] : undefined;
      if (life !== undefined) life.died = Math.max(life.died, until);
    }
    return true;
  }

  /** The block that an address of a launch lies in; null: memory from outside; undefined: nobody knows. */
  #blockAt(launch: number, pointer: number): number | null | undefined {
    const { inputs = [], outputs = [], temporaries } = this.launches[launch] ?? {};
    const temporary = temporaries?.get(pointer);
    if (temporary !== undefined) return temporary;
    const found = [...inputs, ...outputs].find(({ handle }) => {
      const block = handle as WasmHandle;
      return pointer >= block.pointer && pointer < block.pointer + block.bytes;
    });
    return found === undefined ? undefined : (this.#blocks.get(found.handle as WasmHandle) ?? null);
  }

  program(observations: readonly Observation[]): Program {
    for (const handle of this.#lent) handle.isLent = true;
    const lasting = this.#lasting;
    this.#lasting = [];
    if (this.#region === null) throw new RangeError("wasm: a program needs a place");
    const fused = this.#placement?.fused;
    return new WasmProgram({
      runtime: this.#runtime,
      launches: this.launches,
      fusions: findFusions(this.launches, observations).filter((it) => fused?.has(keyOf(it))),
      relaunch: this.#relaunch,
      region: this.#region,
      lasting,
      lent: this.#lent,
    });
  }

  drop(): void {
    for (const block of this.#lasting) this.#runtime.allocator.release(block);
    this.#lasting = [];
  }

  task(
    name: string,
    words: readonly number[],
    reals: readonly number[],
    pieces: number,
    grain: number,
  ): void {
    this.launches.at(-1)?.steps.push({ name, words: [...words], reals: [...reals], pieces, grain });
  }

  question(pointer: number, count: number, step: number, isSet: boolean): void {
    this.launches.at(-1)?.steps.push({ pointer, count, step });
    if (isSet) this.#flaw ??= "a number is not finite, or an index is out of range";
  }

  lasting(bytes: number): number {
    const { allocator } = this.#runtime;
    allocator.watch = null;
    try {
      const block = allocator.allocate(bytes);
      this.#lasting.push(block);
      return block.pointer;
    } finally {
      allocator.watch = this;
    }
  }

  flawed(what: string): void {
    this.refusal ??= what;
  }

  /** Blocks that were placed before the run went another way than the plan. */
  #placedBlocks = 0;

  place(bytes: number): number | null {
    const block = this.#lives.length;
    const offset = this.#foreseen(block + 1) ? this.#placement?.offsets[block] : null;
    if (typeof offset !== "number" || this.#region === null) return null;
    const { pointer, bytes: room } = this.#region;
    if (offset + bytes > room) {
      this.#deviates = true;
      return null;
    }
    this.#placedBlocks = block + 1;
    return pointer + offset;
  }

  took(pointer: number, bytes: number, handle: WasmHandle | null): void {
    const block = this.#lives.length;
    if (handle !== null && this.#foreseen(block + 1) && this.#placement?.offsets[block] === null) {
      this.#lent.push(handle);
    }
    if (handle === null) this.launches.at(-1)?.temporaries.set(pointer, block);
    else this.#blocks.set(handle, block);
    this.#lives.push({ bytes, born: this.#events.length, died: Number.POSITIVE_INFINITY });
    this.#events.push(block + 1);
    this.#living.set(pointer, block);
  }

  gave(pointer: number): boolean {
    const block = this.#living.get(pointer);
    const life = block === undefined ? undefined : this.#lives[block];
    if (block === undefined || life === undefined) return false;
    this.#living.delete(pointer);
    this.#foreseen(-block - 1);
    life.died = this.#events.length;
    this.#events.push(-block - 1);
    return block < this.#placedBlocks && typeof this.#placement?.offsets[block] === "number";
  }

  /** Follows what is given back outside, and nothing else. */
  readonly #releases: MemoryWatch = {
    place: () => null,
    took: () => {},
    gave: (pointer) => this.gave(pointer),
  };

  /** Whether the plan foresees this event now; once one was not foreseen, nothing is placed any more. */
  #foreseen(event: number): boolean {
    if (this.#placement === null) return false;
    if (this.#placement.events[this.#events.length] !== event) this.#deviates = true;
    return !this.#deviates;
  }
}

let recording: WasmRecording | null = null;

/** Notes a launch where one is recorded; `current().listener` says whether. */
export function noteLaunch(
  name: KernelName,
  inputs: readonly Operand[],
  outputs: readonly Operand[],
  attributes: object,
): void {
  if (recording !== null && current().listener === recording) {
    recording.launch(name, inputs, outputs, attributes);
  }
}

/** The recorder; `relaunch` runs a launch once more as a whole. */
export function recorderWith(relaunch: Relaunch): Recorder {
  return {
    begin: (placement) => {
      const begun = new WasmRecording(current(), placement as WasmPlacement | null, relaunch);
      recording?.end();
      recording = begun;
      begun.start();
      return begun;
    },
    isAdjustable: (name) => name in adjustableKernels,
  };
}
