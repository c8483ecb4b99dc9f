/**
 * Layers as laws take them: what is drawn, and how the same layer is made again.
 * Rests on trial, core and layers.
 */
import { type DType, multiply, type Shape, type Tensor, tensor } from "../../core/index.ts";
import type { Sampler } from "../../core/sampling.ts";
import { assemble, type Layer } from "../../layers/index.ts";
import { bitsOf, numbers } from "./arrays.ts";
import { noise } from "./noise.ts";
import { replaying, type Trial } from "./trial.ts";

/** A layer with options drawn at random, not assembled, and what it must do. */
export interface LayerCase {
  readonly layer: Layer;
  /** Of an input that it takes, a batch of two or more. */
  readonly input: Shape;
  /** Of what it gives for that; absent: not checked. */
  readonly output?: Shape;
  /** Numbers in its parameters, by the formula; absent: not checked. */
  readonly parameters?: number;
}

/** A kind of layer. */
export interface LayerSubject {
  readonly name: string;
  /**
   * What training mode does: `"same"` as evaluation, bit for bit; `"batch"`: an example's output depends on its batch,
   * and averages move; `"random"`: numbers are drawn.
   */
  readonly training: "same" | "batch" | "random";
  /** A whole net: its inputs are not kept apart from kinks one by one, and its directions are short. */
  readonly isNet: boolean;
  readonly dtypes: readonly DType[];
  sample(draw: Sampler): LayerCase;
}

/** A layer that can be made again as often as a law likes. */
export class Maker {
  readonly input: Shape;
  readonly output: Shape | undefined;
  readonly count: number | undefined;
  readonly #make: () => LayerCase;
  readonly #seed: number;

  constructor(subject: LayerSubject, trial: Trial) {
    const again = replaying(trial.draw);
    this.#make = () => subject.sample(again());
    this.#seed = trial.seed;
    const { layer, input, output, parameters } = this.#make();
    this.input = input;
    this.output = output;
    this.count = parameters;
    trial.at(`${describeLayer(layer)} on x ${JSON.stringify(input)}, seed ${trial.seed}`);
  }

  /** As the subject makes it. */
  bare(): Layer {
    return this.#make().layer;
  }

  /** Assembled, with γ, β and biases that are no longer 1 and 0. */
  made(dtype: DType, seed: number = this.#seed): Layer {
    const layer = assemble(this.bare(), { seed, dtype });
    layer.restore({
      ...layer.state(),
      parameters: Object.fromEntries(
        Object.entries(layer.namedParameters()).map(([name, w], index) => [
          name,
          w.add(multiply(noise(w.shape, seed + index), 0.1).cast(dtype)),
        ]),
      ),
    });
    return layer;
  }

  batch(dtype: DType, salt = 0): Tensor {
    return noise(this.input, this.#seed + salt).cast(dtype);
  }
}

/** `Scale { size: 3 }`: its class and its plain properties. */
function describeLayer(layer: Layer): string {
  const own = Object.entries(layer).filter(
    ([name, value]) =>
      name !== "kind" &&
      name !== "training" &&
      ["number", "string", "boolean"].includes(typeof value),
  );
  const options = own.map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(", ");
  return `${layer.constructor.name}${options === "" ? "" : ` { ${options} }`}`;
}

/** The bits of tensors, by name. */
export const bitsByName = (
  tensors: Readonly<Record<string, Tensor>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, bitsOf(x)]));
/** The places of a net's streams. */
export const placesOf = (net: Layer): readonly number[] =>
  [...net.walk()].map(({ assembly }) => assembly.stream.position);
/** Back to the start of every stream: the same masks again. */
export const rewind = (net: Layer): void => {
  for (const layer of net.walk()) layer.assembly.stream.position = 0;
};

/** x + h·direction as a constant. */
export function shifted(x: Tensor, direction: Tensor, h: number): Tensor {
  const steps = numbers(direction);
  const moved = numbers(x).map((element, i) => element + h * (steps[i] ?? 0));
  return tensor(Float64Array.from(moved), { shape: x.shape });
}
