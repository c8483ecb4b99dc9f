/**
 * Points: classes in the plane that are made, not found. Spirals, moons and gaussian clusters, for use offline.
 * Rests on random, scalar-math and combinators.
 *
 * Point p is of class p mod K and a function of (seed, p): a longer set begins with the shorter one, and classes differ by
 * one point at most.
 */
import { ValueError } from "../errors.ts";
import { normals, RandomSource, type Stream, uniforms } from "../random/index.ts";
import { cos, sin } from "../scalar-math/index.ts";
import { checkWhole, checkWithin } from "./augment.ts";
import { arrayDataset } from "./combinators.ts";
import type { LabelledExamples } from "./dataset.ts";

/** Points of the plane and their classes. */
export interface PointSet {
  /** What it is, for messages and reports: `"spirals"`. */
  readonly name: string;
  /** Point after point, [count, 2]. */
  readonly points: Float64Array;
  /** The class of each point, 0 … classes − 1. */
  readonly labels: Int32Array;
  readonly count: number;
  /** Number of classes. */
  readonly classes: number;
}

/** What all sets of points may be told. */
export interface PointOptions {
  /** Points of all classes together, integer ≥ 1. */
  readonly count: number;
  /** Standard deviation of the normal noise on each coordinate, ≥ 0; default 0.1. */
  readonly noise?: number;
  /** Integer in [0, 2⁵³); default 0. */
  readonly seed?: number;
}

/** Options of sets with any number of classes. */
export interface ManyClassesOptions extends PointOptions {
  /** Integer ≥ 1; default 3. */
  readonly classes?: number;
}

const turn = 2 * Math.PI;

/** Where a point is before noise: `along` in [0, 1) says how far along its curve. */
type Curve = (label: number, along: number) => readonly [number, number];

/** Points on the curves of their classes, with noise; two blocks of the stream each. */
function pointsOn(
  name: string,
  { count, noise = 0.1, seed = 0 }: PointOptions,
  classes: number,
  curve: Curve,
): PointSet {
  checkWhole(name, "count", count, 1);
  checkWhole(name, "classes", classes, 1);
  checkWithin(name, "noise", noise, 0, Number.MAX_VALUE);
  const stream: Stream = new RandomSource(seed).stream(`data/${name}`);
  const points = new Float64Array(2 * count);
  const labels = Int32Array.from({ length: count }, (_, p) => p % classes);
  for (let p = 0; p < count; p++) {
    const [along = 0] = uniforms(stream, 1);
    const [dx = 0, dy = 0] = normals(stream, 2);
    const [x, y] = curve(labels[p] ?? 0, along);
    points[2 * p] = x + noise * dx;
    points[2 * p + 1] = y + noise * dy;
  }
  return { name, points, labels, count, classes };
}

/**
 * Arms that wind out of the origin to radius 1 over `turns`, evenly spread: point t of arm k is at radius t and angle
 * 2π(k/K + turns·t). Noise 0.1 mixes the arms near the origin; 0.02 leaves them apart at the default.
 * turns: finite, default 0.75. Throws ValueError for options out of range.
 * After Lang & Witbrock 1988, "Learning to tell two spirals apart".
 *
 * @example pointExamples(spirals({ count: 300, noise: 0.02, seed: 1 }))
 */
export function spirals(options: ManyClassesOptions & { readonly turns?: number }): PointSet {
  const { classes = 3, turns = 0.75 } = options;
  checkWithin("spirals", "turns", turns, -1e6, 1e6);
  return pointsOn("spirals", options, classes, (label, t) => {
    const angle = turn * (label / classes + turns * t);
    return [t * cos(angle), t * sin(angle)];
  });
}

/**
 * Two half circles of radius 1 that reach into each other: class 0 is (cos πt, sin πt), class 1 is
 * (1 − cos πt, ½ − sin πt), t uniform in [0, 1). Throws ValueError for options out of range.
 * The shape of scikit-learn's make_moons, which spaces t evenly.
 *
 * @example pointExamples(moons({ count: 200, seed: 1 }))
 */
export function moons(options: PointOptions): PointSet {
  return pointsOn("moons", options, 2, (label, t) => {
    const [x, y] = [cos((turn / 2) * t), sin((turn / 2) * t)];
    return label === 0 ? [x, y] : [1 - x, 0.5 - y];
  });
}

/**
 * Normal clusters of standard deviation `noise` about centres evenly spread on the circle of `radius`: centre k is at the
 * angle 2πk/K. radius: ≥ 0, default 1. Throws ValueError for options out of range.
 *
 * @example pointExamples(gaussianClusters({ count: 200, classes: 4, noise: 0.2 }))
 */
export function gaussianClusters(
  options: ManyClassesOptions & { readonly radius?: number },
): PointSet {
  const { classes = 3, radius = 1 } = options;
  checkWithin("gaussianClusters", "radius", radius, 0, Number.MAX_VALUE);
  return pointsOn("gaussianClusters", options, classes, (label) => {
    const angle = turn * (label / classes);
    return [radius * cos(angle), radius * sin(angle)];
  });
}

/**
 * Points as examples: x [2] float32, y int32. Throws ValueError for a point that is not finite in float32.
 *
 * @example pointExamples(moons({ count: 200 })).length // 200
 */
export function pointExamples({ name, points, labels, count }: PointSet): LabelledExamples {
  const wrong = points.findIndex((value) => !Number.isFinite(Math.fround(value)));
  if (wrong !== -1) {
    throw new ValueError({
      where: "pointExamples",
      argument: "points",
      expected: "to be finite in float32",
      got: `${points[wrong]} in point ${Math.floor(wrong / 2)} of ${name}`,
      fix: "Make the set with less noise or a smaller radius",
    });
  }
  return arrayDataset(
    count,
    { x: { shape: [2], dtype: "float32" }, y: { shape: [], dtype: "int32" } },
    { x: Float32Array.from(points), y: labels },
  );
}
