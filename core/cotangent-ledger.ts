/**
 * The ledger of cotangents: who still needs which, so that memory goes back while the tape is still playing.
 * Rests on scope. A backward pass makes several times as much as it needs at once, and what was just given back is
 * still in the caches when it is handed out again.
 */
import { releaseEarly, scope } from "./scope.ts";
import type { Storage } from "./storage.ts";
import type { Tensor } from "./tensor.ts";

/** Counts the uses of cotangents made in the scope that is open now. */
export class CotangentLedger {
  readonly #uses = new Map<Storage, number>();

  /** One more use of a cotangent. */
  hold({ storage }: Tensor): void {
    this.#uses.set(storage, (this.#uses.get(storage) ?? 0) + 1);
  }

  /** One use less; after the last the memory is released. */
  drop({ storage }: Tensor): void {
    const uses = (this.#uses.get(storage) ?? 0) - 1;
    if (uses > 0) {
      this.#uses.set(storage, uses);
    } else {
      this.#uses.delete(storage);
      releaseEarly(storage, "its derivative was taken; keep(x) in the rule makes it last");
    }
  }

  /** Runs a rule, and releases all that it made but its result. */
  within<T>(rule: () => T): T {
    return scope(rule);
  }
}
