/**
 * The registry of metrics: what each is, where it comes from, and what is promised of it. The laws go through it.
 * Rests on the metrics.
 */
import { crossEntropy } from "../ops/cross-entropy.ts";
import { accuracyMetric, topKMetric } from "./accuracy.ts";
import { calibrationMetric } from "./calibration.ts";
import { confusionMetric } from "./confusion.ts";
import { meanMetric } from "./mean.ts";
import type { Metric } from "./metric.ts";

/** One metric of scores [N, C] and labels [N]. */
export interface MetricRecord {
  /** The exported name of the metric, or of what makes it. */
  readonly name: string;
  readonly formula: string;
  readonly source: string;
  /** One for each set of options that the laws try. */
  readonly samples: readonly {
    readonly options: string;
    readonly metric: Metric<unknown>;
  }[];
  /** Whether it looks at the order of a row's scores alone, so that a larger scale or a shift moves nothing. */
  readonly ordinal: boolean;
}

/** Every metric. */
export const metricRegistry: readonly MetricRecord[] = [
  {
    name: "accuracyMetric",
    formula: "|{n: argmax s_n = y_n}| / N",
    source: "definition; the first of classes that tie, as in argmax",
    samples: [{ options: "none", metric: accuracyMetric }],
    ordinal: true,
  },
  {
    name: "topKMetric",
    formula: "|{n: fewer than k classes come before y_n}| / N",
    source: "definition; of classes that tie the lower number comes before",
    samples: [1, 2, 5].map((k) => ({ options: `k = ${k}`, metric: topKMetric({ k }) })),
    ordinal: true,
  },
  {
    name: "confusionMetric",
    formula: "counts[y][argmax s]; precision over columns, recall over rows",
    source: "definition",
    samples: [{ options: "none", metric: confusionMetric }],
    ordinal: true,
  },
  {
    name: "calibrationMetric",
    formula: "Σ_m |B_m|/N · |acc(B_m) − conf(B_m)|, B_m: confidence in ((m−1)/M, m/M]",
    source: "Guo et al. 2017, equation 3",
    samples: [1, 7, 15].map((bins) => ({
      options: `${bins} bins`,
      metric: calibrationMetric({ bins }),
    })),
    ordinal: false,
  },
  {
    name: "meanMetric",
    formula: "Σ_n q_n / N, the sum exact",
    source: "definition",
    samples: [
      {
        options: "cross-entropy",
        metric: meanMetric((logits, labels) => crossEntropy(logits, labels, { reduction: "none" })),
      },
    ],
    ordinal: false,
  },
];
