/**
 * The data loader against a model that knows no more than what an epoch's order is: drawing, leaving, choosing an epoch,
 * saving and going back, in any order; and prefetched batches that are ready in any order.
 * Rests on fast-check, core/data and core/random.
 */
import fc from "fast-check";
import { DataLoader, type Dataset } from "../../core/data/index.ts";
import { RandomSource, type State, type Tensor, tensor } from "../../core/index.ts";
import { permutation } from "../../core/random/index.ts";

/** A loader's options here. */
interface Setup {
  readonly length: number;
  readonly batchSize: number;
  readonly shuffle: boolean;
  readonly dropLast: boolean;
  readonly seed: number;
}

const setups: fc.Arbitrary<Setup> = fc.record({
  length: fc.integer({ min: 5, max: 13 }),
  batchSize: fc.integer({ min: 1, max: 5 }),
  shuffle: fc.boolean(),
  dropLast: fc.boolean(),
  seed: fc.nat(1000),
});

/** Examples are their own numbers, a thousand more for each epoch. */
const numbered = (length: number): Dataset<Tensor> => ({
  length,
  batch: (positions, epoch = 0) => tensor(Float64Array.from(positions, (p) => p + 1000 * epoch)),
});

/** The batches of an epoch, from the definition. */
function batchesOf({ length, batchSize, shuffle, dropLast, seed }: Setup, epoch: number) {
  const stream = new RandomSource(seed).stream(`shuffle/epoch${epoch}`);
  const order = shuffle ? [...permutation(stream, length)] : [...Array(length).keys()];
  const count = dropLast ? Math.floor(length / batchSize) : Math.ceil(length / batchSize);
  return Array.from({ length: count }, (_, i) =>
    order.slice(i * batchSize, (i + 1) * batchSize).map((p) => p + 1000 * epoch),
  );
}

/** Where the model is: the epoch that is being given out or comes next, and how many of its batches were given. */
interface Model {
  readonly setup: Setup;
  epoch: number;
  given: number;
  open: boolean;
  readonly saved: (readonly [epoch: number, given: number])[];
}

interface Real {
  readonly loader: DataLoader<Tensor>;
  iterator: Iterator<Tensor> | null;
  readonly saved: State[];
}

type Command = fc.Command<Model, Real>;

/** Draws the next batch, from a loop that begins if none is under way. */
class Next implements Command {
  check(): boolean {
    return true;
  }

  run(model: Model, real: Real): void {
    real.iterator ??= real.loader[Symbol.iterator]();
    const { done, value } = real.iterator.next();
    const expected = batchesOf(model.setup, model.epoch)[model.given];
    if (expected === undefined) {
      must("the epoch's end", done, true);
      real.iterator = null;
      Object.assign(model, { epoch: model.epoch + 1, given: 0, open: false });
      mustHold(model, real);
      return;
    }
    const got = done === true ? "the end" : String(value.elements());
    must(`batch ${model.given} of epoch ${model.epoch}`, got, String(expected));
    Object.assign(model, { given: model.given + 1, open: true });
    mustHold(model, real);
  }

  toString(): string {
    return "next";
  }
}

/** Leaves the loop: its epoch has ended. */
class Leave implements Command {
  check({ open }: Readonly<Model>): boolean {
    return open;
  }

  run(model: Model, real: Real): void {
    real.iterator?.return?.();
    real.iterator = null;
    Object.assign(model, { epoch: model.epoch + 1, given: 0, open: false });
    must("the next epoch", real.loader.epoch, model.epoch);
    mustHold(model, real);
  }

  toString(): string {
    return "leave";
  }
}

class Save implements Command {
  check(): boolean {
    return true;
  }

  run(model: Model, { loader, saved }: Real): void {
    saved.push(loader.state());
    model.saved.push([model.epoch, model.given]);
  }

  toString(): string {
    return "save";
  }
}

