/**
 * The reference device: short, obvious loops, the oracle that other devices are compared with.
 * Rests on memory and the kernel files beside it.
 */
import { allocateArray, type TypedArray } from "../../dtype.ts";
import { denseLayout } from "../../layout.ts";
import type { Device, KernelTable, Operand } from "../device.ts";
import { convolutionKernels } from "./convolution.ts";
import { elementwiseKernels } from "./elementwise.ts";
import { indexingKernels } from "./indexing.ts";
import { matmulKernels } from "./matmul.ts";
import { dense } from "./memory.ts";
import { normalizationKernels } from "./normalization.ts";
import { poolingKernels } from "./pooling.ts";
import { randomKernels } from "./random.ts";
import { reductionKernels } from "./reduction.ts";
import { softmaxKernels } from "./softmax.ts";
import { updateKernels } from "./update.ts";

const kernels: KernelTable<TypedArray> = {
  ...elementwiseKernels,
  ...reductionKernels,
  ...softmaxKernels,
  ...matmulKernels,
  ...convolutionKernels,
  ...poolingKernels,
  ...indexingKernels,
  ...normalizationKernels,
  ...randomKernels,
  ...updateKernels,
};

/** Plain TypeScript loops over typed arrays, in float64 with one rounding to the output's dtype. */
export const referenceDevice: Device = {
  name: "reference",
  isCollected: true,
  allocate: allocateArray,
  release: () => {},
  write: (handle, data) => (handle as TypedArray).set(data),
  read: (operand) => dense(operand as Operand<TypedArray>).slice(),
  look: (operand, use) => use(dense(operand as Operand<TypedArray>)),
  layoutOf: (_name, _inputs, { shape }) => denseLayout(shape),
  launch: (name, inputs, outputs, attributes) =>
    kernels[name](
      inputs as readonly Operand<TypedArray>[],
      outputs as readonly Operand<TypedArray>[],
      attributes,
    ),
};
