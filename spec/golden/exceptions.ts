/** What has no golden case from PyTorch, each with the reason. Rests on nothing; tests fail where an entry is stale. */

const drawn = "PyTorch draws from another generator: no value to compare";

/** Exported ops without a case. */
export const opsWithoutCase: Readonly<Record<string, string>> = {
  dropout: drawn,
  randomBernoulli: drawn,
  randomIntegers: drawn,
  randomNormal: drawn,
  randomTruncatedNormal: drawn,
  randomUniform: drawn,
};

/** Layers without a case. */
export const layersWithoutCase: Readonly<Record<string, string>> = {
  Activation: "a function of the user's",
  DropPath: "draws; PyTorch has none",
  Dropout: "PyTorch draws from another generator",
  Dropout2d: "PyTorch draws from another generator",
  Residual: "in residualBlock",
  Sequential: "in residualBlock",
  cifarResNet: "whole nets have a file of their own",
  lenet: "whole nets have a file of their own",
  mlp: "Linear and ReLU by turns",
  vgg: "Conv2d, ReLU, MaxPool2d and Linear by turns",
};
