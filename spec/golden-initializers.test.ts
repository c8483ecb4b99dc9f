/**
 * Initializers beside PyTorch's, from values that spec/golden/make-initializers.py wrote.
 *
 * Random numbers differ, so moments are compared: what PyTorch drew must lie in the interval of the variance promised
 * here. All checks of this file together raise a false alarm at 1e-6 at most.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { RandomSource, type Shape } from "../core/index.ts";
import {
  type Activation,
  constant,
  dirac,
  fans,
  gain,
  type Initializer,
  identity,
  kaimingNormal,
  kaimingUniform,
  normal,
  orthogonal,
  truncatedNormal,
  uniform,
  xavierNormal,
  xavierUniform,
} from "../init/index.ts";
import { boundedMeanSlack, meanSlack, squaresInterval, tailExponent } from "./laws/tail-bounds.ts";
import { numbers } from "./plain.ts";

/** Options of all initializers together, as the file has them. */
interface GoldenOptions {
  readonly fan?: "in" | "out" | "average";
  readonly gain?: number;
  readonly activation?: Activation;
  readonly slope?: number;
  readonly mean?: number;
  readonly std?: number;
  readonly low?: number;
  readonly high?: number;
  readonly groups?: number;
  readonly value?: number;
}

/** An initializer by its name here, and a shape. */
interface Named {
  readonly name: string;
  readonly options: GoldenOptions;
  readonly shape: Shape;
}

const golden: {
  readonly torch: string;
  readonly fans: readonly {
    readonly shape: Shape;
    readonly fanIn: number;
    readonly fanOut: number;
  }[];
  readonly gains: readonly {
    readonly activation: Activation;
    readonly slope: number | null;
    readonly gain: number;
  }[];
  readonly values: readonly (Named & { readonly values: readonly number[] })[];
  readonly draws: readonly (Named & {
    readonly count: number;
    readonly mean: number;
    readonly meanSquare: number;
    readonly least: number;
    readonly greatest: number;
  })[];
} = JSON.parse(readFileSync(new URL("golden/initializers.json", import.meta.url), "utf8"));

/** Mean and mean square for each of the draws, on both sides, theirs and ours. */
const x = tailExponent(4 * golden.draws.length);

const makers: Readonly<Record<string, (options: GoldenOptions) => Initializer>> = {
  constant: ({ value = 0 }) => constant(value),
  dirac: ({ groups = 1 }) => dirac({ groups }),
  identity: () => identity(),
  kaimingNormal: (options) => kaimingNormal(kaimingOptions(options)),
  kaimingUniform: (options) => kaimingUniform(kaimingOptions(options)),
  normal: ({ mean = 0, std = 1 }) => normal({ mean, std }),
  orthogonal: ({ gain: value = 1 }) => orthogonal({ gain: value }),
  truncatedNormal: ({ mean = 0, std = 1, low = -2, high = 2 }) =>
    truncatedNormal({ mean, std, low, high }),
  uniform: ({ low = 0, high = 1 }) => uniform({ low, high }),
  xavierNormal: ({ gain: value = 1 }) => xavierNormal({ fan: "average", gain: value }),
  xavierUniform: ({ gain: value = 1 }) => xavierUniform({ fan: "average", gain: value }),
};

function kaimingOptions({ fan, gain: value, activation = "linear", slope = 0 }: GoldenOptions): {
  readonly fan: "in" | "out";
  readonly gain: number;
} {
  return { fan: fan === "out" ? "out" : "in", gain: value ?? gain(activation, { slope }) };
}

function elementsOf({ name, options, shape }: Named): readonly number[] {
  const make = makers[name];
  if (make === undefined) throw new Error(`there is no initializer ${name}`);
  const stream = new RandomSource(0).stream(`golden/${name}/${shape.join("x")}`);
  return numbers(make(options)(shape, { stream, dtype: "float64" }));
}

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Half the width of a uniform of this variance, or where a normal of it is cut. */
function bounds(named: Named): readonly [number, number] | null {
  const { name, options, shape } = named;
  const { low = 0, high = 0 } = options;
  if (name === "uniform" || name === "truncatedNormal") return [low, high];
  if (!name.endsWith("Uniform")) return null;
  const bound = Math.sqrt(3 * varianceOf(name, options, shape));
  return [-bound, bound];
}

