/**
 * Programs on the wasm device: the tasks of recorded launches, written once, run as often as wanted.
 * Rests on runtime, update and recorder.
 */
import type { KernelAttributes, KernelName } from "../kernels.ts";
import type { LaunchNote, Program } from "../recorder.ts";
import type { Fusion, WholeFusion } from "./fusion.ts";
import type { WasmHandle } from "./memory.ts";
import type { Region } from "./regions.ts";
import { anySet, type CompiledKernel, type Runtime, realsAt, taskBytes } from "./runtime.ts";
import type { Pass } from "./task-watch.ts";
import { realsOf } from "./update.ts";

/** A task that ran. */
export interface TaskStep {
  readonly name: string;
  readonly words: readonly number[];
  readonly reals: readonly number[];
  readonly pieces: number;
  readonly grain: number;
  /** Tasks that are part of this one, and the words that are to hold the addresses of their records. */
  readonly parts?: readonly { readonly at: number; readonly task: TaskStep }[];
}

/** A question that JavaScript asked of memory, and that was answered with no. */
interface Question {
  readonly pointer: number;
  readonly count: number;
  readonly step: number;
}

/** What a launch came to, one after the other. */
export type Step = TaskStep | Question;

/** Runs a launch as a whole, deciding everything anew. */
export type Relaunch = (launch: LaunchNote) => void;

/** The reals of a kernel's tasks, from its attributes. */
type Reals<K extends KernelName> = (attributes: KernelAttributes[K]) => readonly number[];

/** Kernels whose attributes may change between runs, with the leading reals that these are. */
export const adjustableKernels: {
  readonly [K in "fill" | "update" | "dropout" | "random"]: Reals<K>;
} = {
  fill: ({ value }) => [value, 0],
  update: realsOf,
  dropout: ({ position }) => [position],
  random: ({ position }) => [position],
};

/** A task ready to run, or a question. */
type Entry =
  | {
      readonly kernel: CompiledKernel;
      readonly name: string;
      readonly task: number;
      readonly pieces: number;
      readonly grain: number;
      readonly isShared: boolean;
      readonly pass: Pass;
    }
  | Question;

/** What a program is made of. */
interface ProgramParts {
  readonly runtime: Runtime;
  readonly launches: readonly (LaunchNote & { readonly steps: readonly Step[] })[];
  /** Tasks that one does together. */
  readonly fusions: readonly WholeFusion[];
  readonly relaunch: Relaunch;
  readonly region: Region;
  /** Memory that it alone has. */
  readonly lasting: readonly WasmHandle[];
  /** Memory of what outlives a run. */
  readonly lent: readonly WasmHandle[];
}

/** The program of a recording. */
export class WasmProgram implements Program {
  readonly length: number;
  readonly fused: number;
  at = 0;
  readonly #runtime: Runtime;
  readonly #launches: readonly LaunchNote[];
  readonly #relaunch: Relaunch;
  readonly #region: Region;
  readonly #entries: readonly Entry[];
  /** The first entry of each launch, and one more for the end. */
  readonly #starts: readonly number[];
  /** What the program alone has: found unused by the garbage collector where nobody disposes of it. */
  #blocks: readonly WasmHandle[];
  readonly #lent: readonly WasmHandle[];

