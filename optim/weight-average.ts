/**
 * Averages of weights: a moving mean of what parameters were, to evaluate with.
 * Rests on blend, require and core. Polyak & Juditsky 1992; exponential: Tarvainen & Valpola 2017, section 2.
 */

import { capturing } from "../core/capture.ts";
import { floatDTypes, requireDType } from "../core/dtype.ts";
import {
  assign,
  buffer,
  noGrad,
  recordOfState,
  restoringCells,
  type State,
  type Stateful,
  scope,
  type Tensor,
  ValueError,
} from "../core/index.ts";
import { blend } from "./blend.ts";
import type { Scheduled } from "./group.ts";
import { countOfState, requireShare } from "./require.ts";
import { keysOf } from "./slot.ts";

/** Options of `weightAverage`. */
export interface WeightAverageOptions {
  /**
   * β, the share of the average kept at each update, in [0, 1), or a schedule of the update's number from 0; default 0.999.
   * The schedule `t => t / (t + 1)` makes it the plain mean of all weights since the first update.
   */
  readonly decay?: Scheduled;
}

/** A moving average of parameters or buffers: a ← β·a + (1 - β)·x, with a = x when it is made. */
export class WeightAverage implements Stateful {
  readonly #cells: readonly Tensor[];
  /** Of the cell at the same place. */
  readonly #averages: readonly Tensor[];
  readonly #keys: readonly string[];
  readonly #decay: Scheduled;
  #updates = 0;

  constructor(cells: Iterable<Tensor>, { decay = 0.999 }: WeightAverageOptions = {}) {
    this.#cells = [...cells];
    for (const cell of this.#cells) requireCell(cell);
    if (typeof decay !== "function") requireShare("weightAverage", "decay", decay);
    this.#decay = decay;
    const keys = keysOf(this.#cells);
    this.#keys = keys;
    this.#averages = this.#cells.map((cell, i) => buffer(cell, { name: `${keys[i]}.average` }));
  }

  /** Updates made so far. */
  get updates(): number {
    return this.#updates;
  }

  /** The averages, by the cells' names (`#<number>` for those without a name of their own). */
  namedAverages(): Readonly<Record<string, Tensor>> {
    return Object.fromEntries(this.#averages.map((average, i) => [this.#keys[i] ?? "", average]));
  }

  /** Takes the present values in. Call it after the optimiser's step. */
  update(): void {
    const capture = capturing();
    if (capture === null) this.#updateNow();
    else capture.aside([], () => this.#updateNow());
  }

  #updateNow(): void {
    const decay = typeof this.#decay === "function" ? this.#decay(this.#updates) : this.#decay;
    requireShare("weightAverage", "decay", decay);
    this.#updates += 1;
    noGrad(() => {
      this.#averages.forEach((average, i) => {
        const cell = this.#cells[i];
        if (cell !== undefined) scope(() => assign(average, blend(average, cell, decay)));
      });
    });
  }

  /**
   * Runs `body` with the averages in place of the weights, and puts these back, also after an error. What `body` changes
   * in the weights is lost. Throws ValueError if it returns a Promise: the weights would be back before it ends.
   */
  averaged<T>(body: () => T): T {
    const kept = this.#cells.map((cell) => buffer(cell));
    try {
      this.#overwrite(this.#averages);
      const result = body();
      requireSynchronous(result);
      return result;
    } finally {
      this.#overwrite(kept);
      for (const { storage } of kept) storage.release("the weights were put back");
    }
  }

  /** Updates made, and the averages by name. */
  state(): State {
    return { updates: this.#updates, averages: this.namedAverages() };
  }

  /** Puts a state back. */
  restore(state: State): void {
    const where = "weightAverage.restore";
    const parts = recordOfState(where, state, ["updates", "averages"]);
    const updates = countOfState(where, "updates", parts.updates);
    restoringCells(where, this.namedAverages(), parts.averages)();
    this.#updates = updates;
  }

  #overwrite(values: readonly Tensor[]): void {
    this.#cells.forEach((cell, i) => {
      const value = values[i];
      if (value !== undefined) assign(cell, value);
    });
  }
}

/**
 * The exponential moving average of parameters, or of buffers such as moving statistics. Throws ValueError for what is
 * neither, or a decay outside [0, 1), DTypeError for what is no float.
 *
 * @example
 * const average = weightAverage(net.parameters(), { decay: 0.999 });
 * optimizer.step(() => crossEntropy(net.forward(x), y));
 * average.update();
 * const logits = average.averaged(() => net.forward(x));
 */
export function weightAverage(
  cells: Iterable<Tensor>,
  options: WeightAverageOptions = {},
): WeightAverage {
  return new WeightAverage(cells, options);
}

function requireCell(cell: Tensor): void {
  requireDType("weightAverage", "cells", cell.dtype, floatDTypes);
  if (cell.role !== "value") return;
  throw new ValueError({
    where: "weightAverage",
    argument: "cells",
    expected: "to be parameters or buffers",
    got: `the value ${cell.describe()}`,
    fix: "Pass net.parameters()",
  });
}

function requireSynchronous(result: unknown): void {
  if (!(result instanceof Promise)) return;
  throw new ValueError({
    where: "averaged",
    argument: "body",
    expected: "to return a value",
    got: "a Promise",
    fix: "Await data before, and evaluate inside",
  });
}
