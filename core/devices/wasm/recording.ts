/**
 * Recordings on the wasm device: launches that wait until all are known, their tasks, and what JavaScript asked meanwhile.
 * Rests on state, blocks, regions and program. The kernels and their order are those of the step as written; where memory
 * lies and when it is given back changes no bit.
 */
import type { Operand } from "../device.ts";
import type { LaunchNote, Observation, Program, Recorder, Recording } from "../recorder.ts";
import { type Block, Blocks, type Temporary, type WasmPlacement } from "./blocks.ts";
import { type Fusion, findFusions } from "./fusion.ts";
import type { MemoryWatch, WasmHandle } from "./memory.ts";
import { adjustableKernels, type Relaunch, type Step, WasmProgram } from "./program.ts";
import { abandonRegion, type Region, regionFor } from "./regions.ts";
import type { Runtime, TaskListener } from "./runtime.ts";
import { current } from "./state.ts";

/** How launches run. */
interface Ways {
  /** Runs a launch now. */
  readonly perform: Relaunch;
  /** Throws what a launch would throw that refuses elements of its inputs. Only asked where these are there. */
  readonly refuse: Relaunch;
  /** The inputs that the refusal looks at; `writer`: the launch that wrote memory last, if it was recorded. */
  readonly judged: (
    note: LaunchNote,
    writer: (handle: unknown) => LaunchNote | undefined,
  ) => readonly Operand[];
  /** Runs a launch once more as a whole, in a repetition. */
  readonly relaunch: Relaunch;
}

/** A launch with its tasks. */
interface Recorded extends LaunchNote {
  readonly steps: Step[];
  readonly temporaries: Temporary[];
}

/** The name of a fusion among those of one recording. */
const keyOf = ({ launches }: Fusion): string => launches.join();

class WasmRecording implements Recording, TaskListener, MemoryWatch {
  readonly launches: Recorded[] = [];
  refusal: string | null = null;
  readonly #runtime: Runtime;
  readonly #ways: Ways;
  readonly #placement: WasmPlacement | null;
  readonly #region: Region | null;
  readonly #blocks: Blocks;
  /** How many launches have run. */
  #done = 0;
  /** The launch that runs now. */
  #running: Recorded | null = null;
  /** The last launch that writes, and that reads or writes, each memory. */
  readonly #written = new Map<unknown, number>();
  readonly #touched = new Map<unknown, number>();
  /** Memory from outside that was given back while launches waited that use it. */
  #late: WasmHandle[] = [];
  /** Bytes that were promised and have not come. */
  #promised = 0;
  #lasting: WasmHandle[] = [];
  #flaw: string | null = null;
  /** Whether launches still wait, are no longer written down, or nothing is followed any more. */
  #phase: "waiting" | "concluded" | "over" = "waiting";
  #isOutside = false;
  /** Whether blocks of the region were still alive at the end. */
  #leaks = false;

