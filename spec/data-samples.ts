/**
 * What the tests of data share: small datasets of known examples, and their elements back.
 * Rests on core/data.
 */
import { fc } from "@fast-check/vitest";
import type { ImageSet } from "../core/data/image-set.ts";
import { type Examples, examples, type LabelledExamples } from "../core/data/index.ts";
import type { Shape, Tensor } from "../core/index.ts";
import { normals, RandomSource, uniforms } from "../core/random/index.ts";
import { sizeOf } from "../core/shape.ts";
import { numbers } from "./plain.ts";

/** Example p of epoch e is the number 1000·e + p. */
export function counting(length: number): Examples<"x"> {
  return examples({
    length,
    fields: { x: { shape: [], dtype: "float64" } },
    write: (position, epoch, { x }) => {
      x[0] = 1000 * epoch + position;
    },
  });
}

/** Images of uniform numbers in [0, 1), labels 0 … classes − 1 in turn; a function of the seed alone. */
export function noiseImages(
  length: number,
  shape: Shape,
  { seed = 1, classes = 3 }: { readonly seed?: number; readonly classes?: number } = {},
): LabelledExamples {
  const size = sizeOf(shape);
  const pixels = Float32Array.from(
    uniforms(new RandomSource(seed).stream("images"), length * size),
  );
  return examples({
    length,
    fields: { x: { shape, dtype: "float32" }, y: { shape: [], dtype: "int32" } },
    write: (position, _epoch, { x, y }) => {
      x.set(pixels.subarray(position * size, (position + 1) * size));
      y[0] = position % classes;
    },
  });
}

/** Every element of the examples at `positions`, by field. */
export function elementsAt<Name extends string>(
  dataset: Examples<Name>,
  positions: readonly number[],
  epoch = 0,
): Record<string, readonly number[]> {
  const batch: Readonly<Record<string, Tensor>> = dataset.batch(Int32Array.from(positions), epoch);
  return Object.fromEntries(Object.entries(batch).map(([name, x]) => [name, numbers(x)]));
}

/** 0 … length − 1. */
export function upTo(length: number): readonly number[] {
  return Array.from({ length }, (_, i) => i);
}

/** `count` float64 numbers of N(0, 1). */
export function gaussian(count: number, seed: number): Float64Array {
  return normals(new RandomSource(seed).stream("spec"), count);
}

/** Small image sets with their pixels drawn byte by byte, 0 and 255 among them often. */
export const imageSets: fc.Arbitrary<ImageSet> = fc
  .record({
    channels: fc.integer({ min: 1, max: 3 }),
    height: fc.integer({ min: 1, max: 4 }),
    width: fc.integer({ min: 1, max: 4 }),
    count: fc.integer({ min: 1, max: 6 }),
  })
  .chain(({ channels, height, width, count }) => {
    const length = count * channels * height * width;
    const byte = fc.oneof(fc.constantFrom(0, 255), fc.integer({ min: 0, max: 255 }));
    return fc.array(byte, { minLength: length, maxLength: length }).map(
      (bytes): ImageSet => ({
        name: "drawn",
        images: Uint8Array.from(bytes),
        shape: [channels, height, width],
        labels: new Uint8Array(count),
        count,
        classes: ["only"],
      }),
    );
  });

/** One image of a set, as its own bytes. */
export function imageOf(set: ImageSet, index: number): Uint8Array {
  const size = set.images.length / set.count;
  return set.images.subarray(index * size, (index + 1) * size);
}

/**
 * How far the mean of n independent numbers in an interval of length `range` may lie from its expectation, but for a
 * chance of `alarm`: range·√(ln(2/alarm)/(2n)). Hoeffding 1963, theorem 2.
 */
export function hoeffding(n: number, range: number, alarm: number): number {
  return range * Math.sqrt(Math.log(2 / alarm) / (2 * n));
}
