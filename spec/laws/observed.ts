/**
 * What laws see. Each comparison that a law makes is judged here and noted in the same step: how near the worst one came to
 * its bound is known without a second look.
 * Rests on nothing.
 */

/** What was compared while somebody looked on. */
export interface Observed {
  /** Comparisons with a bound above 0. */
  readonly measured: number;
  /** The worst error among them as a share of its bound: above 1 it is broken. 0 where nothing was measured. */
  readonly worst: number;
  /** Comparisons that allow for no difference. */
  readonly exact: number;
}

/** Nothing compared so far. */
export const unobserved: Observed = { measured: 0, worst: 0, exact: 0 };

let current: { measured: number; worst: number; exact: number } = { ...unobserved };

/**
 * Whether |error| ≤ bound, which NaN never is; no error is always fine. A bound of 0 makes the comparison an exact one, an
 * infinite bound one that says nothing, which is not counted.
 */
export function isNear(error: number, bound: number): boolean {
  const size = Math.abs(error);
  const isFine = size === 0 || size <= bound;
  if (bound === Number.POSITIVE_INFINITY && isFine) return true;
  if (bound === 0) {
    current.exact++;
    if (!isFine) current.worst = Number.POSITIVE_INFINITY;
    return isFine;
  }
  current.measured++;
  const share = size === 0 ? 0 : size / bound;
  current.worst = Math.max(current.worst, isFine ? Math.min(1, share) : beyond(share));
  return isFine;
}

/** A share that is broken: above 1, whatever the numbers were. */
function beyond(share: number): number {
  return share > 1 ? share : Number.POSITIVE_INFINITY;
}

/** Whether two things are alike, which the caller has found out. */
export function isAlike(same: boolean): boolean {
  current.exact++;
  if (!same) current.worst = Number.POSITIVE_INFINITY;
  return same;
}

/** What both saw together. */
export function joined(one: Observed, other: Observed): Observed {
  return {
    measured: one.measured + other.measured,
    worst: Math.max(one.worst, other.worst),
    exact: one.exact + other.exact,
  };
}

/** Runs `body`; gives what it returned and what was compared meanwhile. Whoever looks on further out sees it too. */
export function observing<T>(body: () => T): { readonly result: T; readonly observed: Observed } {
  const outer = current;
  const mine = { ...unobserved };
  current = mine;
  try {
    const result = body();
    return { result, observed: { ...mine } };
  } finally {
    current = outer;
    Object.assign(outer, joined(outer, mine));
  }
}
