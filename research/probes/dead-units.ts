/**
 * Dead units: rectified units that give 0 for every example, and so get no gradient.
 * Rests on layers, labels and evaluation. Lu et al. 2019, "Dying ReLU and Initialization".
 */
import { noGrad, scope, type Tensor, ValueError } from "../../core/index.ts";
import { sizeOf } from "../../core/shape.ts";
import { type Layer, ReLU } from "../../layers/index.ts";
import { whileEvaluating } from "../../layers/modes.ts";
import { keepingPlace } from "../training/evaluate.ts";
import { labelsOf } from "./labels.ts";

/** The units of one ReLU layer. */
export interface DeadUnits {
  /** The layer's label, `relu#2`. */
  readonly layer: string;
  /** Features of an [N, D] value, channels of an [N, C, H, W] one. */
  readonly units: number;
  /** Those that gave 0 for every example, at every position. */
  readonly dead: number;
}

/**
 * The dead units of every ReLU layer over all examples of `batches`, in the order in which the forward pass comes to them.
 * In evaluation mode; neither the net nor the place of a loader changes. An empty list where there is no ReLU layer; one
 * applied as a function is not seen. Throws ValueError for no examples.
 *
 * @example
 * for (const { layer, units, dead } of deadUnits(net, loader)) console.log(layer, dead / units);
 */
export function deadUnits(
  net: Layer,
  batches: Iterable<{ readonly x: Tensor }>,
): readonly DeadUnits[] {
  const labels = labelsOf(net);
  const living = new Map<Layer, Uint8Array>();
  const stop = net.observe({
    activation: ({ layer, output }) => {
      if (layer instanceof ReLU) living.set(layer, livingUnits(output, living.get(layer)));
    },
  });
  let examples = 0;
  try {
    whileEvaluating(net, () =>
      keepingPlace(batches, () => {
        for (const { x } of batches) {
          scope(() => noGrad(() => void net.forward(x)));
          examples += x.shape[0] ?? 0;
        }
      }),
    );
  } finally {
    stop();
  }
  if (examples === 0) {
    throw new ValueError({
      where: "deadUnits",
      argument: "batches",
      expected: "to hold at least one example",
      got: "none",
      fix: "Give a loader, or an array of batches",
    });
  }
  return [...living].map(([layer, units]) => ({
    layer: labels.get(layer) ?? layer.name,
    units: units.length,
    dead: countDead(units),
  }));
}

/** A 1 for each unit, along axis 1, that is not 0 everywhere in `output` or was marked before. */
export function livingUnits(output: Tensor, before?: Uint8Array): Uint8Array {
  const [, units = 1] = output.shape;
  const elements = output.elements();
  const living = before ?? new Uint8Array(units);
  const positions = sizeOf(output.shape.slice(2));
  for (let i = 0; i < elements.length; i++) {
    if (elements[i] !== 0) living[Math.floor(i / positions) % units] = 1;
  }
  return living;
}

/** How many are not marked. */
export function countDead(living: Uint8Array): number {
  return living.reduce((count, lives) => count + 1 - lives, 0);
}
