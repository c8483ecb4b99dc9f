/**
 * Shorthands for records of a common kind: elementwise in one or two arguments, linear, constant.
 * Rests on op, nd-array and the two ops that every chain rule needs, multiply and sumTo.
 *
 * A record made here holds its own definition twice: as a kernel's name and as a scalar reference.
 */
import type { BinaryFunction, UnaryFunction } from "../devices/kernels.ts";
import { type DType, floatDTypes, requireDType, sameDType } from "../dtype.ts";
import type { ErrorBound } from "../error-bound.ts";
import { at, mapElements, type NdArray, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Domain, ErrorExample, Sampler, SpecialPoint } from "../sampling.ts";
import { broadcastShapes, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { add, multiply } from "./arithmetic.ts";
import { sumTo } from "./sum.ts";
import { broadcastTo } from "./view.ts";

/** Attributes of ops that have none. */
export type NoOptions = Readonly<Record<string, never>>;

/** A record of one input and one output. */
export type UnaryRecord<A extends object = NoOptions> = OpRecord<
  A,
  readonly [Tensor],
  readonly [Tensor]
>;

/** A record of two inputs and one output. */
export type BinaryRecord<A extends object = NoOptions> = OpRecord<
  A,
  readonly [Tensor, Tensor],
  readonly [Tensor]
>;

/** What differs between functions of one number. */
export interface UnarySpec<A extends object> {
  readonly name: UnaryFunction;
  readonly family: string;
  readonly formula: string;
  readonly source: string;
  /** dy/dx, written with ops. Absent: the derivative is 0 wherever it exists. */
  readonly derivative?: (x: Tensor, y: Tensor, attributes: A) => Tensor;
  /** The kernel's parameter. */
  readonly parameter?: (attributes: A) => number;
  readonly domain: Domain;
  /** Random attributes; needed where there are any. */
  readonly attributes: (draw: Sampler) => A;
  /** The function on plain numbers, independent of scalar-math. */
  readonly reference: (x: number, attributes: A) => number;
  readonly bound: ErrorBound<A>;
  readonly special?: readonly SpecialPoint<A>[];
  readonly errors?: readonly ErrorExample<A>[];
  /** Dtypes that the function has a meaning for; floats where absent. */
  readonly dtypes?: readonly DType[];
}

/** y_i = f(x_i). JVP and VJP both multiply by f′(x). */
export function elementwise<A extends object>(spec: UnarySpec<A>): UnaryRecord<A> {
  const { name, derivative, parameter, dtypes = floatDTypes } = spec;
  const rules = derivative && {
    jvp: ([t]: readonly [Tensor | null], { inputs: [x], outputs: [y], attributes }: PointOf<A>) =>
      [t && multiply(t, derivative(x, y, attributes))] as const,
    vjp: ([c]: readonly [Tensor], { inputs: [x], outputs: [y], attributes }: PointOf<A>) =>
      [multiply(c, derivative(x, y, attributes))] as const,
  };
  return {
    ...spec,
    inputNames: ["x"],
    infer: ([x]) => {
      requireDType(name, "x", x.dtype, dtypes);
      return [{ shape: x.shape, dtype: x.dtype }];
    },
    forward: {
      kernel: "unary",
      with: (attributes) =>
        parameter ? { fn: name, parameter: parameter(attributes) } : { fn: name },
    },
    ...rules,
    sample: (draw) => ({
      inputs: [draw.values(draw.shape(), spec.domain)],
      attributes: spec.attributes(draw),
    }),
    special: spec.special ?? [],
    errors: spec.errors ?? [],
    reference: (inputs, attributes) =>
      inputs.map((x) => mapElements(x, (element) => spec.reference(element, attributes))),
  };
}

interface PointOf<A> {
  readonly inputs: readonly [Tensor];
  readonly outputs: readonly [Tensor];
  readonly attributes: A;
}

/** What differs between functions of two numbers. */
export interface BinarySpec {
  readonly name: BinaryFunction;
  readonly family: string;
  readonly formula: string;
  readonly source: string;
  /** t ↦ (∂y/∂a)·t: how a change of `a` reaches y. Its own transpose, since the op is elementwise. */
  readonly throughA: (t: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor;
  /** t ↦ (∂y/∂b)·t. */
  readonly throughB: (t: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor;
  readonly dtypes: readonly DType[];
  /** Draws both inputs; shapes that broadcast, values inside the domain. */
  readonly inputs: (draw: Sampler) => readonly [NdArray, NdArray];
  readonly reference: (a: number, b: number) => number;
  readonly bound: ErrorBound<NoOptions>;
  readonly special?: readonly SpecialPoint<NoOptions>[];
  readonly errors?: readonly ErrorExample<NoOptions>[];
}

/** y_i = f(a_i, b_i) with broadcasting; cotangents are summed over the axes that were stretched. */
export function binaryElementwise(spec: BinarySpec): BinaryRecord {
  const { name, dtypes, throughA, throughB } = spec;
  return {
    ...spec,
    inputNames: ["a", "b"],
    infer: ([a, b]) => {
      const dtype = sameDType(name, ["a", "b"], a.dtype, b.dtype);
      requireDType(name, "a", dtype, dtypes);
      return [{ shape: broadcastShapes(name, ["a", "b"], a.shape, b.shape), dtype }];
    },
    forward: { kernel: "binary", with: () => ({ fn: name }), broadcast: true },
    jvp: ([ta, tb], { inputs: [a, b], outputs: [y] }) => {
      const fromA = ta && throughA(ta, a, b, y);
      const fromB = tb && throughB(tb, a, b, y);
      const tangent = addMaybe(fromA, fromB);
      return [tangent && spread(tangent, y)];
    },
    vjp: ([c], { inputs: [a, b], outputs: [y] }, [wantA, wantB]) => [
      wantA ? sumTo(throughA(c, a, b, y), a.shape) : null,
      wantB ? sumTo(throughB(c, a, b, y), b.shape) : null,
    ],
    sample: (draw) => ({ inputs: spec.inputs(draw), attributes: {} }),
    special: spec.special ?? [],
    errors: spec.errors ?? [],
    reference: ([a, b]) => (a && b ? [zip(name, a, b, spec.reference)] : []),
  };
}

/** Adds what is there: null stands for zero. */
export function addMaybe(a: Tensor | null, b: Tensor | null): Tensor | null {
  if (a === null) return b;
  return b === null ? a : add(a, b);
}

/** A tangent has its output's shape, also where only a stretched operand had one. */
function spread(tangent: Tensor, like: Tensor): Tensor {
  return sameShape(tangent.shape, like.shape) ? tangent : broadcastTo(tangent, like.shape);
}

/** f(a, b) element by element, broadcast. */
export function zip(
  where: string,
  a: NdArray,
  b: NdArray,
  f: (a: number, b: number) => number,
): NdArray {
  const shape = broadcastShapes(where, ["a", "b"], a.shape, b.shape);
  return tabulate(shape, (index) => f(at(a, index), at(b, index)));
}

/** What differs between linear maps of one tensor. */
export interface LinearSpec<A extends object>
  extends Omit<UnaryRecord<A>, "jvp" | "vjp" | "inputNames" | "family"> {
  readonly family: string;
  /** The map itself, as the user calls it: a linear map is its own tangent rule. */
  readonly apply: (x: Tensor, attributes: A) => Tensor;
  /** The adjoint: ⟨c, apply(x)⟩ = ⟨transpose(c), x⟩. */
  readonly transpose: (c: Tensor, x: Tensor, attributes: A) => Tensor;
}

/** y = L(x), linear in x: the tangent goes through L, the cotangent through its adjoint. */
export function linear<A extends object>(spec: LinearSpec<A>): UnaryRecord<A> {
  const { apply, transpose, ...record } = spec;
  return {
    ...record,
    inputNames: ["x"],
    jvp: ([t], { attributes }) => [t && apply(t, attributes)],
    vjp: ([c], { inputs: [x], attributes }) => [transpose(c, x, attributes)],
  };
}
