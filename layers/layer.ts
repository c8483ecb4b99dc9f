/**
 * The layer contract: what a layer declares, and what assembling a net gives it.
 * Rests on core, init, layer-state and observe. Values are drawn when a net is assembled and named, not in a constructor.
 */
import { capturing } from "../core/capture.ts";
import {
  clearGradients,
  type Shape,
  type State,
  type Stateful,
  type StateRecord,
  type Stream,
  type Tensor,
  ValueError,
} from "../core/index.ts";
import { sizeOf } from "../core/shape.ts";
import type { Initializer } from "../init/index.ts";
import { restoreState, stateOf } from "./layer-state.ts";
import { type LayerObserver, observeLayers } from "./observe.ts";

/** A tensor that a layer will own once it is assembled. */
export interface Declaration {
  readonly shape: Shape;
  readonly init: Initializer;
}

/** Cells by their short names: `weight`, `bias`. */
export type Declarations = Readonly<Record<string, Declaration>>;

/** What assembling gives to a layer. */
export interface Assembly {
  readonly name: string;
  readonly parameters: Readonly<Record<string, Tensor>>;
  readonly buffers: Readonly<Record<string, Tensor>>;
  /** Random numbers the layer may draw while it runs. */
  readonly stream: Stream;
}

/**
 * A function with parameters. A layer of your own declares its cells, reads them with `cell`, and computes
 * in `forward`; layers held in properties, or in arrays of them, are found and assembled with it.
 */
export abstract class Layer implements Stateful {
  /** The kind that names count: the second `conv` of a net is `conv2`. */
  abstract readonly kind: string;
  #training = true;
  #assembly: Assembly | null = null;

  /** Whether the layer is in training mode; set by `train` and `evaluate`. */
  get training(): boolean {
    capturing()?.dependsOn(this, "training mode", () => this.#training);
    return this.#training;
  }

  set training(training: boolean) {
    this.#training = training;
  }

  /** The layer's value for one input. */
  abstract forward(x: Tensor): Tensor;

  /** Trainable cells; none by default. */
  declareParameters(): Declarations {
    return {};
  }

  /** Cells that are not trained, such as moving averages; none by default. */
  declareBuffers(): Declarations {
    return {};
  }

  /** Whether the layer draws random numbers while it runs, and so is named. */
  get drawsRandomly(): boolean {
    return false;
  }

  /**
   * Multiply-adds of one call that takes and gives these shapes: of matrix products and convolutions, as papers count
   * them; 0 for all else. Without the layers inside.
   */
  multiplyAdds(_input: Shape, _output: Shape): number {
    return 0;
  }

  /** Layers inside this one, in the order of its properties. */
  children(): readonly Layer[] {
    return Object.values(this).flatMap((value: unknown) =>
      (Array.isArray(value) ? value : [value]).filter((item) => item instanceof Layer),
    );
  }

  /** This layer and all inside it, outermost first. */
  *walk(): Generator<Layer, void, undefined> {
    yield this;
    for (const child of this.children()) yield* child.walk();
  }

  /** Takes what assembling made. Called once, by `assemble`. */
  receive(assembly: Assembly): void {
    if (this.#assembly !== null) {
      throw new ValueError({
        where: "assemble",
        argument: "net",
        expected: "to hold each layer once, not assembled before",
        got: `${this.#assembly.name} a second time`,
        fix: "Make a new layer, or share weights by calling the same layer in forward",
      });
    }
    this.#assembly = assembly;
  }

  /** What assembling gave. Throws ValueError before that. */
  get assembly(): Assembly {
    capturing()?.dependsOn(this, "parameters and stream", () => this.#assembly);
    if (this.#assembly === null) {
      throw new ValueError({
        where: this.kind,
        argument: "the layer",
        expected: "to be assembled",
        got: "a layer without values",
        fix: "Call assemble(net, { seed }) before using the net",
      });
    }
    return this.#assembly;
  }

  /** The name that assembling gave, `conv1`; before that the kind alone. */
  get name(): string {
    return this.#assembly?.name ?? this.kind;
  }

  /** Draws from `stream` from now on; a restored state says from which. */
  drawFrom(stream: Stream): void {
    this.#assembly = { ...this.assembly, stream };
  }

  /** The parameter or buffer of this short name. */
  protected cell(name: string): Tensor {
    const { parameters, buffers } = this.assembly;
    const found = parameters[name] ?? buffers[name];
    if (found === undefined) {
      throw new ValueError({
        where: this.assembly.name,
        argument: "name",
        expected: `to be one of ${[...Object.keys(parameters), ...Object.keys(buffers)].join(", ")}`,
        got: `"${name}"`,
        fix: "Declare it in declareParameters or declareBuffers",
      });
    }
    return found;
  }

  /** Parameters of this layer and all inside it, by full name: `conv1.weight`. */
  namedParameters(): Record<string, Tensor> {
    return this.#named(({ parameters }) => parameters);
  }

  /** Buffers of this layer and all inside it, by full name: `batchNorm1.movingMean`. */
  namedBuffers(): Record<string, Tensor> {
    return this.#named(({ buffers }) => buffers);
  }

  /** Parameters of this layer and all inside it. */
  parameters(): readonly Tensor[] {
    return Object.values(this.namedParameters());
  }

  /** Numbers in all parameters of this layer and those inside it; known before it is assembled. */
  get parameterCount(): number {
    return [...this.walk()]
      .flatMap((layer) => Object.values(layer.declareParameters()))
      .reduce((total, { shape }) => total + sizeOf(shape), 0);
  }

  /**
   * Parameters of this layer and all inside it get no gradients any more, and lose those that they have; so optimisers
   * skip them. Statistics such as moving averages go on: `evaluate` stops those.
   */
  freeze(): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = false;
    clearGradients(this.parameters());
    return this;
  }

  /** Takes `freeze` back. */
  unfreeze(): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = true;
    return this;
  }

  /**
   * Tells `observer` of every value that this layer and those inside it give, and of the gradient that reaches it; the
   * function that comes back ends that. No bit of the net's values or gradients changes.
   *
   * @example
   * const stop = net.observe({ activation: ({ name, output }) => console.log(name, output.std().item()) });
   */
  observe(observer: LayerObserver): () => void {
    return observeLayers(this.walk(), observer);
  }

  /** Parameters, buffers and places in streams, by name; the tensors are the live ones. */
  state(): StateRecord {
    return stateOf(this);
  }

  /**
   * Puts a state back, also that of another net of the same form. Throws ValueError, ShapeError or DTypeError for one
   * that does not fit, before it changes anything.
   */
  restore(state: State): void {
    restoreState(`${this.name}.restore`, this, state);
  }

  /** Puts this layer and all inside it in training mode. */
  train(): this {
    for (const layer of this.walk()) layer.training = true;
    return this;
  }

  /**
   * Puts this layer and all inside it in evaluation mode. (Elsewhere called `eval`; that is JavaScript's own name for
   * running text as a program.)
   */
  evaluate(): this {
    for (const layer of this.walk()) layer.training = false;
    return this;
  }

  #named(pick: (assembly: Assembly) => Readonly<Record<string, Tensor>>): Record<string, Tensor> {
    const entries: [string, Tensor][] = [];
    for (const layer of this.walk()) {
      const { assembly } = layer;
      for (const [name, tensor] of Object.entries(pick(assembly))) {
        entries.push([`${assembly.name}.${name}`, tensor]);
      }
    }
    return Object.fromEntries(entries);
  }
}
