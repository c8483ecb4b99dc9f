/**
 * Memory of the wasm device: an allocator that loses and mixes nothing, a limit that a program survives, and loops that
 * run at constant memory although a synchronous loop never lets a finalizer run.
 */

import { fc, test } from "@fast-check/vitest";
import { expect, test as plain } from "vitest";
import { Allocator } from "../core/devices/wasm/memory.ts";
import {
  add,
  broadcastTo,
  crossEntropy,
  DeviceError,
  grad,
  keep,
  memory,
  memoryLimit,
  parameter,
  RandomSource,
  randomNormal,
  scope,
  setDevice,
  setMemoryLimit,
  square,
  sum,
  type Tensor,
  tensor,
  ValueError,
} from "../core/index.ts";
import { assemble, Linear } from "../layers/index.ts";
import { adam, sgd } from "../optim/index.ts";

const mebibyte = 2 ** 20;
const limit = 24 * mebibyte;
const beforeFirst = memory();
setMemoryLimit(limit);
setDevice("wasm");

interface Block {
  readonly pointer: number;
  readonly bytes: number;
  readonly mark: number;
}

/** Sizes around the steps of the classes, and some that fill much of a small memory. */
const bytes = fc.oneof(
  fc.integer({ min: 0, max: 1000 }),
  fc.integer({ min: 0, max: 300_000 }),
  fc.nat({ max: 20 }).map((power) => 2 ** power),
  fc.nat({ max: 20 }).map((power) => 2 ** power + 1),
);
/** Takes a block of so many bytes, or gives back one of those that are out. */
const actions = fc.array(fc.oneof(fc.record({ take: bytes }), fc.record({ give: fc.nat() })), {
  maxLength: 120,
});

/** An allocator over 4 MiB that starts at address 0. */
function smallAllocator(): { allocator: Allocator; memory: WebAssembly.Memory } {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 64 });
  return { allocator: new Allocator(memory, 0, 4 * mebibyte), memory };
}

test.prop([actions], { seed: 1, numRuns: 100 })(
  "blocks are aligned, never overlap, are counted, and all space can be used again",
  (sequence) => {
    const { allocator, memory } = smallAllocator();
    const out: Block[] = [];
    let peak = 0;
    const giveBack = ({ pointer, bytes, mark }: Block): void => {
      // Whoever else was given this memory would have left another mark in it.
      expect(new Uint8Array(memory.buffer, pointer, bytes).every((byte) => byte === mark)).toBe(
        true,
      );
      allocator.put(pointer, bytes);
    };
    sequence.forEach((action, index) => {
      const mark = index % 251;
      if ("give" in action) {
        const [block] = out.splice(action.give % Math.max(1, out.length), 1);
        if (block !== undefined) giveBack(block);
      } else {
        const needed = out.reduce((total, block) => total + Math.max(64, block.bytes), 0);
        try {
          const pointer = allocator.take(action.take);
          expect(pointer % 64).toBe(0);
          new Uint8Array(memory.buffer, pointer, action.take).fill(mark);
          out.push({ pointer, bytes: action.take, mark });
        } catch (error) {
          expect(error).toBeInstanceOf(DeviceError);
          expect(needed + action.take).toBeGreaterThan(mebibyte); // it was not empty
        }
      }
      const { live, pooled, reserved } = allocator.statistics();
      peak = Math.max(peak, live);
      const exact = out.reduce((total, block) => total + block.bytes, 0);
      expect(live).toBeGreaterThanOrEqual(exact);
      // An eighth for the class, and a whole line of 64 bytes.
      expect(live).toBeLessThanOrEqual(exact * 1.125 + 64 * out.length);
      expect(live + pooled).toBeLessThanOrEqual(reserved);
      expect(allocator.statistics().peak).toBe(peak);
    });
    for (const block of out) giveBack(block);
    expect(allocator.statistics().live).toBe(0);
    expect(allocator.take(4 * mebibyte)).toBe(0);
  },
);

plain(
  "a block that fits between two live ones is found although it was freed in other sizes",
  () => {
    const { allocator } = smallAllocator();
    const small = Array.from({ length: 64 }, () => allocator.take(65_536));
    for (const pointer of small.slice(1, 63)) allocator.put(pointer, 65_536);
    expect(allocator.take(62 * 65_536 - 65_536 * 2)).toBe(small[1]);
    expect(() => allocator.take(3 * 65_536)).toThrow(DeviceError);
  },
);

plain(
  "where the engine gives no more than the limit allows, freed pieces are joined, and all it gives is used",
  () => {
    const memory = new WebAssembly.Memory({ initial: 15, maximum: 16 });
    const allocator = new Allocator(memory, 0, 4 * mebibyte);
    const small = Array.from({ length: 16 }, () => allocator.take(65_536)); // the sixteenth: no eighth more is to be had
    for (const pointer of small.slice(0, 15)) allocator.put(pointer, 65_536);
    expect(allocator.take(14 * 65_536)).toBe(0);
    expect(() => allocator.take(2 * 65_536)).toThrow("and an engine that gives no more");
  },
);

plain("a limit between two pages ends at the lower one, and memory up to there is used", () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 16 });
  const allocator = new Allocator(memory, 0, mebibyte + 1000);
  for (let i = 0; i < 16; i++) expect(allocator.take(65_536)).toBe(65_536 * i);
  expect(() => allocator.take(64)).toThrow("more within its limit of 1.0 MiB");
});

plain(
  "a tensor of more elements than kernels can count is refused, and nothing is lost by it",
  () => {
    const wide = broadcastTo(tensor([1]), [2 ** 31]);
    for (const use of [() => sum(wide), () => wide.elements()]) {
      expect(use).toThrow(
        /^wasm: expected a tensor to hold at most 2147418112 elements, got \[2147483648\] in .*\. Work on parts of it/,
      );
    }
    expect(sum(tensor([1, 2])).item()).toBe(3);
  },
);

