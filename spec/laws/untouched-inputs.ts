/**
 * Nothing that goes into an op is written to: inputs, tangents, cotangents, and outputs once they are out.
 * Rests on derivatives. Inputs lie in roomy strided memory, whose gaps count too.
 */
import { bind } from "../../core/bind.ts";
import { Tensor } from "../../core/tensor.ts";
import { bitsOf, handles, stridedTensor } from "./arrays.ts";
import { hasDirections, pull, push, type Setting, settle } from "./derivatives.ts";
import { hasRules, type SampledLaw } from "./law.ts";
import { broken } from "./messages.ts";
import { isAlike } from "./observed.ts";

/** Law 8. */
export const untouchedInputs: SampledLaw = {
  name: "untouched inputs",
  claim: "inputs, tangents, cotangents and earlier outputs are not written to",
  holdsAt: () => true,
  applies: () => true,
  check: (record, sample, draw) => {
    const dense = settle(record, sample, draw);
    const strided = sample.inputs.map((input) => stridedTensor(input));
    for (const inputs of [dense.inputs, strided]) {
      const setting: Setting = { ...dense, inputs };
      const present = [...inputs, ...dense.tangents, ...dense.cotangents, ...dense.outputs];
      const watched = present.filter((tensor) => tensor !== null);
      const before = watched.map(memoryOf);
      bind(record, handles(inputs), sample.attributes);
      if (hasRules(record) && hasDirections(setting)) {
        push(setting);
        pull(setting);
      }
      watched.forEach((tensor, i) => {
        const after = memoryOf(tensor);
        if (!isAlike(after === before[i])) {
          broken("untouched inputs", record, sample, `memory ${before[i]}`, after);
        }
      });
    }
    return true;
  },
};

/** The bits of the whole storage behind a tensor, and its version. */
function memoryOf({ storage }: Tensor): string {
  const layout = { shape: [storage.length], strides: [1], offset: 0 };
  return `${storage.version}:${bitsOf(new Tensor({ storage, layout }))}`;
}
