/**
 * Samples of convolutions, and small parts that their records share.
 * Rests on nd-array and sampling.
 */
import { mapElements, type NdArray, nd } from "../nd-array.ts";
import type { Domain, Sampler } from "../sampling.ts";
import type { Shape } from "../shape.ts";
import type { TensorType } from "../tensor.ts";
import type { ConvolutionOptions } from "./convolution-shapes.ts";

/** Domain of drawn elements. */
export const values: Domain = { min: -2, max: 2 };

/** Shapes and options of a random convolution, every option in each of its forms. */
export function sampleConvolution(draw: Sampler): {
  readonly x: Shape;
  readonly weight: Shape;
  readonly options: ConvolutionOptions;
} {
  const groups = draw.integer(1, 2);
  const channels = draw.integer(1, 2);
  const height = draw.integer(1, 3);
  const width = draw.integer(1, 3);
  const dilation = draw.integer(1, 2);
  const weight = [groups * draw.integer(1, 2), channels, height, width];
  const x = [
    draw.integer(0, 2),
    groups * channels,
    dilation * (height - 1) + draw.integer(1, 3),
    dilation * (width - 1) + draw.integer(1, 3),
  ];
  const pad = (): number => draw.integer(0, 2);
  const options: ConvolutionOptions = {
    groups,
    dilation: draw.boolean() ? dilation : [dilation, dilation],
    stride: draw.boolean() ? draw.integer(1, 3) : [draw.integer(1, 3), draw.integer(1, 3)],
    padding: draw.pick([
      "same",
      pad(),
      [pad(), pad()],
      [
        [pad(), pad()],
        [pad(), pad()],
      ],
    ] as const),
  };
  return { x, weight, options };
}

/** |x|, element by element. */
export const magnitude: (x: NdArray) => NdArray = (x) => mapElements(x, Math.abs);

/** Stands where a record's function is handed fewer arrays than it has inputs. */
export const nothing: NdArray = { shape: [0], data: [], kind: "float" };

/** One image of one channel, 3 by 3. */
export const image4: NdArray = nd([
  [
    [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ],
  ],
]);
/** One kernel of one channel, 2 by 2. */
export const kernel4: NdArray = nd([
  [
    [
      [1, 0],
      [0, 1],
    ],
  ],
]);

/** The shape of an input that a kernel's attributes are made from. */
export function shapeOf(type: TensorType | undefined): Shape {
  return type?.shape ?? [];
}
