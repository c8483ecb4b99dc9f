/**
 * Records of the functions that make nets and their parts.
 * Rests on nets and shortcut, and on core's sampling contract.
 */
import type { Sampler } from "../../core/sampling.ts";
import { Tanh } from "../activation.ts";
import { cifarResNet, lenet, mlp, residualBlock, vgg } from "../nets/index.ts";
import { projectionShortcut } from "../shortcut.ts";
import type { LayerRecord } from "./record.ts";

const batch = (draw: Sampler): number => draw.integer(2, 3);

/** Weights of a convolution without bias, with γ and β of its normalization. */
const normalized = (from: number, to: number, kernel: number): number =>
  to * from * kernel * kernel + 2 * to;

/** The records of this file. */
export const netRecords: readonly LayerRecord[] = [
  {
    name: "mlp",
    what: "linear layers with activations between them",
    source: "Rumelhart, Hinton & Williams 1986",
    training: "same",
    sample: (draw) => {
      const [inputs, hidden, outputs] = [
        draw.integer(1, 6),
        draw.integer(1, 6),
        draw.integer(1, 4),
      ];
      const n = batch(draw);
      return {
        layer: mlp([inputs, hidden, outputs], { activation: () => new Tanh() }),
        input: [n, inputs],
        output: [n, outputs],
        parameters: hidden * (inputs + 1) + outputs * (hidden + 1),
      };
    },
  },
  {
    name: "lenet",
    what: "two convolutions with pooling, two linear layers",
    source: "after LeCun et al. 1998",
    training: "same",
    sample: (draw) => {
      const [channels, classes, n] = [draw.integer(1, 2), draw.integer(2, 4), batch(draw)];
      const first = 16 * (25 * channels + 1);
      return {
        layer: lenet({ shape: [channels, 4, 8], classes }),
        input: [n, channels, 4, 8],
        output: [n, classes],
        parameters: first + 32 * (25 * 16 + 1) + 128 * (32 * 2 + 1) + classes * 129,
      };
    },
  },
  {
    name: "vgg",
    what: "stages of 3×3 convolutions and pooling, linear layers",
    source: "Simonyan & Zisserman 2015, table 1",
    training: "batch",
    sample: (draw) => {
      const [classes, n] = [draw.integer(2, 4), batch(draw)];
      const shape = [2, 4, 8] as const;
      return {
        layer: vgg({ shape, classes, stages: [1, 2], width: 3, hidden: [5], batchNorm: true }),
        input: [n, ...shape],
        output: [n, classes],
        parameters:
          normalized(2, 3, 3) + normalized(3, 6, 3) + normalized(6, 6, 3) + 5 * 13 + classes * 6,
      };
    },
  },
  {
    name: "projectionShortcut",
    what: "a strided 1×1 convolution, normalized",
    source: "He et al. 2016, section 3.3, option B",
    training: "batch",
    sample: (draw) => {
      const [from, to, n] = [draw.integer(1, 3), draw.integer(1, 3), batch(draw)];
      return {
        layer: projectionShortcut(from, to, { stride: 2 }),
        input: [n, from, 5, 4],
        output: [n, to, 3, 2],
        parameters: normalized(from, to, 1),
      };
    },
  },
  {
    name: "residualBlock",
    what: "two normalized 3×3 convolutions beside a shortcut",
    source: "He et al. 2016, figure 2",
    training: "batch",
    sample: (draw) => {
      const [from, more, n] = [draw.integer(1, 3), draw.integer(0, 2), batch(draw)];
      const [to, stride] = [from + more, draw.integer(1, 2)];
      const shortcut = draw.pick(["zeroPad", "projection"] as const);
      const projected = shortcut === "projection" && (stride > 1 || more > 0);
      return {
        layer: residualBlock(from, to, { stride, shortcut }),
        input: [n, from, 5, 4],
        output: [n, to, Math.ceil(5 / stride), Math.ceil(4 / stride)],
        parameters:
          normalized(from, to, 3) +
          normalized(to, to, 3) +
          (projected ? normalized(from, to, 1) : 0),
      };
    },
  },
  {
    name: "cifarResNet",
    what: "a residual or plain net of depth 6n + 2",
    source: "He et al. 2016, section 4.2",
    training: "batch",
    sample: (draw) => {
      const [channels, classes, n] = [draw.integer(1, 3), draw.integer(2, 4), batch(draw)];
      const plain = draw.boolean();
      const stages = [
        [2, 2],
        [2, 4],
        [4, 8],
      ].map(([from = 0, to = 0]) => normalized(from, to, 3) + normalized(to, to, 3));
      return {
        layer: cifarResNet({ depth: 8, channels, classes, width: 2, plain }),
        input: [n, channels, 8, 8],
        output: [n, classes],
        parameters:
          normalized(channels, 2, 3) + stages.reduce((sum, stage) => sum + stage, 0) + classes * 9,
      };
    },
  },
];
