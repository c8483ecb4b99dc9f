/**
 * Random numbers on the wasm device: the host half. The same bits as core/random.
 * Rests on operands, axes and random, whose fill of truncated normals writes into the linear memory itself: only
 * initializers draw them.
 */
import { type FloatArray, fillTruncatedNormal } from "../../random/index.ts";
import { sizeOf } from "../../shape.ts";
import type { KernelTable } from "../device.ts";
import type { Distribution, DrawPosition } from "../kernels.ts";
import { filling } from "./axes.ts";
import type { WasmHandle } from "./memory.ts";
import { addressOf, dense, dtypeNumber, type WasmOperand } from "./operands.ts";
import { current } from "./state.ts";

/** Elements of a piece, two a block. */
const elementsPerPiece = 4096;

function drawInto(
  name: string,
  y: WasmOperand,
  { key, position }: DrawPosition,
  reals: readonly number[],
  source = 0,
): void {
  const size = sizeOf(y.shape);
  const words = [addressOf(y), dtypeNumber[y.dtype], size, ...key, source];
  current().run(name, words, [position, ...reals], Math.ceil(size / elementsPerPiece), 1);
}

function elementsOf(y: WasmOperand): FloatArray {
  const { buffer } = current().memory;
  const size = sizeOf(y.shape);
  return y.dtype === "float64"
    ? new Float64Array(buffer, addressOf(y), size)
    : new Float32Array(buffer, addressOf(y), size);
}

function draw(y: WasmOperand, at: DrawPosition, distribution: Distribution): void {
  switch (distribution.kind) {
    case "uniform": {
      const { low, high } = distribution;
      drawInto("drawUniform", y, at, [low, high - low]);
      break;
    }
    case "normal":
      drawInto("drawNormal", y, at, [distribution.mean, distribution.std]);
      break;
    case "truncatedNormal": {
      const { mean, std, low, high } = distribution;
      current().listener?.flawed("truncated normals are drawn by JavaScript");
      fillTruncatedNormal(elementsOf(y), at.key, at.position, mean, std, low, high);
      break;
    }
    case "integers": {
      const { low, high } = distribution;
      drawInto("drawIntegers", y, at, [low, high - low]);
      break;
    }
    case "bernoulli":
      drawInto("drawBernoulli", y, at, [distribution.probability]);
      break;
  }
}

/** Kernels that draw from a stream of Philox blocks. */
export const randomKernels: Pick<KernelTable<WasmHandle>, "dropout" | "random"> = {
  dropout: ([x], [y], { rate, key, position }) => {
    if (!x || !y) return;
    filling(y, (target) =>
      drawInto("dropoutElements", target, { key, position }, [rate, 1 - rate], addressOf(dense(x))),
    );
  },
  random: (_, [y], { key, position, distribution }) => {
    if (y) filling(y, (target) => draw(target, { key, position }, distribution));
  },
};
