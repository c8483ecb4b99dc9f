/** The state of an optimiser: by the names of parameters, put back whole or not at all. */
import { describe, expect, test } from "vitest";
import {
  assign,
  type BitgradError,
  buffer,
  DTypeError,
  parameter,
  ShapeError,
  type State,
  square,
  sum,
  Tensor,
  ValueError,
} from "../core/index.ts";
import { leavesOf } from "../core/tree.ts";
import { adam, Optimizer, type RuleState, sgd } from "../optim/index.ts";
import { cosine } from "../schedules/index.ts";
import { bitsOf, f64, messageOf, numbers } from "./plain.ts";

const named = (name: string, data: readonly number[] = [1, -2]): Tensor =>
  parameter(f64([...data]), { name });
const bowl = (parameters: readonly Tensor[]): Tensor =>
  parameters.map((w) => sum(square(w))).reduce((a, b) => a.add(b));

/** A copy that later steps do not change, as a file would hold. */
function copyOf(state: State): State {
  if (state instanceof Tensor) return buffer(state);
  if (typeof state !== "object" || state === null) return state;
  if (Array.isArray(state)) return state.map(copyOf);
  return Object.fromEntries(Object.entries(state).map(([name, part]) => [name, copyOf(part)]));
}

describe("a state", () => {
  test("names what the rule remembers after the parameters, by number where a name is missing or shared", () => {
    const [w, b, twin, nameless] = [named("w"), named("b"), named("b"), parameter(f64([1]))];
    const optimizer = adam([w, b, twin, nameless], { learningRate: 0.1 });
    const { cells, ...rest } = optimizer.state() as Readonly<Record<string, object>>;
    expect(rest).toEqual({ steps: 0, calls: 0, gradients: {} });
    expect(Object.keys(cells ?? {})).toEqual([
      ...["w.first", "w.second", "#1.first", "#1.second"],
      ...["#2.first", "#2.second", "#3.first", "#3.second"],
    ]);
  });

  test("has a cell for each parameter, also where one has the name that another's place would give it", () => {
    const parameters = [named("#1", [1, 2]), parameter(f64([3, 4])), named("#1x", [5, 6])];
    const optimizer = sgd(parameters, { learningRate: 0.5, momentum: 0.5 });
    optimizer.step(() => bowl(parameters));
    const { cells } = optimizer.state() as Readonly<
      Record<string, Readonly<Record<string, Tensor>>>
    >;
    expect(Object.entries(cells ?? {}).map(([name, cell]) => [name, numbers(cell)])).toEqual([
      ["#0.velocity", [2, 4]],
      ["#1.velocity", [6, 8]],
      ["#1x.velocity", [10, 12]],
    ]);
  });

  test("calls a parameter by its own name unless that is of the form of a place alone", () => {
    const parameters = [named("#12"), named("w#1"), named("#")];
    const optimizer = sgd(parameters, { learningRate: 0.5, momentum: 0.5 });
    const { cells } = optimizer.state() as Readonly<Record<string, object>>;
    expect(Object.keys(cells ?? {})).toEqual(["#0.velocity", "w#1.velocity", "#.velocity"]);
  });

  test("is of tensors called after their parameters", () => {
    const optimizer = adam([named("w"), parameter(f64([1]))], { learningRate: 0.1 });
    expect(Object.values(optimizer.namedState()).map(({ name }) => name)).toEqual([
      ...["w.first", "w.second", "parameter.first", "parameter.second"],
    ]);
  });

  test("has no gradient of a parameter that has none", () => {
    const [w, idle] = [named("w"), named("idle")];
    const optimizer = sgd([w, idle], { learningRate: 0.1, accumulate: 2 });
    optimizer.step(() => bowl([w]));
    const { gradients } = optimizer.state() as Readonly<Record<string, object>>;
    expect(Object.keys(gradients ?? {})).toEqual(["w"]);
  });

  test("goes back into an optimiser whose parameters stand in another order", () => {
    const make = (order: readonly [string, string]) => {
      const parameters = order.map((name) => named(name, name === "a" ? [1] : [2, 3]));
      return { parameters, optimizer: adam(parameters, { learningRate: 0.1 }) };
    };
    const [from, to, whole] = [make(["a", "b"]), make(["b", "a"]), make(["a", "b"])];
    from.optimizer.step(() => bowl(from.parameters));
    for (let t = 0; t < 2; t++) whole.optimizer.step(() => bowl(whole.parameters));
    to.optimizer.restore(from.optimizer.state());
    to.parameters.forEach((cell, i) => {
      assign(cell, from.parameters[1 - i] ?? cell);
    });
    to.optimizer.step(() => bowl(to.parameters));
    expect(to.parameters.map(bitsOf).reverse()).toEqual(whole.parameters.map(bitsOf));
  });

  test("of before can be put back into the same optimiser, schedules and all", () => {
    const w = named("w");
    const optimizer = sgd([w], {
      learningRate: cosine({ base: 0.5, totalSteps: 10 }),
      momentum: 0.9,
      accumulate: 2,
    });
    for (let t = 0; t < 3; t++) optimizer.step(() => bowl([w]));
    const [before, weights] = [copyOf(optimizer.state()), buffer(w)];
    const run = (): readonly unknown[] => {
      for (let t = 0; t < 4; t++) optimizer.step(() => bowl([w]));
      return [bitsOf(w), optimizer.steps, optimizer.learningRate];
    };
    const first = run();
    optimizer.restore(before);
    assign(w, weights);
    expect(run()).toEqual(first);
    expect(optimizer.steps).toBe(3);
  });

  test("of itself changes nothing, also between two calls of an accumulation", () => {
    const w = named("w");
    const optimizer = adam([w], { learningRate: 0.1, accumulate: 2 });
    for (let t = 0; t < 3; t++) optimizer.step(() => bowl([w]));
    const gradient = w.grad && numbers(w.grad);
    const before = Object.values(optimizer.namedState()).map(bitsOf);
    optimizer.restore(optimizer.state());
    expect(Object.values(optimizer.namedState()).map(bitsOf)).toEqual(before);
    expect([w.grad && numbers(w.grad), optimizer.steps]).toEqual([gradient, 1]);
    optimizer.step(() => bowl([w]));
    expect(optimizer.steps).toBe(2);
  });

  test("has the gradients that step accumulates, and not those of backward alone, which restoring it clears", () => {
    const w = named("w");
    const optimizer = sgd([w], { learningRate: 0.1, accumulate: 2 });
    const gradients = (): unknown =>
      leavesOf((optimizer.state() as Readonly<Record<string, State>>)["gradients"] ?? null).map(
        numbers,
      );
    bowl([w]).backward();
    expect([w.grad && numbers(w.grad), gradients()]).toEqual([[2, -4], []]);
    optimizer.restore(optimizer.state());
    expect(w.grad).toBeNull();
    optimizer.step(() => bowl([w]));
    expect(gradients()).toEqual([[1, -2]]);
    optimizer.step(() => bowl([w]));
    expect([w.grad && numbers(w.grad), gradients()]).toEqual([[2, -4], []]);
    optimizer.update();
    expect(w.grad && numbers(w.grad)).toEqual([2, -4]);
  });

  test("without gradients clears those that are there", () => {
    const w = named("w");
    const optimizer = sgd([w], { learningRate: 0.1 });
    const before = optimizer.state();
    optimizer.step(() => bowl([w]));
    optimizer.restore(before);
    expect([w.grad, optimizer.steps]).toEqual([null, 0]);
  });
});

