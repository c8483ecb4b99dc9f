/** Probes: what goes on inside a net while it trains. None of them moves a bit of the run. */
export { type DeadUnits, deadUnits } from "./dead-units.ts";
export {
  type Distribution,
  type DistributionOptions,
  distributionOf,
  type Histogram,
} from "./distribution.ts";
export { type GradientNoise, gradientNoise } from "./gradient-noise.ts";
export {
  type LayerProbe,
  type LayerProbeOptions,
  type LayerReading,
  probeLayers,
} from "./layer-probe.ts";
export { untouched } from "./untouched.ts";
export { probeUpdates, type UpdateProbe, type UpdateReading } from "./updates.ts";
