/**
 * Routines: a captured step that can be done again, on other inputs.
 * Rests on capture, signature and the programs of a device.
 */
import { allocateTensor } from "../bind.ts";
import type { Device, Operand } from "../devices/device.ts";
import type { Program } from "../devices/recorder.ts";
import { UsageError } from "../errors.ts";
import { denseLayout } from "../layout.ts";
import type { Stream } from "../random/index.ts";
import { sizeOf } from "../shape.ts";
import { Storage } from "../storage.ts";
import { Tensor } from "../tensor.ts";
import type { Act, Capture, Draw, GradientAct, Look } from "./capture.ts";
import type { Guard } from "./guard.ts";
import { drawPlaceOf, type Signature } from "./signature.ts";

/** A launch whose numbers are others each time. */
interface Adjustment {
  readonly index: number;
  readonly attributes: () => object;
}

/** Something done between launches. */
interface Deed {
  readonly at: number;
  readonly order: number;
  readonly waits: boolean;
  readonly isOpen: boolean;
  readonly run: () => void;
}

/** What a captured step is made of. */
export interface RoutineParts {
  readonly device: Device;
  readonly capture: Capture;
  readonly guard: Guard;
  readonly signature: Signature;
  /** What the step gave, with tensors that have ended. */
  readonly form: unknown;
  /** The results, as they lie after a run. */
  readonly results: readonly Look[];
}

/** Blocks of every stream. */
const blocksPerStream = 2 ** 53;

/** A step that can be repeated. */
export class Routine {
  readonly guard: Guard;
  readonly signature: Signature;
  readonly form: unknown;
  /** Repetitions so far. */
  runs = 0;
  /** What the next call is for besides: to find out whether the step still does the same, and what if not. */
  due: "renewal" | "check" | null = null;
  readonly #device: Device;
  readonly #program: Program;
  readonly #results: readonly Look[];
  readonly #preparations: readonly (() => void)[];
  readonly #adjustments: readonly Adjustment[];
  readonly #deeds: readonly Deed[];
  readonly #draws: readonly Draw[];
  /** Blocks that a repetition draws of each stream. */
  readonly #blocks = new Map<Stream, number>();
  /** Where draws begin in the repetition at hand. */
  readonly #positions = new Map<Draw, number>();
  /** Gradients that the last repetition left, by their tensors. */
  readonly #published = new Map<Tensor, Tensor>();

