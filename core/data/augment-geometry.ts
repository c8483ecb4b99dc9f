/**
 * Geometric augmentations: flip, crop with padding, cutout. Each is a pure function of the image and of numbers, and
 * the augmentation that draws the numbers. Rests on augment and random.
 */
import { ShapeError, ValueError } from "../errors.ts";
import { type FloatArray, integers, type Stream, uniforms } from "../random/index.ts";
import { formatShape } from "../shape.ts";
import { type Augmentation, checkWhole, checkWithin, type ImageShape } from "./augment.ts";

/** Options of `flip`. */
export interface FlipOptions {
  /** Share of the images that are flipped, in [0, 1]; default 0.5. */
  readonly probability?: number;
  /** Left to right, or top to bottom; default `"horizontal"`. */
  readonly direction?: "horizontal" | "vertical";
}

/** Writes the mirror image of `image` to `into`: two mirrors are none. */
export function mirror(
  image: FloatArray,
  [channels, height, width]: ImageShape,
  direction: "horizontal" | "vertical",
  into: FloatArray,
): void {
  for (let row = 0; row < channels * height; row++) {
    const channel = Math.floor(row / height);
    const flipped = channel * height + (height - 1 - (row - channel * height));
    const from = (direction === "vertical" ? flipped : row) * width;
    const to = row * width;
    for (let x = 0; x < width; x++) {
      into[to + x] = image[from + (direction === "horizontal" ? width - 1 - x : x)] ?? 0;
    }
  }
}

/**
 * Mirrors images at random. Throws ValueError for a probability outside [0, 1] and another direction.
 * Krizhevsky, Sutskever & Hinton 2012, section 4.1.
 *
 * @example augment(dataset, [flip()])
 */
export function flip(options: FlipOptions = {}): Augmentation {
  const { probability = 0.5, direction = "horizontal" } = options;
  checkWithin("flip", "probability", probability, 0, 1);
  if (direction !== "horizontal" && direction !== "vertical") {
    throw new ValueError({
      where: "flip",
      argument: "direction",
      expected: 'to be "horizontal" or "vertical"',
      got: JSON.stringify(direction),
      fix: "Leave it out to mirror left to right",
    });
  }
  return {
    name: "flip",
    outputShape: (shape) => shape,
    apply: (image, shape, stream, into) => {
      if (chance(stream, probability)) mirror(image, shape, direction, into);
      else into.set(image);
    },
  };
}

/** Where a crop lies: its size, and the row and column of its first pixel, which may be outside the image. */
export interface Window {
  readonly height: number;
  readonly width: number;
  readonly top: number;
  readonly left: number;
}

/** Writes the part of `image` in `window` to `into`, `fill` where the window leaves the image. */
export function cropAt(
  image: FloatArray,
  [channels, height, width]: ImageShape,
  window: Window,
  fill: number,
  into: FloatArray,
): void {
  let to = 0;
  for (let c = 0; c < channels; c++) {
    for (let y = window.top; y < window.top + window.height; y++) {
      for (let x = window.left; x < window.left + window.width; x++) {
        const inside = y >= 0 && y < height && x >= 0 && x < width;
        into[to++] = inside ? (image[(c * height + y) * width + x] ?? 0) : fill;
      }
    }
  }
}

/** Options of `crop`. */
export interface CropOptions {
  /** Pixels added on each side before cropping, integer ≥ 0; default 0. */
  readonly padding?: number;
  /** Height and width of the crop, integers ≥ 1; default those of the image. */
  readonly size?: readonly [height: number, width: number];
  /** The added pixels' value; default 0, which is black before and the mean after centering. */
  readonly fill?: number;
}

/**
 * A random part of the padded image, every offset alike.
 * Throws ValueError for a padding or size out of range, ShapeError (in `augment`) where the padded image is smaller
 * than the crop. He et al. 2016, "Deep residual learning", section 4.2: padding 4 and crops of 32 × 32.
 *
 * @example augment(dataset, [crop({ padding: 4 })])
 */
export function crop({ padding = 0, size, fill = 0 }: CropOptions = {}): Augmentation {
  checkWhole("crop", "padding", padding, 0);
  for (const length of size ?? []) checkWhole("crop", "size", length, 1);
  checkWithin("crop", "fill", fill, -Number.MAX_VALUE, Number.MAX_VALUE);
  const extent = ([, height, width]: ImageShape): readonly [number, number] =>
    size ?? [height, width];
  return {
    name: "crop",
    outputShape: (shape) => {
      const [channels, height, width] = shape;
      const [tall, wide] = extent(shape);
      if (tall > height + 2 * padding || wide > width + 2 * padding) {
        throw new ShapeError({
          where: "crop",
          argument: "size",
          expected: `to fit the image ${formatShape(shape)} with padding ${padding}`,
          got: formatShape([tall, wide]),
          fix: "Crop less, or pad more",
        });
      }
      return [channels, tall, wide];
    },
    apply: (image, shape, stream, into) => {
      const [, height, width] = shape;
      const [tall, wide] = extent(shape);
      const top = below(stream, height + 2 * padding - tall + 1) - padding;
      const left = below(stream, width + 2 * padding - wide + 1) - padding;
      cropAt(image, shape, { height: tall, width: wide, top, left }, fill, into);
    },
  };
}

/** Sets the pixels of `image` in `window`, where it is inside the image, to `fill` in every channel. */
export function eraseAt(
  image: FloatArray,
  [channels, height, width]: ImageShape,
  window: Window,
  fill: number,
): void {
  const bottom = Math.min(window.top + window.height, height);
  const right = Math.min(window.left + window.width, width);
  for (let c = 0; c < channels; c++) {
    for (let y = Math.max(window.top, 0); y < bottom; y++) {
      const row = (c * height + y) * width;
      for (let x = Math.max(window.left, 0); x < right; x++) image[row + x] = fill;
    }
  }
}

/** Options of `cutout`. */
export interface CutoutOptions {
  /** Side of the square in pixels, integer ≥ 1. */
  readonly size: number;
  /** Share of the images that lose a square, in [0, 1]; default 1. */
  readonly probability?: number;
  /** The value in the square; default 0. */
  readonly fill?: number;
}

/**
 * Fills a square whose centre is at any pixel with equal chance; what of it is outside the image is lost, so its area is
 * between ⌊(size + 1)/2⌋² and size², as far as the image reaches.
 * Throws ValueError for options out of range. DeVries & Taylor 2017, section 3.1.
 *
 * @example augment(dataset, [cutout({ size: 16 })])
 */
export function cutout({ size, probability = 1, fill = 0 }: CutoutOptions): Augmentation {
  checkWhole("cutout", "size", size, 1);
  checkWithin("cutout", "probability", probability, 0, 1);
  checkWithin("cutout", "fill", fill, -Number.MAX_VALUE, Number.MAX_VALUE);
  return {
    name: "cutout",
    outputShape: (shape) => shape,
    apply: (image, shape, stream, into) => {
      const [, height, width] = shape;
      into.set(image);
      if (!chance(stream, probability)) return;
      const top = below(stream, height) - Math.floor(size / 2);
      const left = below(stream, width) - Math.floor(size / 2);
      eraseAt(into, shape, { height: size, width: size, top, left }, fill);
    },
  };
}

/** True with `probability`; takes one block whatever comes. */
export function chance(stream: Stream, probability: number): boolean {
  return (uniforms(stream, 1)[0] ?? 1) < probability;
}

/** An integer of [0, high); takes one block. */
export function below(stream: Stream, high: number): number {
  return integers(stream, 1, 0, high)[0] ?? 0;
}
