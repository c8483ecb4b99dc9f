/**
 * Launches: what of the kernel table runs as programs, and why the rest does not.
 * Rests on the programs. Every answer but a plan is a reason, so that nothing falls back in silence.
 */
import { sizeOf } from "../../shape.ts";
import type { Operand } from "../device.ts";
import type { Conv2dGeometry, KernelName } from "../kernels.ts";
import type { WasmHandle } from "../wasm/memory.ts";
import { forwardPlan, inputGradientPlan, weightGradientPlan } from "./convolution-programs.ts";
import { type Engine, kernelPlan } from "./engine.ts";
import { matmulPlan } from "./matmul-program.ts";
import { type Plan, refusalOf } from "./program.ts";
import { type Residency, temporaryId } from "./residency.ts";

/** Kernels that this device has programs for. */
export const kernelClasses = [
  "matmul",
  "conv2d",
  "conv2dInputGradient",
  "conv2dWeightGradient",
] as const;

/** One of them. */
export type KernelClass = (typeof kernelClasses)[number];

/** Whether the kernel has programs. */
export function isKernelClass(name: KernelName): name is KernelClass {
  return kernelClasses.some((candidate) => candidate === name);
}

/** What is launched: a kernel of a class on two inputs. */
export interface Call {
  readonly name: KernelClass;
  readonly inputs: readonly [Operand<WasmHandle>, Operand<WasmHandle>];
  readonly output: Operand<WasmHandle>;
  /** null for matmul. */
  readonly geometry: Conv2dGeometry | null;
}

/** A call made ready: the plan's `a` and `b` among its inputs. */
export interface Ready {
  readonly plan: Plan;
  readonly a: Operand<WasmHandle>;
  readonly b: Operand<WasmHandle>;
}

/** Multiplications that a call stands for, padding counted in. */
export function productsOf({ name, inputs, output }: Call): number {
  const [a, b] = inputs;
  if (name === "matmul") return sizeOf(output.shape) * (a.shape.at(-1) ?? 0);
  const [images, weights] =
    name === "conv2d" ? [output, b] : name === "conv2dInputGradient" ? [a, b] : [b, output];
  return sizeOf(images.shape) * sizeOf(weights.shape.slice(1));
}

/** Elements of the memory that an operand looks at. */
export function lengthOf({ handle }: Operand<WasmHandle>): number {
  return handle.bytes / 4;
}

/** Whether the output lies gapless with its axes in this order, and is all that its memory holds. */
function liesAs(
  { shape, strides, offset, handle }: Operand<WasmHandle>,
  order: readonly number[],
): boolean {
  let step = 1;
  for (const axis of order.toReversed()) {
    const length = shape[axis] ?? 1;
    if (length !== 1 && strides[axis] !== step) return false;
    step *= length;
  }
  return offset === 0 && step * 4 === handle.bytes;
}

const channelsLast = [0, 2, 3, 1];
const rowMajor = [0, 1, 2, 3];

/** The call as a plan with at most `widest` lanes, or the reason why there is none. */
export function readyFor(call: Call, widest: 1 | 4): Ready | string {
  const { name, inputs, output, geometry } = call;
  if ([...inputs, output].some(({ dtype }) => dtype !== "float32")) return "not float32";
  if (productsOf(call) === 0) return "nothing to multiply";
  const [a, b] = inputs;
  let ready: Ready;
  if (name === "matmul") {
    const found = matmulPlan(a, b, output, widest);
    if (found === null || sizeOf(output.shape) * 4 !== output.handle.bytes)
      return "an output laid out otherwise";
    ready = found.turned ? { plan: found.plan, a: b, b: a } : { plan: found.plan, a, b };
  } else {
    if (geometry === null) return "no geometry";
    const order = name === "conv2dWeightGradient" ? rowMajor : channelsLast;
    if (!liesAs(output, order)) return "an output laid out otherwise";
    const planOf = {
      conv2d: forwardPlan,
      conv2dInputGradient: inputGradientPlan,
      conv2dWeightGradient: weightGradientPlan,
    }[name];
    ready = { plan: planOf(a, b, output.shape, geometry, widest), a, b };
  }
  return refusalOf(ready.plan) ?? ready;
}

/** Runs a plan; its result is the engine's copy of the output's memory from now on. */
export function launch(
  engine: Engine,
  residency: Residency,
  { plan, a, b }: Ready,
  output: Operand<WasmHandle>,
): void {
  const reads = [a.handle, b.handle];
  residency.trim(reads);
  let left = { id: residency.idOf(a.handle), length: lengthOf(a), from: a.offset };
  let right = { id: residency.idOf(b.handle), length: lengthOf(b), from: b.offset };
  const temporaries: number[] = [];
  try {
    plan.forEach((program, step) => {
      const isLast = step === plan.length - 1;
      const id = isLast ? residency.make(output.handle) : temporaryId();
      if (!isLast) temporaries.push(id);
      const inputs = { a: left.id, b: right.id, fromA: left.from, fromB: right.from };
      engine.launch(kernelPlan(program, [left.length, right.length]), inputs, id);
      const [x, y, z] = program.output;
      left = { id, length: x * y * z * program.lanes, from: 0 };
      right = left;
    });
  } finally {
    for (const id of temporaries) engine.free(id);
  }
}
