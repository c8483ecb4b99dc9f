/**
 * Calibration: whether a net that is 80 % sure is right 80 % of the time.
 * Rests on metric, scores, exact-sum and softmax. Guo et al. 2017, On Calibration of Modern Neural Networks, section 2.
 */
import { ValueError } from "../errors.ts";
import { ExactSum } from "../exact-sum.ts";
import { softmax } from "../ops/softmax.ts";
import { requireInteger } from "../require-number.ts";
import { requireOneOf } from "../require-one-of.ts";
import { scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { noGrad } from "../transforms/no-grad.ts";
import { type Metric, measure, shareOf } from "./metric.ts";
import { predictedClass, type ScoredExample, scoredExamples } from "./scores.ts";

/** Options of `expectedCalibrationError`. */
export interface CalibrationOptions {
  /** Bins of equal width that [0, 1] is cut into, integer ≥ 1; default 15, as in the paper. */
  readonly bins?: number;
  /** What the scores are: logits, which go through softmax, or probabilities; default logits. */
  readonly from?: "logits" | "probabilities";
}

/** The examples whose confidence lies in one bin: a bar of the reliability diagram. */
export interface CalibrationBin {
  /** Confidences in (low, high]. */
  readonly low: number;
  readonly high: number;
  /** How many examples, integer ≥ 0. */
  readonly examples: number;
  /** The share of them that is predicted rightly; null where there are none. */
  readonly accuracy: number | null;
  /** Their mean confidence; null where there are none. */
  readonly confidence: number | null;
}

/** The expected calibration error, and the bins that it was found from. */
export interface Calibration {
  /** In [0, 1]; NaN where a confidence is. */
  readonly error: number;
  readonly bins: readonly CalibrationBin[];
}

const where = "expectedCalibrationError";

/**
 * A row of probabilities may miss the sum 1 by this much. A float32 softmax is off by a few ulp of each entry, so by less
 * than 1e-6 of the sum, whatever C is; a row of logits is far off.
 */
const sumTolerance = 1e-5;

/** What a bin counts. */
interface Tally {
  examples: number;
  right: number;
  readonly confidence: ExactSum;
}

/** The metric behind `expectedCalibrationError`, with its bins. Throws ValueError unless bins is an integer ≥ 1 and `from` a word of its own. */
export function calibrationMetric({
  bins = 15,
  from = "logits",
}: CalibrationOptions = {}): Metric<Calibration> {
  requireInteger(where, "bins", bins, 1, "Give a number of bins such as 15");
  requireOneOf(where, "from", from, ["logits", "probabilities"]);
  return {
    start: () => {
      const tallies = Array.from({ length: bins }, (): Tally => emptyTally());
      const unsure = emptyTally(); // a confidence that is NaN lies in no bin
      return {
        add: (scores, labels) => {
          for (const example of probabilityExamples(scores, labels, from)) {
            const predicted = predictedClass(example.scores);
            const confidence = example.scores[predicted] ?? Number.NaN;
            const tally = tallies[binOf(confidence, bins)] ?? unsure;
            tally.examples += 1;
            tally.right += predicted === example.label ? 1 : 0;
            tally.confidence.add(confidence);
          }
        },
        value: () => calibrationOf(tallies, unsure),
      };
    },
  };
}

/**
 * ECE = Σ_m |B_m|/N · |acc(B_m) − conf(B_m)|, where B_m are the examples whose confidence, the highest probability, lies in
 * ((m−1)/M, m/M]. scores: logits or probabilities [N, C] of a float dtype, labels: [N] int32 in [0, C). In [0, 1].
 * Throws ShapeError, DTypeError, ValueError for a label outside [0, C), for no examples, for bins that are no integer ≥ 1,
 * and for probabilities outside [0, 1] or whose sum is not 1. Guo et al. 2017, equation 3.
 *
 * @example
 * expectedCalibrationError(logits, labels, { bins: 10 });
 */
export function expectedCalibrationError(
  scores: Tensor,
  labels: Tensor,
  options: CalibrationOptions = {},
): number {
  return measure(calibrationMetric(options), scores, labels).error;
}

function emptyTally(): Tally {
  return { examples: 0, right: 0, confidence: new ExactSum() };
}

/** The bin whose (m/M, (m+1)/M] holds `confidence`; bin 0 has 0 too. */
function binOf(confidence: number, bins: number): number {
  let bin = Math.floor(confidence * bins);
  // A guess, one off at most: an edge belongs to the bin below it, and the product rounds.
  if (bin > 0 && confidence <= bin / bins) bin -= 1;
  else if (confidence > (bin + 1) / bins) bin += 1;
  return bin;
}

function calibrationOf(tallies: readonly Tally[], unsure: Tally): Calibration {
  const all = [...tallies, unsure];
  const total = all.reduce((sum, { examples }) => sum + examples, 0);
  const gaps = all.reduce(
    (sum, { right, confidence }) => sum + Math.abs(right - confidence.value),
    0,
  );
  return {
    error: shareOf(where, gaps, total),
    bins: tallies.map(({ examples, right, confidence }, m) => ({
      low: m / tallies.length,
      high: (m + 1) / tallies.length,
      examples,
      accuracy: examples > 0 ? right / examples : null,
      confidence: examples > 0 ? confidence.value / examples : null,
    })),
  };
}

function probabilityExamples(
  scores: Tensor,
  labels: Tensor,
  from: "logits" | "probabilities",
): readonly ScoredExample[] {
  if (from === "logits") {
    scoredExamples(where, scores, labels); // refused before softmax, in this function's name
    return scope(() => noGrad(() => scoredExamples(where, softmax(scores), labels)));
  }
  const examples = scoredExamples(where, scores, labels);
  examples.forEach(({ scores: row }, n) => {
    const shares = Array.from(row);
    const sum = shares.reduce((total, p) => total + p, 0);
    const fits = shares.every((p) => p >= 0 && p <= 1);
    if (fits && Math.abs(sum - 1) <= sumTolerance) return;
    throw new ValueError({
      where,
      argument: "scores",
      expected: "to be probabilities, each in [0, 1] and with the sum 1",
      got: `a sum of ${sum} in [${Math.min(...shares)}, ${Math.max(...shares)}] for example ${n}`,
      fix: 'Give probabilities, or say from: "logits"',
    });
  });
  return examples;
}
