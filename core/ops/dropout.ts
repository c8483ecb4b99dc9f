/**
 * Dropout: sets elements to 0 at random and scales the others up, so that the mean stays.
 * Rests on bind and random. Once the mask is drawn the map is linear, and its own adjoint.
 */
import { bindOne } from "../bind.ts";
import type { DrawPosition } from "../devices/kernels.ts";
import { floatDTypes, requireDType } from "../dtype.ts";
import { ulps } from "../error-bound.ts";
import { ValueError } from "../errors.ts";
import { nd } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import { blocksForBernoulli, type Stream } from "../random/index.ts";
import type { Tensor, TensorType } from "../tensor.ts";
import { fractionOf, samplePosition } from "./random-definitions.ts";
import { linear, type UnaryRecord } from "./shorthand.ts";

/** Options of `dropout`. */
export interface DropoutOptions {
  /** Probability of each element to become 0, in [0, 1). */
  readonly rate: number;
  /** Where the mask is drawn from; it moves on by one block for two elements. */
  readonly stream: Stream;
}

/** A mask that is already decided: it starts at block `position` of the stream with `key`. */
interface DropoutAttributes extends DrawPosition {
  readonly rate: number;
}

function requireRate(x: TensorType, rate: number): void {
  requireDType("dropout", "x", x.dtype, floatDTypes);
  if (!(rate >= 0 && rate < 1)) {
    throw new ValueError({
      where: "dropout",
      argument: "rate",
      expected: "to be a probability in [0, 1)",
      got: String(rate),
      fix: "Give the share of elements to drop, such as 0.5",
    });
  }
}

/** The record of `dropout`. */
export const dropoutOp: UnaryRecord<DropoutAttributes> = linear<DropoutAttributes>({
  name: "dropout",
  family: "dropout",
  formula: "y_i = 0 where u_i < rate, else x_i/(1 − rate); u_i uniform in [0, 1)",
  source: "Srivastava et al. 2014, section 4; scaled in training, section 10",
  infer: ([x], { rate }) => {
    requireRate(x, rate);
    return [{ shape: x.shape, dtype: x.dtype }];
  },
  forward: { kernel: "dropout", with: ({ rate, key, position }) => ({ rate, key, position }) },
  apply: (x, attributes) => bindOne(dropoutOp, [x], attributes),
  transpose: (c, _x, attributes) => bindOne(dropoutOp, [c], attributes),
  sample: (draw) => ({
    inputs: [draw.values(draw.shape(), { min: -3, max: 3 })],
    attributes: { ...samplePosition(draw), rate: draw.pick([0, 0.1, 0.5, 0.75]) },
  }),
  special: [
    {
      title: "a dropped infinity is 0, not NaN",
      // Key 0, block 0: the first fraction is 0x6627e8d5/2^32 = 0.399… < 0.5, the second 0xbc57ac4c/2^32 is not.
      inputs: [nd([Number.POSITIVE_INFINITY, 3])],
      attributes: { key: [0, 0], position: 0, rate: 0.5 },
      output: nd([0, 6]),
      gradients: [nd([0, 2])],
    },
  ],
  errors: [
    {
      inputs: [nd([1])],
      attributes: { key: [0, 0], position: 0, rate: 1 },
      message:
        "dropout: expected rate to be a probability in [0, 1), got 1. Give the share of elements to drop, such as 0.5.",
    },
    {
      inputs: [nd([1])],
      attributes: { key: [0, 0], position: 0, rate: -0.5 },
      message:
        "dropout: expected rate to be a probability in [0, 1), got -0.5. Give the share of elements to drop, such as 0.5.",
    },
    {
      inputs: [nd([1])],
      attributes: { key: [0, 0], position: 0, rate: Number.NaN },
      message:
        "dropout: expected rate to be a probability in [0, 1), got NaN. Give the share of elements to drop, such as 0.5.",
    },
    {
      inputs: [nd([1], "int32")],
      attributes: { key: [0, 0], position: 0, rate: 0.5 },
      message:
        'dropout: expected x to be float32 or float64, got int32. Cast it, for example x.cast("float32").',
    },
  ],
  reference: (inputs, attributes) =>
    inputs.map((x) => ({
      ...x,
      data: x.data.map((value, i) =>
        fractionOf(attributes, i) < attributes.rate ? 0 : value / (1 - attributes.rate),
      ),
    })),
  bound: ulps(1, "one division; which elements are 0 is exact"),
});

/**
 * Dropout: each element becomes 0 with probability `rate`, else x/(1 − rate). x: [...] → as x.
 * The mask takes ⌈size/2⌉ blocks of `stream` whatever the rate, also at rate 0, which returns x itself: so runs
 * that differ in the rate alone stay paired in all that the stream gives later, and an element kept at one
 * rate is kept at every smaller one. Throws ValueError unless rate is in [0, 1), DTypeError unless x holds
 * floats. Srivastava et al. 2014, section 10: scaled in training, so that inference does nothing.
 *
 * @example
 * dropout(x, { rate: 0.1, stream: source.stream("dropout") });
 */
export function dropout(x: Tensor, { rate, stream }: DropoutOptions): Tensor {
  requireRate(x, rate);
  const position = stream.reserve(blocksForBernoulli(x.size));
  return rate === 0 ? x : bindOne(dropoutOp, [x], { rate, key: stream.key, position });
}

/** The records of this file. */
export const dropoutOps: readonly OpRecord[] = [dropoutOp];
