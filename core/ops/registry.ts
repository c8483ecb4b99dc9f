/**
 * The registry: every op's record, listed by hand. Laws, device suite and documentation are made from it.
 * Rests on the op files. An op's file lists its own records; a test finds any that is missing here.
 */
import type { OpRecord } from "../op.ts";
import { activationOps } from "./activation.ts";
import { argOps } from "./arg.ts";
import { arithmeticOps } from "./arithmetic.ts";
import { castOps } from "./cast.ts";
import { clampOps } from "./clamp.ts";
import { compareOps } from "./compare.ts";
import { concatOps } from "./concat.ts";
import { constantOps } from "./constant.ts";
import { convolutionOps } from "./convolution.ts";
import { dropoutOps } from "./dropout.ts";
import { einsumOps } from "./einsum.ts";
import { eluOps } from "./elu.ts";
import { errorFunctionOps } from "./error-function.ts";
import { exponentialOps } from "./exponential.ts";
import { extremumOps } from "./extremum.ts";
import { gatherOps } from "./gather.ts";
import { geluOps } from "./gelu.ts";
import { hyperbolicOps } from "./hyperbolic.ts";
import { identityOps } from "./identity.ts";
import { logicOps } from "./logic.ts";
import { lossOps } from "./loss.ts";
import { maskOps } from "./mask.ts";
import { matmulOps } from "./matmul.ts";
import { normalizationOps } from "./normalization.ts";
import { padOps } from "./pad.ts";
import { permuteOps } from "./permute.ts";
import { poolingOps } from "./pooling.ts";
import { powerOps } from "./power.ts";
import { randomOps } from "./random.ts";
import { rectifierOps } from "./rectifier.ts";
import { reduceOps } from "./reduce.ts";
import { reshapeOps } from "./reshape.ts";
import { scanOps } from "./scan.ts";
import { sequenceOps } from "./sequence.ts";
import { signOps } from "./sign.ts";
import { sliceOps } from "./slice.ts";
import { softmaxOps } from "./softmax.ts";
import { splitOps } from "./split.ts";
import { statisticsOps } from "./statistics.ts";
import { takeOps } from "./take.ts";
import { trigonometricOps } from "./trigonometric.ts";
import { unitAxisOps } from "./unit-axis.ts";
import { vectorProductOps } from "./vector-product.ts";
import { whereOps } from "./where.ts";
import { windowOps } from "./window.ts";

/** All records. */
export const registry: readonly OpRecord[] = [
  ...activationOps,
  ...argOps,
  ...arithmeticOps,
  ...castOps,
  ...clampOps,
  ...compareOps,
  ...concatOps,
  ...constantOps,
  ...convolutionOps,
  ...dropoutOps,
  ...einsumOps,
  ...eluOps,
  ...errorFunctionOps,
  ...exponentialOps,
  ...extremumOps,
  ...gatherOps,
  ...geluOps,
  ...hyperbolicOps,
  ...identityOps,
  ...logicOps,
  ...lossOps,
  ...maskOps,
  ...matmulOps,
  ...normalizationOps,
  ...padOps,
  ...permuteOps,
  ...poolingOps,
  ...powerOps,
  ...randomOps,
  ...rectifierOps,
  ...reduceOps,
  ...reshapeOps,
  ...scanOps,
  ...sequenceOps,
  ...signOps,
  ...sliceOps,
  ...softmaxOps,
  ...splitOps,
  ...statisticsOps,
  ...takeOps,
  ...trigonometricOps,
  ...unitAxisOps,
  ...vectorProductOps,
  ...whereOps,
  ...windowOps,
];
