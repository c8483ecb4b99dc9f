/** The loader's epochs in examples, its state, and batches prepared ahead: the same bits by every way. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { augment, crop, DataLoader, flip } from "../core/data/index.ts";
import { currentDevice } from "../core/devices/current.ts";
import { ScopeError, type Tensor, ValueError, withDevice } from "../core/index.ts";
import { counting, noiseImages } from "./data-samples.ts";
import { messageOf, numbers } from "./plain.ts";

type Batch = Readonly<Record<"x", Tensor>>;

/** The batches that one loop gives, each read while it is alive; at most `limit`. */
function drawn(loader: DataLoader<Batch>, limit = Infinity): readonly (readonly number[])[] {
  const batches: (readonly number[])[] = [];
  if (limit < 1) return batches;
  for (const { x } of loader) {
    batches.push(numbers(x));
    if (batches.length >= limit) break;
  }
  return batches;
}

async function drawnAhead(loader: DataLoader<Batch>): Promise<readonly (readonly number[])[]> {
  const batches: (readonly number[])[] = [];
  for await (const { x } of loader) batches.push(numbers(x));
  return batches;
}

const options = fc.record({
  length: fc.integer({ min: 1, max: 30 }),
  batchSize: fc.integer({ min: 1, max: 9 }),
  seed: fc.nat(1000),
  shuffle: fc.boolean(),
});
const many = { seed: 4, numRuns: 100 };

describe("an epoch of examples", () => {
  test.prop([options], many)("is handed to the dataset with every position of it", (drawing) => {
    const loader = new DataLoader(counting(drawing.length), drawing);
    const epochs = [drawn(loader).flat(), drawn(loader).flat()];
    epochs.forEach((elements, epoch) => {
      expect([...elements].map((element) => Math.floor(element / 1000))).toEqual(
        elements.map(() => epoch),
      );
      expect(elements.map((element) => element % 1000)).toEqual([...loader.order(epoch)]);
    });
  });

  test("data-loader: the batch size changes no example of it, augmented or not", () => {
    const dataset = augment(noiseImages(20, [1, 4, 4]), [flip(), crop({ padding: 2 })]);
    const whole = (batchSize: number): readonly number[] => {
      const elements: number[] = [];
      for (const { x } of new DataLoader(dataset, { batchSize, seed: 3 })) {
        elements.push(...numbers(x));
      }
      return elements;
    };
    expect(whole(7)).toEqual(whole(20));
    expect(whole(1)).toEqual(whole(20));
  });
});

describe("a loader's state", () => {
  test.prop([options, fc.nat(8), fc.nat(2)], many)(
    "resumes in the middle of any epoch, bit for bit, also in another loader after JSON",
    (drawing, after, epoch) => {
      const loader = new DataLoader(counting(drawing.length), drawing);
      for (let i = 0; i < epoch; i++) drawn(loader);
      const stop = Math.min(after, loader.length);
      const batches: (readonly number[])[] = [];
      let state = JSON.stringify(loader.state());
      for (const { x } of loader) {
        if (batches.length === stop) break;
        batches.push(numbers(x));
        state = batches.length === stop ? JSON.stringify(loader.state()) : state;
      }
      const resumed = new DataLoader(counting(drawing.length), drawing);
      resumed.restore(JSON.parse(state));
      expect(resumed.epoch).toBe(epoch);
      const rest = drawn(resumed);

      const uninterrupted = new DataLoader(counting(drawing.length), drawing);
      for (let i = 0; i < epoch; i++) drawn(uninterrupted);
      expect([...batches, ...rest]).toEqual(drawn(uninterrupted));
      expect(drawn(resumed)).toEqual(drawn(uninterrupted));
    },
  );

  test("counts the batch that the loop has in hand as given", () => {
    const loader = new DataLoader(counting(5), { batchSize: 2, seed: 7 });
    const fixed = { seed: 7, length: 5, batchSize: 2, shuffle: true, dropLast: false };
    expect(loader.state()).toEqual({ epoch: 0, given: 0, ...fixed });
    const seen: unknown[] = [];
    for (const _ of loader) seen.push(loader.state());
    expect(seen).toEqual([1, 2, 3].map((given) => ({ epoch: 0, given, ...fixed })));
    expect(loader.state()).toEqual({ epoch: 1, given: 0, ...fixed });
  });

  test("taken with the last batch in hand resumes with nothing left, then the next epoch", () => {
    const loader = new DataLoader(counting(3), { batchSize: 3 });
    const [first] = loader;
    expect(first).toBeDefined();
    loader.restore({ ...Object(new DataLoader(counting(3), { batchSize: 3 }).state()), given: 1 });
    expect([drawn(loader), loader.epoch, drawn(loader).flat().length]).toEqual([[], 1, 3]);
  });

  test("after a break is that of the next epoch", () => {
    const loader = new DataLoader(counting(5), { batchSize: 2 });
    drawn(loader, 1);
    expect(loader.state()).toMatchObject({ epoch: 1, given: 0 });
  });

  test("is given up when an epoch is chosen", () => {
    const loader = new DataLoader(counting(5), { batchSize: 2 });
    loader.restore({ ...Object(loader.state()), epoch: 3, given: 2 });
    loader.epoch = 3;
    expect(drawn(loader).flat().length).toBe(5);
  });

  const good = new DataLoader(counting(5), { batchSize: 2 }).state();
  test.each([
    [
      { batchSize: 3 },
      "loader.restore: expected state to be of a loader with batchSize 2, got 3. Make the loader as the one that gave the state.",
    ],
    [
      { length: 6 },
      "loader.restore: expected state to be of a loader with length 5, got 6. Make the loader as the one that gave the state.",
    ],
    [
      { given: 4 },
      "loader.restore: expected state to have given an integer in [0, 3] of batches, got 4. Restore a state that a loader gave.",
    ],
    [
      { given: "1" },
      'loader.restore: expected state to have a number as given, got "1". Restore a state that the same kind of object gave.',
    ],
    [
      { epoch: -1 },
      "loader.restore: expected epoch to be an integer in [0, 2^53 - 1], got -1. Count epochs from 0.",
    ],
    [
      { more: 1 },
      "loader.restore: expected state to have exactly epoch, given, seed, length, batchSize, shuffle, dropLast, got more besides. Restore a state that the same kind of object gave.",
    ],
  ])("with %o is refused, and the loader goes on as it was", (change, message) => {
    const loader = new DataLoader(counting(5), { batchSize: 2 });
    loader.restore({ ...Object(good), epoch: 2, given: 1 });
    const before = loader.state();
    expect(messageOf(() => loader.restore({ ...Object(good), ...change }), ValueError)).toBe(
      message,
    );
    expect(loader.state()).toEqual(before);
  });
});

