/**
 * Replay: whether a segment is being run again for its derivative, when it must have no side effects.
 * Rests on random's draw log.
 */
import { type Reservation, rewinding } from "./random/index.ts";

let replaying = false;

/** True while `recompute` runs a segment again: moving averages must not be updated then. */
export function isReplaying(): boolean {
  return replaying;
}

/** Runs `body` as a replay that draws the same random numbers as the run that was logged. */
export function replay<T>(draws: readonly Reservation[], body: () => T): T {
  const before = replaying;
  replaying = true;
  try {
    return rewinding(draws, body);
  } finally {
    replaying = before;
  }
}
