/**
 * Methods: `x.relu()` is `relu(x)`. Attaches the op functions named here to Tensor.
 * Rests on tensor, ops and transforms. The one module with a side effect, named so in package.json.
 */
import * as ops from "./ops/index.ts";
import { Tensor } from "./tensor.ts";
import { backward } from "./transforms/backward.ts";

/** Op functions whose first argument is the tensor that they become a method of. */
const methodNames = [
  "abs",
  "add",
  "all",
  "any",
  "argmax",
  "argmin",
  "atan",
  "avgPool2d",
  "batchNorm",
  "batchNormInference",
  "binaryCrossEntropyWithLogits",
  "broadcastTo",
  "cast",
  "clamp",
  "col2im",
  "conv2d",
  "convTranspose2d",
  "cos",
  "cosh",
  "crossEntropy",
  "cumsum",
  "detach",
  "divide",
  "dot",
  "dropout",
  "elu",
  "equal",
  "erf",
  "erfc",
  "exp",
  "expandDims",
  "expm1",
  "flatten",
  "flip",
  "gather",
  "gelu",
  "globalAvgPool2d",
  "globalMaxPool2d",
  "greater",
  "greaterEqual",
  "groupNorm",
  "im2col",
  "index",
  "layerNorm",
  "leakyRelu",
  "less",
  "lessEqual",
  "log",
  "log1p",
  "logicalAnd",
  "logicalNot",
  "logicalOr",
  "logicalXor",
  "logSoftmax",
  "logSumExp",
  "matmul",
  "max",
  "maximum",
  "maxPool2d",
  "mean",
  "min",
  "minimum",
  "mse",
  "multiply",
  "negate",
  "norm",
  "notEqual",
  "oneHot",
  "outer",
  "pad",
  "permute",
  "pow",
  "prod",
  "relu",
  "reshape",
  "rsqrt",
  "scatterAdd",
  "selu",
  "sigmoid",
  "sign",
  "silu",
  "sin",
  "sinh",
  "slice",
  "softmax",
  "softplus",
  "split",
  "sqrt",
  "square",
  "squeeze",
  "std",
  "subtract",
  "sum",
  "tan",
  "tanh",
  "tile",
  "transpose",
  "variance",
  "where",
] as const;

type MethodName = (typeof methodNames)[number];

type AsMethod<F> = F extends (first: infer _First, ...rest: infer Rest) => infer Result
  ? (...rest: Rest) => Result
  : never;

/** What Tensor has besides its own members. */
export type TensorMethods = { readonly [Name in MethodName]: AsMethod<(typeof ops)[Name]> } & {
  /** Accumulates gradients into `grad` of every parameter that this tensor depends on. */
  backward(cotangent?: Tensor): void;
};

const functions: Readonly<Record<string, unknown>> = ops;

for (const name of methodNames) {
  const f = functions[name];
  if (typeof f !== "function") throw new TypeError(`methods: no op function named ${name}`);
  attach(name, (x, rest) => Reflect.apply(f, undefined, [x, ...rest]));
}
attach("backward", (x, [cotangent]) =>
  backward(x, cotangent instanceof Tensor ? cotangent : undefined),
);
attach(Symbol.for("nodejs.util.inspect.custom"), (x) => x.inspect());

function attach(
  name: string | symbol,
  call: (x: Tensor, rest: readonly unknown[]) => unknown,
): void {
  Object.defineProperty(Tensor.prototype, name, {
    value(this: Tensor, ...rest: unknown[]): unknown {
      return call(this, rest);
    },
    configurable: true,
    writable: true,
  });
}
