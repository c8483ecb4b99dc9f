/**
 * The mean over a set of any quantity that each example has: of a loss, say.
 * Rests on metric and exact-sum.
 */
import { ShapeError } from "../errors.ts";
import { ExactSum } from "../exact-sum.ts";
import { scope } from "../scope.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { noGrad } from "../transforms/no-grad.ts";
import { type Metric, shareOf } from "./metric.ts";

const where = "meanMetric";

/**
 * The mean over all examples of what `quantity` gives for each: (outputs, targets) → [N]. The exact sum is rounded, then
 * divided by the number of examples; NaN and infinities as in plain addition. It may not mix examples: then it would
 * depend on the batches.
 * Throws ShapeError, when counting, unless there is one number an example; ValueError for no examples.
 *
 * @example
 * meanMetric((logits, labels) => crossEntropy(logits, labels, { reduction: "none" }));
 */
export function meanMetric(quantity: (outputs: Tensor, targets: Tensor) => Tensor): Metric<number> {
  return {
    start: () => {
      const sum = new ExactSum();
      let total = 0;
      return {
        add: (outputs, targets) => {
          const values = scope(() => noGrad(() => perExample(quantity(outputs, targets), outputs)));
          total += values.length;
          for (const value of values) sum.add(value);
        },
        value: () => shareOf(where, sum.value, total),
      };
    },
  };
}

function perExample(values: Tensor, outputs: Tensor): ArrayLike<number> & Iterable<number> {
  const [examples = 0] = outputs.shape;
  if (!sameShape(values.shape, [examples])) {
    throw new ShapeError({
      where,
      argument: "quantity",
      expected: `to give [${examples}], one number an example`,
      got: formatShape(values.shape),
      fix: 'Do not reduce over the batch: losses take { reduction: "none" }',
    });
  }
  return values.elements(where);
}