  constructor(runtime: Runtime, placement: WasmPlacement | null, ways: Ways) {
    this.#runtime = runtime;
    this.#placement = placement;
    this.#ways = ways;
    this.#region = placement === null ? null : regionFor(runtime, placement.bytes);
    this.#blocks = new Blocks(this.#region === null ? null : placement);
    if (this.#region !== null) this.#region.users += 1;
    else if (placement !== null) this.#flaw = "there is no memory for a plan of its own";
  }

  get flaw(): string | null {
    return this.#flaw;
  }

  get isPlaced(): boolean {
    return this.#region !== null && this.#blocks.isAsPlanned && !this.#leaks;
  }

  get survivors(): number {
    return this.#blocks.all.filter(isSurviving).length;
  }

  start(): void {
    this.#runtime.allocator.watch = this;
  }

  /** Whether a launch is to wait: it is noted then. Else what must have run before it has run. */
  takes(note: LaunchNote): boolean {
    const { inputs, outputs } = note;
    if (this.#phase !== "waiting" || this.#isOutside) {
      this.before(inputs, outputs);
      return false;
    }
    const judged = this.#ways.judged(note, (handle) => {
      return this.launches[this.#written.get(handle) ?? -1];
    });
    if (judged.length > 0) {
      this.before(judged, []);
      this.outside(() => this.#ways.refuse(note));
    }
    const launch = this.launches.length;
    this.launches.push({ ...note, steps: [], temporaries: [] });
    this.#blocks.use(inputs, launch);
    this.#blocks.use(outputs, launch);
    for (const { handle } of inputs) this.#touched.set(handle, launch);
    for (const { handle } of outputs) {
      this.#touched.set(handle, launch);
      this.#written.set(handle, launch);
    }
    return true;
  }

  /** Runs what waits, if it writes what somebody is about to read, or uses what somebody is about to write. */
  before(read: readonly Operand[], written: readonly Operand[]): void {
    const waits = (last: number | undefined): boolean => last !== undefined && last >= this.#done;
    const isNeeded =
      read.some(({ handle }) => waits(this.#written.get(handle))) ||
      written.some(({ handle }) => waits(this.#touched.get(handle)));
    if (isNeeded) this.#catchUp();
    for (const { handle } of [...read, ...written]) {
      const block = this.#blocks.of(handle);
      if (block?.state === "promised") this.#fulfil(block);
    }
  }

  outside<T>(body: () => T): T {
    const before = this.#isOutside;
    this.#isOutside = true;
    try {
      return body();
    } finally {
      this.#isOutside = before;
    }
  }

  conclude(ending: readonly unknown[], looked: readonly unknown[]): void {
    if (this.#phase !== "waiting") return;
    for (const handle of ending) {
      const block = this.#blocks.of(handle);
      if (block !== undefined && block.given === Number.POSITIVE_INFINITY) this.#blocks.end(block);
    }
    for (const handle of looked) {
      const block = this.#blocks.of(handle);
      if (block !== undefined) block.isLooked = true;
    }
    this.#runAll();
    this.#close();
  }

  abandon(): void {
    if (this.#phase !== "waiting") return;
    this.#catchUp();
    this.#close();
  }

  /** From now on launches run at once, and memory is there at once. */
  #close(): void {
    for (const block of this.#blocks.all) {
      if (!isSurviving(block)) continue;
      block.isHeld = true;
      if (block.state === "promised") this.#fulfil(block);
    }
    this.#phase = "concluded";
  }

  end(): void {
    const { allocator } = this.#runtime;
    if (this.#phase === "over") return;
    try {
      this.abandon();
    } finally {
      this.#phase = "over";
      allocator.watch = null;
      if (recording === this) recording = null;
      if (this.#region !== null) {
        this.#region.users -= 1;
        // What still lies in the region keeps it from ever being used again.
        this.#leaks = this.#blocks.all.some((block) => block.isPlaced && isSurviving(block));
        if (this.#leaks) abandonRegion(this.#region);
      }
    }
  }

  placement(observations: readonly Observation[]): WasmPlacement {
    const holds = findFusions(this.launches, observations).map((fusion) => {
      return { name: keyOf(fusion), end: fusion.launches.at(-1) ?? 0, uses: fusion.uses };
    });
    return this.#blocks.plan(this.launches, observations, holds);
  }

  program(observations: readonly Observation[]): Program {
    const lent = this.#blocks.all.filter(isSurviving).map(({ handle }) => handle);
    for (const handle of lent) handle.isLent = true;
    const lasting = this.#lasting;
    this.#lasting = [];
    if (this.#region === null) throw new RangeError("wasm: a program needs a place");
    const fused = this.#placement?.fused;
    return new WasmProgram({
      runtime: this.#runtime,
      launches: this.launches,
      fusions: findFusions(this.launches, observations).filter((it) => fused?.has(keyOf(it))),
      relaunch: this.#ways.relaunch,
      region: this.#region,
      lasting,
      lent,
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
    this.#running?.steps.push({ name, words: [...words], reals: [...reals], pieces, grain });
  }

  question(pointer: number, count: number, step: number, isSet: boolean): void {
    this.#running?.steps.push({ pointer, count, step });
    if (isSet) this.#flaw ??= "a number is not finite, or an index is out of range";
  }

  lasting(bytes: number): number {
    const block = this.#runtime.allocator.fulfil({ pointer: 0, bytes });
    this.#lasting.push(block);
    return block.pointer;
  }

  flawed(what: string): void {
    this.refusal ??= what;
  }

  promise(bytes: number): WasmHandle | null {
    if (this.#phase !== "waiting" || this.#isOutside) return null;
    // What is planned lies in the region, which is there.
    const inRegion = this.#blocks.deviates ? 0 : (this.#region?.bytes ?? 0);
    this.#runtime.allocator.requireRoom(bytes, this.#promised - inRegion);
    this.#promised += bytes;
    return this.#blocks.make(bytes);
  }

  gave(handle: WasmHandle): boolean {
    const block = this.#blocks.of(handle);
    if (block === undefined) {
      const isWanted = (this.#touched.get(handle) ?? -1) >= this.#done;
      if (isWanted) this.#late.push(handle);
      return isWanted;
    }
    if (block.given === Number.POSITIVE_INFINITY) this.#blocks.give(block, this.launches.length);
    if (block.last < this.#done) this.#reclaim(block);
    return true;
  }

  place(bytes: number): number | null {
    if (this.#running === null || this.#region === null) return null;
    const { temporaries } = this.#running;
    const offset = this.#blocks.offsetOfTemporary(this.#done, temporaries.length, bytes);
    return offset === null ? null : this.#region.pointer + offset;
  }

  took(pointer: number, bytes: number): void {
    this.#running?.temporaries.push({ pointer, bytes });
  }

  owns(pointer: number): boolean {
    const { pointer: start = 0, bytes = 0 } = this.#region ?? {};
    return pointer >= start && pointer < start + bytes;
  }

  /** Runs what waits though more is to come: what follows may look at all that is not given back. */
  #catchUp(): void {
    if (this.#done === this.launches.length) return;
    this.#blocks.interrupt(this.launches.length);
    this.#runAll();
  }

  /** Runs what waits. Memory comes before the first launch that uses it, and goes after the last if nobody needs it. */
  #runAll(): void {
    const runtime = this.#runtime;
    const { listener } = runtime;
    runtime.listener = this;
    try {
      for (; this.#done < this.launches.length; this.#done += 1) this.#runNext();
    } catch (error) {
      this.#done = this.launches.length; // Nothing more runs.
      throw runtime.isWhole ? runtime.fail(this.#running?.name ?? "", error) : error;
    } finally {
      this.#running = null;
      runtime.listener = listener;
      const late = this.#late;
      this.#late = [];
      for (const handle of late) runtime.allocator.reclaim(handle);
    }
  }

  #runNext(): void {
    const launch = this.launches[this.#done];
    if (launch === undefined) return;
    this.#running = launch;
    const blocks = [...launch.inputs, ...launch.outputs].flatMap(({ handle }) => {
      return this.#blocks.of(handle) ?? [];
    });
    for (const block of blocks) if (block.state === "promised") this.#fulfil(block);
    this.#ways.perform(launch);
    for (const block of blocks) {
      const isOver = block.given < Number.POSITIVE_INFINITY || (block.isEnding && !block.isLooked);
      if (block.last === this.#done && isOver) this.#reclaim(block);
    }
  }

  #fulfil(block: Block): void {
    const { handle } = block;
    const offset = block.first < 0 ? null : this.#blocks.offsetOf(block);
    if (this.#region === null || offset === null) this.#runtime.allocator.fulfil(handle);
    else handle.pointer = this.#region.pointer + offset;
    block.isPlaced = offset !== null;
    block.state = "here";
    this.#promised -= handle.bytes;
  }

  #reclaim(block: Block): void {
    if (block.state === "promised") this.#promised -= block.handle.bytes;
    if (block.state === "here") this.#runtime.allocator.reclaim(block.handle);
    block.state = "gone";
  }
}

/** Whether nothing ends this block with the step. */
function isSurviving({ given, isEnding }: Block): boolean {
  return given === Number.POSITIVE_INFINITY && !isEnding;
}

let recording: WasmRecording | null = null;

/** Whether a launch is noted, to run later, where one is recorded. What must have run before it has run otherwise. */
export function noteLaunch(note: LaunchNote): boolean {
  return recording?.takes(note) ?? false;
}

/** Before JavaScript reads or writes memory: runs what waits for its turn before that. */
export function noteAccess(read: readonly Operand[], written: readonly Operand[]): void {
  recording?.before(read, written);
}

/** The recorder. */
export function recorderWith(ways: Ways): Recorder {
  return {
    begin: (placement) => {
      recording?.end();
      const begun = new WasmRecording(current(), placement as WasmPlacement | null, ways);
      recording = begun;
      begun.start();
      return begun;
    },
    isAdjustable: (name) => name in adjustableKernels,
  };
}
