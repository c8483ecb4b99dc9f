/**
 * The kernel table's types: every kernel's name and attributes. Each device implements all of them.
 * Rests on nothing. Axes are normalized (in [0, rank)) before they reach a kernel.
 */

/** Kernels that need no attributes. */
type NoAttributes = Readonly<Record<string, never>>;

/** Functions of one number; `parameter` is the slope of leakyRelu and the α of elu. */
export type UnaryFunction =
  | "negate"
  | "abs"
  | "sign"
  | "sqrt"
  | "rsqrt"
  | "square"
  | "exp"
  | "expm1"
  | "log"
  | "log1p"
  | "sin"
  | "cos"
  | "tan"
  | "tanh"
  | "sinh"
  | "cosh"
  | "atan"
  | "sigmoid"
  | "softplus"
  | "relu"
  | "leakyRelu"
  | "elu"
  | "selu"
  | "gelu"
  | "geluTanh"
  | "silu"
  | "erf"
  | "erfc";

/** Functions of two numbers; the output has the operands' dtype. `reluGradient` is b where a > 0 or NaN, else 0. */
export type BinaryFunction =
  | "add"
  | "subtract"
  | "multiply"
  | "divide"
  | "pow"
  | "minimum"
  | "maximum"
  | "reluGradient";

/** Comparisons; the output is bool. */
export type Comparison = "equal" | "notEqual" | "less" | "lessEqual" | "greater" | "greaterEqual";

/** Logic on bool operands. */
export type LogicalFunction = "logicalAnd" | "logicalOr" | "logicalXor";

/** Reductions over any axes. `norm2` is √Σx², scaled so that squares do not overflow. */
export type ReduceFunction = "sum" | "max" | "min" | "any" | "all" | "logSumExp" | "norm2";

/** A pair (height, width). */
export type Pair = readonly [number, number];

/** Geometry of a 2-D convolution: input [N, C, H, W], weight [K, C/groups, R, S]. Units: pixels. */
export interface Conv2dGeometry {
  readonly stride: Pair;
  /** Zeros added before and after each axis: [[top, bottom], [left, right]]. */
  readonly padding: readonly [Pair, Pair];
  readonly dilation: Pair;
  readonly groups: number;
}

/** Geometry of a window that slides over [N, C, H, W]. Units: pixels. */
export interface WindowGeometry {
  readonly window: Pair;
  readonly stride: Pair;
  readonly padding: readonly [Pair, Pair];
  readonly dilation: Pair;
}

/** Which numbers a random kernel draws; element i depends on (key, position, i) alone. */
export type Distribution =
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  | { readonly kind: "normal"; readonly mean: number; readonly std: number }
  | {
      readonly kind: "truncatedNormal";
      readonly mean: number;
      readonly std: number;
      readonly low: number;
      readonly high: number;
    }
  | { readonly kind: "integers"; readonly low: number; readonly high: number }
  | { readonly kind: "bernoulli"; readonly probability: number };

/** Along which axis indices count, and whose they are: what an index out of range is refused with. */
export interface IndexAttributes {
  readonly axis: number;
  /** The user's function, and its argument that holds the indices. */
  readonly where: string;
  readonly argument: string;
}

/** The Philox key of a stream and the block its draw starts at. */
export interface DrawPosition {
  readonly key: readonly [number, number];
  readonly position: number;
}

/**
 * One step of an optimiser's rule, for g the gradient, x the parameter and what the rule remembers of it. Constants
 * are rounded to the dtype, and so is every operation, in the order of the formulas.
 */
export type UpdateFormula =
  /** x ← x − g·rate. */
  | { readonly fn: "sgd"; readonly rate: number }
  /** v ← v·ρ + g; x ← x − v·rate. Remembers v. */
  | { readonly fn: "momentum"; readonly rate: number; readonly rho: number }
  /**
   * m ← m·β1 + g·(1 − β1); v ← v·β2 + g²·(1 − β2); x ← x − ((m/b1)·rate)/(√(v/b2) + ε). Remembers m and v; b1 and b2
   * are the biases of the two moments, or 1.
   */
  | {
      readonly fn: "adam";
      readonly rate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly bias1: number;
      readonly bias2: number;
      readonly epsilon: number;
    };

