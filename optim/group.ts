/**
 * Groups: parameters that are updated alike, and what they are updated with at each step.
 * Rests on rule, require, schedules and core.
 */
import { Tensor, ValueError } from "../core/index.ts";
import type { Schedule } from "../schedules/index.ts";
import { requireSize } from "./require.ts";
import type { UpdateRule } from "./rule.ts";

/** A hyper-parameter that may change: a number, or a schedule of the step's number counted from 0. */
export type Scheduled = number | Schedule;

/** Options of every optimiser that a group may have for itself. */
export interface GroupOptions {
  /** α, the step size, ≥ 0. */
  readonly learningRate: Scheduled;
  /** λ, how strongly parameters are drawn to 0, ≥ 0; default 0. */
  readonly weightDecay?: Scheduled;
  /**
   * Whether decay is a step of its own, x ← x - α·λ·x before the rule's. Else it is coupled, g ← g + λ·x: the gradient of
   * λ/2·‖x‖², which the rule then treats as any. Default false.
   */
  readonly decoupledDecay?: boolean;
}

/** Options of every optimiser that hold for all groups. */
export interface SharedOptions {
  /** Largest magnitude of a gradient's element, > 0; larger ones are cut. Default: none. */
  readonly clipValue?: number;
  /** Largest norm of all gradients together, > 0; longer ones are scaled down. Default: none. */
  readonly clipNorm?: number;
  /** Calls of `step` that make one update, integer ≥ 1; their gradients are averaged. Default 1. */
  readonly accumulate?: number;
}

/** Options of every optimiser. */
export interface OptimizerOptions extends GroupOptions, SharedOptions {}

/** Options of an optimiser whose decay is decoupled by definition. */
export interface DecoupledOptions extends Omit<OptimizerOptions, "decoupledDecay"> {}

/** Parameters that are updated alike, with the options that they have for themselves. */
export type ParameterGroup<O> = { readonly parameters: Iterable<Tensor> } & Partial<
  Omit<O, keyof SharedOptions>
>;

/** What an optimiser updates: parameters, or groups of them. */
export type Trainable<O> = Iterable<Tensor> | Iterable<ParameterGroup<O>>;

/** The value of a hyper-parameter at the step at hand. */
export type At = (value: Scheduled) => number;

/** How an optimiser gets its rule. */
export interface Algorithm<O> {
  /** The user's function, for errors. */
  readonly name: string;
  /** Weight decay where none is given; default 0. */
  readonly defaultDecay?: number;
  /** Whether its decay is decoupled by definition. */
  readonly isDecoupled?: boolean;
  /** The rule of a step, with its hyper-parameters checked: what the rule remembers is the same at all steps. */
  rule(options: O, at: At): UpdateRule;
}

/** What a group is updated with at one step. */
export interface GroupStep {
  readonly rule: UpdateRule;
  readonly rate: number;
  readonly decay: number;
}

/** A group, resolved. */
export interface Group {
  readonly parameters: readonly Tensor[];
  readonly decoupled: boolean;
  /** The rule of step 0. */
  readonly rule: UpdateRule;
  /** The learning rate of step number `step`, from 0. Throws ValueError if it is negative or not finite. */
  rateAt(step: number): number;
  /** All that step number `step` needs, from 0. Throws ValueError if a schedule gives what is out of range. */
  at(step: number): GroupStep;
}

/** The groups of `trainable`: one of all parameters, or those given, with `options` where they say nothing else. */
export function groupsOf<O extends GroupOptions>(
  algorithm: Algorithm<O>,
  trainable: Trainable<O>,
  options: O,
): readonly Group[] {
  const where = algorithm.name;
  const items: readonly (Tensor | ParameterGroup<O>)[] = [...trainable];
  const tensors = items.filter((item) => item instanceof Tensor);
  if (tensors.length === items.length) return [groupOf(algorithm, tensors, options)];
  return items.map((item) => {
    if (item instanceof Tensor || !isGroup(item)) {
      throw new ValueError({
        where,
        argument: "parameters",
        expected: "to be parameters, or groups of them",
        got: item instanceof Tensor ? `${item.describe()} among groups` : typeof item,
        fix: "Pass net.parameters(), or [{ parameters, learningRate }, …]",
      });
    }
    const { parameters } = item;
    return groupOf(algorithm, [...parameters], { ...options, ...item });
  });
}

function isGroup(item: unknown): boolean {
  return typeof item === "object" && item !== null && "parameters" in item;
}

function groupOf<O extends GroupOptions>(
  algorithm: Algorithm<O>,
  parameters: readonly Tensor[],
  options: O,
): Group {
  const { name, defaultDecay = 0, isDecoupled = false } = algorithm;
  const { learningRate, weightDecay = defaultDecay, decoupledDecay = isDecoupled } = options;
  if (isDecoupled && !decoupledDecay) {
    throw new ValueError({
      where: name,
      argument: "decoupledDecay",
      expected: "to be left out",
      got: "false",
      fix: `${name} decouples by definition: take adam for coupled decay`,
    });
  }
  if (typeof learningRate !== "function") requireRate(name, learningRate);
  if (typeof weightDecay !== "function") requireDecay(name, weightDecay);
  let changes = false;
  const ruleAt = (step: number): UpdateRule =>
    algorithm.rule(options, (value) => {
      if (typeof value !== "function") return value; // The rule checks it.
      changes = true;
      return value(step);
    });
  const rule = ruleAt(0);
  const rateAt = (step: number): number => requireRate(name, valueAt(learningRate, step));
  return {
    parameters,
    decoupled: decoupledDecay,
    rule,
    rateAt,
    at: (step) => ({
      rule: changes ? ruleAt(step) : rule,
      rate: rateAt(step),
      decay: requireDecay(name, valueAt(weightDecay, step)),
    }),
  };
}

function valueAt(value: Scheduled, step: number): number {
  return typeof value === "function" ? value(step) : value;
}

function requireRate(where: string, rate: number): number {
  const fix = "Give a step size such as 1e-3; to ascend, negate the loss";
  return requireSize(where, "learningRate", rate, fix);
}

function requireDecay(where: string, decay: number): number {
  return requireSize(where, "weightDecay", decay, "Give a share such as 1e-4, or 0 for none");
}
