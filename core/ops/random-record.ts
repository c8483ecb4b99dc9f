/**
 * What the records of random tensors have in common; each differs in its distribution alone.
 * Rests on bind and random, whose fills decide which parameters make a distribution.
 */
import { bindOne } from "../bind.ts";
import type { Distribution, DrawPosition } from "../devices/kernels.ts";
import type { DType } from "../dtype.ts";
import type { ErrorBound } from "../error-bound.ts";
import { DTypeError, ValueError } from "../errors.ts";
import type { ElementKind } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { Stream } from "../random/index.ts";
import type { ErrorExample, Sampler } from "../sampling.ts";
import { checkShape, type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { samplePosition } from "./random-definitions.ts";

/** The parameters of one kind of distribution. */
type DistributionOf<K extends Distribution["kind"]> = Extract<Distribution, { readonly kind: K }>;

/** A draw whose place in its stream is decided. */
interface RandomAttributes<K extends Distribution["kind"]> extends DrawPosition {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly distribution: DistributionOf<K>;
}

/** A record of no input and one random output. */
export type RandomRecord<K extends Distribution["kind"]> = OpRecord<
  RandomAttributes<K>,
  readonly [],
  readonly [Tensor]
>;

/** What differs between distributions. */
interface RandomSpec<K extends Distribution["kind"]> {
  readonly name: string;
  readonly formula: string;
  readonly source: string;
  /** Dtypes that can hold the values; the first is the default. */
  readonly dtypes: readonly [DType, ...DType[]];
  /** Calls the fill of core/random on no elements, for its refusals. */
  check(distribution: DistributionOf<K>, dtype: DType): void;
  sample(draw: Sampler): DistributionOf<K>;
  /** Some parameters that are in order. */
  readonly standard: DistributionOf<K>;
  /** Element `i`, on plain numbers. */
  reference(draw: DrawPosition, i: number, distribution: DistributionOf<K>): number;
  /** Parameters that are refused, with the message after the name. */
  readonly errors: readonly (readonly [DistributionOf<K>, message: string])[];
  readonly bound: ErrorBound<RandomAttributes<K>>;
}

/** Runs `check` and has its refusal speak of the user's function. */
function inTheNameOf(where: string, check: () => void): void {
  try {
    check();
  } catch (cause) {
    if (!(cause instanceof ValueError)) throw cause;
    const { argument, expected, got, fix } = cause;
    throw new ValueError({ where, argument, expected, got, fix }, { cause });
  }
}

function requireHolding(where: string, dtype: DType, dtypes: readonly DType[]): void {
  if (!dtypes.includes(dtype)) {
    throw new DTypeError({
      where,
      argument: "dtype",
      expected: `to be ${dtypes.join(" or ")}`,
      got: dtype,
      fix: "Draw in such a dtype and cast what comes",
    });
  }
}

function kindOf(dtype: DType): ElementKind {
  return dtype === "int32" || dtype === "bool" ? dtype : "float";
}

/** A record that draws from the distribution of `spec`. Constant: no derivative flows into it. */
export function randomRecord<K extends Distribution["kind"]>(spec: RandomSpec<K>): RandomRecord<K> {
  const { name, dtypes } = spec;
  const example = (
    changes: Partial<RandomAttributes<K>>,
    message: string,
  ): ErrorExample<RandomAttributes<K>> => ({
    inputs: [],
    attributes: {
      key: [0, 0],
      position: 0,
      shape: [2],
      dtype: dtypes[0],
      distribution: spec.standard,
      ...changes,
    },
    message: `${name}: ${message}`,
  });
  const wrong: DType = dtypes.includes("int32") ? "float32" : "int32";
  return {
    name,
    family: "random",
    formula: spec.formula,
    source: spec.source,
    inputNames: [],
    infer: (_, { shape, dtype, distribution }) => {
      requireHolding(name, dtype, dtypes);
      inTheNameOf(name, () => spec.check(distribution, dtype));
      return [{ shape: checkShape(name, "shape", shape), dtype }];
    },
    forward: {
      kernel: "random",
      with: ({ key, position, distribution }) => ({ key, position, distribution }),
    },
    sample: (draw) => ({
      inputs: [],
      attributes: {
        ...samplePosition(draw),
        shape: draw.shape(),
        dtype: draw.pick(dtypes),
        distribution: spec.sample(draw),
      },
    }),
    special: [],
    errors: [
      ...spec.errors.map(([distribution, message]) => example({ distribution }, message)),
      example(
        { shape: [-1] },
        "expected shape to hold integers ≥ 0, got [-1]. Give each axis a whole length.",
      ),
      example(
        { dtype: wrong },
        `expected dtype to be ${dtypes.join(" or ")}, got ${wrong}. Draw in such a dtype and cast what comes.`,
      ),
    ],
    reference: (_, attributes) => {
      const { shape, dtype, distribution } = attributes;
      const data = Array.from({ length: sizeOf(shape) }, (_none, i) =>
        spec.reference(attributes, i, distribution),
      );
      return [{ shape, data, kind: kindOf(dtype) }];
    },
    bound: spec.bound,
  };
}

/** Draws `shape` from `stream`, which moves on by one block for two elements once all is in order. */
export function drawFrom<K extends Distribution["kind"]>(
  record: RandomRecord<K>,
  stream: Stream,
  rest: Pick<RandomAttributes<K>, "shape" | "dtype" | "distribution">,
): Tensor {
  const { key } = stream;
  record.infer([], { ...rest, key, position: 0 });
  const position = stream.reserve(Math.ceil(sizeOf(rest.shape) / 2));
  return bindOne(record, [], { ...rest, key, position });
}
