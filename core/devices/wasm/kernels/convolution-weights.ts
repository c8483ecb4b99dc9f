/**
 * Weights packed for convolution, and the packed weight gradient summed and unpacked; rests on pack.
 * Packed weights are panels of two vectors of output channels: [group][panel][r][s][c][two vectors], the lanes
 * beyond a group's last output channel 0.
 */
import { lanesOf, packPanel } from "./pack";
import { pointer, word } from "./task";

/**
 * Words: 0 w, 1 packed, 2 output channels of a group, 3 channels of a group, 4 R, 5 S; strides of w: 6 group,
 * 7 output channel, 8 channel, 9 r, 10 s. One piece is one panel of one group.
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
  }
}

/**
 * Sums the leaves of a weight gradient in a fixed tree, ((0 + 1) + (2 + 3)) + …, and stores dw.
 * Words: 0 leaves, 1 dw, 2 number of leaves, 3 bytes of a leaf, 4 output channels of a group, 5 channels of a
 * group, 6 R, 7 S, 8 runs of S·C numbers padded to a multiple of 4 (1), or of C (0); strides of dw: 9 group,
 * 10 output channel, 11 channel, 12 r, 13 s. One piece is one tap (r, s) of one panel of one group.
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
    for (let lane = 0; lane < lanes; lane++) {
      let at = target + <usize>lane * <usize>word(task, 10);
      let sum = leaf + <usize>lane * sizeof<T>();
      for (let c = 0; c < channels; c++) {
        store<T>(at, load<T>(sum));
        at += <usize>word(task, 11);
        sum += 32;
      }
    }
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
