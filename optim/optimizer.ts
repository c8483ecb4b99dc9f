/**
 * The optimiser: a thin stateful shell around an update rule.
 * Rests on rule, group, slot, apply and core. A step accumulates gradients, clips them, decays, then updates.
 */
import { type CaptureListener, capturing } from "../core/capture.ts";
import { snapshotOf } from "../core/create.ts";
import {
  atStep,
  backward,
  buffer,
  clearGradients,
  noGrad,
  recordOfState,
  restoringCells,
  type State,
  type Stateful,
  scope,
  Tensor,
  tensor,
  ValueError,
} from "../core/index.ts";
import { areUpdatable } from "../core/update.ts";
import { applyUpdates, clipped, type Limits, type Setting, updatesOf } from "./apply.ts";
import { formulaOf } from "./formula.ts";
import {
  type Algorithm,
  type Group,
  type GroupStep,
  groupsOf,
  type OptimizerOptions,
  type Trainable,
} from "./group.ts";
import { countOfState, requireAccumulate, requireLimit } from "./require.ts";
import type { UpdateRule } from "./rule.ts";
import { cellsOf, requireParameters, type Slot, slotsOf } from "./slot.ts";

/**
 * Applies an update rule to parameters, in one group or several.
 *
 * The order of a step: gradients of `accumulate` calls are averaged; cut by `clipValue`, then scaled by `clipNorm`;
 * decayed (coupled: g ← g + λ·x; decoupled: x ← x - α·λ·x); then the rule updates. A parameter without a gradient is left
 * alone, decay and all.
 *
 * @example
 * const optimizer = adam(net.parameters(), { learningRate: 1e-3 });
 * const loss = optimizer.step(() => crossEntropy(net.forward(x), y));
 */
export class Optimizer<O extends OptimizerOptions = OptimizerOptions> implements Stateful {
  /** All parameters, group by group. */
  readonly parameters: readonly Tensor[];
  readonly #groups: readonly Group[];
  readonly #slots: readonly Slot[];
  readonly #limits: Limits;
  readonly #accumulate: number;
  #steps = 0;
  #calls = 0;