describe("a rule of one's own", () => {
  const using = (declared: RuleState, returned: RuleState): (() => void) => {
    const w = named("w");
    const rule = {
      name: "mine",
      init: () => declared,
      update: () => ({ parameter: w, state: returned }),
    };
    return () => new Optimizer(rule, [w], { learningRate: 1 }).step(() => bowl([w]));
  };
  const one = f64([1]);

  test.each([
    [{ a: one }, { a: one, b: one }, "exactly a, as from init, got b besides"],
    [{ a: one, b: one }, { a: one }, "exactly a, b, as from init, got none of b"],
    [{}, { toString: one }, "exactly nothing, as from init, got toString besides"],
    [
      { a: one, b: one },
      { c: one, d: one },
      "exactly a, b, as from init, got none of a, b, c, d besides",
    ],
  ])("must give the state that it declares, case %#", (declared, returned, words) => {
    expect(messageOf(using(declared, returned), ValueError)).toBe(
      `mine.update: expected state to have ${words}. Return from update all that init returns, and nothing else.`,
    );
    expect(using(declared, declared)).not.toThrow();
  });

  test("must not name state so that it reads as another parameter's", () => {
    expect(messageOf(using({ "a.b": one }, {}), ValueError)).toBe(
      "mine.init: expected state to have names without a full stop, got a.b. Call it something else.",
    );
  });
});

