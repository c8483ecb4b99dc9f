/**
 * Records of the normalizations.
 * Rests on the layers and record.
 */
import type { Shape } from "../../core/index.ts";
import type { Sampler } from "../../core/sampling.ts";
import { sizeOf } from "../../core/shape.ts";
import { BatchNorm, BatchNorm1d, BatchNorm2d, type BatchNormOptions } from "../batch-norm.ts";
import { GroupNorm, InstanceNorm2d } from "../group-norm.ts";
import type { Layer } from "../layer.ts";
import { LayerNorm } from "../layer-norm.ts";
import type { NormOptions } from "../normalization.ts";
import { batch, images, keeping, type LayerRecord } from "./record.ts";

/** [N, C], [N, C, L] or images. */
const channelled = (draw: Sampler, channels: number): Shape =>
  draw.pick([
    [batch(draw), channels],
    [batch(draw), channels, draw.integer(1, 4)],
    images(draw, channels),
  ]);

const normOptions = (draw: Sampler): NormOptions => ({
  epsilon: draw.pick([1e-5, 1e-3, 0.1]),
  affine: draw.boolean(),
});

const batchNormOptions = (draw: Sampler): BatchNormOptions => ({
  ...normOptions(draw),
  ...(draw.boolean() ? { rho: draw.pick([0, 0.5, 0.9]) } : { average: "cumulative" }),
  unbiased: draw.boolean(),
});

const batchNorm = (
  name: string,
  what: string,
  make: (channels: number, options: BatchNormOptions) => Layer,
  shape: (draw: Sampler, channels: number) => Shape,
): LayerRecord => ({
  name,
  what,
  source: "Ioffe & Szegedy 2015, algorithms 1 and 2",
  training: "batch",
  sample: (draw) => {
    const channels = draw.integer(1, 4);
    const options = batchNormOptions(draw);
    const parameters = options.affine ? 2 * channels : 0;
    return keeping(make(channels, options), shape(draw, channels), parameters);
  },
});

/** The records of this file. */
export const normalizationRecords: readonly LayerRecord[] = [
  batchNorm(
    "BatchNorm",
    "each channel normalized over the batch",
    (channels, options) => new BatchNorm(channels, options),
    channelled,
  ),
  batchNorm(
    "BatchNorm1d",
    "BatchNorm of vectors or sequences",
    (channels, options) => new BatchNorm1d(channels, options),
    (draw, channels) => [batch(draw), channels, ...draw.pick([[], [draw.integer(1, 4)]])],
  ),
  batchNorm(
    "BatchNorm2d",
    "BatchNorm of images",
    (channels, options) => new BatchNorm2d(channels, options),
    images,
  ),
  {
    name: "LayerNorm",
    what: "each example normalized over its last axes",
    source: "Ba, Kiros & Hinton 2016, section 3",
    training: "same",
    sample: (draw) => {
      const shape = draw.shape({ minRank: 1, maxRank: 3, minLength: 1 });
      const options = normOptions(draw);
      const [only = 1] = shape;
      const layer = new LayerNorm(shape.length === 1 ? only : shape, options);
      return keeping(layer, [batch(draw), ...shape], options.affine ? 2 * sizeOf(shape) : 0);
    },
  },
  {
    name: "GroupNorm",
    what: "each example normalized over groups of channels",
    source: "Wu & He 2018, section 3",
    training: "same",
    sample: (draw) => {
      const groups = draw.integer(1, 3);
      const channels = groups * draw.integer(1, 3);
      const options = normOptions(draw);
      const layer = new GroupNorm(channels, { groups, ...options });
      return keeping(layer, channelled(draw, channels), options.affine ? 2 * channels : 0);
    },
  },
  {
    name: "InstanceNorm2d",
    what: "each channel of each example normalized",
    source: "Ulyanov, Vedaldi & Lempitsky 2016",
    training: "same",
    sample: (draw) => {
      const channels = draw.integer(1, 4);
      const options = normOptions(draw);
      const layer = new InstanceNorm2d(channels, options);
      return keeping(layer, images(draw, channels), options.affine ? 2 * channels : 0);
    },
  },
];
