/** The experiments, listed by hand: each in the file of its id. */
import type { Experiment } from "../engine/define-experiment.ts";
import adamwDecay from "./adamw-decay.ts";
import dataCentering from "./data-centering.ts";
import dataInformation from "./data-information.ts";
import initReluDepth from "./init-relu-depth.ts";
import initSixLayers from "./init-six-layers.ts";
import initSmallNets from "./init-small-nets.ts";
import loopSgd from "./loop-sgd.ts";
import lrRange from "./lr-range.ts";
import optAdam from "./opt-adam.ts";
import optBiasCorrection from "./opt-bias-correction.ts";
import optSaddle from "./opt-saddle.ts";
import optZigzag from "./opt-zigzag.ts";

/** Every experiment, in the order in which a report shows them. */
export const experiments: readonly Experiment[] = [
  loopSgd,
  dataCentering,
  dataInformation,
  initSixLayers,
  initSmallNets,
  initReluDepth,
  optZigzag,
  optSaddle,
  optAdam,
  optBiasCorrection,
  adamwDecay,
  lrRange,
];
