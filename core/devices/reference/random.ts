/**
 * Random kernels: draws of a distribution, and dropout. Element i depends on (key, position, i) alone.
 * Rests on memory and random, whose fills hold the definitions.
 */
import type { TypedArray } from "../../dtype.ts";
import {
  type FloatArray,
  fillBernoulli,
  fillIntegers,
  fillNormal,
  fillTruncatedNormal,
  fillUniform,
} from "../../random/index.ts";
import type { KernelTable } from "../device.ts";
import { dense } from "./memory.ts";

/** Kernels that draw from a stream of Philox blocks. */
export const randomKernels: Pick<KernelTable<TypedArray>, "dropout" | "random"> = {
  dropout: ([x], [y], { rate, key, position }) => {
    const from = dense(x!);
    const out = dense(y!);
    const dropped = new Uint8Array(out.length);
    fillBernoulli(dropped, key, position, rate);
    const kept = 1 - rate;
    for (let i = 0; i < out.length; i++) out[i] = dropped[i] === 1 ? 0 : from[i]! / kept;
  },
  random: (_, [y], { key, position, distribution }) => {
    const out = dense(y!);
    switch (distribution.kind) {
      case "uniform":
        fillUniform(out as FloatArray, key, position, distribution.low, distribution.high);
        break;
      case "normal":
        fillNormal(out as FloatArray, key, position, distribution.mean, distribution.std);
        break;
      case "truncatedNormal": {
        const { mean, std, low, high } = distribution;
        fillTruncatedNormal(out as FloatArray, key, position, mean, std, low, high);
        break;
      }
      case "integers":
        fillIntegers(out as Int32Array, key, position, distribution.low, distribution.high);
        break;
      case "bernoulli":
        fillBernoulli(out as Uint8Array, key, position, distribution.probability);
        break;
    }
  },
};
