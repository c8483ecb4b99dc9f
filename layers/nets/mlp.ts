/**
 * The multi-layer perceptron: linear layers with a non-linearity between them.
 * Rests on layers and init. Rumelhart, Hinton & Williams 1986.
 */
import { ValueError } from "../../core/index.ts";
import { xavierNormal } from "../../init/index.ts";
import { ReLU } from "../activation.ts";
import { BatchNorm1d } from "../batch-norm.ts";
import { Flatten } from "../flatten.ts";
import type { Layer } from "../layer.ts";
import { Linear } from "../linear.ts";
import { Sequential } from "../sequential.ts";

/** Options of `mlp`. */
export interface MlpOptions {
  /** Makes the layer after each hidden linear one; default ReLU. */
  readonly activation?: () => Layer;
  /** Whether hidden values are normalized before the activation, and their linear layers go without a bias; default false. */
  readonly batchNorm?: boolean;
}

/**
 * Flatten, then a linear layer from each width to the next; an activation follows each but the last.
 * x: [N, ...] with widths[0] numbers an example → [N, last width]. widths: two or more integers ≥ 1.
 * Hidden weights are Kaiming normal, the last ones Xavier normal: no ReLU follows them. Not assembled yet.
 * Throws ValueError for other widths.
 *
 * @example
 * const net = assemble(mlp([784, 256, 10]), { seed: 0 });
 */
export function mlp(
  widths: readonly number[],
  { activation = () => new ReLU(), batchNorm = false }: MlpOptions = {},
): Sequential {
  const [inputs, outputs] = widths.slice(-2);
  if (inputs === undefined || outputs === undefined) {
    throw new ValueError({
      where: "mlp",
      argument: "widths",
      expected: "to hold at least two numbers, of inputs and of outputs",
      got: `[${widths.join(", ")}]`,
      fix: "Write for example mlp([784, 256, 10])",
    });
  }
  const hidden = widths
    .slice(1, -1)
    .flatMap((width, index) => [
      new Linear(widths[index] ?? 0, width, { bias: !batchNorm }),
      ...(batchNorm ? [new BatchNorm1d(width)] : []),
      activation(),
    ]);
  const last = new Linear(inputs, outputs, { init: xavierNormal() });
  return new Sequential([new Flatten(), ...hidden, last]);
}
