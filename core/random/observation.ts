/**
 * Observation: who drew which blocks while a function ran, and running it again on the same blocks.
 * Rests on errors, and on streams, whose `reserve` announces every draw.
 */
import { ValueError } from "../errors.ts";
import type { Stream } from "./stream.ts";

/** `blocks` blocks that `stream` gave out, the first of them at `position`. */
export interface Reservation {
  readonly stream: Stream;
  readonly position: number;
  readonly blocks: number;
}

/** Told of each reservation: the stream, where it stood before, and how many blocks it gave out. */
export type ReservationListener = (stream: Stream, position: number, blocks: number) => void;

/** What is going on, innermost last: someone listens, or some streams run a second time. */
const frames: (
  | { readonly listener: ReservationListener }
  | { readonly rewound: ReadonlyMap<Stream, number> }
)[] = [];

/** Tells the listeners of a draw, innermost first. For `reserve` alone. */
export function announceReservation(stream: Stream, position: number, blocks: number): void {
  for (let depth = frames.length - 1; depth >= 0; depth--) {
    const frame = frames[depth];
    if (frame === undefined) continue;
    if ("listener" in frame) frame.listener(stream, position, blocks);
    else if (frame.rewound.has(stream)) return;
  }
}

function refusePromise(where: string, result: unknown): void {
  if (typeof result === "object" && result !== null && "then" in result) {
    throw new ValueError({
      where,
      argument: "body",
      expected: "to have ended when it returns",
      got: "a Promise",
      fix: "Draw in a synchronous function: draws after an await would be missed",
    });
  }
}

/**
 * Runs `body` and calls `listener` for each reservation made meanwhile, by any stream, in order.
 * Nested observers all hear a draw, innermost first. A draw that `rewinding` repeats is heard only by
 * observers inside that `rewinding`: for those around it the stream has not moved. A listener must not draw.
 * Returns what `body` returns; stops listening also when it throws. Throws ValueError if `body`
 * returns a Promise.
 *
 * @example
 * const log: Reservation[] = [];
 * observeReservations((stream, position, blocks) => log.push({ stream, position, blocks }), body);
 */
export function observeReservations<T>(listener: ReservationListener, body: () => T): T {
  const depth = frames.push({ listener }) - 1;
  try {
    const result = body();
    refusePromise("observeReservations", result);
    return result;
  } finally {
    frames.length = depth;
  }
}

/**
 * Runs `body` with each stream of `log` set back to its first position there, so that it draws the
 * same numbers again; then every stream stands where it stood before, also when `body` throws.
 * Streams that are not in `log` are left alone. Returns what `body` returns.
 * Throws ValueError if `body` returns a Promise.
 *
 * @example rewinding(log, body) // the same masks as when the log was written
 */
export function rewinding<T>(log: readonly Reservation[], body: () => T): T {
  const stood = new Map<Stream, number>();
  const depth = frames.push({ rewound: stood }) - 1;
  try {
    for (const { stream, position } of log) {
      if (stood.has(stream)) continue;
      stood.set(stream, stream.position);
      stream.position = position;
    }
    const result = body();
    refusePromise("rewinding", result);
    return result;
  } finally {
    frames.length = depth;
    for (const [stream, position] of stood) stream.position = position;
  }
}
