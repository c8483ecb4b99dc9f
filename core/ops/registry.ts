/**
 * The registry: every op's record, listed by hand. Laws, device suite and documentation are made from it.
 * Rests on the op files. An op's file lists its own records alone; a test finds any that is missing here.
 */
import type { OpRecord } from "../op.ts";
import { activationOps } from "./activation.ts";
import { argOps } from "./arg.ts";
import { arithmeticOps } from "./arithmetic.ts";
import { averagePoolingOps } from "./average-pooling.ts";
import { batchNormInferenceOps } from "./batch-norm-inference.ts";
import { batchNormalizationOps } from "./batch-normalization.ts";
import { castOps } from "./cast.ts";
import { clampOps } from "./clamp.ts";
import { compareOps } from "./compare.ts";
import { concatOps } from "./concat.ts";
import { constantOps } from "./constant.ts";
import { convolutionOps } from "./convolution.ts";
import { convolutionGradientOps } from "./convolution-gradients.ts";
import { convolutionTransposeOps } from "./convolution-transpose.ts";
import { crossEntropyOps } from "./cross-entropy.ts";
import { dropoutOps } from "./dropout.ts";
import { einsumOps } from "./einsum.ts";
import { eluOps } from "./elu.ts";
import { errorFunctionOps } from "./error-function.ts";
import { exponentialOps } from "./exponential.ts";
import { extremeOps } from "./extreme.ts";
import { extremumOps } from "./extremum.ts";
import { gatherOps } from "./gather.ts";
import { geluOps } from "./gelu.ts";
import { globalPoolingOps } from "./global-pooling.ts";
import { groupNormalizationOps } from "./group-normalization.ts";
import { hyperbolicOps } from "./hyperbolic.ts";
import { identityOps } from "./identity.ts";
import { layerNormalizationOps } from "./layer-normalization.ts";
import { logicOps } from "./logic.ts";
import { lossOps } from "./loss.ts";
import { maskOps } from "./mask.ts";
import { matmulOps } from "./matmul.ts";
import { multiplyAddOps } from "./multiply-add.ts";
import { normOps } from "./norm.ts";
import { normalizeOps } from "./normalize.ts";
import { normalizeAffineOps } from "./normalize-affine.ts";
import { normalizeGradientOps } from "./normalize-gradient.ts";
import { padOps } from "./pad.ts";
import { permuteOps } from "./permute.ts";
import { poolingOps } from "./pooling.ts";
import { powerOps } from "./power.ts";
import { productOps } from "./product.ts";
import { randomOps } from "./random.ts";
import { rectifierOps } from "./rectifier.ts";
import { reduceOps } from "./reduce.ts";
import { reshapeOps } from "./reshape.ts";
import { scanOps } from "./scan.ts";
import { sequenceOps } from "./sequence.ts";
import { signOps } from "./sign.ts";
import { sliceOps } from "./slice.ts";
import { softmaxOps } from "./softmax.ts";
import { softmaxCrossEntropyOps } from "./softmax-cross-entropy.ts";
import { splitOps } from "./split.ts";
import { statisticsOps } from "./statistics.ts";
import { sumOps } from "./sum.ts";
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
  ...averagePoolingOps,
  ...batchNormInferenceOps,
  ...batchNormalizationOps,
  ...castOps,
  ...clampOps,
  ...compareOps,
  ...concatOps,
  ...constantOps,
  ...convolutionGradientOps,
  ...convolutionTransposeOps,
  ...convolutionOps,
  ...crossEntropyOps,
  ...dropoutOps,
  ...einsumOps,
  ...eluOps,
  ...errorFunctionOps,
  ...exponentialOps,
  ...extremeOps,
  ...extremumOps,
  ...gatherOps,
  ...geluOps,
  ...globalPoolingOps,
  ...groupNormalizationOps,
  ...hyperbolicOps,
  ...layerNormalizationOps,
  ...identityOps,
  ...logicOps,
  ...lossOps,
  ...maskOps,
  ...matmulOps,
  ...multiplyAddOps,
  ...normOps,
  ...normalizeOps,
  ...normalizeAffineOps,
  ...normalizeGradientOps,
  ...padOps,
  ...permuteOps,
  ...poolingOps,
  ...powerOps,
  ...productOps,
  ...randomOps,
  ...rectifierOps,
  ...reduceOps,
  ...reshapeOps,
  ...scanOps,
  ...sequenceOps,
  ...signOps,
  ...sliceOps,
  ...softmaxCrossEntropyOps,
  ...softmaxOps,
  ...splitOps,
  ...statisticsOps,
  ...sumOps,
  ...takeOps,
  ...trigonometricOps,
  ...unitAxisOps,
  ...vectorProductOps,
  ...whereOps,
  ...windowOps,
];
