/**
 * Augmentation: every image changed at random, anew in each epoch.
 * Rests on random, dataset and normalization.
 *
 * What happens to an image is a function of (seed, epoch, position). Each augmentation has the stream
 * `augment/<kind><count>/epoch<epoch>`, counted per kind, and the image at position p has blocks p·2¹⁶ … of it: another
 * augmentation before or after, another batch size, another order change nothing of what this one draws.
 */
import { ShapeError, ValueError } from "../errors.ts";
import { type FloatArray, RandomSource, type Stream } from "../random/index.ts";
import { requireInteger, requireWithin } from "../require-number.ts";
import { formatShape, type Shape, sizeOf } from "../shape.ts";
import { type Examples, examples } from "./dataset.ts";
import { asFloats, checkFloatField } from "./normalization.ts";

/** Channels, height, width. */
export type ImageShape = readonly [number, number, number];

/** A random change of one image. */
export interface Augmentation {
  /** Its kind, by which streams are named: `"flip"`. */
  readonly name: string;
  /** The shape of what comes out for images of `shape`. Throws ShapeError for images it cannot take. */
  outputShape(shape: ImageShape): ImageShape;
  /** Writes the changed `image` of `shape` to `into`, which shares no memory with it. All it draws is of `stream`. */
  apply(image: FloatArray, shape: ImageShape, stream: Stream, into: FloatArray): void;
}

/** Options of `augment`, `mixup` and `cutmix`. */
export interface RandomOptions {
  /** Seed of the draws, integer in [0, 2⁵³); default 0. */
  readonly seed?: number;
}

/** Blocks of a stream that one example may draw; the 2³¹ positions of a dataset fit 2⁵³ blocks with room. */
const blocksPerExample = 65536;

/** The stream of `name` for each (position, epoch), set to the example's first block. */
export function exampleStreams(
  source: RandomSource,
  name: string,
): (position: number, epoch: number) => Stream {
  let current: { readonly epoch: number; readonly stream: Stream } | null = null;
  return (position, epoch) => {
    if (current?.epoch !== epoch) {
      current = { epoch, stream: source.stream(`${name}/epoch${epoch}`) };
    }
    current.stream.position = position * blocksPerExample;
    return current.stream;
  };
}

/**
 * `dataset` with every image x [C, H, W] through the `augmentations` in order, its other fields as they are.
 * A kind counts anew in each call: two calls one on the other, with one seed, draw alike, and their flips undo each other.
 * Name all augmentations in one list, or give the calls seeds of their own.
 * Throws ShapeError where x is no image or an augmentation cannot take it, ValueError where x is no float or the seed is out of range.
 *
 * @example
 * augment(imageDataset(train), [flip(), crop({ padding: 4 })], { seed: 1 });
 */
export function augment<Name extends string>(
  dataset: Examples<Name | "x">,
  augmentations: readonly Augmentation[],
  { seed = 0 }: RandomOptions = {},
): Examples<Name | "x"> {
  const { dtype } = checkFloatField("augment", dataset.fields);
  const source = new RandomSource(seed);
  const memory = (shape: Shape): FloatArray =>
    dtype === "float64" ? new Float64Array(sizeOf(shape)) : new Float32Array(sizeOf(shape));
  let shape = imageShape("augment", dataset.fields.x.shape);
  const first = memory(shape);
  const counts = new Map<string, number>();
  const stages = augmentations.map((augmentation) => {
    const { name } = augmentation;
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const input = shape;
    shape = augmentation.outputShape(input);
    const streams = exampleStreams(source, `augment/${name}${count}`);
    return { augmentation, input, streams, output: memory(shape) };
  });
  return examples({
    length: dataset.length,
    fields: { ...dataset.fields, x: { shape, dtype } },
    write: (position, epoch, into) => {
      dataset.write(position, epoch, { ...into, x: first });
      let image: FloatArray = first;
      for (const { augmentation, input, streams, output } of stages) {
        const stream = streams(position, epoch);
        const start = stream.position;
        augmentation.apply(image, input, stream, output);
        checkDrawn(augmentation.name, stream.position - start);
        image = output;
      }
      asFloats(into.x).set(image);
    },
  });
}

/** `shape` as that of an image. Throws ShapeError unless it has three axes, none of them empty. */
export function imageShape(where: string, shape: Shape): ImageShape {
  const [channels, height, width] = shape;
  if (shape.length === 3 && channels && height && width) return [channels, height, width];
  throw new ShapeError({
    where,
    argument: "dataset",
    expected: "to have images x of three axes: channels, height, width, each at least 1",
    got: formatShape(shape),
    fix: "Give an image of one channel the shape [1, height, width]",
  });
}

/** Throws ValueError unless `value` is in [low, high]. */
export function checkWithin(
  where: string,
  argument: string,
  value: number,
  low: number,
  high: number,
): void {
  requireWithin(where, argument, value, [low, high], "Choose another value");
}

/** Throws ValueError unless `value` is an integer ≥ low. */
export function checkWhole(where: string, argument: string, value: number, low: number): void {
  requireInteger(where, argument, value, low, "Give a whole number");
}

/** One example must not draw what belongs to the next. */
function checkDrawn(name: string, blocks: number): void {
  if (blocks <= blocksPerExample) return;
  throw new ValueError({
    where: "augment",
    argument: name,
    expected: `to draw at most ${blocksPerExample} blocks for an image`,
    got: String(blocks),
    fix: "Draw a few numbers, and the rest from a stream of their own",
  });
}
