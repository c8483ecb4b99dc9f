/**
 * Samples of convolutions, the bad input that all refuse alike, and small parts that their records share.
 * Rests on nd-array and sampling.
 */
import { type NdArray, nd } from "../nd-array.ts";
import { image, untyped } from "../op-examples.ts";
import type { Domain, ErrorExample, Sampler } from "../sampling.ts";
import type { Shape } from "../shape.ts";
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

/** One image of one channel, 3 by 3. */
export const image4: NdArray = image([
  [1, 2, 3],
  [4, 5, 6],
  [7, 8, 9],
]);
/** One kernel of one channel, 2 by 2. */
export const kernel4: NdArray = image([
  [1, 0],
  [0, 1],
]);

/** What a convolution of any kind says about x, weight and options; `weightAxes`: as in `"[K, C/groups, R, S]"`. */
export function convolutionErrors(
  name: string,
  weightAxes: string,
): readonly ErrorExample<ConvolutionOptions>[] {
  const fit = [image4, kernel4];
  const refused = (
    inputs: readonly NdArray[],
    attributes: ConvolutionOptions,
    complaint: string,
  ): ErrorExample<ConvolutionOptions> => ({
    inputs,
    attributes,
    message: `${name}: expected ${complaint}`,
  });
  const pixels = (argument: string, least: number, got: string): string =>
    `${argument} to be an integer ≥ ${least}, or two of them (height, width), got ${got}. Give whole pixels.`;
  return [
    refused(
      [nd([[1, 2]]), kernel4],
      {},
      "x to have 4 axes [N, C, H, W], got [1, 2]. Reshape it; a missing axis has length 1.",
    ),
    refused(
      [nd([[[[[1]]]]]), kernel4],
      {},
      "x to have 4 axes [N, C, H, W], got [1, 1, 1, 1, 1]. Reshape it; a missing axis has length 1.",
    ),
    refused(
      [image4, nd([1, 2])],
      {},
      `weight to have 4 axes ${weightAxes}, got [2]. Reshape it; a missing axis has length 1.`,
    ),
    refused(
      [image4, nd([[[[]]]])],
      {},
      "weight to hold kernels of at least one pixel, got [1, 1, 1, 0]. The last two axes are the kernel's height and width.",
    ),
    refused(
      [image4, { ...nd([]), shape: [1, 1, 0, 1] }],
      {},
      "weight to hold kernels of at least one pixel, got [1, 1, 0, 1]. The last two axes are the kernel's height and width.",
    ),
    refused(
      fit,
      { groups: 2 },
      "groups to divide the number of channels of x, 1, got 2. All groups have equally many.",
    ),
    ...[0, -1, 0.5].map((groups) =>
      refused(
        fit,
        { groups },
        `groups to be an integer ≥ 1, got ${groups}. 1 is one group of all channels.`,
      ),
    ),
    refused(fit, { stride: 0 }, pixels("stride", 1, "0")),
    refused(fit, { stride: [1, 0.5] }, pixels("stride", 1, "[1, 0.5]")),
    refused(fit, { dilation: 1.5 }, pixels("dilation", 1, "1.5")),
    refused(fit, { padding: -1 }, pixels("padding", 0, "-1")),
    refused(fit, untyped('{ "stride": [1, 1, 1] }'), pixels("stride", 1, "[1, 1, 1]")),
    refused(fit, untyped('{ "padding": [[1], [0, 0]] }'), pixels("padding", 0, "[1]")),
    refused(fit, untyped('{ "padding": [[0, 0], [0, -1]] }'), pixels("padding", 0, "[0, -1]")),
    refused(
      fit,
      untyped('{ "padding": "valid" }'),
      'padding to be "same" or numbers of pixels, got "valid". Give 0 for what is elsewhere called "valid".',
    ),
    refused(
      [nd([[[[1]]]], "int32"), nd([[[[1]]]], "int32")],
      {},
      'x to be float32 or float64, got int32. Cast it, for example x.cast("float32").',
    ),
    refused(
      [image4, nd([[[[1]]]], "int32")],
      {},
      'weight to have the dtype of x, float64, got int32. Cast one of them, for example weight.cast("float64").',
    ),
  ];
}
