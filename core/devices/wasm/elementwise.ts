/**
 * Elementwise kernels of the wasm device: the host half.
 * Rests on operands. Numbers of functions are those of kernels/elementwise.ts and kernels/unary.ts.
 */
import type { KernelTable } from "../device.ts";
import type { BinaryFunction, Comparison, LogicalFunction, UnaryFunction } from "../kernels.ts";
import type { WasmHandle } from "./memory.ts";
import { copyTo, dtypeNumber, runRange, runRows, type WasmOperand, walkOver } from "./operands.ts";

const unaryFunctions: readonly UnaryFunction[] = [
  "negate",
  "abs",
  "sign",
  "sqrt",
  "rsqrt",
  "square",
  "relu",
  "leakyRelu",
  "exp",
  "expm1",
  "log",
  "log1p",
  "sin",
  "cos",
  "tan",
  "tanh",
  "sinh",
  "cosh",
  "atan",
  "sigmoid",
  "softplus",
  "elu",
  "selu",
  "gelu",
  "geluTanh",
  "silu",
  "erf",
  "erfc",
];
const binaryFunctions: readonly BinaryFunction[] = [
  "add",
  "subtract",
  "multiply",
  "divide",
  "minimum",
  "maximum",
  "pow",
  "reluGradient",
];
const comparisons: readonly Comparison[] = [
  "equal",
  "notEqual",
  "less",
  "lessEqual",
  "greater",
  "greaterEqual",
];
const logicalFunctions: readonly LogicalFunction[] = ["logicalAnd", "logicalOr", "logicalXor"];
const logicalNot = 3;

const unaryKernel = {
  float32: "unaryF32",
  float64: "unaryF64",
  int32: "unaryI32",
  bool: "unaryI32",
};
const binaryKernel = {
  float32: "binaryF32",
  float64: "binaryF64",
  int32: "binaryI32",
  bool: "binaryI32",
};
const bytesOf = { float32: 4, float64: 8, int32: 4, bool: 1 } as const;

/** The operands of a kernel that takes exactly `count` of them. */
function take(operands: readonly WasmOperand[], count: number): readonly WasmOperand[] {
  if (operands.length !== count) throw new RangeError(`wasm: expected ${count} operands`);
  return operands;
}

/** Kernels that work element by element. */
export const elementwiseKernels: Pick<
  KernelTable<WasmHandle>,
  | "copy"
  | "fill"
  | "range"
  | "unary"
  | "clamp"
  | "binary"
  | "multiplyAdd"
  | "compare"
  | "logical"
  | "logicalNot"
  | "select"
> = {
  copy: ([x], [y]) => {
    if (x && y) copyTo(y, x);
  },
  fill: (_, [y], { value }) => {
    if (y) runRange(y, value, 0);
  },
  range: (_, [y], { start, step }) => {
    if (y) runRange(y, start, step);
  },
  unary: (inputs, outputs, { fn, parameter = 0 }) => {
    const [y] = outputs;
    const walk = walkOver([...outputs, ...take(inputs, 1)]);
    const kernel = unaryKernel[y?.dtype ?? "float32"];
    runRows(kernel, unaryFunctions.indexOf(fn), walk, [], [parameter]);
  },
  clamp: (inputs, outputs, { low, high }) => {
    const [y] = outputs;
    const walk = walkOver([...outputs, ...take(inputs, 1)]);
    runRows("clampRows", 0, walk, [dtypeNumber[y?.dtype ?? "float32"]], [low, high]);
  },
  binary: (inputs, outputs, { fn }) => {
    const [y] = outputs;
    const walk = walkOver([...outputs, ...take(inputs, 2)]);
    runRows(binaryKernel[y?.dtype ?? "float32"], binaryFunctions.indexOf(fn), walk);
  },
  multiplyAdd: (inputs, outputs) => {
    const [y] = outputs;
    const walk = walkOver([...outputs, ...take(inputs, 3)]);
    runRows(y?.dtype === "float64" ? "multiplyAddF64" : "multiplyAddF32", 0, walk);
  },
  compare: (inputs, outputs, { fn }) => {
    const walk = walkOver([...outputs, ...take(inputs, 2)]);
    const dtype = inputs[0]?.dtype ?? "float32";
    runRows("compareRows", comparisons.indexOf(fn), walk, [dtypeNumber[dtype]]);
  },
  logical: (inputs, outputs, { fn }) => {
    const walk = walkOver([...outputs, ...take(inputs, 2)]);
    runRows("logicalRows", logicalFunctions.indexOf(fn), walk);
  },
  logicalNot: (inputs, outputs) => {
    const [x] = take(inputs, 1);
    if (x) runRows("logicalRows", logicalNot, walkOver([...outputs, x, x]));
  },
  select: (inputs, outputs) => {
    const [y] = outputs;
    const walk = walkOver([...outputs, ...take(inputs, 3)]);
    runRows("selectRows", 0, walk, [bytesOf[y?.dtype ?? "float32"]]);
  },
};