  constructor({ device, capture, guard, signature, form, results }: RoutineParts) {
    this.form = form;
    this.guard = guard;
    this.signature = signature;
    this.#device = device;
    this.#results = results;
    this.#preparations = capture.preparations;
    const { draws, recording } = capture;
    this.#draws = draws;
    for (const { stream, blocks } of draws) {
      this.#blocks.set(stream, (this.#blocks.get(stream) ?? 0) + blocks);
    }
    this.#adjustments = recording.launches.flatMap((note, index): Adjustment[] => {
      const next = capture.variables.get(note.attributes);
      if (next !== undefined) return [{ index, attributes: next }];
      const place = drawPlaceOf(note, draws);
      if (place === null) return [];
      const { draw, offset } = place;
      const attributes = (): object => {
        return { ...note.attributes, position: (this.#positions.get(draw) ?? 0) + offset };
      };
      return [{ index, attributes }];
    });
    const deeds: readonly Deed[] = [
      ...capture.acts.map((act) => ({ ...act, run: () => this.#act(act) })),
      ...capture.gradients.map((act) => ({
        at: act.at,
        order: act.order,
        waits: false,
        isOpen: false,
        run: () => this.#publish(act),
      })),
      ...draws.map(({ at, order, stream, blocks }) => ({
        at,
        order,
        waits: false,
        isOpen: false,
        run: () => void stream.reserve(blocks),
      })),
    ];
    this.#deeds = deeds.toSorted((a, b) => a.order - b.order);
    this.#program = recording.program(capture.observations(results));
  }

  /** Launches in a repetition. */
  get launches(): number {
    return this.#program.length;
  }

  /** Launches that one pass over memory does together with others. */
  get fused(): number {
    return this.#program.fused;
  }

  /** Whether its memory is still its own. */
  get isWhole(): boolean {
    return this.#program.isWhole;
  }

  /** Gets the numbers of the next repetition. Throws what a schedule throws; nothing has been done then. */
  prepare(): void {
    for (const [stream, blocks] of this.#blocks) {
      if (stream.position + blocks > blocksPerStream) throw new RangeError("a stream ends");
    }
    this.#adjust(0, 0);
  }

  /** Gets the numbers of launches from `launch` on, where what comes before `order` has been done. */
  #adjust(launch: number, order: number): void {
    for (const work of this.#preparations) work();
    const positions = new Map<Stream, number>();
    for (const draw of this.#draws) {
      if (draw.order < order) continue;
      const { stream, blocks } = draw;
      const position = positions.get(stream) ?? stream.position;
      this.#positions.set(draw, position);
      positions.set(stream, position + blocks);
    }
    for (const { index, attributes } of this.#adjustments) {
      if (index >= launch) this.#program.adjust(index, attributes());
    }
  }

  /** Does the step again and gives fresh tensors of its results. Throws what the step would throw. */
  run(): readonly Tensor[] {
    this.runs += 1;
    return this.#program.within(() => this.#runAll());
  }

  #runAll(): readonly Tensor[] {
    this.#setAside();
    const program = this.#program;
    const deeds = this.#deeds;
    let next = 0;
    let done = 0;
    const upTo = (end: number): void => {
      for (; next < end; next++) deeds[next]?.run();
    };
    const launch = (to: number): void => {
      try {
        if (to > done) program.run(done, to);
        done = to;
      } catch (error) {
        // What came before the launch that failed has been done.
        while (next < deeds.length && (deeds[next]?.at ?? 0) <= program.at) upTo(next + 1);
        throw error;
      }
    };
    for (let i = 0; i < deeds.length; i++) {
      const deed = deeds[i];
      if (deed?.waits !== true) continue;
      launch(deed.at);
      upTo(i + 1);
      if (deed.isOpen) this.#goOn(deed);
    }
    launch(program.length);
    upTo(deeds.length);
    return this.#results.map((look) => copyOf(this.#device, look));
  }

  /** Gives its memory back. */
  dispose(): void {
    this.#program.dispose();
  }

  #act({ tensors, run }: Act): void {
    const handles = tensors.map((look) => this.#tensorAt(look, "value"));
    try {
      run(...handles);
    } finally {
      for (const { storage } of handles) storage.release("its step ended");
    }
  }

  /** What follows code that may have done anything: with its numbers, if the step is still the same. */
  #goOn({ at, order }: Deed): void {
    const change = this.guard.broken();
    if (change === null) {
      this.#adjust(at, order);
      return;
    }
    throw new UsageError({
      where: "compile",
      argument: "what is called in the middle of the step",
      expected: "to leave what the step rests on as it is",
      got: change,
      fix: "Change it between steps, or do not compile the step",
    });
  }

  #publish({ tensor, gradient }: GradientAct): void {
    tensor.grad?.storage.release("its gradient was cleared");
    tensor.grad = gradient === null ? null : this.#tensorAt(gradient, "buffer");
    if (tensor.grad === null) this.#published.delete(tensor);
    else this.#published.set(tensor, tensor.grad);
  }

  /** Gradients that somebody took away from their tensors keep what they hold. */
  #setAside(): void {
    for (const [tensor, gradient] of this.#published) {
      if (tensor.grad !== gradient && gradient.storage.released === null) gradient.storage.rest();
    }
  }

  /** A tensor of memory that the program owns. */
  #tensorAt({ operand, name }: Look, role: "value" | "buffer"): Tensor {
    const storage = new Borrowed(this.#device, operand);
    return new Tensor({ storage, layout: operand, role, name });
  }
}

/** Memory that somebody else gives back. */
class Borrowed extends Storage {
  constructor(device: Device, { dtype, shape, handle }: Operand) {
    super(device, dtype, sizeOf(shape), handle);
  }
}

/** A tensor of its own with the elements that lie there now. */
export function copyOf(device: Device, { operand, name }: Look): Tensor {
  const { shape, dtype } = operand;
  const copy = allocateTensor(device, { shape, dtype }, (target) => {
    device.launch("copy", [operand], [{ ...target, ...denseLayout(shape) }], {});
  });
  copy.name = name;
  return copy;
}
