/**
 * The capture of one run of a step: its launches, and what it does besides, in order.
 * Rests on capture, scope, storage and the recorder of a device.
 */
import { type CaptureListener, exchangeCapture, structureCount } from "../capture.ts";
import type { Device, Operand } from "../devices/device.ts";
import type { Observation, Recording } from "../devices/recorder.ts";
import { isOwned } from "../owner.ts";
import { observeReservations, type Stream } from "../random/index.ts";
import type { Storage } from "../storage.ts";
import type { Tensor } from "../tensor.ts";
import { type Condition, Guard, type Outside } from "./guard.ts";

/** Something that a step does between launches. */
export interface Act {
  /** How many launches come before it. */
  readonly at: number;
  /** Counts up with all that the step does besides. */
  readonly order: number;
  /** Whether it reads what launches made, so that they must be done. */
  readonly waits: boolean;
  /** Whether it runs code that may do anything: draw numbers, change a rate. */
  readonly isOpen: boolean;
  /** The tensors that are handed to it, as they lay when it was captured. */
  readonly tensors: readonly Look[];
  /** What it looks at besides. */
  readonly inspected: Operand | null;
  readonly run: (...tensors: readonly Tensor[]) => void;
}

/** A tensor as it lay. */
export interface Look {
  readonly operand: Operand;
  readonly name: string | undefined;
}

/** A gradient that the step set: it lies at the same place after each repetition. */
export interface GradientAct {
  readonly at: number;
  readonly order: number;
  readonly tensor: Tensor;
  /** What lies there, or null: cleared. */
  readonly gradient: Look | null;
}

/** Blocks of a stream that the step drew. */
export interface Draw {
  readonly at: number;
  readonly order: number;
  readonly stream: Stream;
  readonly position: number;
  readonly blocks: number;
}

/** One run of a step, followed. */
export class Capture implements CaptureListener {
  readonly recording: Recording;
  readonly acts: Act[] = [];
  readonly gradients: GradientAct[] = [];
  readonly draws: Draw[] = [];
  readonly preparations: (() => void)[] = [];
  /** What gives attributes anew, by the attributes. */
  readonly variables: Map<object, () => object> = new Map();
  /** Why it cannot be repeated, or null. */
  refusal: string | null = null;
  readonly #device: Device;
  readonly #inside = new Set<Storage>();
  readonly #handles = new WeakSet<Tensor>();
  /** By tensor; what the step made of one memory itself, by that. */
  readonly #outside = new Map<Tensor | Storage, Outside>();
  readonly #conditions = new Map<object, Map<string, Condition>>();
  readonly #claimed = new Set<object>();
  readonly #structure: number = structureCount();
  #order = 0;
  #isUnheard = false;

  constructor(device: Device, recording: Recording) {
    this.#device = device;
    this.recording = recording;
  }

