/**
 * Interpreters: who listens when an op runs. The tape and forward mode are interpreters; observers only look.
 * Rests on op, tape and tree.
 */
import type { Op } from "./op.ts";
import { Tape } from "./tape.ts";
import type { Tensor } from "./tensor.ts";
import { leavesOf } from "./tree.ts";

/** One op that has just run. */
export interface Interpretation {
  readonly op: Op;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: object;
}

/** Gives what runs another meaning: a record for later, a derivative beside the value. */
export interface Interpreter {
  /** Whether `listen` runs ops itself; they are heard by the interpreters below it only. */
  readonly runsRules: boolean;
  /** Whether `tensor` depends on what this interpreter differentiates by. */
  tracks(tensor: Tensor): boolean;
  /** Hears that an op ran. */
  listen(event: Interpretation): void;
}

/** Looks at every op, also at those that no interpreter hears. */
type Observer = (event: Interpretation) => void;

/** The tape behind `backward`: it hears everything that no `noGrad` hides. */
export const baseTape: Tape = new Tape({ watchesParameters: true });

let interpreters: readonly Interpreter[] = [baseTape];
let observers: readonly Observer[] = [];

/** The interpreters that listen now, outermost first. */
export function listening(): readonly Interpreter[] {
  return interpreters;
}

/** Runs `body` with exactly these interpreters. */
export function withInterpreters<T>(list: readonly Interpreter[], body: () => T): T {
  const before = interpreters;
  interpreters = list;
  try {
    return body();
  } finally {
    interpreters = before;
  }
}

/** Runs `body` with one more interpreter inside those that listen now. */
export function withInterpreter<T>(interpreter: Interpreter, body: () => T): T {
  return withInterpreters([...interpreters, interpreter], body);
}

/** Runs `body` with one more observer. */
export function withObserver<T>(observer: Observer, body: () => T): T {
  const before = observers;
  observers = [...observers, observer];
  try {
    return body();
  } finally {
    observers = before;
  }
}

/** Whether an observer wants to look at every op. */
export function isObserved(): boolean {
  return observers.length > 0;
}

/**
 * Tells everybody that an op ran. Each interpreter's rules run as an ordinary program one level down:
 * its own derivative is not taken again, that of the levels around it is.
 */
export function announce(event: Interpretation): void {
  for (const observe of observers) observe(event);
  const all = interpreters;
  for (let level = 0; level < all.length; level++) {
    const interpreter = all[level];
    if (interpreter === undefined) continue;
    if (interpreter.runsRules) {
      withInterpreters(all.slice(0, level), () => interpreter.listen(event));
    } else {
      interpreter.listen(event);
    }
  }
}

/** Whether an interpreter noted something on a tensor of `result`, so that the graph behind it may be needed. */
export function hasHistory(result: unknown): boolean {
  return leavesOf(result).some((tensor) => tensor.traces.length > 0);
}

/** Removes what `owner` noted on `tensors`: its derivative has been taken. */
export function forget(owner: Interpreter, tensors: readonly Tensor[]): void {
  for (const tensor of tensors) {
    if (tensor.traces.length > 0) {
      tensor.traces = tensor.traces.filter((trace) => trace.owner !== owner);
    }
  }
}
