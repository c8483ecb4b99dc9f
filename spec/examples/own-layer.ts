import { multiply, type Tensor } from "bitgrad";
import { constant } from "bitgrad/init";
import { type Declarations, Layer } from "bitgrad/layers";
import { checkLayer } from "bitgrad/spec";

/** y = s·x with one learned scale a feature (Touvron et al. 2021). x: [N, size] → the same shape. */
class Scale extends Layer {
  readonly kind = "scale";
  readonly size: number;

  constructor(size: number) {
    super();
    this.size = size;
  }

  override declareParameters(): Declarations {
    return { weight: { shape: [this.size], init: constant(0.1) } };
  }

  forward(x: Tensor): Tensor {
    return multiply(x, this.cell("weight"));
  }
}

const held = checkLayer((draw) => {
  const size = draw.integer(1, 4);
  return { layer: new Scale(size), input: [3, size], output: [3, size], parameters: size };
});
for (const { law, examples } of held) console.log(`${law}: ${examples}`);
