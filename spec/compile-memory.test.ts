/**
 * Memory of compiled steps: planned so that nothing that lives at once overlaps, held while they are repeated, given back
 * where everything else would fail; with two threads at work.
 */
import { fc, test as property } from "@fast-check/vitest";
import { beforeAll, describe, expect, test } from "vitest";
import { type Life, mostAtOnce, planMemory } from "../core/devices/wasm/memory-plan.ts";
import {
  add,
  compile,
  crossEntropy,
  memory,
  multiply,
  RandomSource,
  randomIntegers,
  randomNormal,
  type Shape,
  scope,
  setMemoryLimit,
  setThreads,
  type Tensor,
  threadCount,
} from "../core/index.ts";
import { assemble, lenet } from "../layers/index.ts";
import { adam } from "../optim/index.ts";
import { bitsOf } from "./plain.ts";

const limit = 64 * 2 ** 20;

beforeAll(() => {
  setThreads(2);
  setMemoryLimit(limit);
});

const drawn = (shape: Shape, seed: number): Tensor =>
  randomNormal(shape, { stream: new RandomSource(seed).stream("spec") });

/** Blocks of random sizes, made and given back in random order; some never. */
const lives = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 5000 }), fc.nat(60), fc.integer({ min: 1, max: 40 })), {
    maxLength: 60,
  })
  .map((blocks) =>
    blocks.map(([bytes, born, length]): Life => ({ bytes, born, died: born + length })),
  );

describe("a plan of memory", () => {
  property.prop({ blocks: lives }, { seed: 8, numRuns: 200 })(
    "keeps blocks that live at once apart, and all of them within its bytes",
    ({ blocks }) => {
      const { offsets, bytes } = planMemory(blocks);
      expect(bytes).toBeGreaterThanOrEqual(mostAtOnce(blocks));
      blocks.forEach((one, i) => {
        const start = offsets[i] ?? Number.NaN;
        expect(start % 64).toBe(0);
        expect(start + one.bytes).toBeLessThanOrEqual(bytes);
        blocks.slice(0, i).forEach((other, k) => {
          const isTogether = one.born < other.died && other.born < one.died;
          const at = offsets[k] ?? Number.NaN;
          const isApart = start + one.bytes <= at || at + other.bytes <= start;
          expect(!isTogether || isApart || one.bytes * other.bytes === 0).toBe(true);
        });
      });
    },
  );

  test("of blocks that follow each other takes what one of them takes", () => {
    const blocks = Array.from({ length: 9 }, (_, i) => ({ bytes: 640, born: i, died: i + 1 }));
    expect(planMemory(blocks).bytes).toBe(640);
  });
});

describe("repeated steps with two threads", () => {
  test("lie where the first run lay, and take no memory beside it", () => {
    const [x, y] = [
      drawn([128, 1, 28, 28], 1),
      randomIntegers([128], { stream: new RandomSource(2).stream("y"), low: 0, high: 10 }),
    ];
    const net = assemble(lenet(), { seed: 0 });
    const optimizer = adam(net.parameters(), { learningRate: 1e-3 });
    const step = compile((a: Tensor, b: Tensor) =>
      optimizer.step(() => crossEntropy(net.forward(a), b)),
    );
    const reserved = Array.from({ length: 4 }, () => {
      scope(() => void step(x, y));
      return memory().reserved;
    });
    const { replayed, routines } = step.report();
    expect([replayed, routines[0]?.bytes]).toEqual([2, expect.toSatisfy((n) => n > 2 ** 24)]);
    expect(new Set(reserved).size).toBe(1);
  });

  test("leave the bits of the steps as written, and hold no byte more the longer they run", () => {
    expect(threadCount()).toBe(2);
    const [x, y] = [
      drawn([16, 1, 28, 28], 1),
      randomIntegers([16], { stream: new RandomSource(2).stream("y"), low: 0, high: 10 }),
    ];
    const train = (isCompiled: boolean): readonly string[] => {
      const net = assemble(lenet(), { seed: 0 });
      const optimizer = adam(net.parameters(), { learningRate: 1e-3 });
      const written = (a: Tensor, b: Tensor): Tensor =>
        optimizer.step(() => crossEntropy(net.forward(a), b));
      const step = isCompiled ? compile(written) : written;
      const run = (steps: number): void => {
        for (let i = 0; i < steps; i++) scope(() => void step(x, y));
      };
      run(6);
      const { live } = memory();
      run(14);
      expect(memory().live).toBe(live);
      return net.parameters().map(bitsOf);
    };
    expect(train(true)).toEqual(train(false));
  });

  test("give their memory back where it is needed, and take it again", () => {
    const long = [2 ** 20]; // 4 MiB
    const step = compile((a: Tensor) => multiply(add(a, 1), 2).sum());
    const a = drawn(long, 3);
    const results = new Set<string>();
    const repeat = (): void => {
      for (let i = 0; i < 4; i++) results.add(bitsOf(step(a)));
    };
    repeat();
    const { routines, captured } = step.report();
    const planned = routines[0]?.bytes ?? 0;
    expect(planned).toBeGreaterThanOrEqual(2 ** 23);
    // More than there is beside the plan: the last of many small pieces come to lie where it lay.
    const wanted = limit - memory().live + planned / 2;
    scope(() => {
      const pieces: Tensor[] = [];
      for (let taken = 0; taken < wanted; taken += 2 ** 18) pieces.push(drawn([2 ** 16], taken));
      const last = pieces.splice(-8);
      const before = last.map(bitsOf);
      for (const { storage } of pieces) storage.release("it was only to fill memory");
      repeat();
      expect(last.map(bitsOf)).toEqual(before);
    });
    repeat();
    expect(results.size).toBe(1);
    const after = step.report();
    expect(after.eager).toBe(0);
    expect(after.captured).toBeGreaterThan(captured + 1);
    expect(memory().reserved).toBeLessThanOrEqual(limit);
  });
});
