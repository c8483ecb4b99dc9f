/**
 * checkLayer: every law of layers, on one kind of layer.
 * Rests on the laws of layers.
 */
import type { Sampler } from "../../core/sampling.ts";
import type { LayerRecord } from "../../layers/records/record.ts";
import type { LayerCase, LayerSubject } from "../laws/layer-maker.ts";
import { layerLaws } from "../laws/layers.ts";
import { drawFrom, samplerFrom } from "../laws/sampler.ts";
import { type CheckOptions, type Held, holdTrials, settle } from "./options.ts";

/** Options of `checkLayer`. */
export interface LayerOptions extends Omit<CheckOptions, "order"> {
  /** What the layer is called in messages; default the name of its class. */
  readonly name?: string;
  /**
   * What training mode does: `"same"` as evaluation (default), bit for bit; `"batch"`: an example's output depends on
   * its batch, and averages move; `"random"`: numbers are drawn, and evaluation is the identity.
   */
  readonly training?: LayerSubject["training"];
}

/**
 * Holds every law of layers against those that `make` makes: shapes and dtypes in both modes, gradients in its input
 * and in every parameter, an example alone as in a batch when evaluating, what training mode does, state, names, freezing,
 * observing. `make` draws a new layer, not assembled, with options from `draw`, and the shape of an input that it takes, a
 * batch of two or more; it may say the output's shape and the number of parameters. `runs`: default 10.
 *
 * Throws LawError for the first law that is broken, with the shrunk layer; ValueError for options out of range.
 *
 * @example
 * checkLayer((draw) => {
 *   const size = draw.integer(1, 4);
 *   return { layer: new Scale(size), input: [3, size], output: [3, size], parameters: size };
 * });
 */
export function checkLayer(
  make: (draw: Sampler) => LayerCase,
  options: LayerOptions = {},
): readonly Held[] {
  const settings = settle("checkLayer", { ...options, runs: options.runs ?? 10 });
  const { training = "same", name = make(samplerFrom(drawFrom(0))).layer.constructor.name } =
    options;
  const { dtypes } = settings;
  const subject: LayerSubject = { name, training, isNet: false, dtypes, sample: make };
  return holdTrials("checkLayer", layerLaws, subject, name, settings);
}

/** A record of the registry as the laws take it. */
export function layerSubject(record: LayerRecord): LayerSubject {
  const { name, training, sample } = record;
  return { name, training, isNet: /^[a-z]/.test(name), dtypes: ["float64", "float32"], sample };
}
