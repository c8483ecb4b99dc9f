/**
 * The op record: everything that concerns one op stands in one place.
 * Rests on the types of tensor, devices/kernels, sampling and error-bound.
 *
 * Notation in rules: x an input, y the output, t the tangent of an input, c the cotangent of the output.
 */
import type { KernelAttributes, KernelName } from "./devices/kernels.ts";
import type { ErrorBound } from "./error-bound.ts";
import type { Layout } from "./layout.ts";
import type { NdArray } from "./nd-array.ts";
import type { ErrorExample, Sample, Sampler, SpecialPoint } from "./sampling.ts";
import type { Shape } from "./shape.ts";
import type { Tensor, TensorType } from "./tensor.ts";

/** A list of tensors, usually a tuple. */
export type Tensors = readonly Tensor[];

/** The shapes and dtypes of a list of tensors. */
type TypesOf<T extends Tensors> = { readonly [K in keyof T]: TensorType };

/** The types of `inputs`: tensors are their own types. */
export function typesOf<T extends Tensors>(inputs: T): TypesOf<T> {
  return inputs as TypesOf<T>;
}

/** The shape of an input that is there, since the op has that many: the compiler does not know. */
export function shapeOf(type: TensorType | undefined): Shape {
  return type?.shape ?? [];
}

/** One value for each tensor; null stands for an exact zero that nobody computed. */
type Maybe<T extends Tensors> = { readonly [K in keyof T]: Tensor | null };

/** Cotangents of the outputs: never null where there is only one output. */
type Cotangents<O extends Tensors> = O extends readonly [Tensor] ? O : Maybe<O>;

/** Which inputs' cotangents are wanted; a rule may skip the others. */
type Wanted<T extends Tensors> = { readonly [K in keyof T]: boolean };

/** The point at which a derivative is taken. */
interface Point<A, I extends Tensors, O extends Tensors> {
  readonly inputs: I;
  readonly outputs: O;
  readonly attributes: A;
}

/** Runs one kernel on the inputs; outputs are fresh and dense. */
export type KernelForward<A> = {
  readonly [K in KernelName]: {
    readonly kernel: K;
    /** The kernel's attributes. */
    with(attributes: A, inputs: readonly TensorType[]): KernelAttributes[K];
    /** Whether inputs are stretched to the output's shape before the kernel sees them. */
    readonly broadcast?: boolean;
  };
}[KernelName];

/** A view: the same storage under another layout; null where only a dense copy of the input can give it. */
interface ViewForward<A> {
  view(input: Layout, attributes: A): Layout | null;
}

/** Built from other ops, which bring the derivatives; the rules of the record are not asked. */
interface ComposedForward<A, I extends Tensors, O extends Tensors> {
  compose(inputs: I, attributes: A): O;
}

/** A computation that interpreters see as one op: what is inside is not recorded. */
interface OpaqueForward<A, I extends Tensors, O extends Tensors> {
  opaque(inputs: I, attributes: A): O;
}

/** How an op's value comes about. */
type Forward<A, I extends Tensors, O extends Tensors> =
  | KernelForward<A>
  | ViewForward<A>
  | ComposedForward<A, I, O>
  | OpaqueForward<A, I, O>;

/** What `bind` and the interpreters need of an op. */
export interface Op<
  A extends object = object,
  I extends Tensors = Tensors,
  O extends Tensors = Tensors,
> {
  /** The user's function: `"matmul"`. */
  readonly name: string;
  /** Argument names for messages; the last one stands for all further inputs. */
  readonly inputNames: readonly string[];
  /** The shape and dtype rule. Throws what the record's `errors` declare. */
  infer(inputs: TypesOf<I>, attributes: A): TypesOf<O>;
  readonly forward: Forward<A, I, O>;
  /** Tangents of the outputs, and nothing else. Absent: the op has no derivative (it is constant). */
  jvp?(tangents: Maybe<I>, at: Point<A, I, O>): Maybe<O>;
  /** Cotangents of the inputs. Never recovers a factor by dividing a result by an input. */
  vjp?(cotangents: Cotangents<O>, at: Point<A, I, O>, wanted: Wanted<I>): Maybe<I>;
}

/** What the laws, the documentation and the device suite need besides. */
export interface OpRecord<
  A extends object = object,
  I extends Tensors = Tensors,
  O extends Tensors = Tensors,
> extends Op<A, I, O> {
  /** The file's subject: `"reduce"`. */
  readonly family: string;
  /** The definition in one line of mathematics. */
  readonly formula: string;
  /** Where the definition comes from. */
  readonly source: string;
  /** A random case from the op's domain, at a distance from kinks. */
  sample(draw: Sampler): Sample<A>;
  /** Zeros, ties, kinks and edges, with the derivative promised there. */
  readonly special: readonly SpecialPoint<A>[];
  /** Bad input, word by word. */
  readonly errors: readonly ErrorExample<A>[];
  /** The definition once more, on plain arrays, independent of every kernel. One array an output. */
  reference(inputs: readonly NdArray[], attributes: A): readonly NdArray[];
  /** Of every output. */
  readonly bound: ErrorBound<A>;
}

/** Derivatives of a composed op are those of its parts. */
export function isComposed(op: Op): boolean {
  return "compose" in op.forward;
}

/** Whether `op` has derivatives: rules of its own, or parts that have them. */
export function isDifferentiable(op: Op): boolean {
  return isComposed(op) || op.vjp !== undefined;
}
