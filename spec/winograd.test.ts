/**
 * Convolutions by Winograd's algorithm on the wasm device: which they are, the bound they declare, and that it is needed.
 * BITGRAD_SPEC_RUNS and BITGRAD_SPEC_SEED as for the laws.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { scope, setDevice, type Tensor, tensor, withDevice } from "../core/index.ts";
import type { NdArray } from "../core/nd-array.ts";
import { registry } from "../core/ops/registry.ts";
import type { Shape } from "../core/shape.ts";
import { winogradForm, winogradForms } from "../core/winograd-shapes.ts";
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
import { withinOutputs } from "./laws/outside-writes.ts";
import { noise, numbers } from "./plain.ts";

beforeAll(() => setDevice("wasm"));

/** Images with one huge pixel a channel, which the weight or dy of 0 that meets it keeps out of some sums. */
function withHugePixel(name: Name, length: number): Case {
  const shape = [1, 16, length, length];
  const area = length * length;
  const image = (seed: number, change: (value: number, pixel: number) => number): Tensor => {
    const data = numbers(noise(shape, seed)).map((value, i) => change(value, i % area));
    return tensor(Float32Array.from(data), { shape });
  };
  // dy stays small where its product with x is summed: a huge one would meet every tap.
  const large = name === "conv2dInputGradient" ? 2 ** 20 : 1;
  const corner = numbers(noise([16, 16, 3, 3], 2)).map((value, i) => (i % 9 === 0 ? 0 : value));
  return {
    options: { padding: 1 },
    x: image(1, (value, pixel) => (pixel === area - length - 2 ? 2 ** 20 * value : value)),
    weight: tensor(Float32Array.from(corner), { shape: [16, 16, 3, 3] }),
    dy: image(3, (value, pixel) =>
      pixel === area - 2 * length - 3 ? large * value : pixel === area - 1 ? 0 : value,
    ),
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
  test.each(winogradForms)(
    "is of a convolution: F($side, $taps) by its matrices is one",
    (form) => {
      const { side, taps, input, weight, output, roundings } = form;
      const entry = (matrix: readonly (readonly number[])[], i: number, j: number): number =>
        matrix[i]?.[j] ?? Number.NaN;
      for (let place = 0; place < side; place++) {
        for (let pixel = 0; pixel < side + taps - 1; pixel++) {
          for (let tap = 0; tap < taps; tap++) {
            const products = input.map(
              (_, z) => entry(output, place, z) * entry(input, z, pixel) * entry(weight, z, tap),
            );
            const sum = products.reduce((total, product) => total + product, 0);
            const size = products.reduce((total, product) => total + Math.abs(product), 0);
            // Only 1/N is rounded, and the products and their sum: γ_n of float64, n < roundings.
            const room = 2 * roundings * 2 ** -53 * size;
            expect(Math.abs(sum - (pixel === place + tap ? 1 : 0))).toBeLessThanOrEqual(room);
          }
        }
      }
    },
  );

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
    { x: [1, 256, 8, 60], weight: [16, 256, 3, 3] },
    { x: [2, 16, 20, 8], weight: [256, 16, 3, 3] },
    { x: [1, 256, 6, 30], weight: [16, 256, 5, 5] },
    { x: [1, 16, 17, 6], weight: [256, 16, 5, 5] },
  ])("every launch keeps it for $x and $weight", (shapes) => {
    scope(() => {
      const [x, weight] = [noise(shapes.x, 1), noise(shapes.weight, 2)];
      const [n = 0, , height = 0, width = 0] = shapes.x;
      const padding = shapes.weight[3] === 5 ? 2 : 1;
      const dy = noise([n, shapes.weight[0] ?? 0, height, width], 3);
      const given = each({ options: { padding }, x, weight, dy }, (one) => one.cast("float32"));
      expect(kernelsOf(() => checkedLaunches(() => three(given)))).toContain("winograd");
    });
  });

  test("every launch keeps it where tiles of several images lie side by side, and in a group that ends early", () => {
    scope(() => {
      const [x, dy] = [noise([35, 16, 7, 7], 1), noise([35, 16, 7, 7], 3)];
      const all = { options: { padding: 1 }, x, weight: noise([16, 16, 3, 3], 2), dy };
      const given = each(all, (one) => one.cast("float32"));
      expect(kernelsOf(() => checkedLaunches(() => three(given)))).toContain("winograd");
    });
  });

  test("no launch writes beside its outputs", () => {
    property(0.25, (draw) => {
      const { options, ...shapes } = shapesFrom(draw);
      const [x, weight, dy] = [noise(shapes.x, 1), noise(shapes.weight, 2), noise(shapes.dy, 3)];
      const given = each({ options, x, weight, dy }, (one) => one.cast("float32"));
      withinOutputs(() => three(given));
    });
  });

  test.each(names.flatMap((name) => [6, 8].map((length) => [name, length] as const)))(
    "of %s, %i pixels long, is needed: a huge pixel costs sums that do not see it more than direct sums lose, and no more than it says",
    (name, length) => {
      scope(() => {
        const given = withHugePixel(name, length);
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

  test("whole numbers of moderate size come out exactly in tiles of 4×4", () => {
    property(0.2, (draw) => {
      const { options, ...shapes } = shapesFrom(draw, 0);
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
  const chosen = (weight: Shape, output: Shape, options: object = {}): string => {
    const form = winogradForm("float32", weight, output, { ...plainly, ...options });
    return form === null ? "none" : `F(${form.side}, ${form.taps})`;
  };

  test("does not look at the number of images", () => {
    property(0.5, (draw) => {
      const weight = [8 * draw.integer(1, 70), 8 * draw.integer(1, 70), 3, 3];
      const output = (n: number): Shape => [n, weight[0] ?? 0, ...lengths];
      const lengths = [draw.integer(1, 16), draw.integer(1, 16)];
      expect(chosen(weight, output(draw.integer(0, 999)))).toBe(chosen(weight, output(1)));
    });
  });

  test("takes 3×3 and 5×5, stride 1, dilation 1, one group, float32 and whole panels of channels, and nothing else", () => {
    const [weight, output] = [
      [16, 16, 3, 3],
      [1, 16, 6, 6],
    ];
    expect(chosen(weight, output)).toBe("F(2, 3)");
    expect(winogradForm("float64", weight, output, plainly)).toBeNull();
    for (const other of [
      [16, 16, 3, 1],
      [16, 16, 5, 3],
      [16, 16, 7, 7],
      [16, 12, 3, 3],
      [20, 16, 3, 3],
      [8, 16, 3, 3],
      [16, 520, 3, 3],
    ]) {
      expect(chosen(other, output)).toBe("none");
    }
    for (const options of [
      { stride: [1, 2] },
      { stride: [2, 2] },
      { dilation: [2, 1] },
      { groups: 2 },
    ]) {
      expect(chosen(weight, output, options)).toBe("none");
    }
    expect(chosen(weight, [1, 16, 5, 9])).toBe("none");
  });

  test("takes tiles of 4×4 unless they cover a third more than those of 2×2, or channels are too many", () => {
    const side = (height: number, width: number, channels = 16): string =>
      chosen([channels, 16, 3, 3], [1, channels, height, width]);
    for (const large of [side(32, 32), side(8, 8), side(7, 7), side(14, 14), side(6, 40)]) {
      expect(large).toBe("F(4, 3)");
    }
    for (const small of [side(6, 6), side(10, 10), side(9, 9), side(6, 42)]) {
      expect(small).toBe("F(2, 3)");
    }
    expect([side(32, 32, 256), side(32, 32, 264)]).toEqual(["F(4, 3)", "F(2, 3)"]);
  });

  test("takes 5×5 of at most 256 channels", () => {
    const five = (kernels: number, channels: number): string =>
      chosen([kernels, channels, 5, 5], [1, kernels, 6, 9]);
    expect([five(16, 16), five(256, 16), five(16, 256)]).toEqual(new Array(3).fill("F(2, 5)"));
    expect([five(264, 16), five(16, 264), five(8, 16), five(20, 16)]).toEqual(
      new Array(4).fill("none"),
    );
  });
});
