/**
 * The optimiser: a thin stateful shell around an update rule.
 * Rests on rule, schedules and core.
 */
import {
  assign,
  atStep,
  backward,
  buffer,
  clearGradients,
  noGrad,
  scope,
  Tensor,
  tensor,
  ValueError,
} from "../core/index.ts";
import { type CellUpdate, updateCells } from "../core/update.ts";
import { constant, type Schedule } from "../schedules/index.ts";
import { formulaOf } from "./formula.ts";
import type { UpdateRule } from "./rule.ts";

/** Options of every optimiser. */
export interface OptimizerOptions {
  /** Step size, ≥ 0: a number, or a schedule of the step's number counted from 0. */
  readonly learningRate: number | Schedule;
}

/**
 * Applies an update rule to parameters.
 *
 * @example
 * const optimizer = adam(net.parameters(), { learningRate: 1e-3 });
 * const loss = optimizer.step(() => crossEntropy(net.forward(x), y));
 */
export class Optimizer {
  readonly rule: UpdateRule;
  readonly parameters: readonly Tensor[];
  readonly #schedule: Schedule;
  readonly #states: Record<string, Tensor>[];
  #steps = 0;

  constructor(rule: UpdateRule, parameters: Iterable<Tensor>, { learningRate }: OptimizerOptions) {
    this.rule = rule;
    this.parameters = [...parameters];
    for (const parameter of this.parameters) requireParameter(rule.name, parameter);
    requireDistinct(rule.name, this.parameters);
    if (typeof learningRate === "number") requireRate(rule.name, learningRate);
    this.#schedule = typeof learningRate === "number" ? constant(learningRate) : learningRate;
    this.#states = this.parameters.map((parameter) =>
      scope(() => asBuffers(rule.init(parameter), parameter.name ?? "parameter")),
    );
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /** The learning rate of the next step. Throws ValueError if the schedule gives a negative number or NaN. */
  get learningRate(): number {
    return requireRate(this.rule.name, this.#schedule(this.#steps));
  }

  /** What the rule remembers, by `<number of the parameter>.<name>`. */
  namedState(): Record<string, Tensor> {
    return Object.fromEntries(
      this.#states.flatMap((state, index) =>
        Object.entries(state).map(([name, tensor]) => [`${index}.${name}`, tensor]),
      ),
    );
  }

  /**
   * One training step: clears gradients, computes the loss (0-d), pulls it back, updates. Everything made
   * on the way is released; the loss is returned as a constant.
   */
  step(closure: () => Tensor): Tensor {
    return atStep(this.#steps + 1, () =>
      scope(() => {
        this.clearGradients();
        const loss = closure();
        requireLoss(loss);
        backward(loss);
        const { shape, dtype } = loss;
        const before = tensor(loss.elements("step"), { shape, dtype }); // the update may overwrite it
        this.update();
        return before;
      }),
    );
  }

  /** Updates every parameter that has a gradient, in `grad`; one step of the schedule. */
  update(): void {
    const rate = this.learningRate;
    this.#steps += 1;
    noGrad(() => {
      for (const index of this.#updateTogether(rate)) {
        const parameter = this.parameters[index];
        if (parameter === undefined) continue;
        scope(() => this.#updateOne(parameter, this.#states[index] ?? {}, rate));
      }
    });
  }

  /** Sets every parameter's `grad` to null. */
  clearGradients(): void {
    clearGradients(this.parameters);
  }

  /** Updates in one launch what can be; gives the numbers of the other parameters. */
  #updateTogether(rate: number): readonly number[] {
    const numbers = this.parameters.flatMap(({ grad }, index) => (grad === null ? [] : [index]));
    const formula = formulaOf(this.rule, this.#steps, rate);
    if (formula === null) return numbers;
    const updates = new Map<CellUpdate, number>();
    for (const index of numbers) {
      const parameter = this.parameters[index];
      const gradient = parameter?.grad ?? null;
      if (parameter === undefined || gradient === null) continue;
      const cells = [parameter, ...Object.values(this.#states[index] ?? {})];
      updates.set({ gradient, cells }, index);
    }
    return updateCells(formula, [...updates.keys()]).map((update) => updates.get(update) ?? -1);
  }

  #updateOne(parameter: Tensor, state: Record<string, Tensor>, rate: number): void {
    const gradient = parameter.grad;
    if (gradient === null) return;
    const next = this.rule.update({ parameter, gradient, state, t: this.#steps, rate });
    assign(parameter, next.parameter);
    for (const [name, value] of Object.entries(next.state)) {
      const cell = state[name];
      if (cell !== undefined) assign(cell, value);
    }
  }
}

function asBuffers(state: Readonly<Record<string, Tensor>>, owner: string): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(state).map(([name, value]) => [
      name,
      buffer(value, { name: `${owner}.${name}` }),
    ]),
  );
}

function requireParameter(where: string, parameter: Tensor): void {
  if (parameter.role !== "parameter") {
    throw new ValueError({
      where,
      argument: "parameters",
      expected: "to be made by parameter or assemble",
      got: `a ${parameter.role} ${parameter.describe()}`,
      fix: "Pass net.parameters()",
    });
  }
}

function requireDistinct(where: string, parameters: readonly Tensor[]): void {
  const twice = parameters.find((parameter, index) => parameters.indexOf(parameter) !== index);
  if (twice !== undefined) {
    throw new ValueError({
      where,
      argument: "parameters",
      expected: "to hold each parameter once",
      got: `${twice.describe()} twice`,
      fix: "Remove the repeated parameter: it would be updated twice in a step",
    });
  }
}

function requireLoss(loss: unknown): void {
  if (loss instanceof Tensor) return;
  throw new ValueError({
    where: "optimizer.step",
    argument: "closure",
    expected: "to return the loss, a 0-d tensor",
    got: loss instanceof Promise ? "a Promise" : String(loss),
    fix: "Await data before the step, and return the loss from the closure",
  });
}

function requireRate(where: string, rate: number): number {
  if (!(rate >= 0 && Number.isFinite(rate))) {
    throw new ValueError({
      where,
      argument: "learningRate",
      expected: "to be a finite number ≥ 0",
      got: String(rate),
      fix: "Give a step size such as 1e-3; to ascend, negate the loss",
    });
  }
  return rate;
}