  /** Runs the step and follows it. */
  follow<R>(step: () => R): R {
    const before = exchangeCapture(this);
    try {
      return observeReservations((stream, position, blocks) => {
        if (this.#isUnheard) return;
        this.draws.push({ at: this.#at, order: this.#order++, stream, position, blocks });
      }, step);
    } finally {
      exchangeCapture(before);
      this.recording.end();
      this.#inside.clear(); // What outlives the step may end unseen.
    }
  }

  /** Runs what has not run yet, where the step gives `results`: memory of the open scope ends with its last use. */
  conclude(results: readonly Look[]): void {
    const ending = [...this.#inside].filter((storage) => isOwned(storage) && !storage.isKept);
    this.recording.conclude(
      ending.map(({ present }) => present),
      results.map(({ operand }) => operand.handle),
    );
  }

  /** What must hold for the step to do the same again. `slots`: memory that a call fills. */
  guard(slots: ReadonlySet<Storage>): Guard {
    return new Guard(
      [...this.#outside.values()].filter(({ tensor }) => !slots.has(tensor.storage)),
      [...this.#conditions.values()].flatMap((own) => [...own.values()]),
      this.#structure,
    );
  }

  /** Tensors that have a gradient which the step made. */
  get gradientCount(): number {
    const latest = new Map(this.gradients.map(({ tensor, gradient }) => [tensor, gradient]));
    return [...latest.values()].filter((gradient) => gradient !== null).length;
  }

  /** Where JavaScript looks at memory, if the step gives `results`. */
  observations(results: readonly Look[]): readonly Observation[] {
    const handleOf = ({ operand }: Look): unknown => operand.handle;
    return [
      ...this.acts.map((act) => ({ at: act.at, handles: handlesOf(act), isOpen: act.isOpen })),
      ...this.gradients.map(({ at, gradient }) => {
        return { at, handles: gradient === null ? [] : [handleOf(gradient)], isOpen: false };
      }),
      { at: this.#at, handles: results.map(handleOf), isOpen: false },
    ];
  }

  /** Whether the step made this memory. */
  isInside(storage: Storage): boolean {
    return this.#inside.has(storage);
  }

  made(storage: Storage): void {
    this.#inside.add(storage);
    this.#requireOwn(storage);
  }

  keeps(storage: Storage): void {
    if (this.#inside.has(storage)) this.refuse("it keeps a tensor that it makes");
  }

  madeHandle(tensor: Tensor): void {
    this.#handles.add(tensor);
  }

  reads(tensor: Tensor): void {
    const { storage, requiresGrad } = tensor;
    this.#requireOwn(storage);
    if (this.#inside.has(storage)) return;
    const isOwn = this.#handles.has(tensor);
    const key = isOwn ? storage : tensor;
    if (this.#outside.has(key)) return;
    this.#outside.set(key, { tensor, requiresGrad, isOwn, handle: storage.handle });
  }

  writes(cell: Tensor): void {
    const { storage } = cell;
    this.effect(() => {
      storage.version += 1;
      cell.version = storage.version;
    });
  }

  setsGradient(tensor: Tensor): void {
    const { grad } = tensor;
    if (grad !== null && !this.#inside.has(grad.storage)) return;
    this.gradients.push({
      at: this.#at,
      order: this.#order++,
      tensor,
      gradient: grad === null ? null : lookOf(grad),
    });
  }

  refuse(reason: string): void {
    if (this.refusal === null) this.recording.abandon();
    this.refusal ??= reason;
  }

  dependsOn(owner: object, what: string, read: () => unknown): void {
    const own = this.#conditions.get(owner) ?? new Map<string, Condition>();
    if (own.has(what)) return;
    this.#conditions.set(owner, own);
    own.set(what, { what, read, value: read() });
  }

  varies(attributes: object, next: () => object): void {
    this.variables.set(attributes, next);
  }

  prepare(work: () => void): void {
    this.preparations.push(work);
  }

  effect(work: () => void): void {
    this.acts.push({
      at: this.#at,
      order: this.#order++,
      waits: false,
      isOpen: false,
      tensors: [],
      inspected: null,
      run: work,
    });
  }

  aside(tensors: readonly Tensor[], work: (...tensors: readonly Tensor[]) => void): void {
    this.acts.push({
      at: this.#at,
      order: this.#order++,
      waits: true,
      isOpen: true,
      tensors: tensors.map(lookOf),
      inspected: null,
      run: work,
    });
    this.unheard(() => work(...tensors));
  }

  inspects(operand: Operand, look: () => void): void {
    this.acts.push({
      at: this.#at,
      order: this.#order++,
      waits: true,
      isOpen: false,
      tensors: [],
      inspected: operand,
      run: look,
    });
    this.unheard(look);
  }

  claims(owner: object): boolean {
    if (this.#claimed.has(owner)) return false;
    this.#claimed.add(owner);
    return true;
  }

  unheard<T>(work: () => T): T {
    const before = exchangeCapture(null);
    this.#isUnheard = true;
    try {
      return this.recording.outside(work);
    } finally {
      this.#isUnheard = false;
      exchangeCapture(before);
    }
  }

  #requireOwn({ device }: Storage): void {
    if (device !== this.#device) this.refuse(`it uses the device ${device.name}`);
  }

  get #at(): number {
    return this.recording.launches.length;
  }
}

/** All that an act looks at. */
export function operandsOf({ tensors, inspected }: Act): readonly Operand[] {
  const handed = tensors.map(({ operand }) => operand);
  return inspected === null ? handed : [...handed, inspected];
}

function handlesOf(act: Act): readonly unknown[] {
  return operandsOf(act).map(({ handle }) => handle);
}

/** A tensor as it lies now. */
export function lookOf({ storage, shape, strides, offset, name }: Tensor): Look {
  const { handle, dtype } = storage;
  return { operand: { handle, dtype, shape, strides, offset }, name };
}
