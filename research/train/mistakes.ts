/**
 * The worst mistakes of a classifier, with their pictures, for its report.
 * Rests on core/data, judge and the record.
 */
import type { ImageSet } from "../../core/data/index.ts";
import { type Mistake, recordImage } from "../report/record.ts";
import type { JudgedExample } from "./judge.ts";

/** How many are kept. */
const mistakesKept = 48;

/** Those with the highest loss, in `test`'s order where they tie. A net that gives NaN has no opinion to be shown. */
export function worstMistakes(
  examples: readonly JudgedExample[],
  test: ImageSet,
): readonly Mistake[] {
  const [channels, height, width] = test.shape;
  const size = channels * height * width;
  return examples
    .map((example, index) => ({ ...example, index }))
    .filter(({ label, predicted, loss }) => label !== predicted && !Number.isNaN(loss))
    .sort((a, b) => b.loss - a.loss || a.index - b.index)
    .slice(0, mistakesKept)
    .map(({ index, label, predicted, probability, loss }) => ({
      index,
      label,
      predicted,
      probability,
      loss: Number.isFinite(loss) ? loss : null,
      image: recordImage(test.images.subarray(index * size, (index + 1) * size), test.shape),
    }));
}
