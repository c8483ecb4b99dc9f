/**
 * Effect sizes of paired differences: how large a difference is beside the noise of the seeds.
 * Rests on sample. Cohen 1988, section 2.3.5; Hedges 1981, equation 6e.
 */
import { momentsOf, requireSample } from "./sample.ts";

/** An effect in standard deviations of the differences. */
export interface EffectSize {
  /** Cohen's d_z, mean/std: 0 where all differences are 0, ±Infinity where they are all one other number. */
  readonly dz: number;
  /** Hedges' g, d_z without its bias at few seeds; 0 for two differences, which tell no size. */
  readonly g: number;
}

/**
 * The effect of paired differences, one a seed. Throws ValueError for fewer than two, or one that is not finite.
 *
 * @example
 * effectSize(differences).g; // 0.2 is called small, 0.5 medium, 0.8 large
 */
export function effectSize(differences: readonly number[]): EffectSize {
  requireSample("effectSize", "differences", differences);
  const { n, mean, std } = momentsOf(differences);
  const dz = mean === 0 ? 0 : mean / std;
  return { dz, g: n === 2 ? 0 : dz * hedgesFactor(n - 1) };
}

/**
 * J(ν) = Γ(ν/2)/(√(ν/2)·Γ((ν - 1)/2)) for ν ≥ 2. The quotient of the two Γ is 1/√π at 2, √π/2 at 3, and
 * grows by ν/(ν - 1) every second step.
 */
function hedgesFactor(degrees: number): number {
  const isOdd = degrees % 2 === 1;
  let quotient = isOdd ? Math.sqrt(Math.PI) / 2 : 1 / Math.sqrt(Math.PI);
  for (let k = isOdd ? 3 : 2; k < degrees; k += 2) quotient *= k / (k - 1);
  return quotient / Math.sqrt(degrees / 2);
}
