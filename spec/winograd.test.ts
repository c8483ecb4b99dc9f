/**
 * Convolutions by Winograd's algorithm on the wasm device: which they are, the bound they declare, and that it is needed.
 * BITGRAD_SPEC_RUNS and BITGRAD_SPEC_SEED as for the laws.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { scope, setDevice, type Tensor, tensor, withDevice } from "../core/index.ts";
import type { NdArray } from "../core/nd-array.ts";
import { registry } from "../core/ops/registry.ts";
import type { Shape } from "../core/shape.ts";
import { isWinograd, widened } from "../core/winograd-shapes.ts";
import { checkedLaunches } from "./devices/checked-launch.ts";
import { placedTensor } from "./devices/placement.ts";
import {
  anywhere,
  type Case,
  cast64,
  each,
  kernelsOf,
  type Name,
  names,
  property,
  shapesFrom,
  three,
} from "./devices/winograd-cases.ts";
import { noise, numbers } from "./plain.ts";

beforeAll(() => setDevice("wasm"));

/** Images with one huge pixel a channel, which the weight or dy of 0 that meets it keeps out of some sums. */
function withHugePixel(name: Name): Case {
  const image = (seed: number, change: (value: number, pixel: number) => number): Tensor => {
    const data = numbers(noise([1, 16, 6, 6], seed)).map((value, i) => change(value, i % 36));
    return tensor(Float32Array.from(data), { shape: [1, 16, 6, 6] });
  };
  // dy stays small where its product with x is summed: a huge one would meet every tap.
  const large = name === "conv2dInputGradient" ? 2 ** 20 : 1;
  const corner = numbers(noise([16, 16, 3, 3], 2)).map((value, i) => (i % 9 === 0 ? 0 : value));
  return {
    options: { padding: 1 },
    x: image(1, (value, pixel) => (pixel === 28 ? 2 ** 20 * value : value)),
    weight: tensor(Float32Array.from(corner), { shape: [16, 16, 3, 3] }),
    dy: image(3, (value, pixel) => (pixel === 21 ? large * value : pixel === 35 ? 0 : value)),
  };
}

/** What the record of `name` allows. */
function boundOf(
  name: Name,
  { options, x, weight, dy }: Case,
  exact: Tensor,
  dtype: "float32" | "float64",
): readonly number[] {
  const record = registry.find((one) => one.name === name);
  const array = (one: Tensor): NdArray => ({ shape: one.shape, data: numbers(one), kind: "float" });
  const inputs = {
    conv2d: [x, weight],
    conv2dInputGradient: [dy, weight],
    conv2dWeightGradient: [x, dy],
  };
  const attributes = { ...options, inputShape: x.shape, kernelShape: weight.shape };
  const unit = dtype === "float32" ? 2 ** -24 : 2 ** -53;
  const at = {
    inputs: inputs[name].map(array),
    attributes,
    output: array(exact),
    unit,
    tiny: 2 ** -149,
  };
  return record?.bound.of(at).data ?? [];
}

