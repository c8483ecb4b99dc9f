/**
 * Interleaving: contestants take turns, A B C A B C …, so that a busy moment of the machine hits all alike.
 * Rests on nothing.
 */

/** One who can do a task over and over. */
export interface Contestant {
  /** What it is reported under: `"torch"`. */
  readonly name: string;
  /** What one call does, where that is not the workload's amount. */
  readonly amount?: number;
  /** Seconds that `calls` calls took, integer ≥ 1; of a task of memory, MiB, however often. */
  time(calls: number): number | Promise<number>;
}

/** Options of `interleave`. */
export interface InterleaveOptions {
  /** Rounds, integer ≥ 1. */
  readonly runs: number;
  /** About how long one contestant's turn lasts, > 0; a turn is at least one call. */
  readonly turnSeconds: number;
}

/**
 * Seconds of one call, for each contestant and round. Each is first warmed up, in which the number of calls that
 * fill a turn is found.
 */
export async function interleave(
  contestants: readonly Contestant[],
  { runs, turnSeconds }: InterleaveOptions,
): Promise<readonly (readonly number[])[]> {
  const turns: { contestant: Contestant; calls: number; seconds: number[] }[] = [];
  for (const contestant of contestants) {
    turns.push({ contestant, calls: await warmUp(contestant, turnSeconds), seconds: [] });
  }
  for (let round = 0; round < runs; round++) {
    for (const { contestant, calls, seconds } of turns) {
      seconds.push((await contestant.time(calls)) / calls);
    }
  }
  return turns.map(({ seconds }) => seconds);
}

/** Calls before the first turn, at least: engines go on compiling what runs often for some dozens of calls. */
const settledCalls = 40;
/** Turns that they may take: enough for a call that fills two turns, few for one that takes minutes. */
const settledTurns = 80;

/**
 * Calls enough to fill a turn, found by calling four times as often until a quarter of it is filled. The first call
 * does not count, since it may compile.
 */
export async function warmUp(contestant: Contestant, turnSeconds: number): Promise<number> {
  let made = 0;
  let spent = 0;
  const call = async (calls: number): Promise<number> => {
    const seconds = await contestant.time(calls);
    made += calls;
    spent += seconds;
    return seconds;
  };
  await call(1);
  if (spent >= settledTurns * turnSeconds) return 1;
  let calls = 1;
  let seconds = await call(calls);
  while (4 * seconds < turnSeconds) {
    calls *= 4;
    seconds = await call(calls);
  }
  while (made < settledCalls && spent < settledTurns * turnSeconds) await call(1);
  return Math.max(1, Math.round((calls * turnSeconds) / seconds));
}
