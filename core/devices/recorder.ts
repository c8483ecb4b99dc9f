/**
 * Recording: what a device that can repeat its launches offers besides. `compile` rests on it.
 * Rests on the types of device and kernels.
 */
import type { Operand } from "./device.ts";
import type { KernelName } from "./kernels.ts";

/** A launch as it was asked for. */
export interface LaunchNote {
  readonly name: KernelName;
  readonly inputs: readonly Operand[];
  readonly outputs: readonly Operand[];
  readonly attributes: object;
}

/** What a step does between launches, as far as it concerns memory. */
export interface Observation {
  /** How many launches come before it. */
  readonly at: number;
  /** Memory that JavaScript may look at then. */
  readonly handles: readonly unknown[];
  /** Whether it may do anything. */
  readonly isOpen: boolean;
}

/**
 * Where the memory of a recording is to lie when the same is recorded again: planned from how long each block of it
 * lived.
 */
export interface Placement {
  /** Bytes of the plan: no two blocks that live at once overlap. */
  readonly bytes: number;
  /** Bytes that lived at once, at most: what no plan can go below. */
  readonly least: number;
  /** Blocks that were planned; those that outlived the recording are not among them. */
  readonly blocks: number;
}

/**
 * Launches that are being written down, with the memory that they take. They run later, together, so that each block can
 * end with its last use: as soon as anybody looks at memory that they write or writes to what they read, as soon as one may
 * refuse what others give, and at last when all are known.
 */
export interface Recording {
  readonly launches: readonly LaunchNote[];
  /** Why it cannot be repeated, or null. */
  readonly refusal: string | null;
  /** Why this run was another than usual, so that it is not the one to repeat, or null. */
  readonly flaw: string | null;
  /** Whether every block lies where the placement says; without one, false. */
  readonly isPlaced: boolean;
  /** Runs `body` without writing down its launches and its memory; those run at once. */
  outside<T>(body: () => T): T;
  /** Runs the rest of the launches. Nobody uses memory of `ending` after them, except, until it is given back, of `looked`. */
  conclude(ending: readonly unknown[], looked: readonly unknown[]): void;
  /** Runs what has not run, and writes nothing more down: all that follows runs at once. */
  abandon(): void;
  /** Ends it. Nothing more is written down. */
  end(): void;
  /** The plan of its memory, where JavaScript looks at what `observations` say. */
  placement(observations: readonly Observation[]): Placement;
  /** Blocks that were made and not given back. */
  readonly survivors: number;
  /** Gives back what only a program would have needed: there will be none. */
  drop(): void;
  /** What repeats it, if it is placed and has no flaw; it may be called once. `observations`: as of the placement. */
  program(observations: readonly Observation[]): Program;
}

/** Launches that can be repeated: the same kernels at the same addresses. */
export interface Program {
  /** Launches in all. */
  readonly length: number;
  /** Launches that one pass over memory does together with others, where the step as written takes one each. */
  readonly fused: number;
  /** Whether it can run: its memory is still its own. Idle memory goes back where everything else would fail. */
  readonly isWhole: boolean;
  /** Runs `body`, which may run parts of the program, while its memory stays. */
  within<T>(body: () => T): T;
  /** Runs launches `from` … `to - 1`. Throws what a launch throws that refuses its elements. */
  run(from: number, to: number): void;
  /** Gives launch number `index` other numbers, for the next runs. Only of kernels in `adjustable`. */
  adjust(index: number, attributes: object): void;
  /** The number of the launch that ran last, or that failed. */
  readonly at: number;
  /** Gives its memory back. */
  dispose(): void;
}

/** Writes launches down. One recording at a time. */
export interface Recorder {
  /** Begins; memory lies as `placement`, that of an earlier recording of the same, wants it. */
  begin(placement: Placement | null): Recording;
  /** Whether numbers in the attributes of this kernel may change between runs. */
  isAdjustable(name: KernelName): boolean;
}
