/**
 * backward: accumulates gradients into `.grad` of parameters, as in PyTorch.
 * Rests on pull, create and ops.
 */
import { capturing } from "../capture.ts";
import { assign, bufferInPlace } from "../create.ts";
import { GradientError } from "../errors.ts";
import { baseTape, withInterpreters } from "../interpreter.ts";
import { add } from "../ops/arithmetic.ts";
import { onesLike } from "../ops/make.ts";
import { pullBack } from "../pull.ts";
import { scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { requireLike } from "./reverse.ts";

/**
 * Pulls `cotangent` (1 where `result` is 0-d) back to every tensor with `requiresGrad` that `result`
 * depends on, and adds what arrives to its `grad`. The gradients themselves are constants; for higher
 * derivatives use grad, vjp or hvp.
 *
 * Throws GradientError if `result` is not 0-d and no cotangent is given, or depends on no such tensor,
 * ShapeError or DTypeError if the cotangent differs from it, OverwrittenError if a value it needs was overwritten.
 */
export function backward(result: Tensor, cotangent?: Tensor): void {
  if (cotangent === undefined && result.rank !== 0) {
    throw new GradientError({
      where: "backward",
      argument: "cotangent",
      expected: `to be given for a tensor that is not 0-d`,
      got: `none for ${result.describe()}`,
      fix: "Reduce the result to a loss, or call backward(cotangent) with a tensor of its shape",
    });
  }
  if (cotangent !== undefined) requireLike("backward", "cotangent", cotangent, "result", result);
  if (baseTape.sourceOf(result) === null) {
    throw new GradientError({
      where: "backward",
      argument: "the result",
      expected: "to depend on a tensor with requiresGrad",
      got: `a constant ${result.describe()}`,
      fix: "Make what you train with parameter(x), outside noGrad and without detach",
    });
  }
  withInterpreters([], () =>
    scope(() => {
      const leaves = pullBack(baseTape, [[result, cotangent ?? onesLike(result)]], add, {
        alone: true,
      });
      for (const [leaf, gradient] of leaves) accumulate(leaf, gradient);
    }),
  );
}

function accumulate(leaf: Tensor, gradient: Tensor): void {
  if (leaf.grad === null) {
    const options = leaf.name === undefined ? {} : { name: `${leaf.name}.grad` };
    leaf.grad = bufferInPlace(gradient, options);
    capturing()?.setsGradient(leaf);
  } else {
    assign(leaf.grad, add(leaf.grad, gradient));
  }
}

/** Sets `grad` of each tensor to null and gives its memory back. */
export function clearGradients(tensors: Iterable<Tensor>): void {
  for (const tensor of tensors) {
    tensor.grad?.storage.release("its gradient was cleared");
    tensor.grad = null;
    capturing()?.setsGradient(tensor);
  }
}
