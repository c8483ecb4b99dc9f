/** checkInitializer checked: right initializers pass, and each way to be wrong is told with its law. */
import { describe, expect, test } from "vitest";
import { RandomSource, type Shape, type Stream, type Tensor, tensor } from "../core/index.ts";
import { normals } from "../core/random/index.ts";
import { sizeOf } from "../core/shape.ts";
import { constant, type Initializer, normal, uniform } from "../init/index.ts";
import { checkInitializer, type InitializerCase, LawError } from "./index.ts";

const everywhere = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;
const standard = { mean: 0, variance: 1, support: everywhere, kind: "independent" } as const;
const plain = normal({ std: 1 });

/** What a check ends with. */
function breachOf(made: InitializerCase | Initializer, only: string): LawError {
  try {
    checkInitializer(() => made, { name: "mine", runs: 2, shapes: "matrix", only });
  } catch (error) {
    if (error instanceof LawError) return error;
    throw error;
  }
  throw new Error("no law is broken");
}

/** Numbers of `draw`, in the dtype that is asked for. */
const drawing =
  (draw: (stream: Stream, size: number, shape: Shape) => ArrayLike<number>): Initializer =>
  (shape, { stream, dtype }): Tensor => {
    const drawn = Float64Array.from(draw(stream, sizeOf(shape), shape));
    return tensor(drawn, { shape }).cast(dtype);
  };

/** Standard normal numbers, changed one by one. */
const changed = (f: (z: number, i: number) => number): Initializer =>
  drawing((stream, size) => Float64Array.from(normals(stream, size)).map(f));

describe("an initializer that keeps its promises passes:", () => {
  test.each<[string, InitializerCase | Initializer]>([
    ["one of bitgrad's that promises its moments", { initializer: plain, promise: () => standard }],
    ["one that promises nothing", plain],
    [
      "one that draws nothing",
      {
        initializer: constant(0.5),
        promise: () => ({ mean: 0.5, variance: 0, support: [0.5, 0.5], kind: "fixed" }),
      },
    ],
    [
      "one whose numbers are bounded",
      {
        initializer: uniform({ low: -1, high: 2 }),
        promise: () => ({ mean: 0.5, variance: 0.75, support: [-1, 2], kind: "bounded" }),
      },
    ],
    [
      "one of one's own",
      { initializer: changed((z) => 3 * z), promise: () => ({ ...standard, variance: 9 }) },
    ],
  ])("%s", (_, made) => {
    const held = checkInitializer(() => made, { runs: 2, shapes: "matrix" });
    expect(held.map(({ law }) => law)).toEqual(["moments", "seed and name", "float32", "streams"]);
    expect(held.every(({ examples }) => examples === 2)).toBe(true);
  });
});

