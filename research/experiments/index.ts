/** The experiments, listed by hand: each in the file of its id. */
import type { Experiment } from "../engine/define-experiment.ts";
import bnOrder from "./bn-order.ts";
import bnShift from "./bn-shift.ts";
import bnSmallBatch from "./bn-small-batch.ts";
import bnSpeed from "./bn-speed.ts";
import bnTest from "./bn-test.ts";
import fitSkip from "./fit-skip.ts";
import initReluDepth from "./init-relu-depth.ts";
import lrScaling from "./lr-scaling.ts";
import lrSchedules from "./lr-schedules.ts";
import lrWarmup from "./lr-warmup.ts";
import optZigzag from "./opt-zigzag.ts";
import sgdr from "./sgdr.ts";

/** Every experiment, in the order in which a report shows them. */
export const experiments: readonly Experiment[] = [
  initReluDepth,
  optZigzag,
  lrSchedules,
  sgdr,
  lrWarmup,
  lrScaling,
  fitSkip,
  bnTest,
  bnShift,
  bnSpeed,
  bnSmallBatch,
  bnOrder,
];
