/**
 * Bits of convolutions by Winograd's algorithm on the wasm device: one example decides them, not its batch, its place in
 * memory, or numbers that are not finite where it does not see them. That threads move none is held in device-threads.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { setDevice, slice, type Tensor } from "../core/index.ts";
import type { Sampler } from "../core/sampling.ts";
import type { Shape } from "../core/shape.ts";
import {
  anywhere,
  type Case,
  each,
  moved,
  type Name,
  property,
  shapesFrom,
  spoil,
  three,
} from "./devices/winograd-cases.ts";
import { bitsOf, numbers } from "./plain.ts";

beforeAll(() => setDevice("wasm"));

/** A case of random shapes, its arrays anywhere in memory. */
function caseFrom(draw: Sampler, form?: 0 | 1 | 2): Case {
  const { options, x, weight, dy } = shapesFrom(draw, form);
  return {
    options,
    x: anywhere(x, draw),
    weight: anywhere(weight, draw),
    dy: anywhere(dy, draw),
  };
}

describe("bits", () => {
  test("an example alone, anywhere in memory, has the value and the gradient that it has in any batch", () => {
    property(0.15, (draw) => {
      const { options, ...shapes } = shapesFrom(draw);
      const count = draw.pick([2, 5, 17]);
      const inBatch = (shape: Shape): Tensor => anywhere([count, ...shape.slice(1)], draw);
      const given = {
        options,
        x: inBatch(shapes.x),
        weight: anywhere(shapes.weight, draw),
        dy: inBatch(shapes.dy),
      };
      const place = draw.integer(0, count - 1);
      const only = (batch: Tensor): Tensor => slice(batch, [[place, place + 1]]);
      const apart = (batch: Tensor): Tensor => moved(only(batch), draw);
      const inside = three(given);
      const alone = three({ ...given, x: apart(given.x), dy: apart(given.dy) });
      for (const name of ["conv2d", "conv2dInputGradient"] as const) {
        expect(bitsOf(alone[name])).toBe(bitsOf(only(inside[name])));
      }
    });
  });

  test("do not depend on where the arrays lie", () => {
    property(0.15, (draw) => {
      const given = caseFrom(draw);
      const elsewhere = three(each(given, (one) => moved(one, draw)));
      for (const [name, value] of Object.entries(three(given))) {
        expect(bitsOf(elsewhere[name as Name])).toBe(bitsOf(value));
      }
    });
  });

  // In tiles of 6×6 it costs every output of its tile the value by that algorithm: they are summed directly.
  test("one pixel that is not finite moves no bit of what does not see it, in tiles of 4×4", () => {
    let lost = 0;
    property(0.15, (draw) => {
      const given = caseFrom(draw, 0);
      const spoiled = three({ ...given, x: spoil(given.x, draw), dy: spoil(given.dy, draw) });
      const whole = three(given);
      for (const name of ["conv2d", "conv2dInputGradient"] as const) {
        const [came, plain] = [numbers(spoiled[name]), numbers(whole[name])];
        lost += came.filter((value) => !Number.isFinite(value)).length;
        expect(
          came.filter((value, i) => Number.isFinite(value) && !Object.is(value, plain[i])),
        ).toEqual([]);
      }
    });
    expect(lost).toBeGreaterThan(0);
  });

  test("one weight that is not finite moves no bit of another output channel, or of another input channel's gradient", () => {
    property(0.15, (draw) => {
      const given = caseFrom(draw);
      const [kernel, channel] = [draw.integer(0, 15), draw.integer(0, 15)];
      const [, channels = 1, taps = 1] = given.weight.shape;
      const spoiled = three({
        ...given,
        weight: spoil(given.weight, draw, (kernel * channels + channel) * taps * taps),
      });
      const whole = three(given);
      for (const [name, at] of [
        ["conv2d", kernel],
        ["conv2dInputGradient", channel],
      ] as const) {
        const others = (one: Tensor): string =>
          bitsOf(
            slice(one, [
              [null, null],
              [0, at],
            ]),
          ) +
          bitsOf(
            slice(one, [
              [null, null],
              [at + 1, null],
            ]),
          );
        expect(others(spoiled[name])).toBe(others(whole[name]));
        expect(bitsOf(spoiled[name])).not.toBe(bitsOf(whole[name]));
      }
    });
  });
});