describe("what does not fit is refused, and nothing changes", () => {
  const w = named("w");
  const optimizer = adam([w], { learningRate: 0.1, accumulate: 3 });
  for (let t = 0; t < 4; t++) optimizer.step(() => bowl([w]));
  // Of other weights and more steps: whatever is put back shows.
  const [v, further] = [named("w", [3, 5]), 7];
  const other = adam([v], { learningRate: 0.1, accumulate: 3 });
  for (let t = 0; t < further; t++) other.step(() => bowl([v]));
  const good = copyOf(other.state()) as Readonly<Record<string, State>>;
  const cells = good["cells"] as Readonly<Record<string, State>>;
  const snapshot = (of: Optimizer): readonly unknown[] => [
    of.steps,
    ...leavesOf(of.state()).map(bitsOf),
  ];
  const where = "optimizer.restore: expected";
  const refused: readonly (readonly [string, new (...args: never[]) => BitgradError, State])[] = [
    [`${where} state to be an object with steps, calls, cells, gradients, got 3.`, ValueError, 3],
    [
      `${where} state to have exactly steps, calls, cells, gradients, got extra besides.`,
      ValueError,
      { ...good, extra: 1 },
    ],
    [`${where} state to have a number as steps, got "1".`, ValueError, { ...good, steps: "1" }],
    [`${where} state to have an integer ≥ 0 as steps, got -1.`, ValueError, { ...good, steps: -1 }],
    [
      `${where} state to have an integer ≥ 0 as calls, got 0.5.`,
      ValueError,
      { ...good, calls: 0.5 },
    ],
    [
      `${where} state to have fewer than 3 calls since the last update, got 3.`,
      ValueError,
      { ...good, calls: 3 },
    ],
    [
      `${where} state to have exactly w.first, w.second, got none of w.second.`,
      ValueError,
      { ...good, cells: { "w.first": cells["w.first"] ?? 0 } },
    ],
    [
      `${where} w.first to have shape [2], got [3].`,
      ShapeError,
      { ...good, cells: { ...cells, "w.first": f64([1, 2, 3]) } },
    ],
    [
      `${where} w.second to be float64, got float32.`,
      DTypeError,
      { ...good, cells: { ...cells, "w.second": f64([1, 2]).cast("float32") } },
    ],
    [
      `${where} state to have exactly nothing, got v besides.`,
      ValueError,
      { ...good, gradients: { v: f64([1]) } },
    ],
    [`${where} w to have shape [2], got [1].`, ShapeError, { ...good, gradients: { w: f64([1]) } }],
    [`${where} state to have a tensor as w, got 1.`, ValueError, { ...good, gradients: { w: 1 } }],
    [
      `${where} state to be an object with nothing, got null.`,
      ValueError,
      { ...good, gradients: null },
    ],
  ];

  test.each(refused)("%s", (message, kind, state) => {
    const before = snapshot(optimizer);
    expect(messageOf(() => optimizer.restore(state), kind)).toContain(message);
    expect(snapshot(optimizer)).toEqual(before);
  });

  test("what fits is put back: the refusals are not for another reason", () => {
    const target = adam([w], { learningRate: 0.1, accumulate: 3 });
    target.restore(good);
    expect(snapshot(target)).toEqual(snapshot(other));
    target.clearGradients();
  });

  test("the state of another rule", () => {
    const heavy = sgd([w], { learningRate: 0.1, momentum: 0.9, accumulate: 3 });
    expect(() => heavy.restore(good)).toThrow("to have exactly w.velocity");
  });
});
