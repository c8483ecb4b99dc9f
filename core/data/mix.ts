/**
 * Mixing: mixup and cutmix make one example of two, and probabilities of their labels.
 * Rests on augment, augment-geometry, beta and dataset.
 *
 * The partner is drawn from the whole dataset, not from the batch, so that an example does not depend on the batch it
 * is in. It is the partner as it is in the same epoch.
 */
import { ValueError } from "../errors.ts";
import { RandomSource, type Stream } from "../random/index.ts";
import { sizeOf } from "../shape.ts";
import { checkWhole, exampleStreams, imageShape, type RandomOptions } from "./augment.ts";
import { below, cropAt, type Window } from "./augment-geometry.ts";
import { beta, leastBeta } from "./beta.ts";
import { allocateRows, examples, type LabelledExamples, type Row } from "./dataset.ts";
import { asFloats, checkFloatField } from "./normalization.ts";

/** Options of `mixup` and `cutmix`. */
export interface MixOptions extends RandomOptions {
  /** Number of classes, integer ≥ 1. */
  readonly classes: number;
  /** The share λ of an example is drawn from Beta(alpha, alpha); at least 1e-300 and finite. */
  readonly alpha: number;
}

/** Shares are multiples of 2⁻²⁴, so that λ and 1 − λ are exact in float32 and their sum is 1 exactly. */
const shareSteps = 16777216;

/** The multiple of 2⁻²⁴ next to `share`. */
function onGrid(share: number): number {
  return Math.round(share * shareSteps) / shareSteps;
}

/** Mixes `x` with `partner` into `into` and gives the share that stays of x, a multiple of 2⁻²⁴. */
type Mixing = (
  share: number,
  stream: Stream,
  x: Row<"x">,
  partner: Row<"x">,
  into: Row<"x">,
) => number;

/** What mixup and cutmix have in common: partner, share, labels. */
function mixed(
  where: "mixup" | "cutmix",
  dataset: LabelledExamples,
  { classes, alpha, seed = 0 }: MixOptions,
  mix: Mixing,
): LabelledExamples {
  const { shape, dtype } = checkFloatField(where, dataset.fields);
  checkWhole(where, "classes", classes, 1);
  if (!(alpha >= leastBeta && alpha < Infinity)) {
    const fix = "Give a small number: 0.2 mixes little, 1 mixes every share alike";
    const complaint = { where, argument: "alpha", got: String(alpha), fix };
    throw new ValueError({ ...complaint, expected: `to be at least ${leastBeta} and finite` });
  }
  const streams = exampleStreams(new RandomSource(seed), `augment/${where}`);
  const [first, second] = [allocateRows(dataset.fields), allocateRows(dataset.fields)];
  return examples({
    length: dataset.length,
    fields: { x: { shape, dtype }, y: { shape: [classes], dtype } },
    write: (position, epoch, into) => {
      const stream = streams(position, epoch);
      const partner = below(stream, dataset.length);
      const share = onGrid(beta(stream, alpha, alpha));
      dataset.write(position, epoch, first);
      dataset.write(partner, epoch, second);
      const kept = mix(share, stream, first, second, into);
      into.y.fill(0);
      for (const [label, weight] of [
        [first.y[0] ?? 0, kept],
        [second.y[0] ?? 0, 1 - kept],
      ] as const) {
        if (label < 0 || label >= classes) throw wrongLabel(where, label, classes);
        into.y[label] = (into.y[label] ?? 0) + weight;
      }
    },
  });
}

/**
 * x ← λ·x + (1 − λ)·x′ and y ← λ·y + (1 − λ)·y′ for a partner (x′, y′) drawn from the dataset and λ ~ Beta(α, α).
 * `y` becomes probabilities [classes] of x's dtype, which `crossEntropy` takes; their sum is 1 exactly.
 * Throws ValueError for options out of range, and for a label outside [0, classes) when it is drawn.
 * Zhang, Cissé, Dauphin & Lopez-Paz 2018, equation 1.
 *
 * @example mixup(imageDataset(train, statistics), { classes: 10, alpha: 0.2, seed: 1 })
 */
export function mixup(dataset: LabelledExamples, options: MixOptions): LabelledExamples {
  return mixed("mixup", dataset, options, (share, _stream, x, partner, into) => {
    const [a, b, out] = [asFloats(x.x), asFloats(partner.x), asFloats(into.x)];
    for (let i = 0; i < out.length; i++) {
      out[i] = share * (a[i] ?? 0) + (1 - share) * (b[i] ?? 0);
    }
    return share;
  });
}

/** The rows and columns of a window that are inside the image. */
function inside(window: Window, height: number, width: number): Window {
  const top = Math.max(window.top, 0);
  const left = Math.max(window.left, 0);
  return {
    top,
    left,
    height: Math.min(window.top + window.height, height) - top,
    width: Math.min(window.left + window.width, width) - left,
  };
}

/**
 * A rectangle of √(1 − λ) of the height and width, centred at any pixel with equal chance, is taken from a partner drawn
 * from the dataset, and y ← κ·y + (1 − κ)·y′, where κ is the share of the pixels that stayed; λ ~ Beta(α, α).
 * `y` becomes probabilities [classes] of x's dtype, as with `mixup`.
 * Throws ShapeError where x is no image, ValueError as `mixup`. Yun et al. 2019, section 3.1.
 *
 * @example cutmix(imageDataset(train, statistics), { classes: 10, alpha: 1, seed: 1 })
 */
export function cutmix(dataset: LabelledExamples, options: MixOptions): LabelledExamples {
  const [channels, height, width] = imageShape("cutmix", dataset.fields.x.shape);
  const patch = new Float64Array(sizeOf([channels, height, width]));
  return mixed("cutmix", dataset, options, (share, stream, x, partner, into) => {
    const side = Math.sqrt(1 - share);
    const [tall, wide] = [Math.floor(height * side), Math.floor(width * side)];
    const top = below(stream, height) - Math.floor(tall / 2);
    const left = below(stream, width) - Math.floor(wide / 2);
    const window = inside({ top, left, height: tall, width: wide }, height, width);
    const out = asFloats(into.x);
    out.set(asFloats(x.x));
    const size: readonly [number, number, number] = [channels, height, width];
    cropAt(asFloats(partner.x), size, window, 0, patch);
    pasteAt(out, size, window, patch);
    return onGrid(1 - (window.height * window.width) / (height * width));
  });
}

/** Writes `patch`, of the channels of the image and the size of `window`, over the image there. */
function pasteAt(
  image: Float32Array | Float64Array,
  [channels, height, width]: readonly [number, number, number],
  window: Window,
  patch: Float64Array,
): void {
  let from = 0;
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < window.height; y++) {
      const row = (c * height + window.top + y) * width + window.left;
      for (let x = 0; x < window.width; x++) image[row + x] = patch[from++] ?? 0;
    }
  }
}

function wrongLabel(where: string, label: number, classes: number): ValueError {
  return new ValueError({
    where,
    argument: "dataset",
    expected: `to have labels in [0, ${classes})`,
    got: String(label),
    fix: "Give the number of classes, counted from 0",
  });
}
