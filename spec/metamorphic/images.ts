/**
 * What sliding windows must do: convolution is linear and moves with its image; windows, pooling and convolution have
 * their adjoints. All on small integers, where every sum is exact in every order.
 * Rests on claim and core.
 */
import fc from "fast-check";
import {
  avgPool2d,
  col2im,
  conv2d,
  convTranspose2d,
  grad,
  im2col,
  matmul,
  maxPool2d,
  reshape,
  type Shape,
  scope,
  slice,
  sum,
  type Tensor,
} from "../../core/index.ts";
import { avgPool2dGradient } from "../../core/ops/average-pooling.ts";
import { conv2dInputGradient, conv2dWeightGradient } from "../../core/ops/convolution-gradients.ts";
import { noise } from "../laws/noise.ts";
import { isAlike } from "../laws/observed.ts";
import { claimOf, inner, type Metamorphic, mustEqual, seeds, smallIntegers } from "./claim.ts";

const from = (min: number, max: number): fc.Arbitrary<number> => fc.integer({ min, max });
const pairs = (min: number, max: number): fc.Arbitrary<readonly [number, number]> =>
  fc.tuple(from(min, max), from(min, max));

/** A convolution with all its options; images reach over at least one window. Some are wide enough for every kernel path. */
const convolutions = fc
  .record({
    seed: seeds,
    batch: from(1, 3),
    groups: from(1, 2),
    inner: fc.constantFrom(1, 2, 3, 8),
    outer: fc.constantFrom(1, 2, 5, 16),
    window: pairs(1, 4),
    stride: pairs(1, 3),
    dilation: pairs(1, 2),
    padding: pairs(0, 2),
    extra: pairs(0, 9),
  })
  .map(({ seed, batch, groups, inner: c, outer: k, window, extra, ...options }) => {
    const reach = (axis: 0 | 1): number => options.dilation[axis] * (window[axis] - 1) + 1;
    const x: Shape = [batch, c * groups, reach(0) + extra[0], reach(1) + extra[1]];
    const weight: Shape = [k * groups, c, ...window];
    return { seed, x, weight, window, options: { ...options, groups } };
  });

const linear = claimOf(
  "linear convolution",
  "a convolution is linear in its image and in its weight, bit for bit on integers",
  convolutions,
  ({ seed, x: shape, weight, options }) =>
    scope(() => {
      const [x, y] = [smallIntegers(shape, seed), smallIntegers(shape, seed + 1)];
      const [v, w] = [smallIntegers(weight, seed + 2), smallIntegers(weight, seed + 3)];
      const [xv, yv, xw] = [conv2d(x, v, options), conv2d(y, v, options), conv2d(x, w, options)];
      mustEqual("in x", conv2d(x.multiply(3).add(y), v, options), xv.multiply(3).add(yv));
      mustEqual("in the weight", conv2d(x, v.subtract(w), options), xv.subtract(xw));
    }),
);

/** The part of an axis of `count` windows that sees none of the padding nor what moved in: its first and last window. */
const moved = claimOf(
  "moved convolution",
  "a convolution moves with its image by whole strides, bit for bit, wherever no window sees the border",
  fc.tuple(convolutions, pairs(0, 2)),
  ([{ seed, x: shape, weight, options }, steps]) =>
    scope(() => {
      const { stride, padding } = options;
      // Room for the steps and both borders: there is always a window to compare.
      const longer = (axis: 0 | 1): number =>
        (shape[2 + axis] ?? 1) + 2 * padding[axis] + steps[axis] * stride[axis];
      const [[n = 1, c = 1], height, width] = [shape, longer(0), longer(1)];
      // One image, and the same from `steps` strides further on: both are cut from a larger one.
      const [down, right] = [steps[0] * stride[0], steps[1] * stride[1]];
      const large = noise([n, c, height + down, width + right], seed).cast("float32");
      const at = (top: number, left: number): Tensor =>
        slice(large, [
          [0, n],
          [0, c],
          [top, top + height],
          [left, left + width],
        ]);
      const w = noise(weight, seed + 1).cast("float32");
      const [here, there] = [at(0, 0), at(down, right)].map((x) => conv2d(x, w, options));
      if (here === undefined || there === undefined) return;
      const inside = (axis: 0 | 1): readonly [number, number] => {
        const first = Math.ceil(options.padding[axis] / stride[axis]);
        const length = here.shape[2 + axis] ?? 0;
        const size = (axis === 0 ? height : width) + options.padding[axis];
        const reach = options.dilation[axis] * ((weight[2 + axis] ?? 1) - 1) + 1;
        const last = Math.min(length - 1, Math.floor((size - reach) / stride[axis]));
        return [first, last];
      };
      const [[top, bottom], [left, rightmost]] = [inside(0), inside(1)];
      const rows = bottom - steps[0] + 1 - top;
      const columns = rightmost - steps[1] + 1 - left;
      const part = (y: Tensor, p: number, q: number): Tensor =>
        slice(y, [
          [0, n],
          [0, w.shape[0] ?? 0],
          [p, p + rows],
          [q, q + columns],
        ]);
      mustEqual(
        `moved by ${steps} strides of ${stride}`,
        part(there, top, left),
        part(here, top + steps[0], left + steps[1]),
      );
    }),
);

