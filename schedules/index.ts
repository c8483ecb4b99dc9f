/** Schedules: hyper-parameters as functions of the iteration. */
export { constant } from "./constant.ts";
export { type CosineOptions, cosine } from "./cosine.ts";
export type { Schedule } from "./schedule.ts";
