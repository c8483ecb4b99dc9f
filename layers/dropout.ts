/**
 * Dropout: sets activations to zero at random while training.
 * Rests on layer and core. Srivastava et al. 2014, in the inverted form: survivors are scaled up.
 */
import { dropout, type Tensor, ValueError } from "../core/index.ts";
import { Layer } from "./layer.ts";

/**
 * Training: each element is 0 with probability `rate`, else x/(1 - rate). Evaluation: x.
 * rate: probability in [0, 1); throws ValueError outside.
 */
export class Dropout extends Layer {
  readonly kind = "dropout";
  readonly rate: number;

  constructor(rate: number) {
    super();
    if (!(rate >= 0 && rate < 1)) {
      throw new ValueError({
        where: "Dropout",
        argument: "rate",
        expected: "to be a probability in [0, 1)",
        got: String(rate),
        fix: "Give the share of elements to drop, such as 0.5",
      });
    }
    this.rate = rate;
  }

  override get drawsRandomly(): boolean {
    return true;
  }

  override forward(x: Tensor): Tensor {
    return this.training ? dropout(x, { rate: this.rate, stream: this.assembly.stream }) : x;
  }
}
