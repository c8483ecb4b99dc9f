/**
 * Shapes: images of one triangle, square, disc, … each, with a position, size and angle drawn at random.
 * Rests on random, scalar-math and image-set. In the manner of Shapeset (Bengio, Louradour, Collobert & Weston 2009,
 * "Curriculum learning", section 5.2), made for this library.
 *
 * Image p is of class p mod K and a function of (seed, p). Edges are anti-aliased by counting 4 × 4 points in each
 * pixel.
 */
import { RandomSource, uniforms } from "../random/index.ts";
import { cos, sin } from "../scalar-math/index.ts";
import { checkWhole, checkWithin } from "./augment.ts";
import type { ImageSet } from "./image-set.ts";

/** Options of `shapes`. */
export interface ShapesOptions {
  /** Images of all classes together, integer ≥ 1. */
  readonly count: number;
  /** Height and width of an image in pixels, integer ≥ 4; default 28. */
  readonly size?: number;
  /** Channels: 1 is white on black, 3 has random colours; default 1. */
  readonly channels?: 1 | 3;
  /** How far the centre may be from the middle, as a share of the image's size, in [0, 0.5]; default 0.15. */
  readonly shift?: number;
  /** Least and greatest radius as a share of the image's size, in (0, 0.5]; default [0.2, 0.35]. */
  readonly scale?: readonly [least: number, greatest: number];
  /** Greatest angle either way, in turns, in [0, 0.5]; default 0.5, any angle. */
  readonly rotation?: number;
  /** Integer in [0, 2⁵³); default 0. */
  readonly seed?: number;
}

/** Whether the point (x, y) is in the shape of radius 1 about the origin. */
type Inside = (x: number, y: number) => boolean;

/** Within the regular polygon of `corners`, the first corner up: on the inner side of every edge. */
function polygon(corners: number): Inside {
  const apothem = cos(Math.PI / corners);
  const normalsOut = Array.from({ length: corners }, (_, k) => {
    const angle = 2 * Math.PI * ((k + 0.5) / corners);
    return [sin(angle), -cos(angle)] as const;
  });
  return (x, y) => normalsOut.every(([nx, ny]) => nx * x + ny * y <= apothem);
}

/** The classes, in the order of their labels. */
const kinds: readonly (readonly [name: string, inside: Inside])[] = [
  ["triangle", polygon(3)],
  ["square", polygon(4)],
  ["disc", (x, y) => x * x + y * y <= 1],
  ["ring", (x, y) => x * x + y * y <= 1 && x * x + y * y >= 0.36],
  [
    "cross",
    (x, y) =>
      Math.max(Math.abs(x), Math.abs(y)) <= 0.95 && Math.min(Math.abs(x), Math.abs(y)) <= 0.3,
  ],
  ["pentagon", polygon(5)],
];

/** Points counted along each side of a pixel. */
const samples = 4;

/** Blocks of the stream for one image: 4 numbers of place and 6 of colour. */
const blocksPerImage = 5;

/**
 * Images of triangles, squares, discs, rings, crosses and pentagons. Position, radius and angle are uniform in their
 * ranges; with three channels ground and shape have colours at least a quarter of the range apart in every channel.
 * Throws ValueError for options out of range.
 *
 * @example imageDataset(shapes({ count: 600, seed: 1 }))
 */
export function shapes(options: ShapesOptions): ImageSet {
  const { count, size = 28, channels = 1, shift = 0.15, scale = [0.2, 0.35] } = options;
  const { rotation = 0.5, seed = 0 } = options;
  checkWhole("shapes", "count", count, 1);
  checkWhole("shapes", "size", size, 4);
  if (channels !== 3) checkWithin("shapes", "channels", channels, 1, 1);
  checkWithin("shapes", "shift", shift, 0, 0.5);
  checkWithin("shapes", "scale", scale[0], Number.MIN_VALUE, 0.5);
  checkWithin("shapes", "scale", scale[1], scale[0], 0.5);
  checkWithin("shapes", "rotation", rotation, 0, 0.5);
  const stream = new RandomSource(seed).stream("data/shapes");
  const plane = size * size;
  const images = new Uint8Array(count * channels * plane);
  const labels = Uint8Array.from({ length: count }, (_, p) => p % kinds.length);
  const coverage = new Float64Array(plane);
  for (let p = 0; p < count; p++) {
    stream.position = p * blocksPerImage;
    const draws = uniforms(stream, 2 * blocksPerImage);
    const between = (at: number, low: number, high: number): number =>
      low + (high - low) * (draws[at] ?? 0);
    const place: Place = {
      x: size * (0.5 + between(0, -shift, shift)),
      y: size * (0.5 + between(1, -shift, shift)),
      radius: size * between(2, scale[0], scale[1]),
      angle: 2 * Math.PI * between(3, -rotation, rotation),
    };
    cover(coverage, size, kinds[labels[p] ?? 0]?.[1] ?? (() => false), place);
    for (let c = 0; c < channels; c++) {
      const ground = channels === 1 ? 0 : between(4 + c, 0, 0.375);
      const figure = channels === 1 ? 1 : between(7 + c, 0.625, 1);
      const from = (p * channels + c) * plane;
      for (let i = 0; i < plane; i++) {
        images[from + i] = Math.round(255 * (ground + (figure - ground) * (coverage[i] ?? 0)));
      }
    }
  }
  return {
    name: "shapes",
    images,
    shape: [channels, size, size],
    labels,
    count,
    classes: kinds.map(([name]) => name),
  };
}

/** Where a shape lies, in pixels; y points down. */
interface Place {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly angle: number;
}

/** Writes the share of each pixel that the shape covers. */
function cover(coverage: Float64Array, size: number, inside: Inside, place: Place): void {
  const [c, s] = [cos(place.angle) / place.radius, sin(place.angle) / place.radius];
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      let hits = 0;
      for (let k = 0; k < samples * samples; k++) {
        const dx = column + ((k % samples) + 0.5) / samples - place.x;
        const dy = row + (Math.floor(k / samples) + 0.5) / samples - place.y;
        if (inside(c * dx + s * dy, c * dy - s * dx)) hits += 1;
      }
      coverage[row * size + column] = hits / (samples * samples);
    }
  }
}
