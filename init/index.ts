/** Initializers: first values of parameters. */
export { constant } from "./constant.ts";
export {
  type NormalOptions,
  normal,
  type TruncatedNormalOptions,
  truncatedNormal,
  type UniformOptions,
  uniform,
} from "./distributions.ts";
export { type Fans, fans } from "./fans.ts";
export { type Activation, type GainOptions, gain } from "./gain.ts";
export { type DiracOptions, dirac, identity } from "./identity.ts";
export {
  type ActivationMoments,
  activationMoments,
  type InfiniteLayer,
  type InfiniteWidthOptions,
  infiniteWidth,
} from "./infinite-width.ts";
export type { InitContext, Initializer } from "./initializer.ts";
export { type KaimingOptions, kaimingNormal, kaimingUniform } from "./kaiming.ts";
export { lecunNormal, lecunUniform } from "./lecun.ts";
export { type LsuvLayer, type LsuvOptions, type LsuvResult, lsuv } from "./lsuv.ts";
export { type OrthogonalOptions, orthogonal } from "./orthogonal.ts";
export { type XavierOptions, xavierNormal, xavierUniform } from "./xavier.ts";
export { type ResidualBranch, zeroLastGamma } from "./zero-gamma.ts";
