/** compile: what cannot be repeated runs as written, gives what it should, and says why. */

import { beforeAll, describe, expect, test } from "vitest";
import {
  atStep,
  buffer,
  type CompiledStep,
  clearGradients,
  compile,
  detectAnomalies,
  grad,
  keep,
  multiply,
  parameter,
  setDevice,
  square,
  sum,
  type Tensor,
  tensor,
  UsageError,
  withDevice,
} from "../core/index.ts";
import { sgd } from "../optim/index.ts";
import { expectSameBits, kindOf } from "./compile-kinds.ts";
import { messageOf, numbers } from "./plain.ts";

beforeAll(() => setDevice("wasm"));

describe("what cannot be repeated runs as written and says why", () => {
  const x = (): Tensor => tensor([1, 2, 3]);
  const outcome = (f: CompiledStep<[Tensor], unknown>, calls = 4): readonly unknown[] => {
    for (let i = 0; i < calls; i++) f(x());
    const { replayed, reasons } = f.report();
    return [replayed, reasons];
  };

  test.each([
    [
      "reads elements",
      (a: Tensor) => multiply(a, a.sum().item()),
      "item reads elements in JavaScript",
    ],
    [
      "brings data",
      (a: Tensor) => a.add(tensor([1, 1, 1])),
      "tensor() brings data from JavaScript",
    ],
    ["gives a number", () => 3, "it gives a number, not a tensor"],
  ] as const)("a step that %s", (_, f, reason) => {
    expect(outcome(compile(f as (a: Tensor) => unknown))).toEqual([0, [reason]]);
  });

  test("a step that gives a cell", () => {
    const w = parameter(tensor([2, 3, 4]));
    expect(outcome(compile(() => w))).toEqual([0, ["it gives a tensor that it has not made"]]);
  });

  test("a result that is still to be differentiated", () => {
    const w = parameter(tensor([2, 3, 4]));
    const f = compile((a: Tensor) => sum(multiply(w, a)));
    for (let i = 1; i < 5; i++) {
      clearGradients([w]);
      f(tensor([i, 1, 1])).backward();
      expect(numbers(w.grad ?? w)).toEqual([i, 1, 1]);
    }
    expect(f.report()).toMatchObject({
      replayed: 0,
      reasons: ["its result is still to be differentiated"],
    });
  });

  test("a tensor that outlives the step", () => {
    const kept: Tensor[] = [];
    const f = compile((a: Tensor) => {
      kept.push(buffer(a));
      return a.add(1);
    });
    expect(outcome(f)).toEqual([0, ["a tensor that it makes outlives it"]]);
    expect(kept.map(numbers)).toEqual([1, 2, 3, 4].map(() => [1, 2, 3]));
  });

  test("a tensor that is kept", () => {
    const kept: Tensor[] = [];
    const f = compile((a: Tensor) => {
      kept.push(keep(a.add(0.5)));
      return a.add(1);
    });
    expect(outcome(f)).toEqual([0, ["it keeps a tensor that it makes"]]);
    expect(kept.map(numbers)).toEqual([1, 2, 3, 4].map(() => [1.5, 2.5, 3.5]));
  });

  test("gradients that are accumulated over calls", () => {
    const compiled = expectSameBits(kindOf("an MLP with dropout"), (net) =>
      sgd(net.parameters(), { learningRate: 0.1, accumulate: 2 }),
    );
    expect(compiled.report().reasons).toEqual(["it accumulates gradients over calls"]);
  });

  test("another device, a transform, an observer", () => {
    const f = compile((a: Tensor) => sum(square(a)));
    withDevice("reference", () => outcome(f, 1));
    expect(numbers(grad((a: Tensor) => f(a))(x()))).toEqual([2, 4, 6]);
    detectAnomalies(() => atStep(1, () => f(x())));
    expect(f.report().reasons).toEqual([
      "the device reference repeats nothing",
      "a transform follows it",
      "an observer looks at every op",
    ]);
  });

  test("a number that the step reads by closure and that changes from call to call", () => {
    let k = 0;
    const f = compile((a: Tensor) => multiply(a, k));
    for (k = 0; k < 20; k++) expect(numbers(f(x()))).toEqual([k, 2 * k, 3 * k]);
    expect(f.report().replayed).toBe(0);
  });

  test("a tensor by closure that is another at each call", () => {
    let by = x();
    const f = compile((a: Tensor) => multiply(a, by));
    for (let k = 0; k < 20; k++) {
      by = tensor([k, 1, 0]);
      expect(numbers(f(x()))).toEqual([k, 2, 0]);
    }
    expect(f.report().replayed).toBe(0);
  });

  test("refresh() takes a number by closure in that changes, and check() finds it", () => {
    let k = 1;
    const f = compile((a: Tensor) => multiply(a, k));
    for (; k < 4; k++) {
      f.refresh();
      for (let i = 0; i < 4; i++) expect(numbers(f(x()))).toEqual([k, 2 * k, 3 * k]);
    }
    expect(f.report().replayed).toBeGreaterThan(2);
    f.check();
    expect(messageOf(() => f(x()), UsageError)).toContain("call refresh()");
  });

  test("a number by closure that changes later is found, and reset() takes it in", () => {
    let k = 1;
    const f = compile((a: Tensor) => multiply(a, k));
    for (let i = 0; i < 4; i++) f(x());
    k = 2;
    const message = messageOf(() => {
      for (let i = 0; i < 8; i++) f(x());
    }, UsageError);
    expect(message).toMatch(/^compile: expected the step to do at each call what it did/);
    f.reset();
    for (let i = 0; i < 4; i++) expect(numbers(f(x()))).toEqual([2, 4, 6]);
  });
});
