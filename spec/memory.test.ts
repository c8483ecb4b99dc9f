/**
 * Memory: a training loop runs ten thousand steps in one synchronous `for` at constant memory, and nobody disposes.
 *
 * Counted twice: blocks of device memory (allocated minus released), and the process's own heap, since tapes, traces
 * and closures could leak without holding a block.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { DataLoader } from "../core/data/index.ts";
import {
  crossEntropy,
  grad,
  keep,
  noGrad,
  parameter,
  recompute,
  scope,
  setDevice,
  square,
  sum,
  type Tensor,
  tensor,
} from "../core/index.ts";
import {
  assemble,
  BatchNorm,
  Dropout,
  type Layer,
  Linear,
  ReLU,
  Sequential,
} from "../layers/index.ts";
import { adam, type Optimizer, sgd } from "../optim/index.ts";
import { countingMemory, f64, item, type MemoryCount, numbers } from "./plain.ts";

// Every value is a block there; on the wasm device losses and gradients rest in JavaScript memory.
setDevice("reference");

setFlagsFromString("--expose-gc");
const collect: () => void = runInNewContext("gc");

/** Bytes in use by this process once garbage is gone. */
function bytesInUse(): number {
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function smallNet(): Sequential {
  const layers: Layer[] = [
    new Linear(3, 4),
    new BatchNorm(4),
    new ReLU(),
    new Dropout(0.2),
    new Linear(4, 2),
  ];
  return assemble(new Sequential(layers), { seed: 1 });
}

const x = tensor([
  [1, 2, 3],
  [3, 1, 2],
  [2, 3, 1],
  [0, 1, 0],
]);
const y = tensor([0, 1, 0, 1], { dtype: "int32" });

/** Blocks in use after each of `steps` steps, the returned losses among them. */
function blocksByStep(make: (net: Sequential) => Optimizer, steps: number): readonly number[] {
  return countingMemory((count: MemoryCount) => {
    const net = smallNet();
    const optimizer = make(net);
    return Array.from({ length: steps }, () => {
      optimizer.step(() => crossEntropy(net.forward(x), y));
      return count.blocks;
    });
  });
}

describe("a training step", () => {
  const optimizers: [string, (net: Sequential) => Optimizer][] = [
    ["sgd", (net) => sgd(net.parameters(), { learningRate: 0.01 })],
    ["momentum", (net) => sgd(net.parameters(), { learningRate: 0.01, momentum: 0.9 })],
    ["adam", (net) => adam(net.parameters(), { learningRate: 0.01 })],
  ];

  test.each(optimizers)("of %s leaves one block behind: the loss it returns", (_, make) => {
    const [first = 0, ...later] = blocksByStep(make, 20);
    expect(later).toEqual(later.map((_value, i) => first + i + 1));
  });

  test("inside a scope of its own leaves none", () => {
    countingMemory((count) => {
      const net = smallNet();
      const optimizer = adam(net.parameters(), { learningRate: 0.01 });
      const blocks = Array.from({ length: 20 }, () => {
        scope(() => item(optimizer.step(() => crossEntropy(net.forward(x), y))));
        return count.blocks;
      });
      expect(new Set(blocks).size).toBe(1);
    });
  });

  test("releases everything when the closure throws, and the next step works", () => {
    const net = smallNet();
    const optimizer = sgd(net.parameters(), { learningRate: 0.01 });
    countingMemory((count) => {
      expect(() =>
        optimizer.step(() => {
          crossEntropy(net.forward(x), y);
          throw new RangeError("mine");
        }),
      ).toThrow(RangeError);
      expect(count.blocks).toBe(0);
    });
    expect(Number.isFinite(item(optimizer.step(() => crossEntropy(net.forward(x), y))))).toBe(true);
  });

  test("holds no more at its peak in the hundredth step than in the second", () => {
    countingMemory((count) => {
      const net = smallNet();
      const optimizer = adam(net.parameters(), { learningRate: 0.01 });
      const peaks: number[] = [];
      for (let step = 0; step < 100; step++) {
        const before = count.bytes;
        count.peakBytes = before;
        optimizer.step(() => crossEntropy(net.forward(x), y));
        peaks.push(count.peakBytes - before);
      }
      // The first step has no gradients to clear yet.
      expect(new Set(peaks.slice(1)).size).toBe(1);
    });
  });

  test("with a gradient inside the loss, recompute and a kept value, all but the kept values end with it", () => {
    const w = parameter(f64([0.5, -0.5]));
    const optimizer = sgd([w], { learningRate: 0.01 });
    const segment = recompute((a) => square(a ?? w));
    countingMemory((count) => {
      const kept: Tensor[] = [];
      const blocks = Array.from({ length: 5 }, () => {
        scope(() => {
          optimizer.step(() => {
            const slope = grad((at: Tensor) => sum(segment(at.multiply(w))))(f64([1, 2]));
            kept.push(keep(sum(slope)));
            return sum(square(slope));
          });
        });
        return count.blocks;
      });
      expect(blocks.slice(1)).toEqual(blocks.slice(1).map((_value, i) => (blocks[0] ?? 0) + i + 1));
      for (const value of kept) expect(Number.isFinite(item(value))).toBe(true);
    });
  });
});

describe("a whole loop", () => {
  const dataset = {
    length: 10,
    batch: (positions: Int32Array) => ({
      x: tensor(Float32Array.from(positions)),
      y: tensor(positions),
    }),
  };

  test("over a loader holds one batch at a time, epoch after epoch", () => {
    countingMemory((count) => {
      const loader = new DataLoader(dataset, { batchSize: 3 });
      for (let epoch = 0; epoch < 3; epoch++) {
        for (const batch of loader) {
          expect([numbers(batch.x).length > 0, count.blocks]).toEqual([true, 2]);
        }
      }
    });
  });

  test("of gradients at parameters holds only the gradients where noGrad says that no backward follows", () => {
    const w = parameter(f64([1, 2]));
    countingMemory((count) => {
      const slope = () => grad((at: Tensor) => sum(square(square(at))))(w);
      noGrad(slope);
      expect(count.blocks).toBe(1);
      scope(() => {
        sum(slope()).backward(); // a gradient of a parameter can be pulled back to it
      });
      expect(count.blocks).toBe(2);
    });
    expect(w.grad && numbers(w.grad)).toEqual([12, 48]);
  });

  test("of evaluation under noGrad and scope holds nothing", () => {
    const net = smallNet().evaluate();
    countingMemory((count) => {
      for (let i = 0; i < 10; i++) scope(() => noGrad(() => item(sum(net.forward(x)))));
      expect(count.blocks).toBe(0);
    });
  });

  test("of 10,000 optimiser steps runs in one synchronous loop at constant memory", () => {
    const net = smallNet();
    const optimizer = adam(net.parameters(), { learningRate: 1e-3 });
    let blocksAfterFirst = 0;
    let bytesAfterThousand = 0;
    let last = Number.NaN;
    const growth = countingMemory((count) => {
      for (let step = 1; step <= 10_000; step++) {
        const loss = optimizer.step(() => crossEntropy(net.forward(x), y));
        last = item(loss);
        if (step === 1) blocksAfterFirst = count.blocks;
        if (step === 1000) bytesAfterThousand = bytesInUse();
      }
      return { blocks: count.blocks - blocksAfterFirst, bytes: bytesInUse() - bytesAfterThousand };
    });
    expect(optimizer.steps).toBe(10_000);
    expect(last).toBeLessThan(0.7); // it trained, from log 2 = 0.69 or above
    expect(growth.blocks).toBe(9999); // the losses, one a step, which the collector has already taken
    // 9,000 steps that each left 120 bytes would be 1.1 MB; compiled code grows by 0.4 MB and then stands still.
    expect(growth.bytes).toBeLessThan(1_000_000);
  });
});