/** Variance by the formulas of the papers. */
function varianceOf(name: string, options: GoldenOptions, shape: Shape): number {
  const { fanIn, fanOut } = fans(shape);
  const { gain: value = 1, std = 1, low = 0, high = 1 } = options;
  if (name.startsWith("xavier")) return (2 * value * value) / (fanIn + fanOut);
  if (name.startsWith("kaiming")) {
    const given = kaimingOptions(options);
    return (given.gain * given.gain) / (given.fan === "in" ? fanIn : fanOut);
  }
  if (name === "orthogonal") return (value * value) / Math.max(fanIn, shape[0] ?? 0);
  if (name === "uniform") return ((high - low) * (high - low)) / 12;
  return std * std;
}

describe("PyTorch's initialisers", () => {
  test("have the same fans", () => {
    for (const { shape, fanIn, fanOut } of golden.fans)
      expect(fans(shape)).toEqual({ fanIn, fanOut });
  });

  test("have the same gains", () => {
    for (const { activation, slope, gain: theirs } of golden.gains) {
      const ours = gain(activation, slope === null ? {} : { slope });
      expect(Math.abs(ours / theirs - 1)).toBeLessThanOrEqual(2 * Number.EPSILON); // a few roundings
    }
    expect(golden.gains).toHaveLength(8);
  });

  test.each(golden.values)("give the same $name of $shape with $options", (named) => {
    expect(elementsOf(named)).toEqual(named.values);
  });

  test.each(golden.draws)("draw $name of $shape with $options as here", (theirs) => {
    const weights = elementsOf(theirs);
    const limits = bounds(theirs);
    const variance = varianceOf(theirs.name, theirs.options, theirs.shape);
    const expectedMean = theirs.name === "uniform" ? 0.3 : (theirs.options.mean ?? 0);
    const ours = {
      mean: average(weights),
      meanSquare: average(weights.map((w) => w * w)),
      least: Math.min(...weights.slice(0, 50_000)),
      greatest: Math.max(...weights.slice(0, 50_000)),
    };
    for (const found of [theirs, ours]) {
      if (limits !== null) {
        const [low, high] = limits;
        const slip = 4 * Number.EPSILON * (high - low);
        expect(found.least).toBeGreaterThanOrEqual(low - slip);
        expect(found.greatest).toBeLessThanOrEqual(high + slip);
        // Of n ≥ 18,000 even numbers none falls into an outer 1/300 of the interval with probability 1e-26; the truncated
        // normal's density is at least half of that at its bounds, which makes it 1e-13.
        expect(found.least).toBeLessThan(low + (high - low) / 300);
        expect(found.greatest).toBeGreaterThan(high - (high - low) / 300);
      }
      if (theirs.name === "truncatedNormal") continue;
      expect(Math.abs(found.mean - expectedMean)).toBeLessThan(
        meanSlack(Math.sqrt(variance), theirs.count, x),
      );
      const central =
        (found.meanSquare - 2 * expectedMean * found.mean + expectedMean * expectedMean) / variance;
      if (theirs.name === "orthogonal") {
        expect(Math.abs(central - 1)).toBeLessThan(1e-11); // exact, but for roundings of 2e4 terms
        continue;
      }
      const [least, greatest] = squaresInterval(theirs.count, x);
      expect(central).toBeGreaterThan(least);
      expect(central).toBeLessThan(greatest);
    }
    if (theirs.name === "truncatedNormal") {
      const slack = 2 * boundedMeanSlack(4, theirs.count, x);
      expect(Math.abs(theirs.mean - ours.mean)).toBeLessThan(slack);
      expect(Math.abs(theirs.meanSquare - ours.meanSquare)).toBeLessThan(
        2 * boundedMeanSlack(9, theirs.count, x),
      );
    }
  });

  test("are of PyTorch 2.13, and each kind is there", () => {
    expect(golden.torch).toMatch(/^2\.13/);
    const names = [...golden.draws, ...golden.values].map(({ name }) => name);
    expect([...new Set(names)].sort()).toEqual(Object.keys(makers).sort());
  });
});
