/**
 * Probing layers: the distribution of what each layer gives, and of the gradient that reaches it, while a net trains.
 * Rests on layers' observers, which change no bit, and on distribution.
 */
import type { Tensor } from "../../core/index.ts";
import { type Layer, ReLU } from "../../layers/index.ts";
import { countDead, livingUnits } from "./dead-units.ts";
import {
  type Distribution,
  type DistributionOptions,
  distributionOf,
  requireOptions,
} from "./distribution.ts";
import { labelsOf } from "./labels.ts";

/** One call of a layer, or the gradient that came back to one. */
export interface LayerReading {
  /** The layer's label, `conv1` or `relu#2`. */
  readonly layer: string;
  /** Values the layer gave, or the derivative of the loss with respect to them. */
  readonly signal: "activation" | "gradient";
  /** Whether the layer was in training mode. */
  readonly training: boolean;
  readonly values: Distribution;
  /** Of what a ReLU layer gave: the share of its units that gave 0 for every example of this batch. Null for all else. */
  readonly dead: number | null;
}

/** Options of `probeLayers`. */
export interface LayerProbeOptions extends DistributionOptions {
  /** Whether to look at what is being computed now; default always. Looking copies and sorts all values. */
  readonly when?: () => boolean;
  /** Which layers; default those that hold no others. */
  readonly layers?: (layer: Layer) => boolean;
}

/** A probe that is listening. */
export interface LayerProbe {
  /** What was read since the last call, in the order in which it was computed. */
  take(): readonly LayerReading[];
  /** Stops listening; `take` still gives what was read. */
  stop(): void;
}

/**
 * Listens to the layers of `net`. Nothing is drawn, recorded or changed: a run with a probe has the bits of one without.
 * Throws ValueError for options out of range.
 *
 * @example
 * const probe = probeLayers(net, { when: () => optimizer.steps % 100 === 0 });
 * trainLoop({ net, loader, optimizer, loss, epochs, on: { batch: () => write(probe.take()) } });
 * probe.stop();
 */
export function probeLayers(net: Layer, options: LayerProbeOptions = {}): LayerProbe {
  const { when = () => true, layers = (layer) => layer.children().length === 0 } = options;
  requireOptions(options);
  const labels = labelsOf(net);
  let readings: LayerReading[] = [];
  const read = (layer: Layer, signal: LayerReading["signal"], values: Tensor): void => {
    if (!layers(layer) || !when()) return;
    const isRectified = signal === "activation" && layer instanceof ReLU;
    const [, units = 1] = values.shape;
    readings.push({
      layer: labels.get(layer) ?? layer.name,
      signal,
      training: layer.training,
      values: distributionOf(values.elements(), options),
      dead: isRectified ? countDead(livingUnits(values)) / units : null,
    });
  };
  const stop = net.observe({
    activation: ({ layer, output }) => read(layer, "activation", output),
    gradient: ({ layer, gradient }) => read(layer, "gradient", gradient),
  });
  return {
    take: () => {
      const taken = readings;
      readings = [];
      return taken;
    },
    stop,
  };
}