  constructor({ runtime, launches, fusions, relaunch, region, lasting, lent }: ProgramParts) {
    this.#runtime = runtime;
    this.#launches = launches.map(({ name, inputs, outputs, attributes }) => ({
      name,
      inputs,
      outputs,
      attributes,
    }));
    this.#relaunch = relaunch;
    this.#region = region;
    this.#lent = lent;
    this.length = launches.length;
    this.fused = fusions.reduce((count, fusion) => count + fusion.launches.length - 1, 0);
    const stepsOfAll = joined(launches, fusions);
    const passes = passesOf(this.#launches, fusions);
    const steps = stepsOfAll.flatMap((own, index) =>
      own.map((step) => ({ step, pass: passes[index] ?? { launches: [], inner: new Set() } })),
    );
    const count = steps.reduce((n, { step }) => {
      return n + ("words" in step ? 1 + (step.parts?.length ?? 0) : 0);
    }, 0);
    const bytes = Math.max(1, count) * taskBytes;
    const block = runtime.allocator.allocate(bytes);
    this.#blocks = [...lasting, block];
    let next = block.pointer;
    const record = ({ words, reals }: TaskStep): number => {
      const { buffer } = runtime.memory;
      const task = next;
      new Int32Array(buffer, task, words.length).set(words);
      new Float64Array(buffer, task + realsAt, reals.length).set(reals);
      next += taskBytes;
      return task;
    };
    this.#entries = steps.map(({ step, pass }) => {
      if (!("words" in step)) return step;
      const { name, pieces, grain, parts = [] } = step;
      const words = [...step.words];
      for (const part of parts) words[part.at] = record(part.task);
      const isShared = runtime.pool !== null && pieces >= 2 * grain;
      const task = record({ ...step, words });
      return { kernel: runtime.kernel(name), name, task, pieces, grain, isShared, pass };
    });
    const starts = [0];
    for (const own of stepsOfAll) starts.push((starts.at(-1) ?? 0) + own.length);
    this.#starts = starts;
  }

  get isWhole(): boolean {
    return !this.#region.isGone;
  }

  within<T>(body: () => T): T {
    this.#region.users += 1;
    try {
      return body();
    } finally {
      this.#region.users -= 1;
    }
  }

  run(from: number, to: number): void {
    this.#runtime.requireWhole();
    const { pool, scratch, watch } = this.#runtime;
    const entries = this.#entries;
    const end = this.#starts[to] ?? 0;
    let next = this.#starts[from] ?? 0;
    while (next < end) {
      const entry = entries[next];
      if (entry === undefined) return;
      if (!("kernel" in entry)) {
        const { pointer, count, step } = entry;
        next += 1;
        if (!anySet(this.#runtime.memory.buffer, pointer, count, step)) continue;
        next = this.#anew(next - 1);
        continue;
      }
      const { kernel, name, task, pieces, grain, isShared, pass } = entry;
      watch?.begins(pass);
      const began = watch === null ? 0 : performance.now();
      try {
        if (isShared && pool !== null) pool.run({ name, kernel, task, pieces, grain, scratch });
        else kernel(task, 0, pieces, scratch);
      } catch (cause) {
        throw this.#runtime.fail(name, cause);
      }
      watch?.ran({ name, began, ended: performance.now(), pieces, grain });
      next += 1;
    }
    this.at = to;
  }

  adjust(index: number, attributes: object): void {
    const launch = this.#launches[index];
    if (launch === undefined) return;
    const reals = (adjustableKernels as Readonly<Record<string, (a: never) => readonly number[]>>)[
      launch.name
    ]?.(attributes as never);
    for (let at = this.#starts[index] ?? 0; at < (this.#starts[index + 1] ?? 0); at++) {
      const entry = this.#entries[at];
      // Only the task that takes reals of this kernel: a copy beside it has none, and reads none.
      if (reals === undefined || entry === undefined || !("kernel" in entry)) continue;
      const places = new Float64Array(
        this.#runtime.memory.buffer,
        entry.task + realsAt,
        reals.length,
      );
      places.set(reals);
    }
  }

  dispose(): void {
    for (const block of this.#blocks) this.#runtime.allocator.release(block);
    this.#blocks = [];
    for (const handle of this.#lent) handle.isLent = false;
  }

  /** Runs the launch of an entry as a whole, where its answers are others now. Gives the entry after it. */
  #anew(entry: number): number {
    const index = this.#starts.findIndex((start) => start > entry) - 1;
    const launch = this.#launches[index];
    this.at = index;
    if (launch !== undefined) this.#relaunch(launch);
    return this.#starts[index + 1] ?? this.#entries.length;
  }
}

/** The steps of each launch, joined to others or not. */
function joined(
  launches: readonly { readonly steps: readonly Step[] }[],
  fusions: readonly Fusion[],
): readonly (readonly Step[])[] {
  const all: (readonly Step[])[] = launches.map(({ steps }) => steps);
  for (const { launches: parts, steps } of fusions) {
    parts.forEach((part, i) => {
      all[part] = steps[i] ?? [];
    });
  }
  return all;
}

/** For each launch the pass that it belongs to: launches that are joined share one. */
function passesOf(
  launches: readonly LaunchNote[],
  fusions: readonly WholeFusion[],
): readonly Pass[] {
  const passes: Pass[] = launches.map((launch) => ({ launches: [launch], inner: new Set() }));
  for (const { launches: parts, inner } of fusions) {
    const pass = { launches: parts.flatMap((part) => launches[part] ?? []), inner };
    for (const part of parts) passes[part] = pass;
  }
  return passes;
}
