/**
 * What experiments measure of a training: what the net says of a set, how fast its loss fell, how large its gradients are.
 * Rests on training/evaluate, probes, the engine and core.
 */
import { accuracyMetric, crossEntropy, meanMetric, scope } from "../../../core/index.ts";
import { log } from "../../../core/scalar-math/index.ts";
import { type Layer, ReLU } from "../../../layers/index.ts";
import { bySeed, type Combine, type MetricRow, type Run } from "../../engine/index.ts";
import { probeLayers, untouched } from "../../probes/index.ts";
import { evaluate, type Labelled } from "../../training/evaluate.ts";

/** The cross-entropy of saying nothing about ten classes, nats. */
export const chance: number = log(10);

/** What a net says of a set. */
export interface Judgement {
  /** Share of examples with a wrong answer, in [0, 1]. */
  readonly error: number;
  /** Mean cross-entropy, nats. */
  readonly loss: number;
}

/** What `net` says of `data` in evaluation mode. */
export function judge(net: Layer, data: Iterable<Labelled>): Judgement {
  const { accuracy, loss } = evaluate(net, data, {
    accuracy: accuracyMetric,
    loss: meanMetric((logits, y) => crossEntropy(logits, y, { reduction: "none" })),
  });
  return { error: 1 - accuracy, loss };
}

/** Judges a net whose training ended; one that diverged answers with NaN, which is always wrong. */
export function judgeEnded(
  net: Layer,
  data: Iterable<Labelled>,
  outcome: string,
): { readonly error: number } {
  return { error: outcome === "diverged" ? 1 : judge(net, data).error };
}

/** The losses of the batches, in order. */
export function lossesOf(rows: readonly MetricRow[]): readonly number[] {
  return rows.flatMap(({ values }) => {
    const { loss } = values;
    return typeof loss === "number" ? [loss] : [];
  });
}

/**
 * Updates until the moving average of the batches' losses, which keeps 9/10 at each, falls to `target` nats; `atMost` + 1
 * where it does not, as after diverging. Between two updates a straight line.
 */
export function updatesTo(losses: readonly number[], target: number, atMost: number): number {
  let average = losses[0] ?? Number.NaN;
  for (const [at, loss] of losses.slice(0, atMost).entries()) {
    const next = 0.9 * average + 0.1 * loss;
    if (next <= target) return at + (average > target ? (average - target) / (average - next) : 0);
    average = next;
  }
  return atMost + 1;
}

/** Root mean square of the gradient of what each ReLU gives, over the first batch; the net is as before afterwards. */
export function gradientSizes(net: Layer, data: Iterable<Labelled>): readonly number[] {
  const probe = probeLayers(net, { layers: (layer) => layer instanceof ReLU });
  untouched(net, () => {
    for (const { x, y } of data) {
      scope(() => crossEntropy(net.forward(x), y).backward());
      break;
    }
  });
  probe.stop();
  const sizes = probe
    .take()
    .filter(({ signal }) => signal === "gradient")
    .map(({ values: { mean, std } }) => Math.sqrt(mean * mean + std * std));
  return sizes.toReversed(); // the backward pass begins at the last layer
}

/** The errors of an arm, one a seed: the mean of the seed's runs, or what `combine` makes of them. */
export function errorsOf<Config extends object>(
  runs: readonly Run<Config, { readonly error: number }>[],
  values: Partial<Config>,
  combine?: Combine,
): readonly number[] {
  return bySeed(runs, values, ({ result }) => result.error, combine);
}
