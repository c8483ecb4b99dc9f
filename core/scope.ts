/**
 * Scopes: who owns memory, so that nobody disposes. Intermediates end with the scope they were made in.
 * Rests on owner, storage, tree, interpreter and errors. What leaves the last scope rests in JavaScript memory, where
 * the garbage collector gives it back also in a loop that never lets a finalizer run.
 */
import { ScopeError } from "./errors.ts";
import { baseTape } from "./interpreter.ts";
import { exchangeOwner } from "./owner.ts";
import type { Storage } from "./storage.ts";
import type { Tensor } from "./tensor.ts";
import { leavesOf } from "./tree.ts";

export { disown, own, releaseEarly } from "./owner.ts";

/**
 * Runs `body` and releases every tensor made in it, except those in its result (a tensor, or arrays and
 * plain objects of tensors) and those that `keep` was called for. What survives belongs to the scope around; what
 * leaves the last one is copied to plain JavaScript memory, and copied back where an op needs it.
 *
 * Inside a transform such as grad nothing that the result was made from is released: it is needed there again.
 * Throws ScopeError if `body` returns a Promise: its tensors would end before it does.
 *
 * @example
 * const total = scope(() => sum(multiply(x, x))); // the product is released, the sum is not
 */
export function scope<T>(body: () => T): T {
  return scopeUnless(isTransformed, body);
}

/** As `scope`, but everything survives where `stillNeeded(result)`: an outer transform may replay it. */
export function scopeUnless<T>(stillNeeded: (result: T) => boolean, body: () => T): T {
  const mine = new Set<Storage>();
  const outer = exchangeOwner(mine);
  let survivors = new Set<Storage>();
  let failed = true;
  try {
    const result = body();
    if (isPromise(result)) {
      throw new ScopeError({
        where: "scope",
        argument: "body",
        expected: "to return a value",
        got: "a Promise",
        fix: "Open the scope inside the asynchronous function, around its synchronous part",
      });
    }
    survivors = stillNeeded(result) ? new Set(mine) : storagesOf(result);
    failed = false;
    return result;
  } finally {
    exchangeOwner(outer);
    for (const storage of mine) {
      if (failed) releaseQuietly(storage);
      else if (!survivors.has(storage)) storage.release("its scope ended");
      else if (outer === null) storage.rest();
      else outer.add(storage);
    }
  }
}

/**
 * Lets `x` outlive every scope, and the loader's next batch: it lives until the garbage collector finds it
 * unused. Returns `x`.
 */
export function keep<T extends Tensor>(x: T): T {
  x.storage.keep();
  return x;
}

/** Whether a transform, not the tape behind `backward` alone, follows a tensor of `result`. */
function isTransformed(result: unknown): boolean {
  return leavesOf(result).some(({ traces }) => traces.some(({ owner }) => owner !== baseTape));
}

/** Releases after an error, which is the one to be heard: a device that failed cannot give up what is kept either. */
function releaseQuietly(storage: Storage): void {
  try {
    storage.release("its scope ended");
  } catch {
    // It stays where it is.
  }
}

function isPromise(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value;
}

function storagesOf(result: unknown): Set<Storage> {
  return new Set(leavesOf(result).map((tensor) => tensor.storage));
}
