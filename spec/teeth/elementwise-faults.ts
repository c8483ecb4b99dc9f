/**
 * Mistakes in the rules of functions of one or two numbers.
 * Rests on the records of those functions, of which a rule is overridden.
 */
import { bindOne } from "../../core/bind.ts";
import { addOp, multiply, multiplyOp, subtract } from "../../core/ops/arithmetic.ts";
import { expOp } from "../../core/ops/exponential.ts";
import { tanhOp } from "../../core/ops/hyperbolic.ts";
import { square, squareOp } from "../../core/ops/power.ts";
import { elementwise, type UnaryRecord } from "../../core/ops/shorthand.ts";
import { sumTo } from "../../core/ops/sum.ts";
import { cosOp, sin, sinOp } from "../../core/ops/trigonometric.ts";
import { detach } from "../../core/ops/view.ts";
import { where, whereOp } from "../../core/ops/where.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Fault } from "./fault.ts";

/** `record` with both rules multiplying by `derivative`. */
function withDerivative(
  record: UnaryRecord,
  derivative: (x: Tensor, y: Tensor) => Tensor,
): UnaryRecord {
  return {
    ...record,
    jvp: ([t], { inputs: [x], outputs: [y] }) => [t && multiply(t, derivative(x, y))],
    vjp: ([c], { inputs: [x], outputs: [y] }) => [multiply(c, derivative(x, y))],
  };
}

/** cos with a cotangent rule that forgets the sign: what sin's cotangent rule below is built on. */
const crookedCosine: UnaryRecord = {
  ...cosOp,
  vjp: ([c], { inputs: [x] }) => [multiply(c, sin(x))],
};

/** The mistakes. */
export const elementwiseFaults: readonly Fault[] = [
  {
    mistake: "wrong sign of the derivative",
    right: cosOp,
    wrong: withDerivative(cosOp, (x) => sin(x)),
    caughtBy: "tangent",
  },
  {
    mistake: "the tangent rule returns the primal",
    right: sinOp,
    wrong: { ...sinOp, jvp: ([t], { outputs: [y] }) => [t && y] } satisfies UnaryRecord,
    caughtBy: "tangent",
  },
  {
    mistake: "the cotangent forgets a factor 2",
    right: squareOp,
    wrong: {
      ...squareOp,
      vjp: ([c], { inputs: [x] }) => [multiply(c, x)],
    } satisfies UnaryRecord,
    caughtBy: "adjoint",
  },
  {
    mistake: "no rules at all",
    right: expOp,
    wrong: elementwise({
      name: "exp",
      family: expOp.family,
      formula: expOp.formula,
      source: expOp.source,
      bound: expOp.bound,
      domain: { min: -3, max: 3 },
      reference: (x) => Math.exp(x),
    }),
    caughtBy: "constancy",
  },
  {
    mistake: "right at first order, detached at second",
    right: tanhOp,
    wrong: withDerivative(tanhOp, (_x, y) => subtract(1, square(detach(y)))),
    caughtBy: "second-order tangent",
  },
  {
    mistake: "1 − y² cancels where y rounds to ±1: a derivative of 1e-26 becomes 0",
    right: tanhOp,
    wrong: withDerivative(tanhOp, (_x, y) => subtract(1, square(y))),
    caughtBy: "special points",
  },
  {
    mistake: "the cotangent rule rests on an op whose own cotangent rule is wrong",
    right: sinOp,
    wrong: {
      ...sinOp,
      vjp: ([c], { inputs: [x] }) => [multiply(c, bindOne(crookedCosine, [x], {}))],
    } satisfies UnaryRecord,
    caughtBy: "second-order adjoint",
  },
  {
    mistake: "the sum over a broadcast axis is missing",
    right: addOp,
    wrong: { ...addOp, vjp: ([c]) => [c, c] } satisfies typeof addOp,
    caughtBy: "adjoint",
  },
  {
    mistake: "the cotangents of a and b are swapped",
    right: multiplyOp,
    wrong: {
      ...multiplyOp,
      vjp: ([c], { inputs: [a, b] }, [wantA, wantB]) => [
        wantA ? sumTo(multiply(c, a), a.shape) : null,
        wantB ? sumTo(multiply(c, b), b.shape) : null,
      ],
    } satisfies typeof multiplyOp,
    caughtBy: "adjoint",
  },
  {
    mistake: "a lone tangent is dropped",
    right: multiplyOp,
    wrong: {
      ...multiplyOp,
      jvp: (tangents, at) => {
        const alone = tangents.includes(null);
        return alone ? [null] : (multiplyOp.jvp?.(tangents, at) ?? [null]);
      },
    } satisfies typeof multiplyOp,
    caughtBy: "tangent",
  },
  {
    mistake: "where sends the whole cotangent to a",
    right: whereOp,
    wrong: {
      ...whereOp,
      vjp: ([c], { inputs: [, a] }, [, wantA]) => [null, wantA ? sumTo(c, a.shape) : null, null],
    } satisfies typeof whereOp,
    caughtBy: "adjoint",
  },
  {
    mistake: "where multiplies the cotangent by the mask: 0·NaN",
    right: whereOp,
    wrong: {
      ...whereOp,
      vjp: ([c], { inputs: [condition, a, b] }, [, wantA, wantB]) => {
        const mask = where(condition, multiply(detach(c), 0), 1);
        return [
          null,
          wantA ? sumTo(multiply(c, subtract(1, mask)), a.shape) : null,
          wantB ? sumTo(multiply(c, mask), b.shape) : null,
        ];
      },
    } satisfies typeof whereOp,
    caughtBy: "special points",
  },
];
