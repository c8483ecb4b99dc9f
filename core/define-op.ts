/**
 * defineOp: an op of your own, written as a function and its derivative rules, with the record that the laws read.
 * Rests on op, bind, error-bound and shape. What stands here for a record's parts that most ops share is what they
 * mean for a function of floats, element by element and broadcast.
 */
import { bindOne } from "./bind.ts";
import { floatDTypes, requireDType, sameDType } from "./dtype.ts";
import type { ErrorBound } from "./error-bound.ts";
import type { NdArray } from "./nd-array.ts";
import type { OpRecord } from "./op.ts";
import type { ErrorExample, Sample, Sampler, SpecialPoint } from "./sampling.ts";
import { broadcastShapes, type Shape } from "./shape.ts";
import type { Tensor, TensorType } from "./tensor.ts";

/** One `T` for each name of an input. */
type ForEach<Names extends readonly string[], T> = { readonly [K in keyof Names]: T };

/** Where a derivative is taken: the inputs, the output, the attributes. */
interface RulePoint<A, Names extends readonly string[]> {
  readonly inputs: ForEach<Names, Tensor>;
  readonly outputs: readonly [Tensor];
  readonly attributes: A;
}

/** What an op of your own says about itself. */
export interface OpDefinition<A extends object, Names extends readonly string[]> {
  /** The function's name, for errors. */
  readonly name: string;
  /** The names of its inputs, for errors: `["x"]`. */
  readonly inputs: Names;
  /** The definition in one line of mathematics. */
  readonly formula: string;
  /** Where the definition comes from. */
  readonly source: string;
  /** The value, from ops or from plain numbers: what is inside is not differentiated. */
  forward(inputs: ForEach<Names, Tensor>, attributes: A): Tensor;
  /** The tangent of the output from those of the inputs; null stands for zero. Written with ops. */
  jvp(tangents: ForEach<Names, Tensor | null>, at: RulePoint<A, Names>): Tensor | null;
  /** The cotangents of the inputs from that of the output, one for each input. Written with ops. */
  vjp(cotangent: Tensor, at: RulePoint<A, Names>): ForEach<Names, Tensor | null>;
  /**
   * The output's shape, and every check of the inputs: whatever it throws belongs into `errors`. Absent: all inputs are
   * floats of one dtype and broadcast to one shape, which is the output's.
   */
  shape?(inputs: ForEach<Names, TensorType>, attributes: A): Shape;
  /** A random case from the domain, away from kinks. */
  sample(draw: Sampler): Sample<A>;
  /** Zeros, ties, kinks and edges, with the derivative promised there. */
  readonly special?: readonly SpecialPoint<A>[];
  /** Bad input, word by word. */
  readonly errors?: readonly ErrorExample<A>[];
  /** The definition once more, on plain arrays, sharing nothing with `forward`. */
  reference(inputs: ForEach<Names, NdArray>, attributes: A): NdArray;
  /** How far the value may lie from the reference, and why: `ulps(2, "one sum, one quotient")`. */
  readonly bound: ErrorBound<A>;
}

/** An op of your own: a function, and its record. */
export interface DefinedOp<A extends object, Names extends readonly string[]> {
  (...inputs: [...ForEach<Names, Tensor>]): Tensor;
  /** The op with these attributes. */
  with(attributes: A): (...inputs: [...ForEach<Names, Tensor>]) => Tensor;
  /** What `checkOp` of `bitgrad/spec` checks. */
  readonly record: OpRecord<A, ForEach<Names, Tensor>, readonly [Tensor]>;
}

/**
 * An op of your own, with one output, differentiable as often as its rules are written with ops. Call it as a function;
 * `checkOp(op.record)` from `bitgrad/spec` holds every law against it. Attributes, if it has any, are given by
 * `op.with({ … })(x)`; without that they are `{}`.
 *
 * @example
 * const softsign = defineOp({ name: "softsign", inputs: ["x"], … });
 * const y = softsign(tensor([-1, 2]));
 */
export function defineOp<const Names extends readonly string[], A extends object = object>(
  definition: OpDefinition<A, Names>,
): DefinedOp<A, Names> {
  const { name, inputs: inputNames, formula, source, special = [], errors = [] } = definition;
  type Inputs = ForEach<Names, Tensor>;
  const record: OpRecord<A, Inputs, readonly [Tensor]> = {
    name,
    family: "own",
    formula,
    source,
    inputNames,
    infer: (types, attributes) => {
      const dtype = commonFloat(name, inputNames, types);
      const shape = definition.shape?.(types, attributes) ?? commonShape(name, inputNames, types);
      return [{ shape, dtype }];
    },
    forward: { opaque: (inputs, attributes) => [definition.forward(inputs, attributes)] },
    jvp: (tangents, at) => [definition.jvp(tangents, at)],
    vjp: ([cotangent], at) => definition.vjp(cotangent, at),
    sample: (draw) => definition.sample(draw),
    special,
    errors,
    reference: (inputs, attributes) => [
      definition.reference(inputs as ForEach<Names, NdArray>, attributes),
    ],
    bound: definition.bound,
  };
  const none = {} as A;
  const apply = (...inputs: [...Inputs]): Tensor => bindOne(record, inputs, none);
  const withAttributes =
    (attributes: A) =>
    (...inputs: [...Inputs]): Tensor =>
      bindOne(record, inputs, attributes);
  return Object.assign(apply, { record, with: withAttributes });
}

/** The dtype of all inputs. Throws DTypeError unless they are floats of one. */
function commonFloat(
  where: string,
  names: readonly string[],
  types: readonly TensorType[],
): TensorType["dtype"] {
  const [first] = types;
  const [firstName = "x"] = names;
  if (first === undefined) return "float32";
  types.forEach(({ dtype }, i) => {
    sameDType(where, [firstName, names[i] ?? firstName], first.dtype, dtype);
  });
  requireDType(where, firstName, first.dtype, floatDTypes);
  return first.dtype;
}

/** The shape that all inputs broadcast to. Throws ShapeError where they do not. */
function commonShape(where: string, names: readonly string[], types: readonly TensorType[]): Shape {
  const [firstName = "x"] = names;
  return types.reduce<Shape>(
    (shape, type, i) =>
      i === 0 ? type.shape : broadcastShapes(where, [firstName, names[i] ?? ""], shape, type.shape),
    [],
  );
}
