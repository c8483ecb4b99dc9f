/**
 * Initializers: functions that draw a parameter's first value from a stream.
 * Rests on core.
 */
import type { DType, Shape, Stream, Tensor } from "../core/index.ts";

/** Where an initializer draws from, and the dtype it gives. */
export interface InitContext {
  readonly stream: Stream;
  readonly dtype: DType;
}

/** The first value of a parameter of `shape`. */
export type Initializer = (shape: Shape, context: InitContext) => Tensor;
