/** Initializers: first values of parameters. */
export { constant } from "./constant.ts";
export { type Fans, fans } from "./fans.ts";
export type { InitContext, Initializer } from "./initializer.ts";
export { type KaimingOptions, kaimingNormal, kaimingUniform } from "./kaiming.ts";
export { type XavierOptions, xavierNormal, xavierUniform } from "./xavier.ts";
