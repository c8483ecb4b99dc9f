/**
 * Evaluation: what metrics say of a net over a set.
 * Rests on core and layers.
 */
import { DataLoader } from "../../core/data/index.ts";
import {
  type CompiledStep,
  type Count,
  compile,
  type Metric,
  noGrad,
  scope,
  type Tensor,
  type ValueOf,
} from "../../core/index.ts";
import type { Layer } from "../../layers/index.ts";
import { whileEvaluating } from "../../layers/modes.ts";

/** Inputs of a net, and what its outputs should be. Both have the batch axis first. */
export interface Labelled {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** Metrics by the names their values will have. */
export type Metrics = Readonly<Record<string, Metric<unknown>>>;

/** The value of each metric, under its name. */
export type ValuesOf<M extends Metrics> = { readonly [Name in keyof M]: ValueOf<M[Name]> };

/** Options of `evaluate`. */
export interface EvaluateOptions {
  /** Told after each batch how many examples are done. */
  readonly onBatch?: (examples: number) => void;
  /** Whether forward passes are repeated from a list of kernels where they can be, see `compile`; default true. */
  readonly compile?: boolean;
}

/**
 * What `metrics` say of `net` over `data`: any iterable of batches { x, y }, such as a loader. Every layer is in evaluation
 * mode meanwhile and back in its own mode afterwards, no derivative is recorded, and what a batch makes ends with it.
 * Neither the order of the examples nor the size of the batches moves a bit of any metric of core.
 *
 * A loader goes through one epoch of its own numbering and is set back to it, so that training with the same loader goes on
 * as if nothing had been. With `dropLast` it leaves examples out here too.
 * Throws ValueError for no examples, and what the metrics throw for outputs they cannot take.
 *
 * @example
 * const { top5, loss } = evaluate(net, testLoader, {
 *   top5: topKMetric({ k: 5 }),
 *   loss: meanMetric((logits, y) => crossEntropy(logits, y, { reduction: "none" })),
 * });
 */
export function evaluate<M extends Metrics>(
  net: Layer,
  data: Iterable<Labelled>,
  metrics: M,
  { onBatch = () => {}, compile: isCompiled = true }: EvaluateOptions = {},
): ValuesOf<M> {
  const counts = Object.entries(metrics).map(([name, metric]) => [name, metric.start()] as const);
  const forward = isCompiled ? forwardOf(net) : (x: Tensor): Tensor => net.forward(x);
  whileEvaluating(net, () =>
    keepingPlace(data, () => {
      let examples = 0;
      for (const { x, y } of data) {
        scope(() => noGrad(() => countBatch(counts, forward(x), y)));
        examples += x.shape[0] ?? 0;
        onBatch(examples);
      }
    }),
  );
  return Object.fromEntries(counts.map(([name, count]) => [name, count.value()])) as ValuesOf<M>;
}

const compiled = new WeakMap<Layer, CompiledStep<[Tensor], Tensor>>();

/** The net's forward pass, compiled once for all evaluations; each of them finds out whether it still is the same. */
function forwardOf(net: Layer): (x: Tensor) => Tensor {
  const known = compiled.get(net) ?? compile((x: Tensor) => net.forward(x));
  compiled.set(net, known);
  known.refresh();
  return known;
}

/** Runs `body` and sets a loader back to the epoch that it was to give next. */
export function keepingPlace(data: Iterable<unknown>, body: () => void): void {
  const loader = data instanceof DataLoader ? data : { epoch: 0 };
  const { epoch } = loader;
  try {
    body();
  } finally {
    loader.epoch = epoch;
  }
}

function countBatch(
  counts: readonly (readonly [string, Count<unknown>])[],
  outputs: Tensor,
  targets: Tensor,
): void {
  for (const [, count] of counts) count.add(outputs, targets);
}
