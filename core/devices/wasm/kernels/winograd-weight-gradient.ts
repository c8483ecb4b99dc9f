/**
 * The weight gradient of a convolution by Winograd's F(3×3, 2×2), F(3×3, 4×4) or F(5×5, 2×2), float32:
 * dw = Gᵀ[Σ (A·dy·Aᵀ) ⊙ (Bᵀ·x·B)]G over tiles. Rests on winograd-tiles and convolution-weight-gradient, whose leaves
 * it makes.
 * In a leaf, the sum of each block of tiles starts from 0, goes over its tiles in order, and is added to the leaf's
 * sum, images and blocks in order; then the leaf is transformed, and convolution-weights adds the leaves in a fixed
 * tree. Both numbers of channels are multiples of 8, and there is one group.
 */
import { gradientTile } from "./convolution-weight-gradient";
import { pointer, word } from "./task";
import { lookAt, transformCotangents, transformImage } from "./winograd-tiles";
import { gatherWeights } from "./winograd-transforms";
import { gatherFiveWeights, gatherWideWeights, keepNumbers } from "./winograd-wide";

/**
 * Words: as `correlate` to 25 (1 is dy, 2 the leaves); 26 rows of tiles of a block, 27 tiles across of a block,
 * 30 images, 31 images of a leaf, 32 bytes of a leaf, 33 panels that one piece takes, 34 pixels along a side of a
 * tile's output (2 or 4), 35 images whose tiles make one block.
 * A leaf is [panel][r][s][c][8]. One piece is one stretch of panels of one leaf.
 */
export function winogradWeightGradient(task: usize, from: i32, to: i32, scratch: usize): void {
  const channels = word(task, 4);
  const kernels = word(task, 5);
  const outHeight = word(task, 8);
  const outWidth = word(task, 9);
  const band = word(task, 26);
  const segment = word(task, 27);
  const images = word(task, 30);
  const perLeaf = word(task, 31);
  const perPiece = word(task, 33);
  const panels = kernels / 8;
  const stretches = (panels + perPiece - 1) / perPiece;
  const side = word(task, 34);
  const group = word(task, 35);
  const taps = word(task, 10);
  const elements = (side + taps - 1) * (side + taps - 1);
  const tilesDown = (outHeight + side - 1) / side;
  const tilesAcross = (outWidth + side - 1) / side;
  const bytes = <usize>channels << 2;
  const most = <usize>(group * band * segment);
  const slab = most * bytes + 64;
  const panelOfTiles = most * 32;
  const slabOfTiles = <usize>perPiece * panelOfTiles + 64;
  const slabOfSums = bytes << 3;
  const table = scratch;
  const vectors = table + 192;
  const zeros = vectors + 640;
  const tiles = zeros + max(bytes, <usize>perPiece * 32);
  const cotangents = tiles + elements * slab;
  const sums = cotangents + elements * slabOfTiles;
  const stepOfSums = <usize>perPiece * slabOfSums + 64;
  const window = sums + elements * stepOfSums;
  memory.fill(zeros, 0, tiles - zeros);
  keepNumbers(vectors);
  for (let piece = from; piece < to; piece++) {
    const leaf = piece / stretches;
    const firstPanel = (piece % stretches) * perPiece;
    const panelsHere = min(perPiece, panels - firstPanel);
    const dy = pointer(task, 1) + <usize>(firstPanel * 8) * <usize>word(task, 23);
    memory.fill(sums, 0, elements * stepOfSums);
    const end = min(images, (leaf + 1) * perLeaf);
    for (let first = leaf * perLeaf; first < end; first += group) {
      for (let down0 = 0; down0 < tilesDown; down0 += band) {
        const down = min(band, tilesDown - down0);
        for (let across0 = 0; across0 < tilesAcross; across0 += segment) {
          const across = min(segment, tilesAcross - across0);
          let count = 0;
          for (let image = first; image < min(end, first + group); image++) {
            lookAt(
              pointer(task, 0) + <usize>image * <usize>word(task, 18),
              channels,
              word(task, 6),
              word(task, 7),
              <usize>word(task, 19),
              <usize>word(task, 20),
              <usize>word(task, 21),
              side * down0 - word(task, 16),
              side * down + taps - 1,
              side * across0 - word(task, 17),
              side * across + taps - 1,
              window,
            );
            transformImage(side, taps, down, across, bytes, tiles + <usize>count * bytes, slab, table, zeros, vectors);
            lookAt(
              dy + <usize>image * <usize>word(task, 22),
              8 * panelsHere,
              outHeight,
              outWidth,
              <usize>word(task, 23),
              <usize>word(task, 24),
              <usize>word(task, 25),
              side * down0,
              side * down,
              side * across0,
              side * across,
              window,
            );
            transformCotangents(
              side,
              taps,
              down,
              across,
              panelsHere,
              cotangents + <usize>count * 32,
              slabOfTiles,
              panelOfTiles,
              table,
              zeros,
              vectors,
            );
            count += down * across;
          }
          for (let element = 0; element < elements; element++) {
            let sum = sums + <usize>element * stepOfSums;
            const p = tiles + <usize>element * slab;
            let right = cotangents + <usize>element * slabOfTiles;
            for (let panel = 0; panel < panelsHere; panel++) {
              for (let c: usize = 0; c < bytes; c += 16) {
                gradientTile<f32>(1, count, p + c, 0, bytes, right, sum);
                sum += 128;
              }
              right += panelOfTiles;
            }
          }
        }
      }
    }
    let target =
      pointer(task, 2) + <usize>leaf * <usize>word(task, 32) + <usize>(taps * taps * firstPanel) * slabOfSums;
    for (let panel = 0; panel < panelsHere; panel++) {
      const from = sums + <usize>panel * slabOfSums;
      for (let at: usize = 0; at < slabOfSums; at += 16) {
        if (taps == 5) gatherFiveWeights(from + at, stepOfSums, target + at, slabOfSums, vectors + 32);
        else if (side == 2) gatherWeights(from + at, stepOfSums, target + at, slabOfSums);
        else gatherWideWeights(from + at, stepOfSums, target + at, slabOfSums, vectors + 32);
      }
      target += <usize>(taps * taps) * slabOfSums;
    }
  }
}
