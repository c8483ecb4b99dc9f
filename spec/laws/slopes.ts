/**
 * Slopes of a function of one number whose conditioning nobody knows: central and one-sided differences at many steps,
 * extrapolated, with what is left of the truncation and what the noise of the function can have done.
 * Rests on nothing. Richardson 1911; Ridders 1982 for the table and its stopping; Moré & Wild 2011 for the noise.
 */

/** A derivative at 0, and how far it may be wrong. Infinite where nothing settled. */
export interface Slope {
  readonly value: number;
  readonly error: number;
}

/** What differences say about one element of the function. */
export interface Slopes {
  readonly central: Slope;
  /** From above 0, and from below. */
  readonly fore: Slope;
  readonly back: Slope;
  /** The element at 0. */
  readonly at: number;
}

/** The first step, as a share of the argument's own scale; each further step is half as long. */
const longest = 2 ** -3;
/** Steps at most: the last is 2⁻²², below which the noise of float64 leaves six digits. */
const levels = 20;
/** Columns of a table: an error of order h¹² is left. */
const columns = 6;
/** An error this small, against value and slope, needs no further step. */
const goal = 1e-10;
/** Above this one every step is taken: what oscillates faster than a step may look settled, on the wrong slope. */
const settled = 1e-6;
/** Steps at which the function is not defined are not counted; at 2⁻⁶⁰ there is none left. */
const shortest = 2 ** -60;

/** One table of differences that is extrapolated as it grows. */
class Table {
  /** What a halved step divides the first error term by, and each next one again: 4 for h², h⁴, …; 2 for h, h², …. */
  readonly #ratio: number;
  #row: readonly number[] = [];
  #noises: readonly number[] = [];
  best: Slope = { value: Number.NaN, error: Number.POSITIVE_INFINITY };

  constructor(ratio: number) {
    this.#ratio = ratio;
  }

  /**
   * A difference at the next step, into which noise put at most `noise`. The error of an extrapolated value is ten
   * times its distance from the two that it was made of, the farther one, for each is about as wrong as that; and the
   * noise of all that went into it, added up.
   */
  add(difference: number, noise: number): void {
    if (!Number.isFinite(difference)) {
      this.#row = []; // The step was too long: the function is not defined there.
      return;
    }
    const [row, noises] = [[difference], [noise]];
    for (let m = 1; m <= Math.min(this.#row.length, columns); m++) {
      const factor = this.#ratio ** m;
      const [fine = 0, coarse = 0] = [row[m - 1], this.#row[m - 1]];
      const value = fine + (fine - coarse) / (factor - 1);
      const amplified = (factor * (noises[m - 1] ?? 0) + (this.#noises[m - 1] ?? 0)) / (factor - 1);
      row.push(value);
      noises.push(amplified);
      const correction = Math.max(Math.abs(value - fine), Math.abs(value - coarse));
      const error = 10 * correction + amplified;
      if (error < this.best.error) this.best = { value, error };
    }
    this.#row = row;
    this.#noises = noises;
  }
}

/**
 * The slopes at 0 of each element of f. Steps that f is not finite at are too long and count as none. `noise`: how far
 * each element may be off at any argument.
 */
export function slopesOf(
  f: (h: number) => readonly number[],
  noise: readonly number[],
): readonly Slopes[] {
  const middle = f(0);
  const tables = middle.map(() => [new Table(4), new Table(2), new Table(2)] as const);
  let sinceBetter = 0;
  for (let level = 0, h = longest; level < levels && h > shortest; h /= 2) {
    const [above, below] = [f(h), f(-h)];
    let [better, enough, rough, defined] = [false, true, false, true];
    tables.forEach(([central, fore, back], i) => {
      const [up = 0, down = 0, here = 0, slack = 0] = [above[i], below[i], middle[i], noise[i]];
      const before = central.best.error + fore.best.error + back.best.error;
      central.add((up - down) / (2 * h), slack / h);
      fore.add((up - here) / h, (2 * slack) / h);
      back.add((here - down) / h, (2 * slack) / h);
      const { value, error } = central.best;
      const size = Math.abs(value) + Math.abs(here);
      better ||= error + fore.best.error + back.best.error < before;
      enough &&= error <= goal * size;
      rough ||= !(error <= settled * size);
      defined &&= Number.isFinite(up - down);
    });
    if (!defined) continue;
    level++;
    sinceBetter = better ? 0 : sinceBetter + 1;
    // A kink hides from central differences that it lies in the middle of: the other two must have been long enough.
    if ((enough && level > 5) || (sinceBetter >= 4 && !rough)) break;
  }
  return tables.map(([central, fore, back], i) => ({
    central: central.best,
    fore: fore.best,
    back: back.best,
    at: middle[i] ?? Number.NaN,
  }));
}

/** Whether both sides have a slope, and not the same one. */
export function isKink({ fore, back }: Slopes): boolean {
  const jump = Math.abs(fore.value - back.value);
  // Consistent under shrinking steps: both tables settled to a tenth of the jump, errors being tenfold already.
  return jump > 10 * (fore.error + back.error);
}

/** Steps at which the noise is listened to: 2⁻⁴⁰ of the argument's scale, some thousand ulp. */
const whisper = 2 ** -40;
const points = 7;

/**
 * How noisy each element of f is at 0: the root mean square of differences of third to sixth order at steps so short
 * that the function itself is a line, times six; never below four units in the last place. Independent errors of
 * variance σ² give differences of order k the variance σ²·(2k)!/(k!)² (Hamming 1962, section 6.3). Rounding errors
 * have bounded tails: six standard deviations are beyond them.
 */
export function noiseOf(f: (h: number) => readonly number[]): readonly number[] {
  const values = Array.from({ length: points }, (_, i) => f((i - 3) * whisper));
  return (values[3] ?? []).map((here, i) => {
    let row = values.map((value) => value[i] ?? 0);
    let [loudest, gamma] = [0, 1];
    for (let k = 1; k < points; k++) {
      row = row.slice(1).map((next, j) => next - (row[j] ?? 0));
      gamma *= k / (2 * (2 * k - 1)); // (k!)²/(2k)! from that of k - 1
      if (k < 3) continue;
      const mean = row.reduce((total, x) => total + x * x, 0) / row.length;
      loudest = Math.max(loudest, Math.sqrt(gamma * mean));
    }
    const heard = Number.isFinite(loudest) ? loudest : 0;
    return 6 * heard + 4 * 2 ** -53 * Math.abs(here) + Number.MIN_VALUE;
  });
}
