/**
 * Convolutions large enough that threads share them. Rests on large-draw.
 */
import { add, arange, cast, conv2d, equal, multiply, type Tensor } from "../../core/index.ts";
import { type Cases, image } from "./large-draw.ts";

/** By name: values and gradients. */
export const convolutionCases: Cases = {
  "convolutions 3 by 3": (draw) => {
    const x = image(draw);
    const weight = draw.noise(draw.whole(9, 17), x.shape[1] ?? 1, 3, 3);
    const f = ([a = x, b = weight]: readonly Tensor[]): Tensor => conv2d(a, b, { padding: 1 });
    return [f([x, weight]), ...draw.pulled(f, x, weight)];
  },
  "convolutions with strides, dilation and groups": (draw) => {
    const { whole, noise, pulled } = draw;
    const groups = whole(2, 3);
    const x = noise(whole(9, 13), groups * whole(3, 6), whole(21, 27), whole(21, 27));
    const weight = noise(
      groups * whole(3, 9),
      (x.shape[1] ?? groups) / groups,
      whole(2, 4),
      whole(2, 5),
    );
    const options = {
      groups,
      stride: [whole(1, 3), 2],
      dilation: [2, whole(1, 3)],
      padding: whole(0, 3),
    } as const;
    const f = ([a = x, b = weight]: readonly Tensor[]): Tensor => conv2d(a, b, options);
    return [f([x, weight]), ...pulled(f, x, weight)];
  },
  "convolutions of many channels": ({ whole, noise, pulled }) => {
    const x = noise(4, whole(64, 70), 7, 6);
    const weight = noise(whole(65, 70), x.shape[1] ?? 1, 3, 3);
    const f = ([a = x, b = weight]: readonly Tensor[]): Tensor => conv2d(a, b, { padding: [0, 1] });
    return [f([x, weight]), ...pulled(f, x, weight)];
  },
  "convolutions by Winograd's algorithm": ({ whole, noise, pulled }) => {
    const shape = [whole(3, 4), 64, whole(9, 12), whole(9, 12)] as const;
    const weight = noise(64, 64, 3, 3);
    // One pixel is so large that sums which it meets overflow, and are done once more.
    const places = arange(
      0,
      shape.reduce((count, length) => count * length, 1),
    );
    const pixel = multiply(cast(equal(places, 7), weight.dtype), 3e38);
    const x = add(noise(...shape), pixel.reshape(shape));
    const f = ([a = x, b = weight]: readonly Tensor[]): Tensor => conv2d(a, b, { padding: 1 });
    return [f([x, weight]), ...pulled(f, x, weight)];
  },
  "convolutions 1 by 1": ({ whole, noise, pulled }) => {
    const x = noise(whole(17, 20), whole(33, 40), 9, 9);
    const weight = noise(whole(65, 80), x.shape[1] ?? 1, 1, 1);
    const f = ([a = x, b = weight]: readonly Tensor[]): Tensor => conv2d(a, b);
    return [f([x, weight]), ...pulled(f, x, weight)];
  },
};
