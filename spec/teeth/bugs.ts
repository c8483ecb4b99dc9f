/**
 * Real bugs of other frameworks, made again: what catches each, at the default budget and any seed.
 * Rests on the public checks, and on the faults beside it.
 */
import { bind } from "../../core/bind.ts";
import { prod, RandomSource, relu, type Sampler, type Tensor, tensor } from "../../core/index.ts";
import type { OpRecord } from "../../core/op.ts";
import { conv2dInputGradient, conv2dOp } from "../../core/ops/convolution.ts";
import { resolveConvolution } from "../../core/ops/convolution-shapes.ts";
import { uniforms } from "../../core/random/index.ts";
import { BatchNorm1d } from "../../layers/index.ts";
import { adamRule, Optimizer, type UpdateRule } from "../../optim/index.ts";
import { checkGradients, checkLayer, checkOp, checkOptimizer } from "../index.ts";
import { epochLaw } from "../laws/epochs.ts";
import { runTrials } from "../laws/trial.ts";
import { plainSteps } from "../optimizer-plain.ts";
import { faults } from "./index.ts";

/** A bug, and the check that a user would have made. Throws LawError where the check catches it. */
export interface Bug {
  readonly bug: string;
  /** Who had it. */
  readonly source: string;
  check(seed: number): void;
}

/** The wrong record of a fault. */
function wrongOp(mistake: string): OpRecord {
  const found = faults.find((fault) => fault.mistake === mistake);
  if (found === undefined) throw new RangeError(`no fault: ${mistake}`);
  return found.wrong;
}

const byDivision = wrongOp("division by data: the gradient of prod as y/x");

/** conv2d whose input gradient pads one pixel more before and one less after, where the stride is 2. */
const oddPadding: typeof conv2dOp = {
  ...conv2dOp,
  vjp: (cotangents, at, wanted) => {
    const [c] = cotangents;
    const { inputs, attributes } = at;
    const [x, w] = inputs;
    const right = conv2dOp.vjp?.(cotangents, at, wanted) ?? [null, null];
    const { geometry } = resolveConvolution("conv2d", x.shape, w.shape, attributes);
    const [rows, columns] = geometry.padding;
    if (geometry.stride[0] !== 2 || rows[1] === 0 || !wanted[0]) return right;
    const padding = [[rows[0] + 1, rows[1] - 1] as const, columns] as const;
    return [conv2dInputGradient(c, w, { ...geometry, padding, inputShape: x.shape }), right[1]];
  },
};

/** BatchNorm that computes new averages and never writes them. */
class StaleBatchNorm extends BatchNorm1d {
  override forward(x: Tensor): Tensor {
    const { movingMean, movingVariance } = this.assembly.buffers;
    const before = [movingMean, movingVariance].map((buffer) => buffer?.elements());
    const y = super.forward(x);
    [movingMean, movingVariance].forEach((buffer, i) => {
      const elements = before[i];
      if (buffer !== undefined && elements !== undefined) {
        buffer.storage.device.write(buffer.storage.handle, elements);
      }
    });
    return y;
  }
}

const adamFromZero: UpdateRule = {
  name: "adamFromZero",
  init: (parameter) => adamRule().init(parameter),
  update: (input) => adamRule().update({ ...input, t: input.t - 1 }),
};

/** Fisher & Yates with an index off by one: the last example is swapped with nobody, and one may come twice. */
function repeating(length: number, seed: number, epoch: number): readonly number[] {
  const stream = new RandomSource(seed).stream(`epoch${epoch}`);
  const order = Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const [share = 0] = uniforms(stream, 1);
    order[i] = order[Math.floor(share * i)] ?? 0;
  }
  return order;
}

/** All of them. */
export const bugs: readonly Bug[] = [
  {
    bug: "a tangent rule that returns the primal",
    source: "forward modes bolted onto reverse ones",
    check: (seed) =>
      checkOp(wrongOp("the tangent rule returns the primal"), { seed, only: "tangent" }),
  },
  {
    bug: "prod by division, at a zero",
    source: "PyTorch before 0.2; TensorFlow's _ProdGrad before 1.0",
    check: (seed) =>
      checkGradients((x: Tensor) => bind(byDivision, [x], {})[0] ?? x, withZeros, {
        seed,
        name: "prod",
        order: 1,
      }),
  },
  {
    bug: "a float32 variance by E[x²] − E[x]²",
    source: "fused batch normalizations on GPUs",
    check: (seed) =>
      checkOp(wrongOp("the variance as E[x²] − E[x]²"), { seed, only: "reference in float32" }),
  },
  {
    bug: "max-pool ties counted twice",
    source: "equality masks in place of indices",
    check: (seed) =>
      checkOp(wrongOp("max-pool counts a tie twice"), { seed, only: "special points" }),
  },
  {
    bug: "a missing sum over a broadcast axis",
    source: "the first mistake of every autodiff library",
    check: (seed) =>
      checkOp(wrongOp("the sum over a broadcast axis is missing"), { seed, only: "adjoint" }),
  },
  {
    bug: "stale statistics of batch normalization",
    source: "updates that a graph forgot to run: TensorFlow's UPDATE_OPS",
    check: (seed) =>
      checkLayer(
        (draw) => {
          const size = draw.integer(1, 4);
          return { layer: new StaleBatchNorm(size), input: [draw.integer(2, 5), size] };
        },
        { seed, training: "batch", only: "training" },
      ),
  },
  {
    bug: "the padding of a convolution off by one where the stride is 2",
    source: "`same` padding, which is one-sided there: Caffe and TensorFlow differ",
    check: (seed) => checkOp(oddPadding, { seed, only: "adjoint" }),
  },
  {
    bug: "Adam's correction with t starting at 0",
    source: "Kingma & Ba 2015 count from 1",
    check: (seed) =>
      checkOptimizer((parameters, options) => new Optimizer(adamFromZero, parameters, options), {
        seed,
        name: "adam",
        plain: plainSteps["adam"] ?? noStep,
        only: "pseudo-code",
      }),
  },
  {
    bug: "a shuffle that repeats an example",
    source: "Fisher & Yates with an assignment in place of a swap",
    check: (seed) => {
      const options = { seed, runs: 32, again: () => "order(…)" };
      const { failure } = runTrials(epochLaw, { order: repeating }, "repeating", options);
      if (failure !== null) throw failure;
    },
  },
];

const noStep = (): never => {
  throw new RangeError("no plain steps of adam");
};

/** Right twins and kinks: none of them may be taken for a mistake. */
export const honest: readonly Bug[] = [
  {
    bug: "relu at its kink, undeclared",
    source: "the derivative at 0 is 0",
    check: (seed) => checkGradients(relu, withZeros, { seed }),
  },
  {
    bug: "relu at its kink, declared",
    source: "the derivative at 0 is 0",
    check: (seed) => checkGradients(relu, withZeros, { seed, kinks: [{ at: 0, slope: 0 }] }),
  },
  {
    bug: "prod at a zero",
    source: "smooth there",
    check: (seed) => checkGradients((x: Tensor) => prod(x), withZeros, { seed }),
  },
];

/** Up to five whole numbers around 0. */
function withZeros(draw: Sampler): Tensor {
  const data = Array.from({ length: draw.integer(1, 5) }, () => draw.integer(-2, 2));
  return tensor(data, { dtype: "float64" });
}
