/** The experiments, listed by hand: each in the file of its id. */
import type { Experiment } from "../engine/define-experiment.ts";
import adamwDecay from "./adamw-decay.ts";
import dataCentering from "./data-centering.ts";
import dataInformation from "./data-information.ts";
import dataPerChannel from "./data-per-channel.ts";
import dataSensitivity from "./data-sensitivity.ts";
import fitDeeperWider from "./fit-deeper-wider.ts";
import fitRegimes from "./fit-regimes.ts";
import initReluDepth from "./init-relu-depth.ts";
import initSixLayers from "./init-six-layers.ts";
import initSmallNets from "./init-small-nets.ts";
import loopSgd from "./loop-sgd.ts";
import lrEpochs from "./lr-epochs.ts";
import lrRange from "./lr-range.ts";
import optAdam from "./opt-adam.ts";
import optBiasCorrection from "./opt-bias-correction.ts";
import optNoise from "./opt-noise.ts";
import optSaddle from "./opt-saddle.ts";
import optZigzag from "./opt-zigzag.ts";

/** Every experiment, in the order in which a report shows them. */
export const experiments: readonly Experiment[] = [
  loopSgd,
  dataCentering,
  dataSensitivity,
  dataInformation,
  dataPerChannel,
  initSixLayers,
  initSmallNets,
  initReluDepth,
  optZigzag,
  optSaddle,
  optNoise,
  optAdam,
  optBiasCorrection,
  adamwDecay,
  lrRange,
  lrEpochs,
  fitRegimes,
  fitDeeperWider,
];
