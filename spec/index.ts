/** bitgrad/spec: laws for anyone's function, op, layer, optimiser, schedule, initializer, and for a device. */
export type { Kink } from "./checks/compare.ts";
export { checkDevice, type DeviceOptions } from "./checks/device.ts";
export {
  checkGradients,
  type DeclaredKink,
  type GradientOptions,
  type GradientReport,
} from "./checks/gradients.ts";
export { checkInitializer, type InitializerOptions } from "./checks/initializer.ts";
export { checkLayer, type LayerOptions } from "./checks/layer.ts";
export { checkOp } from "./checks/op.ts";
export { checkOptimizer, type OptimizerCheckOptions } from "./checks/optimizer.ts";
export type { CheckOptions, Held } from "./checks/options.ts";
export { checkSchedule, type ScheduleOptions } from "./checks/schedule.ts";
export type { InitializerCase } from "./laws/initializers.ts";
export { type Breach, LawError, type Replay } from "./laws/law-error.ts";
export type { LayerCase } from "./laws/layer-maker.ts";
export type { PlainPoint, PlainStep } from "./laws/plain-path.ts";
export type { ScheduleCase } from "./laws/schedules.ts";
