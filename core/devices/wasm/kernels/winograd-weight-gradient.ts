/**
 * The weight gradient of a convolution by Winograd's F(3×3, 2×2), float32: dw = Gᵀ[Σ (A·dy·Aᵀ) ⊙ (Bᵀ·x·B)]G over
 * tiles. Rests on winograd-tiles and convolution-weight-gradient, whose leaves it makes.
 * In a leaf, the sum of each block of tiles starts from 0, goes over its tiles in order, and is added to the leaf's
 * sum, images and blocks in order; then the leaf is transformed, and convolution-weights adds the leaves in a fixed
 * tree. Both numbers of channels are multiples of 8, and there is one group.
 */
import { gradientTile } from "./convolution-weight-gradient";
import { pointer, word } from "./task";
import { lookAt, transformCotangents, transformImage } from "./winograd-tiles";
import { gatherWeights } from "./winograd-transforms";

/**
 * Words: as `correlate` to 25 (1 is dy, 2 the leaves); 26 rows of tiles of a block, 27 tiles across of a block,
 * 30 images, 31 images of a leaf, 32 bytes of a leaf, 33 panels that one piece takes.
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
  const tilesDown = (outHeight + 1) / 2;
  const tilesAcross = (outWidth + 1) / 2;
  const bytes = <usize>channels << 2;
  const most = <usize>(band * segment);
  const slab = most * bytes + 64;
  const panelOfTiles = most * 32;
  const slabOfTiles = <usize>perPiece * panelOfTiles + 64;
  const slabOfSums = bytes << 3;
  const table = scratch;
  const zeros = scratch + 64;
  const tiles = zeros + max(bytes, <usize>perPiece * 32);
  const cotangents = tiles + 16 * slab;
  const sums = cotangents + 16 * slabOfTiles;
  const stepOfSums = <usize>perPiece * slabOfSums + 64;
  const window = sums + 16 * stepOfSums;
  memory.fill(zeros, 0, tiles - zeros);
  for (let piece = from; piece < to; piece++) {
    const leaf = piece / stretches;
    const first = (piece % stretches) * perPiece;
    const count = min(perPiece, panels - first);
    memory.fill(sums, 0, 16 * stepOfSums);
    for (let image = leaf * perLeaf; image < min(images, (leaf + 1) * perLeaf); image++) {
      const x = pointer(task, 0) + <usize>image * <usize>word(task, 18);
      const dy =
        pointer(task, 1) + <usize>image * <usize>word(task, 22) + <usize>(first * 8) * <usize>word(task, 23);
      for (let down0 = 0; down0 < tilesDown; down0 += band) {
        const down = min(band, tilesDown - down0);
        for (let across0 = 0; across0 < tilesAcross; across0 += segment) {
          const across = min(segment, tilesAcross - across0);
          lookAt(
            x,
            channels,
            word(task, 6),
            word(task, 7),
            <usize>word(task, 19),
            <usize>word(task, 20),
            <usize>word(task, 21),
            2 * down0 - word(task, 16),
            2 * down + 2,
            2 * across0 - word(task, 17),
            2 * across + 2,
            window,
          );
          transformImage(down, across, bytes, tiles, slab, table, zeros);
          lookAt(
            dy,
            8 * count,
            outHeight,
            outWidth,
            <usize>word(task, 23),
            <usize>word(task, 24),
            <usize>word(task, 25),
            2 * down0,
            2 * down,
            2 * across0,
            2 * across,
            window,
          );
          transformCotangents(down, across, count, cotangents, slabOfTiles, panelOfTiles, table, zeros);
          for (let element = 0; element < 16; element++) {
            let sum = sums + <usize>element * stepOfSums;
            const p = tiles + <usize>element * slab;
            let right = cotangents + <usize>element * slabOfTiles;
            for (let panel = 0; panel < count; panel++) {
              for (let c: usize = 0; c < bytes; c += 16) {
                gradientTile<f32>(1, down * across, p + c, 0, bytes, right, sum);
                sum += 128;
              }
              right += panelOfTiles;
            }
          }
        }
      }
    }
    let target =
      pointer(task, 2) + <usize>leaf * <usize>word(task, 32) + <usize>(9 * first) * slabOfSums;
    for (let panel = 0; panel < count; panel++) {
      const from = sums + <usize>panel * slabOfSums;
      for (let at: usize = 0; at < slabOfSums; at += 16) {
        gatherWeights(from + at, stepOfSums, target + at, slabOfSums);
      }
      target += 9 * slabOfSums;
    }
  }
}