describe("a fault is found:", () => {
  let calls = 0;
  const faults: readonly [string, string, InitializerCase | Initializer, RegExp][] = [
    [
      "a standard deviation 15 % too small",
      "moments",
      { initializer: changed((z) => 0.85 * z), promise: () => standard },
      /expected a variance of 1 times \[0\.8\d*, 1\.\d+\]\n {2}got 0\.7\d* times/,
    ],
    [
      "a standard deviation 15 % too large",
      "moments",
      { initializer: changed((z) => 1.15 * z), promise: () => standard },
      /expected a variance of 1 times \[.*\]\n {2}got 1\.3\d* times/,
    ],
    [
      "a mean that is off by a tenth",
      "moments",
      { initializer: changed((z) => z + 0.1), promise: () => standard },
      /expected the mean to be 0 ± 0\.0\d*\n {2}got 0\.\d/,
    ],
    [
      "one number outside the support",
      "moments",
      {
        initializer: drawing((stream, size) =>
          Float64Array.from(normals(stream, size), (z, i) => (i === 77 ? 2.5 : z > 0 ? 1 : -1)),
        ),
        promise: () => ({ mean: 0, variance: 1, support: [-1, 1], kind: "bounded" }),
      },
      /expected weights in \[-1, 1\]\n {2}got 2\.5/,
    ],
    [
      "a constant that is another one",
      "moments",
      {
        initializer: constant(0.5),
        promise: () => ({ mean: 0.25, variance: 0, support: [0, 1], kind: "fixed" }),
      },
      /expected the mean to be 0\.25 ± \S+\n {2}got 0\.5/,
    ],
    [
      "independent numbers where rows should be orthogonal",
      "moments",
      { initializer: plain, promise: () => ({ ...standard, kind: "orthogonal" }) },
      /expected a variance of 1 times \[0\.99999/,
    ],
    [
      "numbers that nobody's seed decides",
      "seed and name",
      changed((z) => z + ++calls),
      /expected the weights of the same seed to be/,
    ],
    [
      "a seed of its own",
      "seed and name",
      drawing((_, size) => normals(new RandomSource(1).stream("mine"), size)),
      /expected other weights for another seed\n {2}got the same/,
    ],
    [
      "a name that is not looked at",
      "seed and name",
      drawing(({ seed }, size) => normals(new RandomSource(seed).stream("mine"), size)),
      /expected other weights for another name\n {2}got the same/,
    ],
    [
      "drawing where nothing should be drawn",
      "seed and name",
      {
        initializer: plain,
        promise: () => ({ mean: 0, variance: 1, support: everywhere, kind: "fixed" }),
      },
      /expected the same weights for another seed\n {2}got others/,
    ],
    [
      "float32 numbers drawn by themselves",
      "float32",
      (shape, { stream, dtype }) => {
        if (dtype === "float32") normals(stream, 1);
        return tensor(normals(stream, sizeOf(shape)), { shape }).cast(dtype);
      },
      /expected float32 weights to be/,
    ],
    [
      "another dtype than the one asked for",
      "float32",
      (shape, { stream }) => tensor(normals(stream, sizeOf(shape)), { shape }),
      /expected dtype and shape to be \["float32", \[20, 30\]\]/,
    ],
    [
      "a shape that is turned about",
      "float32",
      (shape, options) => plain([...shape].reverse(), options),
      /expected dtype and shape to be \["float64", \[20, 30\]\]\n {2}got \["float64", \[30, 20\]\]/,
    ],
    [
      "numbers that are drawn and thrown away",
      "float32",
      {
        initializer: drawing((stream, size) => {
          normals(stream, 2);
          return normals(stream, size);
        }),
        promise: () => standard,
      },
      /expected blocks drawn to be 300\n {2}got 301/,
    ],
    [
      "streams that have their numbers in common",
      "streams",
      drawing((stream, size) => {
        const own = normals(stream, size);
        const shared = normals(new RandomSource(1).stream("shared"), size);
        return Float64Array.from(own, (z, i) => z + (shared[i] ?? 0));
      }),
      /expected the correlation to be 0 ± 0\.\d+\n {2}got 0\.[45]/,
    ],
  ];

  test.each(faults)("%s", (_, law, made, words) => {
    const { message } = breachOf(made, law);
    expect(message).toMatch(new RegExp(`^${law} is broken by mine\n`));
    expect(message).toMatch(words);
    expect(message).toContain(`checkInitializer(…, { seed: 20260, runs: 2, only: "${law}" })`);
  });
});

test("a drawn option stands in the message", () => {
  const make = () =>
    checkInitializer(
      (draw) => {
        const std = draw.number({ min: 0.5, max: 2 });
        const promise = () => ({ ...standard, variance: std });
        return { initializer: normal({ std: std * std }), options: { std }, promise };
      },
      { name: "squared", runs: 4, shapes: "matrix", only: "moments" },
    );
  expect(make).toThrow(/at squared\(\{ std: [\d.]+ \}\) of \[\d+, \d+\], seed \d+/);
});
