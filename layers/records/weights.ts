/**
 * Records of the layers with weights, and of those that hold layers.
 * Rests on the layers and record.
 */
import { Tanh } from "../activation.ts";
import { Conv2d } from "../conv2d.ts";
import { Linear } from "../linear.ts";
import { Residual } from "../residual.ts";
import { Sequential } from "../sequential.ts";
import { batch, type LayerRecord, slid } from "./record.ts";

const linear: LayerRecord = {
  name: "Linear",
  what: "y = x·Wᵀ + b",
  source: "Rosenblatt 1958; Rumelhart, Hinton & Williams 1986",
  training: "same",
  sample: (draw) => {
    const [inputs, outputs, bias] = [draw.integer(1, 5), draw.integer(1, 5), draw.boolean()];
    const stack = [batch(draw), ...draw.pick([[], [draw.integer(1, 3)]])];
    return {
      layer: new Linear(inputs, outputs, { bias }),
      input: [...stack, inputs],
      output: [...stack, outputs],
      parameters: outputs * (inputs + (bias ? 1 : 0)),
    };
  },
};

const conv2d: LayerRecord = {
  name: "Conv2d",
  what: "y = x ⋆ W + b",
  source: "LeCun et al. 1989",
  training: "same",
  sample: (draw) => {
    const [groups, stride, padding] = [draw.integer(1, 2), draw.integer(1, 2), draw.integer(0, 1)];
    const [from, to] = [groups * draw.integer(1, 2), groups * draw.integer(1, 2)];
    const kernel = [draw.integer(1, 3), draw.integer(1, 3)] as const;
    const bias = draw.boolean();
    const [n, height, width] = [batch(draw), draw.integer(3, 6), draw.integer(3, 6)];
    const pixels = [height, width].map((length, axis) =>
      slid(length, kernel[axis] ?? 1, stride, padding),
    );
    return {
      layer: new Conv2d(from, to, { kernel, groups, stride, padding, bias }),
      input: [n, from, height, width],
      output: [n, to, ...pixels],
      parameters: to * ((from / groups) * kernel[0] * kernel[1] + (bias ? 1 : 0)),
    };
  },
};

/** The records of this file. */
export const weightRecords: readonly LayerRecord[] = [
  linear,
  conv2d,
  {
    name: "Sequential",
    what: "layers one after the other",
    source: "the composition of functions",
    training: "same",
    sample: (draw) => {
      const [inputs, hidden, outputs] = [
        draw.integer(1, 4),
        draw.integer(1, 4),
        draw.integer(1, 4),
      ];
      const n = batch(draw);
      return {
        layer: new Sequential([
          new Linear(inputs, hidden),
          new Tanh(),
          new Linear(hidden, outputs),
        ]),
        input: [n, inputs],
        output: [n, outputs],
        parameters: hidden * (inputs + 1) + outputs * (hidden + 1),
      };
    },
  },
  {
    name: "Residual",
    what: "body(x) + shortcut(x)",
    source: "He et al. 2016, section 3",
    training: "same",
    sample: (draw) => {
      const [inputs, outputs] = [draw.integer(1, 4), draw.integer(1, 4)];
      const n = batch(draw);
      const projected = draw.boolean();
      const to = projected ? outputs : inputs;
      const shortcut = { shortcut: new Linear(inputs, outputs, { bias: false }) };
      return {
        layer: new Residual(new Linear(inputs, to), projected ? shortcut : {}),
        input: [n, inputs],
        output: [n, to],
        parameters: to * (inputs + 1) + (projected ? inputs * outputs : 0),
      };
    },
  },
];
