/**
 * Metrics: what is counted over a set, batch by batch, and what the counts say about it.
 * Rests on tensor. Counts are integers or exact sums, so a value depends on the examples alone: not on their order, nor on
 * how they were cut into batches.
 */
import { ValueError } from "../errors.ts";
import type { Tensor } from "../tensor.ts";

/** A measure of a set. It holds no counts itself, so one can be used for many sets. */
export interface Metric<Value> {
  /** A new count, of nothing yet. */
  start(): Count<Value>;
}

/** A count that goes on. */
export interface Count<Value> {
  /** Counts a batch: what a net gave, and what was right. Both have the batch axis first. */
  add(outputs: Tensor, targets: Tensor): void;
  /** The measure of everything counted so far. Throws ValueError where that is no example. */
  value(): Value;
}

/** The value of a metric. */
export type ValueOf<M> = M extends Metric<infer Value> ? Value : never;

/**
 * A metric of one set that is at hand whole.
 *
 * @example
 * measure(topKMetric({ k: 5 }), logits, labels);
 */
export function measure<Value>(metric: Metric<Value>, outputs: Tensor, targets: Tensor): Value {
  const count = metric.start();
  count.add(outputs, targets);
  return count.value();
}

/** `part / total`. Throws ValueError where the total is 0: no examples have no share. */
export function shareOf(where: string, part: number, total: number): number {
  if (total > 0) return part / total;
  throw new ValueError({
    where,
    argument: "the set",
    expected: "to hold at least one example",
    got: "none",
    fix: "Measure a set that is not empty",
  });
}
