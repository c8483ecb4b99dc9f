/**
 * How far a mean over n samples may lie from its expectation, at a stated rate of false alarms: no normal approximation,
 * but bounds that hold for every n.
 *
 * An event of probability at most 2·exp(-x) is outside; x follows from the rate allowed to a run and the number of checks
 * in it, each of two sides: rate ≥ checks·2·exp(-x).
 */

/** x for `checks` checks that together raise a false alarm at `rate` at most. */
export function tailExponent(checks: number, rate = 1e-6): number {
  return Math.log((2 * checks) / rate);
}

/**
 * Of a mean of n independent numbers whose tails are no heavier than a normal's of that standard deviation (normal and
 * uniform numbers, and sums of them: "strictly sub-Gaussian"). Chernoff's bound: P(mean - μ > t) ≤ exp(-n·t²/2σ²).
 */
export function meanSlack(std: number, n: number, x: number): number {
  return std * Math.sqrt((2 * x) / n);
}

/** Of a mean of n independent numbers in an interval of this width. Hoeffding 1963, theorem 2. */
export function boundedMeanSlack(width: number, n: number, x: number): number {
  return width * Math.sqrt(x / (2 * n));
}

/**
 * Where the mean of n squares of such sub-Gaussian numbers lies, as multiples of their variance. Above: the bound of
 * χ², whose exponential moments theirs do not exceed (Laurent & Massart 2000, lemma 1). Below: a mean of n numbers Y ≥ 0
 * is less than E Y - t with probability exp(-n·t²/2E[Y²]) at most (Maurer 2003), and E[y⁴] ≤ 3σ⁴.
 */
export function squaresInterval(n: number, x: number): readonly [number, number] {
  return [1 - Math.sqrt((6 * x) / n), 1 + 2 * Math.sqrt(x / n) + (2 * x) / n];
}

/**
 * Where the mean of n squares lies, as multiples of the variance, for numbers no further than √most standard deviations
 * from their mean: squares lie in [0, most] and so have a variance of at most most - 1 (Bhatia & Davis 2000).
 * Bernstein's inequality, as in Boucheron, Lugosi & Massart 2013, corollary 2.11.
 */
export function boundedSquaresInterval(
  most: number,
  n: number,
  x: number,
): readonly [number, number] {
  const slack = Math.sqrt((2 * (most - 1) * x) / n) + (most * x) / (3 * n);
  return [1 - slack, 1 + slack];
}

/**
 * Where the mean of n squares max(z, 0)² lies for normal z of variance 1; their mean is ½. With L = -½·log(1 - 2λ) the
 * logarithm of the exponential moment is log(½ + ½·exp L) ≤ L/2 + L²/8 ≤ λ/2 + (5/8)·λ²/(1 - 2λ): sub-gamma of variance 5/4
 * and scale 2 (Boucheron, Lugosi & Massart 2013, section 2.4). Below: as for squares, E[Y²] = 3/2.
 */
export function halfSquaresInterval(n: number, x: number): readonly [number, number] {
  return [0.5 - Math.sqrt((3 * x) / n), 0.5 + Math.sqrt((2.5 * x) / n) + (2 * x) / n];
}

/**
 * Where the mean of n independent numbers in [0, 1] lies, of which mean, mean square and std are known. Below as for
 * squares; above Bernstein's inequality.
 */
export function shareInterval(
  known: { readonly mean: number; readonly meanSquare: number; readonly std: number },
  n: number,
  x: number,
): readonly [number, number] {
  return [
    known.mean - Math.sqrt((2 * known.meanSquare * x) / n),
    known.mean + known.std * Math.sqrt((2 * x) / n) + x / (3 * n),
  ];
}
