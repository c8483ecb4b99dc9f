/**
 * Flatten: joins all axes but the batch.
 * Rests on layer and core.
 */
import { flatten, type Tensor } from "../core/index.ts";
import { Layer } from "./layer.ts";

/** x: [N, ...] → [N, product of the rest]. */
export class Flatten extends Layer {
  readonly kind = "flatten";

  override forward(x: Tensor): Tensor {
    return flatten(x, { startAxis: 1 });
  }
}
