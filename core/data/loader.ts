/**
 * The data loader: shuffles a dataset anew each epoch and gives it out in batches.
 * Rests on dataset, random and scope.
 */
import { ValueError } from "../errors.ts";
import { permutation, RandomSource } from "../random/index.ts";
import { disown } from "../scope.ts";
import type { Storage } from "../storage.ts";
import { leavesOf, type Tree } from "../tree.ts";
import type { Dataset } from "./dataset.ts";

/** Options of a loader. */
export interface LoaderOptions {
  /** Examples in a batch, integer ≥ 1. */
  readonly batchSize: number;
  /** Whether each epoch is a new random order; default true. */
  readonly shuffle?: boolean;
  /** Seed of the orders, integer in [0, 2⁵³); default 0. */
  readonly seed?: number;
  /** Whether a last batch of fewer than `batchSize` examples is left out; default false. */
  readonly dropLast?: boolean;
}

/**
 * An iterable of batches. Each `for … of` is one epoch: every example exactly once, in an order that
 * depends on (seed, epoch) alone. A batch lives until the next one is drawn.
 *
 * Throws ValueError for a batch size that is no integer ≥ 1, or that with `dropLast` leaves no batch.
 *
 * @example
 * for (const { x, y } of new DataLoader(dataset, { batchSize: 64, seed: 1 })) train(x, y);
 */
export class DataLoader<Batch extends Tree> implements Iterable<Batch> {
  readonly dataset: Dataset<Batch>;
  readonly batchSize: number;
  /** Batches in one epoch. */
  readonly length: number;
  /** The number of the next epoch, from 0. */
  epoch = 0;
  readonly #source: RandomSource;
  readonly #shuffle: boolean;
  /** The last batches of epochs that are over; they live until the next batch is drawn. */
  #last: readonly Storage[] = [];

  constructor(
    dataset: Dataset<Batch>,
    { batchSize, shuffle = true, seed = 0, dropLast = false }: LoaderOptions,
  ) {
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw refuse(`to be an integer ≥ 1`, batchSize, "Give at least one example to a batch");
    }
    if (dropLast && batchSize > dataset.length) {
      const fix = "Use smaller batches, or keep the last batch";
      throw refuse(
        `to be ≤ ${dataset.length}, the number of examples, with dropLast`,
        batchSize,
        fix,
      );
    }
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.length = (dropLast ? Math.floor : Math.ceil)(dataset.length / batchSize);
    this.#source = new RandomSource(seed);
    this.#shuffle = shuffle;
  }

  /** The positions of epoch number `epoch` (from 0) in the order in which they are given out. */
  order(epoch: number): Int32Array {
    const { length } = this.dataset;
    return this.#shuffle
      ? permutation(this.#source.stream(`shuffle/epoch${epoch}`), length)
      : Int32Array.from({ length }, (_, position) => position);
  }

  *[Symbol.iterator](): Generator<Batch, void, undefined> {
    const order = this.order(this.epoch++);
    let alive: readonly Storage[] = [];
    try {
      for (let index = 0; index < this.length; index++) {
        releaseAll([...this.#last, ...alive]);
        this.#last = [];
        const start = index * this.batchSize;
        const batch = this.dataset.batch(order.subarray(start, start + this.batchSize));
        alive = leavesOf(batch).map(({ storage }) => storage);
        for (const storage of alive) disown(storage);
        yield batch;
      }
    } finally {
      this.#last = [...this.#last, ...alive];
    }
  }
}

function releaseAll(storages: readonly Storage[]): void {
  for (const storage of storages) storage.release("the loader's next batch was drawn");
}

function refuse(expected: string, batchSize: number, fix: string): ValueError {
  return new ValueError({
    where: "DataLoader",
    argument: "batchSize",
    expected,
    got: String(batchSize),
    fix,
  });
}