/** Attributes of each kernel. The comment gives inputs → outputs. */
export interface KernelAttributes {
  /** [x] → [y of any dtype]: strided to dense, converting the dtype (float → int truncates). */
  readonly copy: NoAttributes;
  /** [] → [y], every element `value`. */
  readonly fill: { readonly value: number };
  /** [] → [y of rank 1], element i is start + i·step. */
  readonly range: { readonly start: number; readonly step: number };
  /** [x] → [y], element by element. */
  readonly unary: { readonly fn: UnaryFunction; readonly parameter?: number };
  /** [x] → [y], min(max(x, low), high); NaN stays NaN. */
  readonly clamp: { readonly low: number; readonly high: number };
  /** [a, b] broadcast to y's shape → [y]. */
  readonly binary: { readonly fn: BinaryFunction };
  /** [a, b, c] broadcast to y's shape → [a·b + c], the product rounded before the sum. */
  readonly multiplyAdd: NoAttributes;
  /** [a, b] broadcast to y's shape → [y of bool]. */
  readonly compare: { readonly fn: Comparison };
  /** [a, b] of bool, broadcast → [y of bool]. */
  readonly logical: { readonly fn: LogicalFunction };
  /** [x of bool] → [y of bool]. */
  readonly logicalNot: NoAttributes;
  /** [condition of bool, a, b] broadcast → [y]. */
  readonly select: NoAttributes;
  /** [x] → [y without `axes`, in row-major order of the axes kept]. */
  readonly reduce: { readonly fn: ReduceFunction; readonly axes: readonly number[] };
  /** [x] → [mean, Σ(x - mean)²/divisor] without `axes`: two passes, the mean first. */
  readonly moments: { readonly axes: readonly number[]; readonly divisor: number };
  /** [x] → [y of int32] without `axis`: the first position of the extreme; NaN counts as extreme. */
  readonly argReduce: { readonly fn: "argmax" | "argmin"; readonly axis: number };
  /** [x] → [y]: y_i = Σ_{j ≤ i} x_j along `axis`, or j ≥ i where `reverse`. */
  readonly cumulativeSum: { readonly axis: number; readonly reverse: boolean };
  /** [x] → [y], shifted by the maximum along `axis`. */
  readonly softmax: { readonly axis: number };
  /** [x] → [y], x - logSumExp(x) along `axis`. */
  readonly logSoftmax: { readonly axis: number };
  /** [logits [N, C], target probabilities [N, C]] → [loss [N]]: -Σ target·logSoftmax(logits). */
  readonly softmaxCrossEntropy: NoAttributes;
  /** [a [..., M, K], b [..., K, N]] with equal batch axes → [y [..., M, N]]. */
  readonly matmul: NoAttributes;
  /** [x [N, C, H, W], w [K, C/g, R, S]] → [y [N, K, H', W']] (cross-correlation). */
  readonly conv2d: Conv2dGeometry;
  /** [dy [N, K, H', W'], w] → [dx [N, C, H, W]]: the adjoint of conv2d in x. */
  readonly conv2dInputGradient: Conv2dGeometry;
  /** [x, dy] → [dw [K, C/g, R, S]]: the adjoint of conv2d in w. */
  readonly conv2dWeightGradient: Conv2dGeometry;
  /** [x [N, C, H, W]] → [y [N, C, H', W'], position of each maximum in its H·W plane (int32)]. */
  readonly maxPool2d: WindowGeometry;
  /** [x] → [y]; the divisor is the window's size, or the pixels inside x where not `countPadding`. */
  readonly avgPool2d: WindowGeometry & { readonly countPadding: boolean };
  /** [dy] → [dx]: the adjoint of avgPool2d. */
  readonly avgPool2dGradient: WindowGeometry & { readonly countPadding: boolean };
  /** [x [N, C, H, W]] → [y [N, C·R·S, H'·W']]: one column a window. */
  readonly im2col: WindowGeometry;
  /** [y [N, C·R·S, H'·W']] → [x [N, C, H, W]]: the adjoint of im2col, overlaps added. */
  readonly col2im: WindowGeometry;
  /** [x, indices of int32, the same rank] → [y]: y[.., i, ..] = x[.., indices[.., i, ..], ..]. */
  readonly gather: IndexAttributes;
  /** [x, indices, updates] → [y]: x with updates added at the indices, in row-major order. */
  readonly scatterAdd: IndexAttributes;
  /** [x0, x1, …] → [y]: one after the other along `axis`. */
  readonly concat: { readonly axis: number };
  /** [x] → [y]: x at starts + i·steps, `value` elsewhere. */
  readonly embed: {
    readonly starts: readonly number[];
    readonly steps: readonly number[];
    readonly value: number;
  };
  /** [x] → [x̂, mean, biased variance]: x̂ = (x - mean)/√(variance + ε) over `axes` (kept as 1). */
  readonly normalize: { readonly axes: readonly number[]; readonly epsilon: number };
  /**
   * [t, x̂, variance] → [(t − mean t − x̂·mean x̂t)/√(variance + ε)], means over `axes`, which variance keeps as 1.
   * [t, x̂, variance, γ as variance] → [the same times γ, Σ x̂t, Σ t], sums over `axes`, kept as 1.
   */
  readonly normalizeGradient: { readonly axes: readonly number[]; readonly epsilon: number };
  /** [x] → [y]: each element 0 with probability `rate`, else x/(1 - rate). Units: rate in [0, 1). */
  readonly dropout: DrawPosition & { readonly rate: number };
  /**
   * [g0, g1, …] → [x0, what the rule remembers of x0, x1, …]: the outputs are read and written in place. All are dense
   * and of one float dtype; those of one parameter have one shape.
   */
  readonly update: UpdateFormula;
  /** [] → [y] of random numbers. */
  readonly random: DrawPosition & { readonly distribution: Distribution };
}

/** The names of all kernels. */
export type KernelName = keyof KernelAttributes;
