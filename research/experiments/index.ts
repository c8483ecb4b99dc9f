/** The experiments, listed by hand: each in the file of its id. A claim is decided by one of them alone. */
import type { Experiment } from "../engine/define-experiment.ts";
import adamwDecay from "./adamw-decay.ts";
import bnOrder from "./bn-order.ts";
import bnShift from "./bn-shift.ts";
import bnSmallBatch from "./bn-small-batch.ts";
import bnSpeed from "./bn-speed.ts";
import bnTest from "./bn-test.ts";
import dataCentering from "./data-centering.ts";
import dataInformation from "./data-information.ts";
import dataPerChannel from "./data-per-channel.ts";
import dataSensitivity from "./data-sensitivity.ts";
import fitDeeperWider from "./fit-deeper-wider.ts";
import fitRegimes from "./fit-regimes.ts";
import fitSkip from "./fit-skip.ts";
import initReluDepth from "./init-relu-depth.ts";
import initSixLayers from "./init-six-layers.ts";
import initSmallNets from "./init-small-nets.ts";
import loopSgd from "./loop-sgd.ts";
import lrEpochs from "./lr-epochs.ts";
import lrRange from "./lr-range.ts";
import lrScaling from "./lr-scaling.ts";
import lrSchedules from "./lr-schedules.ts";
import lrWarmup from "./lr-warmup.ts";
import optAdam from "./opt-adam.ts";
import optBiasCorrection from "./opt-bias-correction.ts";
import optCriticalPoints from "./opt-critical-points.ts";
import optNoise from "./opt-noise.ts";
import optSaddle from "./opt-saddle.ts";
import optZigzag from "./opt-zigzag.ts";
import sgdr from "./sgdr.ts";

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
  optCriticalPoints,
  optNoise,
  optAdam,
  optBiasCorrection,
  adamwDecay,
  lrRange,
  lrSchedules,
  sgdr,
  lrWarmup,
  lrScaling,
  lrEpochs,
  fitRegimes,
  fitDeeperWider,
  fitSkip,
  bnTest,
  bnShift,
  bnSpeed,
  bnSmallBatch,
  bnOrder,
];
