/**
 * The shape rule predicts the result: how many outputs, and the shape and dtype of each.
 * Rests on bind.
 */
import { bind } from "../../core/bind.ts";
import type { DType } from "../../core/dtype.ts";
import { typesOf } from "../../core/op.ts";
import { formatShape } from "../../core/shape.ts";
import type { TensorType } from "../../core/tensor.ts";
import { numbers, tensorFrom } from "./arrays.ts";
import type { SampledLaw } from "./law.ts";
import { broken } from "./messages.ts";
import { isAlike } from "./observed.ts";

const dtypes: readonly DType[] = ["float64", "float32"];

/** Law 1. */
export const shapeRule: SampledLaw = {
  name: "shape rule",
  claim: "the shape rule predicts the number, shapes and dtypes of the outputs",
  holdsAt: () => true,
  applies: () => true,
  check: (record, sample) => {
    for (const float of dtypes) {
      const inputs = sample.inputs.map((input) => tensorFrom(input, float));
      const predicted = describe(record.infer(typesOf(inputs), sample.attributes));
      const outputs = bind(record, inputs, sample.attributes);
      const got = describe(outputs);
      if (!isAlike(got === predicted)) broken("shape rule", record, sample, predicted, got);
      for (const output of outputs) {
        const { length } = numbers(output);
        if (length !== output.size) {
          broken("shape rule", record, sample, `${output.size} elements`, `${length}`);
        }
      }
    }
    return true;
  },
};

function describe(types: readonly TensorType[]): string {
  return types.map(({ shape, dtype }) => `${dtype} ${formatShape(shape)}`).join(", ");
}