  /** `rule`: one of your own, or how to get it from the options of a group. Throws ValueError for options out of range. */
  constructor(
    rule: UpdateRule | Algorithm<O>,
    parameters: Trainable<NoInfer<O>>,
    options: NoInfer<O>,
  ) {
    const algorithm = "rule" in rule ? rule : { name: rule.name, rule: (): UpdateRule => rule };
    const { clipValue, clipNorm, accumulate = 1 } = options;
    const { name } = algorithm;
    this.#groups = groupsOf(algorithm, parameters, options);
    this.parameters = this.#groups.flatMap((group) => group.parameters);
    requireParameters(name, this.parameters);
    this.#limits = {
      value: clipValue === undefined ? null : requireLimit(name, "clipValue", clipValue),
      norm: clipNorm === undefined ? null : requireLimit(name, "clipNorm", clipNorm),
    };
    this.#accumulate = requireAccumulate(name, accumulate);
    this.#slots = slotsOf(this.#groups);
  }

  /** Updates made so far. */
  get steps(): number {
    return this.#steps;
  }

  /** The learning rate of the next update, of the first group. Throws ValueError if its schedule gives none. */
  get learningRate(): number {
    return this.learningRates[0] ?? 0;
  }

  /** The learning rates of the next update, group by group. Throws ValueError if a schedule gives none. */
  get learningRates(): readonly number[] {
    return this.#groups.map((group) => group.rateAt(this.#steps));
  }

  /** What the rule remembers, by `<number of the parameter>.<name>`. */
  namedState(): Record<string, Tensor> {
    return cellsOf(this.#slots, ({ number }) => number);
  }

  /**
   * Updates made, calls of `step` since the last one with their gradients, and what the rule remembers, by the names of
   * the parameters. Schedules are functions of the updates made. Gradients that `backward` left without `step` are not in
   * it: save between updates, or accumulate with `step`.
   */
  state(): State {
    const gradients = this.#slots.flatMap(({ key, parameter: { grad } }) =>
      grad === null || this.#calls === 0 ? [] : [[key, grad] as const],
    );
    return {
      steps: this.#steps,
      calls: this.#calls,
      cells: cellsOf(this.#slots, ({ key }) => key),
      gradients: Object.fromEntries(gradients),
    };
  }

  /** Puts a state back; gradients that are not in it are cleared. Parameters are the net's to restore. */
  restore(state: State): void {
    const where = "optimizer.restore";
    const parts = recordOfState(where, state, ["steps", "calls", "cells", "gradients"]);
    const steps = countOfState(where, "steps", parts.steps);
    const calls = countOfState(where, "calls", parts.calls);
    requireCalls(where, calls, this.#accumulate);
    const write = restoringCells(
      where,
      cellsOf(this.#slots, ({ key }) => key),
      parts.cells,
    );
    const given = parts.gradients;
    const names = typeof given === "object" && given !== null ? Object.keys(given) : [];
    const slots = this.#slots.filter(({ key }) => names.includes(key));
    // Gradients must fit the parameters; nothing is written to these.
    restoringCells(where, Object.fromEntries(slots.map((s) => [s.key, s.parameter])), given);
    const gradients = recordOfState(where, given, names);
    const copies = slots.flatMap(({ key, parameter }) => {
      const gradient = gradients[key];
      if (!(gradient instanceof Tensor)) return [];
      return [[parameter, buffer(gradient, { name: `${key}.grad` })] as const];
    });
    write();
    this.clearGradients();
    for (const [parameter, gradient] of copies) parameter.grad = gradient;
    this.#steps = steps;
    this.#calls = calls;
  }

  /**
   * One training step: clears gradients, computes the loss (0-d), pulls it back, updates. Everything made
   * on the way is released; the loss is returned as a constant. With `accumulate: k` every k-th call updates, and only
   * the call after that clears: k batches of one size, each with its mean loss, make the step of one batch of all.
   */
  step(closure: () => Tensor): Tensor {
    return atStep(this.#steps + 1, () =>
      scope(() => {
        if (this.#accumulate > 1) capturing()?.refuse("it accumulates gradients over calls");
        if (this.#calls === 0) this.clearGradients();
        const loss = closure();
        requireLoss(loss);
        const { dtype, rank } = loss;
        const isWhole = this.#accumulate === 1 || rank > 0;
        backward(loss, isWhole ? undefined : tensor(1 / this.#accumulate, { dtype }));
        const before = snapshotOf("step", loss); // the update may overwrite it
        this.#calls += 1;
        if (this.#calls === this.#accumulate) this.update();
        return before;
      }),
    );
  }

  /**
   * Updates every parameter that has a gradient, in `grad`, as it is there; one step of the schedules. Gradients stay: before
   * the next `backward` of your own call `clearGradients`. What you accumulate by hand `state` does not save.
   */
  update(): void {
    const capture = capturing();
    if (capture === null) {
      this.#updateNow();
      return;
    }
    const isRepeatable = this.#isRepeatable() && capture.claims(this);
    capture.dependsOn(this, "rule of an optimiser", () => this.#isFormula());
    if (isRepeatable) this.#updateCaptured(capture);
    else capture.aside([], () => this.#updateNow());
  }

  #updateNow(): void {
    this.#calls = 0;
    const settings = this.#settings();
    this.#steps += 1;
    const t = this.#steps;
    this.#apply(settings, (index) => settingOf(settings, index, t));
  }

  /** A captured update: what schedules give is asked for at each repetition anew, before it begins. */
  #updateCaptured(capture: CaptureListener): void {
    let settings = this.#settings();
    capture.dependsOn(this, "weight decay", () =>
      this.#settings().every(({ decay }) => decay === 0),
    );
    capture.prepare(() => {
      settings = this.#settings();
    });
    this.#apply(settings, (index) => settingOf(settings, index, this.#steps + 1));
    const end = (): void => {
      this.#calls = 0;
      this.#steps += 1;
    };
    capture.effect(end);
    end();
  }

  #settings(): readonly GroupStep[] {
    return this.#groups.map((group) => group.at(this.#steps));
  }

  #isFormula(): boolean {
    return this.#settings().every(({ rule }) => formulaOf(rule, 1, 0) !== null);
  }

  /** Whether an update is launches alone: of rules that devices know, on gradients that they take. */
  #isRepeatable(): boolean {
    return this.#isFormula() && areUpdatable(updatesOf(this.#slots));
  }

  /** Clips and updates; `read` gives the setting of a group, at each repetition of a compiled step anew. */
  #apply(settings: readonly GroupStep[], read: (index: number) => Setting): void {
    const { value, norm } = this.#limits;
    const isDirect = value === null && norm === null && settings.every(({ decay }) => decay === 0);
    const apply = (): void => {
      const updates = clipped(updatesOf(this.#slots), this.#limits);
      settings.forEach((_, index) => {
        const group = this.#groups[index];
        const isAll = settings.length === 1;
        const ours = isAll ? updates : updates.filter(({ slot }) => slot.group === group);
        applyUpdates(ours, () => read(index));
      });
    };
    noGrad(isDirect ? apply : () => scope(apply)); // Clipped and decayed gradients end with the step.
  }

  /** Sets every parameter's `grad` to null. */
  clearGradients(): void {
    this.#calls = 0;
    clearGradients(this.parameters);
  }
}

function settingOf(settings: readonly GroupStep[], index: number, t: number): Setting {
  const setting = settings[index];
  if (setting === undefined) throw new RangeError("an optimiser without this group");
  return { ...setting, t };
}

function requireCalls(where: string, calls: number, accumulate: number): void {
  if (calls < accumulate) return;
  throw new ValueError({
    where,
    argument: "state",
    expected: `to have fewer than ${accumulate} calls since the last update`,
    got: String(calls),
    fix: "Make the optimizer with the `accumulate` that the state was saved with",
  });
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