/** Goes back, between loops: in the loop under way the old epoch goes on. */
class Restore implements Command {
  readonly which: number;

  constructor(which: number) {
    this.which = which;
  }

  check({ saved, open }: Readonly<Model>): boolean {
    return saved.length > 0 && !open;
  }

  run(model: Model, real: Real): void {
    const { loader, saved } = real;
    const index = this.which % saved.length;
    loader.restore(saved[index] ?? {});
    const [epoch, given] = model.saved[index] ?? [0, 0];
    Object.assign(model, { epoch, given });
    mustHold(model, real);
  }

  toString(): string {
    return `restore(${this.which})`;
  }
}

/** Chooses the next epoch, between loops. */
class Choose implements Command {
  readonly epoch: number;

  constructor(epoch: number) {
    this.epoch = epoch;
  }

  check({ open }: Readonly<Model>): boolean {
    return !open;
  }

  run(model: Model, real: Real): void {
    real.loader.epoch = this.epoch;
    Object.assign(model, { epoch: this.epoch, given: 0 });
    mustHold(model, real);
  }

  toString(): string {
    return `epoch = ${this.epoch}`;
  }
}

/** What a checkpoint would hold. */
function mustHold({ epoch, given }: Model, { loader }: Real): void {
  const state = loader.state();
  must("the state's epoch", Reflect.get(Object(state), "epoch"), epoch);
  must("the state's batches", Reflect.get(Object(state), "given"), given);
}

function must(what: string, got: unknown, expected: unknown): void {
  if (got !== expected) throw new Error(`${what}: expected ${expected}, got ${got}`);
}

/** Throws the shortest sequence of commands on which the loader and the model differ. */
export function checkLoaderModel(seed: number, runs: number): void {
  const commands = fc.commands(
    [
      fc.constant(new Next()),
      fc.constant(new Next()),
      fc.constant(new Leave()),
      fc.constant(new Save()),
      fc.nat(5).map((which) => new Restore(which)),
      fc.nat(4).map((epoch) => new Choose(epoch)),
    ],
    { maxCommands: 40, size: "max" },
  );
  fc.assert(
    fc.property(setups, commands, (setup, sequence) => {
      fc.modelRun(() => {
        const loader = new DataLoader(numbered(setup.length), setup);
        const model: Model = { setup, epoch: 0, given: 0, open: false, saved: [] };
        return { model, real: { loader, iterator: null, saved: [] } };
      }, sequence);
    }),
    { seed, numRuns: runs },
  );
}

/**
 * Throws where prefetched batches come in another order than they are drawn without, whatever order they are ready in; the
 * loop is left after some of them. Replaces `setTimeout` for as long as it runs.
 */
export async function checkPrefetchRaces(seed: number, runs: number): Promise<void> {
  const { setTimeout: original } = globalThis;
  const race = fc.asyncProperty(
    fc.scheduler(),
    setups,
    fc.integer({ min: 1, max: 4 }),
    fc.nat(8),
    async (scheduler, setup, prefetch, wanted) => {
      const soon = (task: () => void): unknown => scheduler.schedule(Promise.resolve()).then(task);
      Object.assign(globalThis, { setTimeout: soon });
      const loader = new DataLoader(numbered(setup.length), { ...setup, prefetch });
      const got: string[] = [];
      const loop = async (): Promise<void> => {
        for await (const batch of loader) {
          got.push(String(batch.elements()));
          if (got.length > wanted) break;
        }
      };
      await scheduler.waitFor(loop());
      await scheduler.waitAll();
      const expected = batchesOf(setup, 0).slice(0, wanted + 1);
      must("the batches", got.join(" | "), expected.map(String).join(" | "));
      must("the next epoch", loader.epoch, 1);
    },
  );
  try {
    await fc.assert(race, { seed, numRuns: runs });
  } finally {
    Object.assign(globalThis, { setTimeout: original });
  }
}
