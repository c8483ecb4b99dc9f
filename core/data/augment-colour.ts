/**
 * Colour jitter: brightness, contrast and saturation changed at random.
 * Rests on augment and random.
 */
import { ValueError } from "../errors.ts";
import { type FloatArray, uniforms } from "../random/index.ts";
import { type Augmentation, checkWithin, type ImageShape } from "./augment.ts";

/** How much a colour may change: each factor is uniform in [max(0, 1 − v), 1 + v]. */
export interface ColourJitterOptions {
  /** ≥ 0; default 0, which is no change. */
  readonly brightness?: number;
  /** ≥ 0; default 0. */
  readonly contrast?: number;
  /** ≥ 0; default 0. Images of three channels only change by it. */
  readonly saturation?: number;
}

/** Shares of red, green and blue in brightness: ITU-R BT.601, section 2.5.1. */
const luma: readonly [number, number, number] = [0.299, 0.587, 0.114];

/** Writes `factor`·image + (1 − factor)·other to `into`, held in [0, 1]; `other` is the same for each channel. */
function blend(image: FloatArray, factor: number, other: Float64Array, into: FloatArray): void {
  const plane = other.length;
  for (let start = 0; start < image.length; start += plane) {
    for (let i = 0; i < plane; i++) {
      const value = factor * (image[start + i] ?? 0) + (1 - factor) * (other[i] ?? 0);
      into[start + i] = value < 0 ? 0 : value > 1 ? 1 : value;
    }
  }
}

/** The grey of each position: luma of three channels, else the mean of the channels. */
function greys(image: FloatArray, [channels, height, width]: ImageShape): Float64Array {
  const plane = height * width;
  const weights = channels === 3 ? luma : new Array<number>(channels).fill(1 / channels);
  const grey = new Float64Array(plane);
  weights.forEach((weight, c) => {
    for (let i = 0; i < plane; i++) grey[i] = (grey[i] ?? 0) + weight * (image[c * plane + i] ?? 0);
  });
  return grey;
}

/** Writes `image` times `factor` to `into`, held in [0, 1]. Factor 1 is no change. */
export function changeBrightness(image: FloatArray, factor: number, into: FloatArray): void {
  blend(image, factor, new Float64Array(image.length), into);
}

/** Writes `image`, spread by `factor` about the mean of its greys, to `into`, held in [0, 1]. */
export function changeContrast(
  image: FloatArray,
  shape: ImageShape,
  factor: number,
  into: FloatArray,
): void {
  const grey = greys(image, shape);
  let sum = 0;
  for (const value of grey) sum += value;
  const mean = sum / grey.length;
  blend(image, factor, grey.fill(mean), into);
}

/** Writes `image`, spread by `factor` about the grey of each position, to `into`, held in [0, 1]; 0 is grey. */
export function changeSaturation(
  image: FloatArray,
  shape: ImageShape,
  factor: number,
  into: FloatArray,
): void {
  if (shape[0] !== 3) {
    into.set(image);
    return;
  }
  blend(image, factor, greys(image, shape), into);
}

/**
 * Brightness, contrast and saturation by random factors, in this order. Images must be in [0, 1], as `imageDataset`
 * without statistics gives them: normalize afterwards. (torchvision's ColorJitter, but that there the order is random,
 * too, and hue may change.)
 * Throws ValueError for a negative option, and when it is drawn for an image with a pixel outside [0, 1].
 *
 * @example augment(imageDataset(train), [colourJitter({ brightness: 0.4, contrast: 0.4 })])
 */
export function colourJitter(options: ColourJitterOptions = {}): Augmentation {
  const { brightness = 0, contrast = 0, saturation = 0 } = options;
  for (const [name, value] of Object.entries({ brightness, contrast, saturation })) {
    checkWithin("colourJitter", name, value, 0, Number.MAX_VALUE);
  }
  const factor = (change: number, u: number): number => {
    const low = Math.max(0, 1 - change);
    return low + (1 + change - low) * u;
  };
  return {
    name: "colourJitter",
    outputShape: (shape) => shape,
    apply: (image, shape, stream, into) => {
      checkPixels(image);
      const [a = 0, b = 0, c = 0] = uniforms(stream, 3);
      changeBrightness(image, factor(brightness, a), into);
      changeContrast(into, shape, factor(contrast, b), into);
      changeSaturation(into, shape, factor(saturation, c), into);
    },
  };
}

/** Throws ValueError at the first pixel outside [0, 1], which would be held to it and lost. */
function checkPixels(image: FloatArray): void {
  const wrong = image.findIndex((value) => !(value >= 0 && value <= 1));
  if (wrong === -1) return;
  throw new ValueError({
    where: "colourJitter",
    argument: "dataset",
    expected: "to have images in [0, 1]",
    got: `${image[wrong]} at element ${wrong} of an image`,
    fix: "Take imageDataset without statistics, and normalize afterwards",
  });
}
