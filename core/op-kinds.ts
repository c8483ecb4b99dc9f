/**
 * Kinds of op records: elementwise in one or two arguments, and linear maps.
 * Rests on op and nd-array. Knows no op: those that every chain rule needs are handed in, so that this file stands
 * outside the circle in which op files import each other.
 */
import type { BinaryFunction, UnaryFunction } from "./devices/kernels.ts";
import { type DType, floatDTypes, requireDType, sameDType } from "./dtype.ts";
import type { ErrorBound } from "./error-bound.ts";
import { at, type ElementKind, mapElements, type NdArray, tabulate } from "./nd-array.ts";
import type { OpRecord } from "./op.ts";
import { floatsOnly, numbersOnly } from "./op-examples.ts";
import type { Domain, ErrorExample, Sampler, SpecialPoint } from "./sampling.ts";
import { broadcastShapes, type Shape, sameShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** The ops that chain rules are made of. */
interface Algebra {
  add(a: Tensor, b: Tensor): Tensor;
  multiply(a: Tensor, b: Tensor): Tensor;
  sumTo(x: Tensor, shape: Shape): Tensor;
  broadcastTo(x: Tensor, shape: Shape): Tensor;
}

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
  /** dy/dx, written with ops. Absent, and `through` too: the derivative is 0 wherever it exists. */
  readonly derivative?: (x: Tensor, y: Tensor, attributes: A) => Tensor;
  /** t ↦ (dy/dx)·t, for derivatives that choose or divide rather than multiply. */
  readonly through?: (t: Tensor, x: Tensor, y: Tensor, attributes: A) => Tensor;
  /** The kernel's function where it is not `name`. */
  readonly fn?: (attributes: A) => UnaryFunction;
  /** The kernel's parameter. */
  readonly parameter?: (attributes: A) => number;
  /** Throws where an attribute is out of its range. */
  readonly check?: (attributes: A) => void;
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
export function elementwiseRecord<A extends object>(
  spec: UnarySpec<A>,
  { multiply }: Pick<Algebra, "multiply">,
): UnaryRecord<A> {
  const { name, derivative, fn = () => name, parameter, check, dtypes = floatDTypes } = spec;
  const through: UnarySpec<A>["through"] =
    spec.through ??
    (derivative && ((t, x, y, attributes) => multiply(t, derivative(x, y, attributes))));
  const rules = through && {
    jvp: ([t]: readonly [Tensor | null], { inputs: [x], outputs: [y], attributes }: PointOf<A>) =>
      [t && through(t, x, y, attributes)] as const,
    vjp: ([c]: readonly [Tensor], { inputs: [x], outputs: [y], attributes }: PointOf<A>) =>
      [through(c, x, y, attributes)] as const,
  };
  return {
    ...spec,
    inputNames: ["x"],
    infer: ([x], attributes) => {
      requireDType(name, "x", x.dtype, dtypes);
      check?.(attributes);
      return [{ shape: x.shape, dtype: x.dtype }];
    },
    forward: {
      kernel: "unary",
      with: (attributes) =>
        parameter
          ? { fn: fn(attributes), parameter: parameter(attributes) }
          : { fn: fn(attributes) },
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

/** `elementwiseRecord` of a function without options; it declares the complaint about other dtypes itself. */
export function plainRecord(
  spec: Omit<UnarySpec<NoOptions>, "attributes">,
  algebra: Pick<Algebra, "multiply">,
): UnaryRecord {
  const { name, dtypes } = spec;
  const errors = [dtypes === undefined ? floatsOnly(name, {}) : numbersOnly(name, {})];
  return elementwiseRecord({ attributes: () => ({}), errors, ...spec }, algebra);
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
export function binaryRecord(spec: BinarySpec, algebra: Algebra): BinaryRecord {
  const { add, sumTo, broadcastTo } = algebra;
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
      const tangent = fromA && fromB ? add(fromA, fromB) : (fromA ?? fromB);
      // A tangent has its output's shape, also where only a stretched operand had one.
      const stretched = tangent === null || sameShape(tangent.shape, y.shape);
      return [stretched ? tangent : broadcastTo(tangent, y.shape)];
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

/** f(a, b) element by element, broadcast; of `a`'s kind unless told otherwise. */
export function zip(
  where: string,
  a: NdArray,
  b: NdArray,
  f: (a: number, b: number) => number,
  kind: ElementKind = a.kind,
): NdArray {
  const shape = broadcastShapes(where, ["a", "b"], a.shape, b.shape);
  return tabulate(shape, (index) => f(at(a, index), at(b, index)), kind);
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
export function linearRecord<A extends object>(spec: LinearSpec<A>): UnaryRecord<A> {
  const { apply, transpose, ...record } = spec;
  return {
    ...record,
    inputNames: ["x"],
    jvp: ([t], { attributes }) => [t && apply(t, attributes)],
    vjp: ([c], { inputs: [x], attributes }) => [transpose(c, x, attributes)],
  };
}
