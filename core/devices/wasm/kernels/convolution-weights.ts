/**
 * Weights packed for convolution, and the packed weight gradient summed and unpacked; rests on pack.
 * Packed weights are panels of two vectors of output channels: [group][panel][r][s][c][two vectors], the lanes
 * beyond a group's last output channel 0.
 */
import { lanesOf, packPanel } from "./pack";
import { pointer, word } from "./task";

/** Whether any of `bytes` bytes of numbers, a multiple of 16, is infinite or NaN: its exponent is all ones. */
function anyNotFinite<T>(from: usize, bytes: usize): bool {
  const ones = sizeof<T>() == 4 ? i32x4.splat(0x7f800000) : i64x2.splat(0x7ff0000000000000);
  let found = i64x2.splat(0);
  for (const end = from + bytes; from != end; from += 16) {
    const exponents = v128.and(v128.load(from), ones);
    found = v128.or(found, sizeof<T>() == 4 ? i32x4.eq(exponents, ones) : i64x2.eq(exponents, ones));
  }
  return v128.any_true(found);
}

/**
 * Words: 0 w, 1 packed, 2 output channels of a group, 3 channels of a group, 4 R, 5 S; strides of w: 6 group,
 * 7 output channel, 8 channel, 9 r, 10 s; 11 an int32 a piece, 1 where not all weights of the panel are finite.
 * One piece is one panel of one group.
 */
function packWeights<T>(task: usize, from: i32, to: i32): void {
  const kernels = word(task, 2);
  const channels = word(task, 3);
  const height = word(task, 4);
  const width = word(task, 5);
  const lane = <usize>word(task, 7);
  const channel = <usize>word(task, 8);
  const panelWidth = 2 * lanesOf<T>();
  const panels = (kernels + panelWidth - 1) / panelWidth;
  const run = <usize>channels * 32;
  for (let piece = from; piece < to; piece++) {
    const first = (piece % panels) * panelWidth;
    const lanes = min(panelWidth, kernels - first);
    const w = pointer(task, 0) + <usize>(piece / panels) * <usize>word(task, 6) + <usize>first * lane;
    let target = pointer(task, 1) + <usize>piece * <usize>(height * width) * run;
    for (let r = 0; r < height; r++) {
      for (let s = 0; s < width; s++) {
        const at = w + <usize>r * <usize>word(task, 9) + <usize>s * <usize>word(task, 10);
        packPanel<T>(target, panelWidth, at, lane, channel, lanes, channels);
        target += run;
      }
    }
    const bytes = <usize>(height * width) * run;
    store<i32>(pointer(task, 11) + (<usize>piece << 2), i32(anyNotFinite<T>(target - bytes, bytes)));
  }
}

/**
 * Sums the leaves of a weight gradient in a fixed tree, ((0 + 1) + (2 + 3)) + …, and stores dw.
 * Words: 0 leaves, 1 dw, 2 number of leaves, 3 bytes of a leaf, 4 output channels of a group, 5 channels of a
 * group, 6 R, 7 S, 8 runs of S·C numbers padded to a multiple of 4 (1), or of C (0); strides of dw: 9 group,
 * 10 output channel, 11 channel, 12 r, 13 s; 14 an int32 a piece, 1 where not all sums are finite.
 * One piece is one tap (r, s) of one panel of one group.
 */
function sumWeights<T>(task: usize, from: i32, to: i32): void {
  const count = word(task, 2);
  const leafBytes = <usize>word(task, 3);
  const kernels = word(task, 4);
  const channels = word(task, 5);
  const height = word(task, 6);
  const width = word(task, 7);
  const joined = word(task, 8) != 0;
  const panelWidth = 2 * lanesOf<T>();
  const panels = (kernels + panelWidth - 1) / panelWidth;
  const taps = height * width;
  const runLength = joined ? (width * channels + 3) & ~3 : (channels + 3) & ~3;
  const runs = joined ? height : taps;
  for (let piece = from; piece < to; piece++) {
    const tap = piece % taps;
    const r = tap / width;
    const s = tap % width;
    const panel = (piece / taps) % panels;
    const lanes = min(panelWidth, kernels - panel * panelWidth);
    const start =
      (piece / taps) * runs * runLength + (joined ? r * runLength + s * channels : tap * runLength);
    const leaf = pointer(task, 0) + <usize>start * 32;
    const bytes = <usize>channels * 32;
    for (let step = 1; step < count; step *= 2) {
      for (let i = 0; i + step < count; i += 2 * step) {
        const sum = leaf + <usize>i * leafBytes;
        const other = sum + <usize>step * leafBytes;
        for (let at: usize = 0; at < bytes; at += 16) {
          v128.store(sum + at, v128.add<T>(v128.load(sum + at), v128.load(other + at)));
        }
      }
    }
    let target = pointer(task, 1) + <usize>(piece / taps / panels) * <usize>word(task, 9);
    target += <usize>(panel * panelWidth) * <usize>word(task, 10);
    target += <usize>r * <usize>word(task, 12) + <usize>s * <usize>word(task, 13);
    let lost = false;
    for (let lane = 0; lane < lanes; lane++) {
      let at = target + <usize>lane * <usize>word(task, 10);
      let sum = leaf + <usize>lane * sizeof<T>();
      for (let c = 0; c < channels; c++) {
        const value = load<T>(sum);
        // Only of an infinity or NaN.
        lost = lost || value - value != 0;
        store<T>(at, value);
        at += <usize>word(task, 11);
        sum += 32;
      }
    }
    store<i32>(pointer(task, 14) + (<usize>piece << 2), i32(lost));
  }
}

/** Packs weights; see `packWeights`. */
export function convolutionPackF32(task: usize, from: i32, to: i32, scratch: usize): void {
  packWeights<f32>(task, from, to);
}

/** Packs weights; see `packWeights`. */
export function convolutionPackF64(task: usize, from: i32, to: i32, scratch: usize): void {
  packWeights<f64>(task, from, to);
}

/** Sums and unpacks a weight gradient; see `sumWeights`. */
export function convolutionSumF32(task: usize, from: i32, to: i32, scratch: usize): void {
  sumWeights<f32>(task, from, to);
}

/** Sums and unpacks a weight gradient; see `sumWeights`. */
export function convolutionSumF64(task: usize, from: i32, to: i32, scratch: usize): void {
  sumWeights<f64>(task, from, to);
}
