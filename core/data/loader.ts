/**
 * The data loader: shuffles a dataset anew each epoch and gives it out in batches.
 * Rests on dataset, random, scope, state and devices.
 */
import { currentDevice, withDevice } from "../devices/current.ts";
import { ValueError } from "../errors.ts";
import { permutation, RandomSource } from "../random/index.ts";
import { disown } from "../scope.ts";
import { partOfState, recordOfState, type State, type Stateful } from "../state.ts";
import type { Storage } from "../storage.ts";
import { leavesOf, type Tree } from "../tree.ts";
import { checkEpoch, type Dataset } from "./dataset.ts";

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
  /** Batches that `for await` prepares ahead, integer ≥ 0; default 1. */
  readonly prefetch?: number;
}

/** An epoch that is being given out. */
interface Epoch {
  readonly number: number;
  readonly order: Int32Array;
  /** Batches given out so far. */
  given: number;
  /** The memory of the last one. */
  alive: readonly Storage[];
}

/** What must be the same in the loader that takes a state back. */
const fixedParts = ["seed", "length", "batchSize", "shuffle", "dropLast"] as const;

/**
 * An iterable of batches. Each `for … of` is one epoch: every example exactly once, in an order that
 * depends on (seed, epoch) alone. A batch lives until the next one is drawn: `[...loader]` holds only ended batches but
 * for the last, unless each is kept with `keep`.
 *
 * `for await … of` gives the same batches, each prepared while the loop waits for something else: `prefetch` batches
 * ahead, on the device that is current when the loop begins.
 *
 * `state()` is plain data: the epoch and the batches it has given out, and what must agree to resume. After `restore`
 * the next loop gives the rest of that epoch, bit for bit what an uninterrupted one would have given. A loop left with
 * `break` has ended its epoch.
 *
 * Throws ValueError for a batch size that is no integer ≥ 1, or that with `dropLast` leaves no batch.
 *
 * @example
 * for (const { x, y } of new DataLoader(dataset, { batchSize: 64, seed: 1 })) train(x, y);
 */
