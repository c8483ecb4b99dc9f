/** bitgrad: tensors, their ops, derivatives of any order, and the memory and random streams behind them. */
import "./methods.ts";

export { type AnomalyOptions, atStep, detectAnomalies } from "./anomaly.ts";
export { type CompiledStep, type CompileReport, compile } from "./compile/compile.ts";
export {
  assign,
  buffer,
  type CellOptions,
  type NestedData,
  parameter,
  type TensorOptions,
  tensor,
} from "./create.ts";
export { type DefinedOp, defineOp, type OpDefinition } from "./define-op.ts";
export { device, deviceNames, setDevice, withDevice } from "./devices/current.ts";
export {
  type ClassStatus,
  type GpuStatus,
  gpuStatus,
  type KernelClass,
  type Mode as GpuMode,
  prepareGpu,
  type RefusedMode,
  setGpuCutoff,
  stopGpu,
} from "./devices/gpu/index.ts";
export type { MemoryStatistics } from "./devices/wasm/memory.ts";
export {
  memory,
  memoryLimit,
  setMemoryLimit,
  setThreads,
  threadCount,
} from "./devices/wasm/state.ts";
export type { DType, TypedArray } from "./dtype.ts";
export { type ErrorBound, exact, summation, ulps } from "./error-bound.ts";
export {
  AnomalyError,
  AxisError,
  BitgradError,
  type Complaint,
  DatasetError,
  DeviceError,
  DTypeError,
  errorTable,
  FormatError,
  GradientError,
  OverwrittenError,
  ScopeError,
  ShapeError,
  UsageError,
  ValueError,
} from "./errors.ts";
export { ExactSum } from "./exact-sum.ts";
export * from "./metrics/index.ts";
export { at, mapElements, type NdArray, nd, tabulate } from "./nd-array.ts";
export type { OpRecord, Tensors } from "./op.ts";
export * from "./ops/index.ts";
export { registry } from "./ops/registry.ts";
export { RandomSource, Stream, type StreamKey, type StreamState } from "./random/index.ts";
export { isReplaying } from "./replay.ts";
export type { Domain, ErrorExample, Sample, Sampler, SpecialPoint } from "./sampling.ts";
export { keep, scope } from "./scope.ts";
export type { Axes, Shape } from "./shape.ts";
export {
  partOfState,
  recordOfState,
  restoringCells,
  type State,
  type Stateful,
  type StateRecord,
} from "./state.ts";
export { type NestedNumbers, type Role, Tensor, type TensorType } from "./tensor.ts";
export { backward, clearGradients } from "./transforms/backward.ts";
export { type CustomRules, customGradient } from "./transforms/custom-gradient.ts";
export { hvp, jvp, type ValueAndTangent } from "./transforms/forward.ts";
export { type FunctionalNet, functionalCall } from "./transforms/functional-call.ts";
export { hessian, jacobian } from "./transforms/jacobian.ts";
export { noGrad } from "./transforms/no-grad.ts";
export { recompute } from "./transforms/recompute.ts";
export {
  grad,
  type Pullback,
  type ValueAndGradient,
  valueAndGrad,
  vjp,
} from "./transforms/reverse.ts";
export type { Tree } from "./tree.ts";