describe("the bound", () => {
  test("F(2, 3) with absolute transforms adds up the products that the growth names, at even and odd outputs", () => {
    const inputs = [
      [1, 0, -1, 0],
      [0, 1, 1, 0],
      [0, -1, 1, 0],
      [0, -1, 0, 1],
    ];
    const weights = [
      [1, 0, 0],
      [0.5, 0.5, 0.5],
      [0.5, -0.5, 0.5],
      [0, 0, 1],
    ];
    const outputs = [
      [1, 1, 1, 0],
      [0, 1, -1, 1],
    ];
    const entry = (matrix: readonly (readonly number[])[], i: number, j: number): number =>
      matrix[i]?.[j] ?? 0;
    const sumOver = (term: (z: number) => number): number =>
      [0, 1, 2, 3].reduce((sum, z) => sum + term(z), 0);
    /** How often an output's value, or the bound on its roundings, holds x[pixel]·w[tap]. */
    const share = (output: number, pixel: number, tap: number, absolute: boolean): number =>
      sumOver((z) => {
        const product =
          entry(outputs, output, z) * entry(inputs, z, pixel) * entry(weights, z, tap);
        return absolute ? Math.abs(product) : product;
      });
    for (const tap of [0, 1, 2]) {
      // A window that is 1 at one tap of its middle row, down which the growth is 1.
      const row = widened(Array.from({ length: 9 }, (_, i) => (i === 3 + tap ? 1 : 0))).slice(3, 6);
      for (const offset of [0, 1, 2]) {
        const ways = [0, 1].map((output) => share(output, output + offset, tap, true));
        expect(row[offset]).toBe(Math.max(...ways));
        for (const output of [0, 1]) {
          expect(share(output, output + offset, tap, false)).toBe(offset === tap ? 1 : 0);
        }
      }
      // A pixel outside of its window takes no part in an output.
      expect([share(0, 3, tap, true), share(1, 0, tap, true)]).toEqual([0, 0]);
    }
  });

  test("every launch keeps it: any shapes about the edges of tiles, anywhere in memory", () => {
    property(0.25, (draw) => {
      const { options, ...shapes } = shapesFrom(draw);
      const [x, weight, dy] = [shapes.x, shapes.weight, shapes.dy].map((shape) =>
        anywhere(shape, draw),
      );
      if (!x || !weight || !dy) return;
      const ran = kernelsOf(() => checkedLaunches(() => three({ options, x, weight, dy })));
      expect(ran.filter((name) => name === "winograd").length).toBe(2);
      expect(ran).toContain("winogradWeightGradient");
      expect(ran).not.toContain("winogradMend");
    });
  });

  test("every launch keeps it with zeros, subnormal, huge, infinite numbers and NaN among its inputs", () => {
    let mended = 0;
    property(0.25, (draw) => {
      const { options, ...shapes } = shapesFrom(draw);
      const spoiled = draw.integer(0, 2);
      const [x, weight, dy] = [shapes.x, shapes.weight, shapes.dy].map((shape, i) =>
        anywhere(shape, draw, i === spoiled),
      );
      if (!x || !weight || !dy) return;
      const ran = kernelsOf(() => checkedLaunches(() => three({ options, x, weight, dy })));
      if (ran.includes("winogradMend")) mended++;
    });
    expect(mended).toBeGreaterThan(0);
  });

  // The largest numbers that a block has room for, where channels do not touch.
  test.each([
    { x: [1, 512, 6, 6], weight: [16, 512, 3, 3] },
    { x: [1, 128, 6, 40], weight: [32, 128, 3, 3] },
    { x: [1, 16, 30, 6], weight: [512, 16, 3, 3] },
  ])("every launch keeps it for $x and $weight", (shapes) => {
    scope(() => {
      const [x, weight] = [noise(shapes.x, 1), noise(shapes.weight, 2)];
      const [n = 0, , height = 0, width = 0] = shapes.x;
      const dy = noise([n, shapes.weight[0] ?? 0, height, width], 3);
      const given = each({ options: { padding: 1 }, x, weight, dy }, (one) => one.cast("float32"));
      expect(kernelsOf(() => checkedLaunches(() => three(given)))).toContain("winograd");
    });
  });

  test.each(names)(
    "of %s is needed: a huge pixel costs sums that do not see it more than direct sums lose, and no more than it says",
    (name) => {
      scope(() => {
        const given = withHugePixel(name);
        const got = numbers(three(given)[name]);
        const exact = withDevice("reference", () => three(each(given, cast64))[name]);
        const [wanted, room, direct] = [
          numbers(exact),
          boundOf(name, given, exact, "float32"),
          boundOf(name, given, exact, "float64"),
        ];
        const errors = got.map((value, i) => Math.abs(value - (wanted[i] ?? 0)));
        expect(errors.filter((error, i) => !(error <= (room[i] ?? 0)))).toEqual([]);
        // In float64 the bound is that of direct sums: 2²⁹ times it is theirs in float32.
        const beyond = errors.filter((error, i) => error > 2 ** 29 * (direct[i] ?? 0));
        expect(beyond.length).toBeGreaterThan(0);
      });
    },
  );

  test("whole numbers of moderate size come out exactly", () => {
    property(0.2, (draw) => {
      const { options, ...shapes } = shapesFrom(draw);
      const whole = (shape: Shape): Tensor => {
        const data = numbers(noise(shape, draw.integer(0, 9999))).map((v) => Math.round(8 * v));
        return placedTensor({ shape, data, kind: "float" }, "float32", draw);
      };
      const given = {
        options,
        x: whole(shapes.x),
        weight: whole(shapes.weight),
        dy: whole(shapes.dy),
      };
      const exact = withDevice("reference", () => three(each(given, cast64)));
      for (const [name, got] of Object.entries(three(given))) {
        expect(numbers(got)).toEqual(numbers(exact[name as Name]).map((v) => v + 0));
      }
    });
  });
});

describe("the table of shapes", () => {
  const plainly = { stride: [1, 1], dilation: [1, 1], groups: 1 } as const;
  const chosen = (weight: Shape, output: Shape, options: object = {}): boolean =>
    isWinograd("float32", weight, output, { ...plainly, ...options });

  test("does not look at the number of images", () => {
    property(0.25, (draw) => {
      const weight = [8 * draw.integer(1, 70), 8 * draw.integer(1, 70), 3, 3];
      const output = (n: number): Shape => [n, weight[0] ?? 0, ...lengths];
      const lengths = [draw.integer(1, 9), draw.integer(1, 9)];
      expect(chosen(weight, output(draw.integer(0, 999)))).toBe(chosen(weight, output(1)));
    });
  });

  test("takes 3×3, stride 1, dilation 1, one group, float32 and whole panels of channels, and nothing else", () => {
    const [weight, output] = [
      [16, 16, 3, 3],
      [1, 16, 6, 6],
    ];
    expect(chosen(weight, output)).toBe(true);
    expect(isWinograd("float64", weight, output, plainly)).toBe(false);
    for (const other of [
      [16, 16, 3, 1],
      [16, 16, 5, 5],
      [16, 12, 3, 3],
      [20, 16, 3, 3],
      [8, 16, 3, 3],
      [16, 520, 3, 3],
    ]) {
      expect(chosen(other, output)).toBe(false);
    }
    for (const options of [
      { stride: [1, 2] },
      { stride: [2, 2] },
      { dilation: [2, 1] },
      { groups: 2 },
    ]) {
      expect(chosen(weight, output, options)).toBe(false);
    }
    expect(chosen(weight, [1, 16, 5, 9])).toBe(false);
  });
});
