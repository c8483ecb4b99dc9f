/**
 * Ownership: the set of memory that the open scope will release. Scopes exchange it, storage enters it.
 * Rests on nothing.
 */
import type { Storage } from "./storage.ts";

let current: Set<Storage> | null = null;

/** Enters memory into the scope that is open now, if any; without one the garbage collector owns it. */
export function own(storage: Storage): void {
  current?.add(storage);
}

/** Whether the scope that is open now will release this memory. */
export function isOwned(storage: Storage): boolean {
  return current?.has(storage) ?? false;
}

/** Removes memory made in the scope that is open now, if it was: from here on somebody else releases it. */
export function disown(storage: Storage): boolean {
  return current?.delete(storage) ?? false;
}

/** Releases memory before the scope that is open now ends; memory made outside that scope stays as it is. */
export function releaseEarly(storage: Storage, cause: string): void {
  if (current?.delete(storage)) storage.release(cause);
}

/** Makes `next` the owner of new memory, or nobody, and gives the owner before. */
export function exchangeOwner(next: Set<Storage> | null): Set<Storage> | null {
  const before = current;
  current = next;
  return before;
}
