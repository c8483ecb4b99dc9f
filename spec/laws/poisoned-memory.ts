/**
 * What memory held before moves no bit: outputs, temporaries and scratch filled with NaN before each launch give what
 * they give without. So every kernel writes all of its output, and reads nothing that nobody wrote. Nor does one write to
 * anything else.
 * Rests on derivatives, outside-writes and on the wasm device's insides.
 */
import { bind } from "../../core/bind.ts";
import { Allocator } from "../../core/devices/wasm/memory.ts";
import { scratchBytes } from "../../core/devices/wasm/pool.ts";
import { current } from "../../core/devices/wasm/state.ts";
import { isFloat } from "../../core/dtype.ts";
import type { OpRecord } from "../../core/op.ts";
import { scope } from "../../core/scope.ts";
import type { Tensor } from "../../core/tensor.ts";
import { placedTensor } from "../devices/placement.ts";
import { bitsOf, describeTensor, handles } from "./arrays.ts";
import { pull, push, type Setting, type SomeTensors } from "./derivatives.ts";
import { type Case, hasRules, type SampledLaw } from "./law.ts";
import { broken } from "./messages.ts";
import { isAlike } from "./observed.ts";
import { hooked, WroteOutside, withinOutputs } from "./outside-writes.ts";
import { directions } from "./sampler.ts";

/** Every byte of this value makes NaN in both floats, −1 in int32, and no bool. */
const poison = 0xff;

/** Where threads' scratch lies; known only of a runtime that is made while `watchScratch` watches. */
const scratches: number[] = [];

/** Notes where scratch memory lies. Call it before the first tensor on the wasm device. */
export function watchScratch(): void {
  const { reserve } = Allocator.prototype;
  Allocator.prototype.reserve = function (bytes) {
    const pointer = reserve.call(this, bytes);
    if (bytes === scratchBytes) scratches.push(pointer);
    return pointer;
  };
  current();
  Allocator.prototype.reserve = reserve;
  if (scratches.length === 0) throw new Error("the runtime was there before");
}

/** Runs `body` with the memory that each launch may write filled with NaN. */
export function poisoned<T>(body: () => T): T {
  const { memory } = current();
  const spoil = (pointer: number, bytes: number): void => {
    new Uint8Array(memory.buffer, pointer, bytes).fill(poison);
  };
  const begin = (): void => {
    for (const pointer of scratches) spoil(pointer, scratchBytes);
  };
  return hooked({ begin, writable: spoil }, body);
}

/** The law in one of the floats. */
export function poisonedMemory(float: "float32" | "float64"): SampledLaw {
  return {
    name: `poisoned memory in ${float}`,
    claim: `NaN in all memory that is written moves no bit of value and derivatives, and nothing else is written (${float})`,
    file: "spec/device-memory.test.ts",
    strata: ["free", "roomy"],
    holdsAt: () => true,
    applies: () => true,
    check: (record, sample, draw) => {
      const { attributes } = sample;
      scope(() => {
        const directed = (tensors: readonly Tensor[]): SomeTensors =>
          tensors.map(({ dtype, shape }) =>
            isFloat(dtype) ? placedTensor(draw.values(shape, directions), dtype, draw) : null,
          );
        const inputs = sample.inputs.map((input) => placedTensor(input, float, draw));
        const outputs = bind(record, handles(inputs), attributes);
        const [tangents, cotangents] = [directed(inputs), directed(outputs)];
        const setting = { record, attributes, inputs, outputs, tangents, cotangents };
        const plain = insideOutputs(record, sample, () => results(setting));
        poisoned(() => results(setting)).forEach((spoiled, k) => {
          const want = plain[k] ?? null;
          if (spoiled === null && want === null) return;
          if (!isAlike(spoiled !== null && want !== null && bitsOf(spoiled) === bitsOf(want))) {
            const [expected, got] = [want, spoiled].map((tensor) =>
              tensor === null ? "zero" : describeTensor(tensor),
            );
            broken("poisoned memory", record, sample, `result ${k} to be ${expected}`, `${got}`);
          }
        });
      });
      return true;
    },
  };
}

/** Runs `body`; breaks the law where a launch in it writes beside its outputs. */
function insideOutputs<T>(record: OpRecord, sample: Case, body: () => T): T {
  try {
    return withinOutputs(body);
  } catch (error) {
    if (!(error instanceof WroteOutside)) throw error;
    broken("poisoned memory", record, sample, "a launch to write to its outputs", error.message);
  }
}

/** Outputs, then J t, then Jᵀc. */
function results(setting: Setting): SomeTensors {
  const { record, inputs, attributes } = setting;
  const outputs = bind(record, handles(inputs), attributes);
  return hasRules(record) ? [...outputs, ...push(setting), ...pull(setting)] : outputs;
}
