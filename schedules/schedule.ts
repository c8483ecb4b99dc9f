/**
 * Schedules: a hyper-parameter as a pure function of the iteration.
 * Rests on nothing.
 */

/** The value at iteration `t`, an integer counted from 0. */
export type Schedule = (t: number) => number;