describe("batches prepared ahead", () => {
  test.prop([options, fc.nat(4)], { seed: 5, numRuns: 30 })(
    "are bit for bit those of the plain loop",
    async (drawing, prefetch) => {
      const ahead = new DataLoader(counting(drawing.length), { ...drawing, prefetch });
      const plain = new DataLoader(counting(drawing.length), drawing);
      expect(await drawnAhead(ahead)).toEqual(drawn(plain));
      expect(await drawnAhead(ahead)).toEqual(drawn(plain));
      expect(ahead.state()).toEqual(plain.state());
    },
  );

  test("are made while the loop waits, as many as were asked for", async () => {
    for (const prefetch of [0, 1, 3]) {
      const made: number[] = [];
      const dataset = {
        length: 8,
        batch: (positions: Int32Array) => {
          made.push(positions[0] ?? -1);
          return counting(8).batch(positions);
        },
      };
      const loader = new DataLoader(dataset, { batchSize: 1, shuffle: false, prefetch });
      for await (const _ of loader) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        break;
      }
      expect(made).toEqual([0, 1, 2, 3].slice(0, 1 + prefetch));
    }
  });

  test("do not count as given, so that a state resumes without losing them", async () => {
    const loader = new DataLoader(counting(9), { batchSize: 2, seed: 2, prefetch: 3 });
    const resumed = new DataLoader(counting(9), { batchSize: 2, seed: 2, prefetch: 3 });
    for await (const _ of loader) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      resumed.restore(loader.state());
      break;
    }
    const whole = drawn(new DataLoader(counting(9), { batchSize: 2, seed: 2 }));
    expect(await drawnAhead(resumed)).toEqual(whole.slice(1));
  });

  test("live on the device of the loop's beginning, one at a time but for those ahead", async () => {
    const loader = new DataLoader(counting(6), { batchSize: 2, shuffle: false });
    const iterator = withDevice("reference", () => loader[Symbol.asyncIterator]());
    const first = await withDevice("reference", () => iterator.next());
    const second = await iterator.next();
    expect(currentDevice().name).not.toBe("reference");
    expect([first, second].map((step) => step.value?.x.storage.device.name)).toEqual([
      "reference",
      "reference",
    ]);
    expect(() => first.value?.x.elements()).toThrow(ScopeError);
    expect(second.value && numbers(second.value.x)).toEqual([2, 3]);
    await iterator.return();
  });

  test("are given back when the loop is left, but for the one in hand", async () => {
    const made: Tensor[] = [];
    const dataset = {
      length: 9,
      batch: (positions: Int32Array) => {
        const batch = counting(9).batch(positions);
        made.push(batch.x);
        return batch;
      },
    };
    for await (const _ of new DataLoader(dataset, { batchSize: 2, prefetch: 3 })) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(made.map(({ storage }) => storage.released)).toEqual([
      null,
      "the loop ended",
      "the loop ended",
      "the loop ended",
    ]);
  });

  test("pass on what making them threw, where the loop asks for it", async () => {
    const dataset = {
      length: 4,
      batch: (positions: Int32Array) => {
        if (positions[0] === 2) throw new RangeError("no third example");
        return counting(4).batch(positions);
      },
    };
    const seen: number[] = [];
    const run = async (): Promise<void> => {
      for await (const { x } of new DataLoader(dataset, { batchSize: 1, shuffle: false })) {
        seen.push(...numbers(x));
      }
    };
    await expect(run()).rejects.toThrow("no third example");
    expect(seen).toEqual([0, 1]);
  });
});

test("an array of a loader's batches holds ended ones but for the last, and says so when they are read", () => {
  const [first, last] = [...new DataLoader(counting(4), { batchSize: 2, shuffle: false })];
  expect(messageOf(() => first?.x.elements(), ScopeError)).toBe(
    "elements: expected x to be alive, got [2] float64, used after the loader's next batch was drawn. Return it from the scope, or call keep(x) where it is made.",
  );
  expect(last && numbers(last.x)).toEqual([2, 3]);
});

test.each([-1, 0.5, Number.NaN])("a prefetch of %s is refused", (prefetch) => {
  expect(messageOf(() => new DataLoader(counting(4), { batchSize: 2, prefetch }), ValueError)).toBe(
    `DataLoader: expected prefetch to be an integer ≥ 0, got ${prefetch}. Say how many batches may be ready ahead of the loop.`,
  );
});