export class DataLoader<Batch extends Tree>
  implements Iterable<Batch>, AsyncIterable<Batch>, Stateful
{
  readonly dataset: Dataset<Batch>;
  readonly batchSize: number;
  /** Batches in one epoch. */
  readonly length: number;
  readonly #source: RandomSource;
  readonly #shuffle: boolean;
  readonly #dropLast: boolean;
  readonly #prefetch: number;
  #epoch = 0;
  /** Batches of the next epoch that were given out before its state was taken. */
  #given = 0;
  /** The epochs being given out, the latest last. */
  #open: readonly Epoch[] = [];
  /** The last batches of epochs that are over; they live until the next batch is drawn. */
  #last: readonly Storage[] = [];

  constructor(
    dataset: Dataset<Batch>,
    { batchSize, shuffle = true, seed = 0, dropLast = false, prefetch = 1 }: LoaderOptions,
  ) {
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      const fix = "Give at least one example to a batch";
      throw refuse("batchSize", `to be an integer ≥ 1`, batchSize, fix);
    }
    if (dropLast && batchSize > dataset.length) {
      const expected = `to be ≤ ${dataset.length}, the number of examples, with dropLast`;
      const fix = "Use smaller batches, or keep the last batch";
      throw refuse("batchSize", expected, batchSize, fix);
    }
    if (!Number.isInteger(prefetch) || prefetch < 0) {
      const fix = "Say how many batches may be ready ahead of the loop";
      throw refuse("prefetch", "to be an integer ≥ 0", prefetch, fix);
    }
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.length = (dropLast ? Math.floor : Math.ceil)(dataset.length / batchSize);
    this.#source = new RandomSource(seed);
    this.#shuffle = shuffle;
    this.#dropLast = dropLast;
    this.#prefetch = prefetch;
  }

  /** The number of the next epoch, from 0. Writing it begins that epoch anew; ValueError unless an integer ≥ 0. */
  get epoch(): number {
    return this.#epoch;
  }

  set epoch(epoch: number) {
    checkEpoch("loader.epoch", epoch);
    this.#epoch = epoch;
    this.#given = 0;
  }

  /** The positions of epoch number `epoch` (from 0) in the order in which they are given out. */
  order(epoch: number): Int32Array {
    const { length } = this.dataset;
    return this.#shuffle
      ? permutation(this.#source.stream(`shuffle/epoch${epoch}`), length)
      : Int32Array.from({ length }, (_, position) => position);
  }

  *[Symbol.iterator](): Generator<Batch, void, undefined> {
    const epoch = this.#begin();
    try {
      while (epoch.given < this.length) {
        this.#endOldBatches(epoch);
        yield this.#give(epoch, this.#prepare(epoch, epoch.given));
      }
    } finally {
      this.#end(epoch);
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch, void, undefined> {
    const epoch = this.#begin();
    const device = currentDevice().name;
    const ahead: Prepared<Batch>[] = [];
    let wanted = epoch.given;
    try {
      while (epoch.given < this.length) {
        while (wanted < this.length && ahead.length <= this.#prefetch) {
          const index = wanted++;
          ahead.push(soon(() => withDevice(device, () => this.#prepare(epoch, index))));
        }
        const batch = await ahead.shift()?.made;
        if (batch === undefined) return;
        this.#endOldBatches(epoch);
        yield this.#give(epoch, batch);
      }
    } finally {
      for (const { drop } of ahead) drop();
      this.#end(epoch);
    }
  }

  state(): State {
    const open = this.#open.at(-1);
    return {
      epoch: open?.number ?? this.#epoch,
      given: open?.given ?? this.#given,
      ...this.#fixed(),
    };
  }

  /** Throws ValueError for a state of another dataset length, seed, batch size, shuffling or dropLast. */
  restore(state: State): void {
    const where = "loader.restore";
    const parts = recordOfState(where, state, ["epoch", "given", ...fixedParts]);
    const own = this.#fixed();
    for (const name of fixedParts) {
      if (parts[name] === own[name]) continue;
      throw new ValueError({
        where,
        argument: "state",
        expected: `to be of a loader with ${name} ${own[name]}`,
        got: String(parts[name]),
        fix: "Make the loader as the one that gave the state",
      });
    }
    const epoch = partOfState(where, "epoch", parts.epoch, "number");
    const given = partOfState(where, "given", parts.given, "number");
    checkEpoch(where, epoch);
    if (!Number.isInteger(given) || given < 0 || given > this.length) {
      throw new ValueError({
        where,
        argument: "state",
        expected: `to have given an integer in [0, ${this.length}] of batches`,
        got: String(given),
        fix: "Restore a state that a loader gave",
      });
    }
    this.#epoch = epoch;
    this.#given = given;
    this.#open = [];
  }

  #fixed(): Readonly<Record<(typeof fixedParts)[number], number | boolean>> {
    return {
      seed: this.#source.seed,
      length: this.dataset.length,
      batchSize: this.batchSize,
      shuffle: this.#shuffle,
      dropLast: this.#dropLast,
    };
  }

  #begin(): Epoch {
    const number = this.#epoch;
    const epoch: Epoch = { number, order: this.order(number), given: this.#given, alive: [] };
    this.epoch = number + 1;
    this.#open = [...this.#open, epoch];
    return epoch;
  }

  #prepare({ number, order }: Epoch, index: number): Batch {
    const start = index * this.batchSize;
    return this.dataset.batch(order.subarray(start, start + this.batchSize), number);
  }

  #give(epoch: Epoch, batch: Batch): Batch {
    epoch.given += 1;
    epoch.alive = leavesOf(batch).map(({ storage }) => storage);
    for (const storage of epoch.alive) disown(storage);
    return batch;
  }

  #endOldBatches(epoch: Epoch): void {
    for (const storage of [...this.#last, ...epoch.alive]) {
      storage.release("the loader's next batch was drawn");
    }
    this.#last = [];
    epoch.alive = [];
  }

  #end(epoch: Epoch): void {
    this.#last = [...this.#last, ...epoch.alive];
    this.#open = this.#open.filter((open) => open !== epoch);
  }
}

/** A batch that is made in a task of its own. */
interface Prepared<Batch> {
  /** The batch, once it is made, undefined if it was dropped; rejects with what making it threw. */
  readonly made: Promise<Batch | undefined>;
  /** Nobody wants it any more: it is not made, or given back. */
  drop(): void;
}

function soon<Batch extends Tree>(make: () => Batch): Prepared<Batch> {
  let dropped = false;
  const made = new Promise<Batch | undefined>((resolve, reject) => {
    setTimeout(() => {
      try {
        resolve(dropped ? undefined : make());
      } catch (error) {
        reject(error);
      }
    }, 0);
  });
  made.catch(() => {}); // heard by the loop, or nobody wanted the batch
  return {
    made,
    drop: () => {
      dropped = true;
      made.then(
        (batch) => {
          for (const { storage } of leavesOf(batch)) storage.release("the loop ended");
        },
        () => {},
      );
    },
  };
}

function refuse(argument: string, expected: string, got: number, fix: string): ValueError {
  return new ValueError({ where: "DataLoader", argument, expected, got: String(got), fix });
}
