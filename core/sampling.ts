/**
 * Sampling: what an op's record uses to describe the inputs it may be checked on.
 * Rests on nd-array. The spec suite implements `Sampler`; the library never draws from it.
 */
import type { NdArray } from "./nd-array.ts";
import type { Shape } from "./shape.ts";

/** An interval on whose grid values are drawn, with points to stay away from. */
export interface Domain {
  readonly min: number;
  readonly max: number;
  /** Kinks and poles: no drawn value comes nearer than `margin` to any of them. */
  readonly avoid?: readonly number[];
  /** Distance kept from `avoid`; default 0.05. */
  readonly margin?: number;
}

/** Bounds for a drawn shape; by default rank 0 to 3 and lengths 0 to 4. */
export interface ShapeBounds {
  readonly minRank?: number;
  readonly maxRank?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** Draws the parts of a random case. Every draw shrinks towards small and simple. */
export interface Sampler {
  /** An integer in [min, max], both ends included. */
  integer(min: number, max: number): number;
  /** A real number on the grid of a domain. */
  number(domain: Domain): number;
  boolean(): boolean;
  pick<T>(options: readonly T[]): T;
  shape(bounds?: ShapeBounds): Shape;
  /** A shape that broadcasts to `shape`: axes replaced by 1 or dropped in front. */
  broadcastable(shape: Shape): Shape;
  /** Distinct axes in [0, rank), sorted; possibly none. */
  axes(rank: number): readonly number[];
  /** Independent values on the grid of a domain. */
  values(shape: Shape, domain: Domain): NdArray;
  /** Values of which no two are nearer than `(max - min)/(2·size)`: no ties, no kinks of max nearby. */
  distinct(shape: Shape, domain: Domain): NdArray;
  /** Integers in [low, high). */
  integers(shape: Shape, low: number, high: number): NdArray;
  booleans(shape: Shape): NdArray;
}

/** One case: inputs and attributes that the op's shape rule accepts. */
export interface Sample<A extends object> {
  readonly inputs: readonly NdArray[];
  readonly attributes: A;
}

/**
 * A point that a grid rarely hits (a zero, a tie, a kink), with what the op promises there.
 * `gradients` are those of Σ cotangent·output (cotangent 1 everywhere where absent); null: not checked.
 */
export interface SpecialPoint<A extends object> extends Sample<A> {
  readonly title: string;
  readonly output?: NdArray;
  readonly cotangent?: NdArray;
  readonly gradients?: readonly (NdArray | null)[];
}

/** Bad inputs and the exact message they must cause. */
export interface ErrorExample<A extends object> extends Sample<A> {
  readonly message: string;
}
