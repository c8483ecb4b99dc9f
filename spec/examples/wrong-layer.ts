import { divide, max, type Tensor } from "bitgrad";
import { Layer } from "bitgrad/layers";
import { checkLayer } from "bitgrad/spec";

/** Divides each feature by the largest of its batch, in evaluation too. */
class MaxNorm extends Layer {
  readonly kind = "maxNorm";

  forward(x: Tensor): Tensor {
    return divide(x, max(x, { axis: 0, keepDims: true }));
  }
}

checkLayer(() => ({ layer: new MaxNorm(), input: [3, 2], output: [3, 2], parameters: 0 }));
