/**
 * Examples that many op records share: inputs that broadcast, images, special points, what shape rules say about bad input.
 * Rests on nd-array and sampling.
 */
import { type ElementKind, type NdArray, nd } from "./nd-array.ts";
import type { NoOptions } from "./op-kinds.ts";
import type { Domain, ErrorExample, Sampler, SpecialPoint } from "./sampling.ts";

/**
 * Values around 0, or far from it: where a mean or a maximum should be taken off first, 100 shows in float32 whether
 * it was.
 */
export function nearOrFar(draw: Sampler): Domain {
  return draw.pick([
    { min: -3, max: 3 },
    { min: 97, max: 103 },
  ]);
}

/** Two arrays of which one broadcasts to the other, values in the given domains. */
export function broadcastPair(
  a: Domain,
  b: Domain,
): (draw: Sampler) => readonly [NdArray, NdArray] {
  return (draw) => {
    const shape = draw.shape();
    const small = draw.broadcastable(shape);
    return draw.boolean()
      ? [draw.values(shape, a), draw.values(small, b)]
      : [draw.values(small, a), draw.values(shape, b)];
  };
}

/** What a function of one number promises at the points `x`: its values `y`, and dy/dx where `slope` is given. */
export function points(
  title: string,
  promise: {
    readonly x: readonly number[];
    readonly y?: readonly number[];
    readonly slope?: readonly number[];
    readonly kind?: ElementKind;
  },
): SpecialPoint<NoOptions> {
  const { x, y, slope, kind } = promise;
  return {
    title,
    inputs: [nd(x, kind)],
    attributes: {},
    ...(y && { output: nd(y, kind) }),
    ...(slope && { gradients: [nd(slope)] }),
  };
}

/** One image of one channel: [1, 1, H, W]. */
export function image(rows: readonly (readonly number[])[]): NdArray {
  return nd([[rows]]);
}

/** Options that the types forbid, from JSON, as a program without types may give them. */
export function untyped<A extends object>(json: string): A {
  return JSON.parse(json);
}

/** The complaint of a function of floats about whole numbers. */
export function floatsOnly<A extends object>(name: string, attributes: A): ErrorExample<A> {
  return {
    inputs: [nd([1, 2], "int32")],
    attributes,
    message: `${name}: expected x to be float32 or float64, got int32. Cast it, for example x.cast("float32").`,
  };
}

/** The complaint of a function of numbers about masks. */
export function numbersOnly<A extends object>(name: string, attributes: A): ErrorExample<A> {
  return {
    inputs: [nd([1, 0], "bool")],
    attributes,
    message: `${name}: expected x to be float32 or float64 or int32, got bool. Cast it, for example x.cast("float32").`,
  };
}

/** The complaints of a function of two arrays about shapes and dtypes that do not fit. */
export function mismatches(name: string): readonly ErrorExample<NoOptions>[] {
  return [
    {
      inputs: [nd([1, 2, 3]), nd([1, 2])],
      attributes: {},
      message: `${name}: expected b to broadcast against a [3], got b [2]. Axis -1 is 3 against 2: make them equal, or one of them 1.`,
    },
    {
      inputs: [nd([1, 2]), nd([1, 2], "int32")],
      attributes: {},
      message: `${name}: expected b to have the dtype of a, float64, got int32. Cast one of them, for example b.cast("float64").`,
    },
  ];
}

/** The complaint of a function of two arrays about the dtype of both. */
export function pairDType(
  name: string,
  kind: "int32" | "bool",
  allowed: string,
): ErrorExample<NoOptions> {
  const example = allowed.split(" or ")[0] ?? allowed;
  return {
    inputs: [nd([1, 0], kind), nd([1, 1], kind)],
    attributes: {},
    message: `${name}: expected a to be ${allowed}, got ${kind}. Cast it, for example a.cast("${example}").`,
  };
}
