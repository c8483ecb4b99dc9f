/**
 * Matrix products, convolutions and pooling of the wasm device against the reference, launch by launch, on shapes about
 * their register tiles, windows and panels: the registry's own samples stay below those.
 */
import fc from "fast-check";
import { beforeAll, describe, test } from "vitest";
import {
  avgPool2d,
  conv2d,
  matmul,
  maxPool2d,
  scope,
  setDevice,
  type Tensor,
  vjp,
} from "../core/index.ts";
import type { Sampler } from "../core/sampling.ts";
import type { Shape } from "../core/shape.ts";
import { checkedLaunches } from "./devices/checked-launch.ts";
import { placedTensor } from "./devices/placement.ts";
import { budget } from "./laws/run.ts";
import { samplerFrom } from "./laws/sampler.ts";
import { noise, numbers } from "./plain.ts";

beforeAll(() => setDevice("wasm"));

type DType = "float32" | "float64";

/** A tensor of standard normal numbers anywhere in memory. */
function anywhere(shape: Shape, dtype: DType, draw: Sampler): Tensor {
  const data = numbers(noise(shape, draw.integer(0, 9999)));
  return placedTensor({ shape, data, kind: "float" }, dtype, draw);
}

/** Checks the value of f and its gradients with respect to all tensors. */
function check(
  f: (...x: readonly Tensor[]) => Tensor,
  x: readonly Tensor[],
  dtype: DType,
  draw: Sampler,
): void {
  checkedLaunches(() => {
    const { value, pull } = vjp((given: readonly Tensor[]) => f(...given), x);
    pull(anywhere(value.shape, dtype, draw));
  });
}

type Two = readonly [number, number];
const two = (draw: Sampler, min: number, max: number): Two => [
  draw.integer(min, max),
  draw.integer(min, max),
];

const kinds: Readonly<Record<string, (draw: Sampler, dtype: DType) => void>> = {
  "matrix products": (draw, dtype) => {
    const length = (): number => draw.pick([0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 40]);
    const depth = draw.pick([0, 1, 2, 7, 8, 9, 64, 255, 256, 300]);
    const batch = draw.shape({ maxRank: 2, maxLength: 3 });
    const [a, b] = draw.boolean() ? [batch, draw.broadcastable(batch)] : [[], batch];
    const left = anywhere([...a, length(), depth], dtype, draw);
    check(matmulOf, [left, anywhere([...b, depth, length()], dtype, draw)], dtype, draw);
  },
  convolutions: (draw, dtype) => {
    const groups = draw.integer(1, 3);
    const [channels, kernels] = two(draw, 1, draw.pick([3, 9, 18]));
    const [taps, dilation, more] = [two(draw, 1, 5), two(draw, 1, 3), two(draw, 0, 10)];
    const x = [
      draw.integer(0, 5),
      groups * channels,
      dilation[0] * (taps[0] - 1) + 1 + more[0],
      dilation[1] * (taps[1] - 1) + 1 + more[1],
    ];
    const options = {
      groups,
      dilation,
      stride: two(draw, 1, 3),
      padding: [two(draw, 0, 4), two(draw, 0, 4)] as const,
    };
    const weight = anywhere([groups * kernels, channels, ...taps], dtype, draw);
    const f = (image = weight, w = weight): Tensor => conv2d(image, w, options);
    check(f, [anywhere(x, dtype, draw), weight], dtype, draw);
  },
  pooling: (draw, dtype) => {
    const window = two(draw, 1, 5);
    const options = {
      window,
      stride: two(draw, 1, 3),
      dilation: 1,
      padding: [Math.floor(window[0] / 2), Math.floor(window[1] / 2)] as const,
    };
    const shape = [draw.integer(0, 4), draw.integer(1, 18), ...two(draw, 5, 17)];
    const x = anywhere(shape, dtype, draw);
    check((image = x) => maxPool2d(image, options), [x], dtype, draw);
    check((image = x) => avgPool2d(image, options), [x], dtype, draw);
  },
};

function matmulOf(a?: Tensor, b?: Tensor): Tensor {
  if (!a || !b) throw new RangeError("two factors");
  return matmul(a, b);
}

describe.each(["float32", "float64"] as const)("in %s", (dtype) => {
  test.each(Object.keys(kinds))("%s about the edges of tiles agree with the reference", (name) => {
    fc.assert(
      fc.property(fc.gen(), (draw) => {
        scope(() => kinds[name]?.(samplerFrom(draw), dtype));
      }),
      { seed: budget.seed, numRuns: 2 * budget.runs },
    );
  });

  // Pixels as far apart as tiles are compiled for, and windows of a row beyond the scratch of a thread, and beyond it even
  // for four columns.
  test.each([
    ...[1, 2, 3, 4, 8, 16, 32, 64].map((c) => ({ x: [2, c, 3, 11], weight: [9, c, 3, 3] })),
    { x: [2, 300, 4, 301], weight: [3, 300, 3, 3] },
    { x: [1, 21_000, 3, 6], weight: [2, 21_000, 3, 3] },
  ])("a convolution of $x agrees with the reference", ({ x, weight }) => {
    scope(() => {
      const [image, w] = [noise(x, 1).cast(dtype), noise(weight, 2).cast(dtype)];
      const f = (a = image, b = w): Tensor => conv2d(a, b, { padding: 1 });
      const [draw] = fc.sample(fc.gen(), { seed: 3, numRuns: 1 });
      if (draw) check(f, [image, w], dtype, samplerFrom(draw));
    });
  });
});
