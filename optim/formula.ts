/**
 * Formulas: rules that devices know, so that all parameters are updated in one launch instead of op by op.
 * Rests on rule and core. The bits are the same on both ways, which a test asserts.
 */
import type { UpdateFormula } from "../core/devices/kernels.ts";
import type { UpdateRule } from "./rule.ts";

/** The formula of step number `t`, from 1, at a learning rate. */
type FormulaOfStep = (t: number, rate: number) => UpdateFormula;

/** A formula, and the functions that it says the same as. */
interface Known {
  readonly formula: FormulaOfStep;
  readonly init: UpdateRule["init"];
  readonly update: UpdateRule["update"];
}

// Keyed by the rule itself: a changed copy of a rule is another rule, and has none.
const formulas = new WeakMap<UpdateRule, Known>();

/** `rule`, known to compute what `formula` says. Its state must name what the formula remembers, in its order. */
export function withFormula(rule: UpdateRule, formula: FormulaOfStep): UpdateRule {
  const { init, update } = rule;
  formulas.set(rule, { formula, init, update });
  return rule;
}

/** The formula of `rule`, or null where it can only be run op by op, as one that was changed afterwards. */
export function formulaOf(rule: UpdateRule, t: number, rate: number): UpdateFormula | null {
  const known = formulas.get(rule);
  const same = known?.init === rule.init && known.update === rule.update;
  return known !== undefined && same ? known.formula(t, rate) : null;
}
