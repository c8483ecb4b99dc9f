/**
 * Which ops can never meet an empty or a 0-d input, and why; which must meet a stretched one.
 * Rests on nothing. An op that is not listed must have met one, and one that is listed must not.
 */

/** By kind of input: op → reason. */
export const unreachable: Readonly<Record<"empty" | "scalar", Readonly<Record<string, string>>>> = {
  empty: {},
  scalar: {
    ...because(
      "needs an axis to work along",
      "argmax argmin concat split gather scatterAdd cumsum softmax logSoftmax layerNorm",
    ),
    ...because("needs a vector or matrices", "matmul batchMatmul dot outer transpose"),
    ...because("needs examples and classes", "softmaxCrossEntropy crossEntropy"),
    ...because("needs channels", "batchNorm batchNormInference groupNorm"),
    ...because(
      "needs images",
      "conv2d conv2dInputGradient conv2dWeightGradient convTranspose2d maxPool2d avgPool2d avgPool2dGradient globalAvgPool2d globalMaxPool2d im2col col2im",
    ),
  },
};

/** Ops that broadcast their operands. */
export const broadcasting: readonly string[] =
  "add subtract multiply divide pow minimum maximum where equal notEqual less lessEqual greater greaterEqual logicalAnd logicalOr logicalXor broadcastTo matmul".split(
    " ",
  );

function because(reason: string, names: string): Readonly<Record<string, string>> {
  return Object.fromEntries(names.split(" ").map((name) => [name, reason]));
}