plain("running out says what holds how much, in five parts", () => {
  const { allocator } = smallAllocator();
  for (let i = 0; i < 3; i++) allocator.take(mebibyte);
  allocator.put(allocator.take(1000), 1000);
  allocator.take(512);
  expect(() => allocator.take(2 * mebibyte)).toThrow(
    "wasm: expected memory to hold 2.0 MiB more within its limit of 4.0 MiB, got 3.0 MiB held by tensors " +
      "(most in 3 of 1.0 MiB, 1 of 0.5 KiB) and 1.0 KiB free in smaller pieces, peak 3.0 MiB. Use smaller " +
      "batches, end values with scope(), give back what keep() holds, or raise BITGRAD_MEMORY.",
  );
});

plain(
  "memory() is all 0 before the first tensor, and counts what a tensor holds from then on",
  () => {
    expect(beforeFirst).toEqual({ live: 0, pooled: 0, peak: 0, reserved: 0 });
    scope(() => {
      const before = memory().live;
      tensor(new Float32Array(1000));
      expect(memory().live - before).toBe(4096); // 4000 bytes in steps of an eighth of 2048
    });
  },
);

plain("a limit that is none, or that comes after the first tensor, is refused", () => {
  tensor([1]);
  expect(memoryLimit()).toBe(limit);
  setMemoryLimit(limit); // no change
  expect(() => setMemoryLimit(2 * limit)).toThrow(
    "setMemoryLimit: expected the call to come before the first tensor, got 25165824 bytes already at work.",
  );
  for (const bytes of [0, 1.5, -1, Number.NaN, 2 ** 32]) {
    expect(() => setMemoryLimit(bytes)).toThrow(ValueError);
  }
});

const x = tensor([
  [1, 2, 3],
  [3, 1, 2],
  [2, 3, 1],
  [0, 1, 0],
]);
const y = tensor([0, 1, 0, 1], { dtype: "int32" });

plain(
  "a step that reaches the limit throws, leaks nothing, and the next smaller step works",
  () => {
    const stream = new RandomSource(1).stream("values");
    const w = parameter(randomNormal([256, 256], { stream }));
    const optimizer = adam([w], { learningRate: 0.1 });
    const step = (rows: number): Tensor =>
      optimizer.step(() => sum(square(randomNormal([rows, 256], { stream }).matmul(w))));
    step(16);
    const { live } = memory();
    for (let i = 0; i < 3; i++) {
      const weights = w.elements();
      expect(() => step(20_000)).toThrow(
        /^wasm: expected memory to hold .* within its limit of 24\.0 MiB/,
      );
      expect(w.elements()).toEqual(weights);
      // The gradients of the step before are cleared when a step begins.
      expect(memory().live).toBeLessThanOrEqual(live);
      expect(Number.isFinite(step(16).item())).toBe(true);
      expect(memory().live).toBe(live);
    }
    expect(memory().reserved).toBeLessThanOrEqual(limit);
  },
);

plain(
  "10,000 optimiser steps in one synchronous loop hold no byte more at the end than after the second",
  () => {
    const net = assemble(new Linear(3, 2), { seed: 1 });
    const optimizer = sgd(net.parameters(), { learningRate: 1e-3, momentum: 0.9 });
    const held: number[] = [];
    let last = Number.NaN;
    for (let step = 0; step < 10_000; step++) {
      last = optimizer.step(() => crossEntropy(net.forward(x), y)).item();
      held.push(memory().live);
    }
    expect(last).toBeLessThan(0.1); // it trained: the four examples can be told apart
    expect(new Set(held.slice(1)).size).toBe(1);
  },
);

plain.each([
  ["a result that leaves its scope", () => scope(() => add(x, x))],
  ["a kept value", () => scope(() => void keep(add(x, x)))],
  ["a value used again after it left", () => scope(() => add(left, left))],
  ["a gradient", () => grad((at: Tensor) => sum(square(at)))(x)],
])("%s holds nothing on the device, in a loop of a thousand", (_, make) => {
  make();
  const { live } = memory();
  const peaks: number[] = [];
  for (let i = 0; i < 1000; i++) {
    make();
    peaks.push(memory().live);
  }
  expect(Math.max(...peaks)).toBe(live);
});
const left = scope(() => add(x, x));

plain(
  "what left its scope keeps its elements, as a whole, as a view, and where an op uses it",
  () => {
    const doubled = [2, 4, 6, 6, 2, 4, 4, 6, 2, 0, 2, 0];
    const value = scope(() => add(x, x));
    expect([...value.elements()]).toEqual(doubled);
    expect([...value.reshape([2, 6]).elements()]).toEqual(doubled);
    expect(value.transpose().toArray()).toEqual([
      [2, 6, 4, 0],
      [4, 2, 6, 2],
      [6, 4, 2, 0],
    ]);
    scope(() => {
      expect(sum(value).item()).toBe(38);
      expect([...add(value, value).elements()]).toEqual(doubled.map((each) => 2 * each));
    });
    expect([...value.elements()]).toEqual(doubled);
  },
);

plain("a kept gradient that is written to after it was cleared shows what was written", () => {
  const w = parameter(tensor([1, 2]));
  sum(square(w)).backward();
  const gradient = keep(w.grad ?? w);
  w.grad = null;
  gradient.storage.release("a test");
  expect([...gradient.elements()]).toEqual([2, 4]);
  scope(() => {
    gradient.storage.device.write(gradient.storage.handle, Float32Array.of(7, 8));
    gradient.storage.version += 1;
    gradient.version += 1;
  });
  expect([...gradient.elements()]).toEqual([7, 8]);
});