const adjoints = claimOf(
  "adjoint convolution",
  "⟨conv(x, w), c⟩ = ⟨x, input gradient⟩ = ⟨w, weight gradient⟩, exactly, and the transposed one is the first",
  convolutions,
  ({ seed, x: shape, weight, options }) =>
    scope(() => {
      const [x, w] = [smallIntegers(shape, seed), smallIntegers(weight, seed + 1)];
      const y = conv2d(x, w, options);
      const c = smallIntegers(y.shape, seed + 2);
      const dx = conv2dInputGradient(c, w, { ...options, inputShape: shape });
      const dw = conv2dWeightGradient(x, c, { ...options, kernelShape: weight });
      const all = [inner(y, c), inner(x, dx), inner(w, dw)];
      if (!isAlike(new Set(all).size === 1))
        throw new Error(`the three products are ${all.join(", ")}`);
      // Transposed it leaves out what the stride left over, and refuses where no pixel remains.
      const remains = (axis: 0 | 1): boolean =>
        ((y.shape[2 + axis] ?? 0) - 1) * options.stride[axis] +
          options.dilation[axis] * ((weight[2 + axis] ?? 1) - 1) +
          1 >
        2 * options.padding[axis];
      if (!remains(0) || !remains(1)) return;
      const transposed = convTranspose2d(c, w, options);
      const [n = 1, channels = 1] = shape;
      const [, , height = 0, width = 0] = transposed.shape;
      const overlap = slice(dx, [
        [0, n],
        [0, channels],
        [0, height],
        [0, width],
      ]);
      mustEqual("convTranspose2d", transposed, overlap);
    }),
);

const columns = claimOf(
  "columns of windows",
  "⟨im2col(x), c⟩ = ⟨x, col2im(c)⟩ exactly, and a convolution is the product with the columns",
  convolutions,
  ({ seed, x: shape, weight, window, options: { groups: _, ...sliding } }) =>
    scope(() => {
      const options = { ...sliding, window };
      const x = smallIntegers(shape, seed);
      const y = im2col(x, options);
      const c = smallIntegers(y.shape, seed + 1);
      const back = col2im(c, { ...options, inputShape: shape });
      if (inner(y, c) !== inner(x, back)) {
        throw new Error(`the products are ${inner(y, c)} and ${inner(x, back)}`);
      }
      const [kernels = 1] = weight;
      const [n = 1, channels = 1] = shape;
      const w = smallIntegers([kernels, channels, ...window], seed + 2);
      const direct = conv2d(x, w, sliding);
      const flat = reshape(w, [1, kernels, -1]);
      mustEqual("by columns", reshape(matmul(flat, y), [n, ...direct.shape.slice(1)]), direct);
    }),
);

const poolings = fc
  .record({
    seed: seeds,
    batch: from(1, 2),
    channels: from(1, 3),
    window: pairs(1, 4),
    stride: pairs(1, 3),
    half: fc.tuple(fc.boolean(), fc.boolean()),
    extra: pairs(0, 7),
  })
  .map(({ seed, batch, channels, window, stride, half, extra }) => {
    const [r, s] = window;
    const padding = [half[0] ? Math.floor(r / 2) : 0, half[1] ? Math.floor(s / 2) : 0] as const;
    const shape: Shape = [batch, channels, r + extra[0], s + extra[1]];
    return { seed, shape, options: { window, stride, padding } };
  });

const averages = claimOf(
  "average pooling",
  "⟨avgPool(x), c⟩ = ⟨x, its gradient at c⟩, exactly, counting the padding, where windows have 2^k pixels",
  poolings.filter(({ options: { window } }) => window.every((length) => length !== 3)),
  ({ seed, shape, options }) =>
    scope(() => {
      const x = smallIntegers(shape, seed);
      const y = avgPool2d(x, options);
      const c = smallIntegers(y.shape, seed + 1);
      const dx = avgPool2dGradient(c, { ...options, inputShape: shape });
      if (!isAlike(inner(y, c) === inner(x, dx))) {
        throw new Error(`the products are ${inner(y, c)} and ${inner(x, dx)}`);
      }
    }),
);

const maxima = claimOf(
  "max pooling",
  "⟨maxPool(x), c⟩ = ⟨x, its gradient at c⟩, exactly, ties and all, and the gradient loses nothing of c",
  poolings,
  ({ seed, shape, options }) =>
    scope(() => {
      const x = smallIntegers(shape, seed); // Nine values alone: most windows have ties.
      const y = maxPool2d(x, options);
      const c = smallIntegers(y.shape, seed + 1);
      const dx = grad((at: Tensor) => sum(maxPool2d(at, options).multiply(c)))(x);
      const [total, spread] = [c, dx].map((t) => inner(t, t.multiply(0).add(1)));
      if (!isAlike(inner(y, c) === inner(x, dx) && total === spread)) {
        throw new Error(
          `products ${inner(y, c)} and ${inner(x, dx)}, totals ${total} and ${spread}`,
        );
      }
    }),
);

/** The claims of this file. */
export const imageClaims: readonly Metamorphic[] = [
  linear,
  moved,
  adjoints,
  columns,
  averages,
  maxima,
];
