/**
 * Records of the layers that change shapes and own nothing.
 * Rests on the layers and record.
 */
import { sizeOf } from "../../core/shape.ts";
import { Flatten } from "../flatten.ts";
import type { Layer } from "../layer.ts";
import { AvgPool2d, GlobalAvgPool, MaxPool2d } from "../pooling.ts";
import { ZeroPadShortcut } from "../shortcut.ts";
import { batch, images, type LayerRecord, slid } from "./record.ts";

/** A pooling with a window of its own. */
const pooling = (
  name: string,
  what: string,
  make: (options: { window: number; stride: number; padding: number }) => Layer,
): LayerRecord => ({
  name,
  what,
  source: "LeCun et al. 1998, section II.A",
  training: "same",
  sample: (draw) => {
    const [window, stride] = [draw.integer(2, 3), draw.integer(1, 3)];
    const padding = draw.integer(0, 1);
    const [n, channels] = [batch(draw), draw.integer(1, 3)];
    const [height, width] = [draw.integer(3, 6), draw.integer(3, 6)];
    const pixels = [height, width].map((length) => slid(length, window, stride, padding));
    return {
      layer: make({ window, stride, padding }),
      input: [n, channels, height, width],
      output: [n, channels, ...pixels],
      parameters: 0,
    };
  },
});

/** The records of this file. */
export const shapeRecords: readonly LayerRecord[] = [
  pooling("MaxPool2d", "the largest of each window", (options) => new MaxPool2d(options)),
  pooling("AvgPool2d", "the mean of each window", (options) => new AvgPool2d(options)),
  {
    name: "GlobalAvgPool",
    what: "the mean of each channel",
    source: "Lin, Chen & Yan 2014, section 3.2",
    training: "same",
    sample: (draw) => {
      const input = images(draw, draw.integer(1, 4));
      return { layer: new GlobalAvgPool(), input, output: input.slice(0, 2), parameters: 0 };
    },
  },
  {
    name: "Flatten",
    what: "all axes but the batch's joined",
    source: "a reshape",
    training: "same",
    sample: (draw) => {
      const example = draw.shape({ minRank: 1, minLength: 1 });
      const n = batch(draw);
      return {
        layer: new Flatten(),
        input: [n, ...example],
        output: [n, sizeOf(example)],
        parameters: 0,
      };
    },
  },
  {
    name: "ZeroPadShortcut",
    what: "every stride-th pixel, with channels of zeros added",
    source: "He et al. 2016, section 3.3, option A",
    training: "same",
    sample: (draw) => {
      const [from, more, stride] = [draw.integer(1, 3), draw.integer(0, 3), draw.integer(1, 3)];
      const input = images(draw, from);
      const pixels = input.slice(2).map((length) => Math.ceil(length / stride));
      return {
        layer: new ZeroPadShortcut(from, from + more, { stride }),
        input,
        output: [...input.slice(0, 1), from + more, ...pixels],
        parameters: 0,
      };
    },
  },
];
