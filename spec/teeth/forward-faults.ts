/**
 * Mistakes in values rather than derivatives: shapes, rounding, memory, layout, messages.
 * Rests on the records of real ops, of which the forward side is overridden.
 */
import { allocateTensor, bindOne } from "../../core/bind.ts";
import { sameDType } from "../../core/dtype.ts";
import { listening } from "../../core/interpreter.ts";
import { denseLayout } from "../../core/layout.ts";
import { softplusOp } from "../../core/ops/activation.ts";
import { add, addOp, multiply, subtract } from "../../core/ops/arithmetic.ts";
import { cast } from "../../core/ops/cast.ts";
import { exp, log, log1pOp } from "../../core/ops/exponential.ts";
import { permuteOp } from "../../core/ops/permute.ts";
import { square } from "../../core/ops/power.ts";
import { mean } from "../../core/ops/reduce.ts";
import type { UnaryRecord } from "../../core/ops/shorthand.ts";
import { negateOp } from "../../core/ops/sign.ts";
import { varianceOp } from "../../core/ops/statistics.ts";
import { reducedCount, sum, sumOp } from "../../core/ops/sum.ts";
import { broadcastShapes } from "../../core/shape.ts";
import { operandOf, type Tensor } from "../../core/tensor.ts";
import type { Fault } from "./fault.ts";

/** −x by way of its own memory. */
function negateInPlace(x: Tensor): Tensor {
  const { device } = x.storage;
  const own = operandOf("negate", "x", x);
  device.launch("unary", [own], [own], { fn: "negate" });
  return allocateTensor(device, x, (target) => device.launch("copy", [own], [target], {}));
}

/** −x for whoever believes that every tensor is dense. */
function negateAsDense(x: Tensor): Tensor {
  const { device } = x.storage;
  const from = { ...operandOf("negate", "x", x), ...denseLayout(x.shape) };
  return allocateTensor(device, x, (target) => {
    device.launch("unary", [from], [target], { fn: "negate" });
  });
}

/** The mistakes. */
export const forwardFaults: readonly Fault[] = [
  {
    mistake: "the shape rule forgets to permute",
    right: permuteOp,
    wrong: {
      ...permuteOp,
      infer: (inputs, options) => {
        permuteOp.infer(inputs, options);
        return [{ shape: inputs[0].shape, dtype: inputs[0].dtype }];
      },
    } satisfies typeof permuteOp,
    caughtBy: "shape rule",
  },
  {
    mistake: "log1p as log(1 + x)",
    right: log1pOp,
    wrong: {
      ...log1pOp,
      forward: { opaque: ([x]) => [log(add(1, x))] },
    } satisfies UnaryRecord,
    caughtBy: "reference",
  },
  {
    mistake: "the variance as E[x²] − E[x]²",
    right: varianceOp,
    wrong: {
      ...varianceOp,
      forward: {
        compose: ([x], options) => {
          const { correction = 0, ...axes } = options;
          const n = reducedCount(x.shape, axes.axis);
          const difference = subtract(mean(square(x), axes), square(mean(x, axes)));
          return [n === 0 ? difference : multiply(difference, n / (n - correction))];
        },
      },
    } satisfies typeof varianceOp,
    caughtBy: "reference in float32",
  },
  {
    mistake: "a float64 sum that adds in float32",
    right: sumOp,
    wrong: {
      ...sumOp,
      forward: { opaque: ([x], options) => [cast(sum(cast(x, "float32"), options), x.dtype)] },
    } satisfies typeof sumOp,
    caughtBy: "reference",
  },
  {
    mistake: "the kernel works in its input's memory",
    right: negateOp,
    wrong: { ...negateOp, forward: { opaque: ([x]) => [negateInPlace(x)] } } satisfies UnaryRecord,
    caughtBy: "untouched inputs",
  },
  {
    mistake: "the kernel ignores strides",
    right: negateOp,
    wrong: { ...negateOp, forward: { opaque: ([x]) => [negateAsDense(x)] } } satisfies UnaryRecord,
    caughtBy: "layouts",
  },
  {
    mistake: "another formula while derivatives are taken",
    right: softplusOp,
    wrong: {
      ...softplusOp,
      forward: {
        compose: ([x]) => [
          listening().length > 1 ? log(add(1, exp(x))) : bindOne(softplusOp, [x], {}),
        ],
      },
    } satisfies UnaryRecord,
    caughtBy: "same bits",
  },
  {
    mistake: "an error that speaks of another function",
    right: addOp,
    wrong: {
      ...addOp,
      infer: ([a, b]) => {
        const dtype = sameDType("plus", ["a", "b"], a.dtype, b.dtype);
        return [{ shape: broadcastShapes("plus", ["a", "b"], a.shape, b.shape), dtype }];
      },
    } satisfies typeof addOp,
    caughtBy: "declared errors",
  },
];
