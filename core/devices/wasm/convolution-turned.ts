/**
 * The adjoint of a strided convolution as plain convolutions, along one axis. Rests on nothing.
 * Input pixel i meets dy at (i + before − r·dilation)/stride wherever that is whole. So the pixels with
 * i + before ≡ phase (mod stride) all meet the same taps r, and the rows of dy step by one from pixel to pixel:
 * a convolution of stride 1 whose taps are those r, from the last to the first.
 */

/** One axis of a convolution. */
export interface SweepAxis {
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly taps: number;
}

/** One phase of its adjoint: a convolution of stride 1 over dy, giving every `stride`-th pixel. */
export interface Turned {
  /** The first input pixel of the phase, and how many there are. */
  readonly first: number;
  readonly count: number;
  /** How many taps meet them; tap u of the turned convolution is r = firstTap + u·tapStep. */
  readonly taps: number;
  readonly firstTap: number;
  readonly tapStep: number;
  readonly dilation: number;
  /** Padding before; negative: so much is cut off. */
  readonly before: number;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** The phase `phase` in [0, stride) of an axis with `length` input pixels. */
export function turnedAxis(axis: SweepAxis, phase: number, length: number): Turned {
  const { stride, dilation, before, taps } = axis;
  const start = Math.ceil((before - phase) / stride);
  const first = start * stride + phase - before;
  const count = Math.max(0, Math.ceil((length - first) / stride));
  // r·dilation ≡ phase (mod stride) recurs every `step` taps, and dy's row then moves by `dilation / divisor`.
  const divisor = greatestCommonDivisor(stride, dilation);
  const step = stride / divisor;
  let least = 0;
  while (least < Math.min(step, taps) && (least * dilation - phase) % stride !== 0) least++;
  const meets = least < Math.min(step, taps);
  const met = meets ? Math.ceil((taps - least) / step) : 0;
  const last = least + (met - 1) * step;
  const row = start + (phase - last * dilation) / stride;
  return {
    first,
    count,
    taps: met,
    firstTap: meets ? last : 0,
    tapStep: -step,
    dilation: dilation / divisor,
    before: meets ? -row : 0,
  };
}
