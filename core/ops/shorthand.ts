/**
 * Shorthands for records of a common kind: elementwise in one or two arguments, linear.
 * Rests on op-kinds, to which it hands the ops that every chain rule needs.
 *
 * A record made here holds its own definition twice: as a kernel's name and as a scalar reference. Op files import each
 * other in a circle, and records are made while it is being walked: so a function here must work before this file has
 * run, which it does as long as it holds no function of its own.
 */
import {
  type BinaryRecord,
  type BinarySpec,
  binaryRecord,
  elementwiseRecord,
  type LinearSpec,
  linearRecord,
  type NoOptions,
  plainRecord,
  type UnaryRecord,
  type UnarySpec,
} from "../op-kinds.ts";
import type { Tensor } from "../tensor.ts";
import { add, multiply } from "./arithmetic.ts";
import { sumTo } from "./sum.ts";
import { broadcastTo } from "./view.ts";

export {
  broadcastPair,
  floatsOnly,
  mismatches,
  numbersOnly,
  pairDType,
  points,
} from "../op-examples.ts";
export {
  type BinaryRecord,
  type BinarySpec,
  type LinearSpec,
  type NoOptions,
  type UnaryRecord,
  type UnarySpec,
  zip,
} from "../op-kinds.ts";

/** y_i = f(x_i). JVP and VJP both multiply by f′(x). */
export function elementwise(spec: Omit<UnarySpec<NoOptions>, "attributes">): UnaryRecord {
  return plainRecord(spec, { multiply });
}

/** y_i = f(x_i; attributes): `elementwise` for functions that take options. */
export function parametric<A extends object>(spec: UnarySpec<A>): UnaryRecord<A> {
  return elementwiseRecord(spec, { multiply });
}

/** y_i = f(a_i, b_i) with broadcasting; cotangents are summed over the axes that were stretched. */
export function binaryElementwise(spec: BinarySpec): BinaryRecord {
  return binaryRecord(spec, { add, multiply, sumTo, broadcastTo });
}

/** y = L(x), linear in x: the tangent goes through L, the cotangent through its adjoint. */
export function linear<A extends object>(spec: LinearSpec<A>): UnaryRecord<A> {
  return linearRecord(spec);
}

/** Adds what is there: null stands for zero. */
export function addMaybe(a: Tensor | null, b: Tensor | null): Tensor | null {
  if (a === null) return b;
  return b === null ? a : add(a, b);
}
