import { add, keep, multiply, sign, subtract, type Tensor } from "bitgrad";
import { Optimizer, type UpdateRule } from "bitgrad/optim";
import { checkOptimizer } from "bitgrad/spec";

/** Remembers v beside the state, where no checkpoint finds it. */
function forgetful(): UpdateRule {
  const kept = new Map<Tensor, Tensor>();
  return {
    name: "forgetful",
    init: () => ({}),
    update: ({ parameter, gradient, rate }) => {
      const before = kept.get(parameter);
      const v = keep(before === undefined ? gradient : add(multiply(before, 0.9), gradient));
      kept.set(parameter, v);
      return { parameter: subtract(parameter, multiply(sign(v), rate)), state: {} };
    },
  };
}

checkOptimizer((parameters, options) => new Optimizer(forgetful(), parameters, options), {
  name: "forgetful",
});
