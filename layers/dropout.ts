/**
 * Dropout: sets activations to zero at random while training, one by one, in whole channels, or in whole examples.
 * Rests on layer and core. Srivastava et al. 2014, in the inverted form: survivors are scaled up.
 */
import {
  divide,
  dropout,
  randomBernoulli,
  type Shape,
  ShapeError,
  type Stream,
  type Tensor,
  where,
} from "../core/index.ts";
import { formatShape } from "../core/shape.ts";
import { Layer } from "./layer.ts";
import { requireRate } from "./require-rate.ts";

/** What all that drop have: a rate, in [0, 1), and numbers that they draw. */
abstract class Dropping extends Layer {
  readonly rate: number;

  constructor(rate: number) {
    super();
    this.rate = rate;
  }

  override get drawsRandomly(): boolean {
    return true;
  }
}

/**
 * Training: each element is 0 with probability `rate`, else x/(1 - rate). Evaluation: x.
 * rate: probability in [0, 1); throws ValueError outside. x: any shape → the same.
 *
 * @example
 * new Sequential([new Linear(64, 64), new ReLU(), new Dropout(0.5)]);
 */
export class Dropout extends Dropping {
  readonly kind = "dropout";

  constructor(rate: number) {
    super(requireRate("Dropout", rate, "elements"));
  }

  override forward(x: Tensor): Tensor {
    return this.training ? dropout(x, { rate: this.rate, stream: this.assembly.stream }) : x;
  }
}

/**
 * Training: each channel of each example is 0 as a whole with probability `rate`, else x/(1 - rate). Evaluation: x.
 * rate: probability in [0, 1); throws ValueError outside. x: [N, C, H, W] → the same; throws ShapeError otherwise.
 * Pixels side by side are alike: dropping single ones would take nothing away. Tompson et al. 2015, section 3.2.
 *
 * @example
 * new Sequential([new Conv2d(3, 16, { kernel: 3 }), new ReLU(), new Dropout2d(0.2)]);
 */
export class Dropout2d extends Dropping {
  readonly kind = "dropout2d";

  constructor(rate: number) {
    super(requireRate("Dropout2d", rate, "channels"));
  }

  override forward(x: Tensor): Tensor {
    const [n = 0, channels = 0, ...image] = x.shape;
    if (image.length !== 2) {
      throw new ShapeError({
        where: "Dropout2d",
        argument: "x",
        expected: "to be [N, C, H, W]",
        got: formatShape(x.shape),
        fix: "Use Dropout for vectors",
      });
    }
    return this.training ? dropParts(x, [n, channels, 1, 1], this.rate, this.assembly.stream) : x;
  }
}

/**
 * Stochastic depth: drops the branch that it ends, example by example. Training: each example is 0 as a whole with
 * probability `rate`, else x/(1 - rate). Evaluation: x. rate: probability in [0, 1); throws ValueError outside.
 * x: [N, ...] → the same; throws ShapeError for a 0-d x.
 * Huang et al. 2016, "Deep Networks with Stochastic Depth", section 3; there a whole batch shares one draw, and the
 * branch is scaled in evaluation instead.
 *
 * @example
 * new Residual(new Sequential([new Conv2d(8, 8, { kernel: 3, padding: 1 }), new DropPath(0.1)]));
 */
export class DropPath extends Dropping {
  readonly kind = "dropPath";

  constructor(rate: number) {
    super(requireRate("DropPath", rate, "examples"));
  }

  override forward(x: Tensor): Tensor {
    const [n, ...example] = x.shape;
    if (n === undefined) {
      throw new ShapeError({
        where: "DropPath",
        argument: "x",
        expected: "to have a batch axis, [N, ...]",
        got: formatShape(x.shape),
        fix: "Give a batch of one: reshape(x, [1])",
      });
    }
    const parts = [n, ...example.map(() => 1)];
    return this.training ? dropParts(x, parts, this.rate, this.assembly.stream) : x;
  }
}

/**
 * Each part of x is 0 with probability `rate`, else x/(1 - rate); `parts`: one draw each, broadcast to x. As many blocks
 * are drawn at every rate, and what is kept at one rate is kept at every smaller one. A dropped infinity is 0.
 */
function dropParts(x: Tensor, parts: Shape, rate: number, stream: Stream): Tensor {
  const dropped = randomBernoulli(parts, { stream, probability: rate });
  return rate === 0 ? x : where(dropped, 0, divide(x, 1 - rate));
}
