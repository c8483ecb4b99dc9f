/**
 * Convolution on the wasm device: what is not finite moves no bit of what does not see it. That padding sees nothing is
 * a special point of each record, and held to the reference device in device-equivalence.test.ts.
 */
import { fc, test } from "@fast-check/vitest";
import { beforeAll, expect } from "vitest";
import { conv2d, setDevice, type Tensor, tensor, where } from "../core/index.ts";
import { conv2dInputGradient, conv2dWeightGradient } from "../core/ops/convolution-gradients.ts";
import { bitsOf, noise } from "./plain.ts";

const lengths = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const cases = fc
  .record({
    images: lengths(3),
    groups: lengths(2),
    channels: lengths(5),
    kernels: lengths(9),
    taps: fc.tuple(lengths(3), lengths(4)),
    stride: lengths(3),
    dilation: lengths(3),
    padding: fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 5 })),
    more: fc.tuple(lengths(6), lengths(9)),
    dtype: fc.constantFrom("float32" as const, "float64" as const),
    seed: fc.integer({ min: 0, max: 1000 }),
    bad: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
    place: fc.nat(),
  })
  .map(({ images, groups, channels, kernels, taps, dilation, more, ...rest }) => ({
    ...rest,
    dilation,
    groups,
    kernelShape: [groups * kernels, channels, ...taps],
    inputShape: [
      images,
      groups * channels,
      dilation * (taps[0] - 1) + more[0],
      dilation * (taps[1] - 1) + more[1],
    ],
  }));

/** `x` with one element replaced. */
function spoiled(x: Tensor, place: number, bad: number): Tensor {
  const elements = Array.from(x.elements());
  elements[place % elements.length] = bad;
  return tensor(elements, { dtype: x.dtype }).reshape(x.shape);
}

/** Every finite element of `got` has the bits of `plain`. */
function expectSameWhereFinite(got: Tensor, plain: Tensor): void {
  const seen = got.elements().map((element) => (Number.isFinite(element) ? 1 : 0));
  const finite = tensor(Array.from(seen), { dtype: "bool" }).reshape(got.shape);
  expect(bitsOf(where(finite, got, 0))).toBe(bitsOf(where(finite, plain, 0)));
}

beforeAll(() => setDevice("wasm"));

test.prop([cases], { seed: 5, numRuns: 100 })(
  "one element that is not finite moves no bit of a sum that does not contain it",
  ({ inputShape, kernelShape, dtype, seed, bad, place, stride, padding, dilation, groups }) => {
    const attributes = { stride, padding, dilation, groups };
    const x = noise(inputShape, seed).cast(dtype);
    const weight = noise(kernelShape, seed + 1).cast(dtype);
    const y = conv2d(x, weight, attributes);
    const dy = noise(y.shape, seed + 2).cast(dtype);
    const badWeight = spoiled(weight, place, bad);
    expectSameWhereFinite(conv2d(x, badWeight, attributes), y);
    const gradient = (w: Tensor): Tensor =>
      conv2dInputGradient(dy, w, { ...attributes, inputShape });
    expectSameWhereFinite(gradient(badWeight), gradient(weight));
    const weightGradient = (c: Tensor): Tensor =>
      conv2dWeightGradient(x, c, { ...attributes, kernelShape });
    expectSameWhereFinite(weightGradient(spoiled(dy, place, bad)), weightGradient(dy));
  },
);
