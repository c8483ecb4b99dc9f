/**
 * How trainings on small images begin: the knobs that they share, the loaders, and the assembled net.
 * Rests on the engine, core and layers.
 */
import { z } from "zod";
import { sizeOf } from "../../../core/shape.ts";
import { assemble, type Layer } from "../../../layers/index.ts";
import { type ImageLoaders, imageLoaders, type RunContext } from "../../engine/index.ts";

/** Datasets with ten classes of small images. */
type TenClasses = { mnist: "mnist"; "fashion-mnist": "fashion-mnist"; "cifar-10": "cifar-10" };
type Count = z.ZodDefault<z.ZodInt>;

/** Which images; MNIST is there after every install. */
export const imageData: z.ZodDefault<z.ZodEnum<TenClasses>> = z
  .enum(["mnist", "fashion-mnist", "cifar-10"])
  .default("mnist")
  .describe("dataset");

/** The schema of these knobs, with defaults of the experiment's, to be spread into a config's. */
export function imageKnobs(defaults: {
  readonly batch: number;
  readonly train: number;
  readonly test: number;
  /** The smallest batch that there may be; default 1, statistics over a batch need 2. */
  readonly smallest?: number;
}): { data: typeof imageData; batch: Count; train: Count; test: Count } {
  const { batch, train, test, smallest = 1 } = defaults;
  return {
    data: imageData,
    batch: z.int().min(smallest).default(batch).describe("examples in a batch"),
    train: z.int().min(1).default(train).describe("training images"),
    test: z.int().min(1).default(test).describe("test images"),
  };
}

/** The same for the hidden layers of a perceptron. */
export function hiddenKnobs(defaults: { readonly width: number; readonly depth: number }): {
  width: Count;
  depth: Count;
} {
  return {
    width: z.int().min(1).default(defaults.width).describe("units of a hidden layer"),
    depth: z.int().min(1).default(defaults.depth).describe("hidden layers"),
  };
}

/** Sizes of the convolutional net of nets.ts. */
export const convWidth: Count = z
  .int()
  .min(4)
  .multipleOf(4)
  .default(8)
  .describe("channels of the first convolution");

/** ρ of the velocity of SGD. */
export const momentumKnob: z.ZodDefault<z.ZodNumber> = z
  .number()
  .min(0)
  .lt(1)
  .default(0.9)
  .describe("kept share of the velocity");

/** What a training on images needs of its config. */
export interface ImageConfig {
  readonly data: "mnist" | "fashion-mnist" | "cifar-10";
  readonly batch: number;
  readonly train: number;
  readonly test: number;
}

/** What the images say of a net's ends. */
export interface ImageSizes extends Pick<ImageLoaders, "shape" | "classes"> {
  /** Numbers of an image. */
  readonly inputs: number;
}

/** A net before its first update, and its data. */
export interface ImageTraining extends ImageLoaders {
  readonly net: Layer;
}

/**
 * The first images of the set in an order of the seed's, and the net that `layers` makes for them, with first weights of the
 * seed's.
 *
 * @example
 * const { net, train, test } = beginTraining(context, (sizes) => perceptron({ ...context.config, ...sizes, order: "before" }));
 */
export function beginTraining(
  { config, seed, data }: Pick<RunContext<ImageConfig>, "config" | "seed" | "data">,
  layers: (sizes: ImageSizes) => Layer,
): ImageTraining {
  const { data: name, batch, train, test } = config;
  const loaders = imageLoaders(data.images(name), { batch, train, test, seed });
  const { shape, classes } = loaders;
  const net = assemble(layers({ shape, classes, inputs: sizeOf(shape) }), { seed });
  return { ...loaders, net };
}
