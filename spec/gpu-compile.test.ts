/**
 * The gpu device and compile: a compiled step runs there as written and says so, and a part of a captured step that runs
 * there finds what the launches before it made.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gpuStatus, stopGpu } from "../core/devices/gpu/index.ts";
import {
  add,
  compile,
  crossEntropy,
  device,
  matmul,
  multiply,
  RandomSource,
  randomIntegers,
  randomNormal,
  relu,
  type Shape,
  scope,
  setDevice,
  type Tensor,
  withDevice,
} from "../core/index.ts";
import { assemble, Conv2d, Flatten, Linear, ReLU, Sequential } from "../layers/index.ts";
import { adam } from "../optim/index.ts";
import { modesHere, startTime, useMode } from "./devices/gpu-modes.ts";
import { bitsOf } from "./plain.ts";

const normal = (shape: Shape, seed: number): Tensor =>
  randomNormal(shape, { stream: new RandomSource(seed).stream("spec/gpu") });

describe.each(modesHere)("in mode %s", (mode) => {
  beforeAll(() => useMode(mode), startTime);
  afterAll(() => {
    setDevice("wasm");
    stopGpu();
  });

  test("a compiled training step runs as written, with its numbers, and says why", () => {
    const train = (isCompiled: boolean): readonly string[] => {
      const net = assemble(
        new Sequential([
          new Conv2d(1, 4, { kernel: 3, padding: 1 }),
          new ReLU(),
          new Flatten(),
          new Linear(4 * 36, 3),
        ]),
        { seed: 1 },
      );
      const labels = randomIntegers([8], {
        stream: new RandomSource(3).stream("labels"),
        low: 0,
        high: 3,
      });
      const optimizer = adam(net.parameters(), { learningRate: 0.01 });
      const compiled = compile((x: Tensor) =>
        optimizer.step(() => crossEntropy(net.forward(x), labels)),
      );
      const written = (x: Tensor): Tensor =>
        optimizer.step(() => crossEntropy(net.forward(x), labels));
      const step = isCompiled ? compiled : written;
      const losses = [1, 2, 3, 4, 5].map((i) => scope(() => bitsOf(step(normal([8, 1, 6, 6], i)))));
      const reasons = isCompiled ? [`the device ${device()} repeats nothing`] : [];
      expect(compiled.report()).toMatchObject({ replayed: 0, captured: 0, reasons });
      return [...losses, ...net.parameters().map(bitsOf)];
    };
    const ran = gpuStatus()?.classes.matmul.ran ?? 0;
    expect(train(true)).toEqual(train(false));
    expect(gpuStatus()?.classes.matmul.ran).toBeGreaterThan(ran);
  });

  test("a step of the wasm device that goes there in its midst gives what it gives as written", () => {
    const there = device();
    withDevice("wasm", () => {
      const other = withDevice(there, () => normal([4, 4], 9));
      const written = (x: Tensor): Tensor => {
        const y = relu(multiply(x, 2));
        const away = withDevice(there, () => matmul(other, other));
        return add(y, away.sum().item());
      };
      const compiled = compile(written);
      for (const i of [1, 2, 3, 4]) {
        const x = normal([4, 4], i);
        expect(bitsOf(compiled(x))).toBe(bitsOf(written(x)));
      }
      expect(compiled.report()).toMatchObject({
        replayed: 0,
        reasons: [`it uses the device ${there}`],
      });
    });
  });
});
