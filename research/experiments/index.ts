/** The experiments, listed by hand: each in the file of its id. */
import type { Experiment } from "../engine/define-experiment.ts";
import dataCentering from "./data-centering.ts";
import dataInformation from "./data-information.ts";
import dataPerChannel from "./data-per-channel.ts";
import dataSensitivity from "./data-sensitivity.ts";
import fitDeeperWider from "./fit-deeper-wider.ts";
import fitRegimes from "./fit-regimes.ts";
import initReluDepth from "./init-relu-depth.ts";
import loopSgd from "./loop-sgd.ts";
import lrEpochs from "./lr-epochs.ts";
import optNoise from "./opt-noise.ts";
import optZigzag from "./opt-zigzag.ts";

/** Every experiment, in the order in which a report shows them. */
export const experiments: readonly Experiment[] = [
  loopSgd,
  dataCentering,
  dataSensitivity,
  dataInformation,
  dataPerChannel,
  initReluDepth,
  optZigzag,
  optNoise,
  lrEpochs,
  fitRegimes,
  fitDeeperWider,
];
