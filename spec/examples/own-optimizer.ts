import { add, multiply, sign, subtract, zerosLike } from "bitgrad";
import { Optimizer, type UpdateRule } from "bitgrad/optim";
import { checkOptimizer } from "bitgrad/spec";

/** v ← ρ·v + g; x ← x - α·sign(v). Bernstein et al. 2018, Signum. */
const signum: UpdateRule = {
  name: "signum",
  init: (parameter) => ({ v: zerosLike(parameter) }),
  update: ({ parameter, gradient, state, rate }) => {
    const v = add(multiply(state["v"] ?? zerosLike(parameter), 0.9), gradient);
    return { parameter: subtract(parameter, multiply(sign(v), rate)), state: { v } };
  },
};

const held = checkOptimizer((parameters, options) => new Optimizer(signum, parameters, options), {
  name: "signum",
  scaling: "invariant",
  plain: () => {
    let v = 0;
    return ({ g, rate }) => {
      v = 0.9 * v + g;
      return rate * Math.sign(v);
    };
  },
});
for (const { law, examples } of held) console.log(`${law}: ${examples}`);
