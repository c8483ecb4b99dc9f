/** Random numbers: Philox blocks in named streams, and the distributions drawn from them. */
export {
  blocksForBernoulli,
  blocksForIntegers,
  fillBernoulli,
  fillIntegers,
} from "./discrete.ts";
export {
  blocksForNormal,
  blocksForTruncatedNormal,
  blocksForUniform,
  type FloatArray,
  fillNormal,
  fillTruncatedNormal,
  fillUniform,
} from "./distributions.ts";
export { integers, normals, permutation, uniforms } from "./draws.ts";
export {
  observeReservations,
  type Reservation,
  type ReservationListener,
  rewinding,
} from "./observation.ts";
export { multiplyHigh, philox4x32 } from "./philox.ts";
export {
  RandomSource,
  Stream,
  type StreamKey,
  type StreamState,
} from "./stream.ts";
