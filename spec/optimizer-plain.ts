/**
 * Optimisers once more, on plain numbers, one coordinate at a time: the papers' pseudo-code, sharing nothing with optim.
 * Rests on the type of a plain step.
 */
import type { PlainStep } from "./laws/plain-path.ts";

/** Hyper-parameters by name. */
type Hyper = Readonly<Record<string, number | boolean>>;

const numberOf = (hyper: Hyper, name: string, otherwise: number): number =>
  Number(hyper[name] ?? otherwise);

function sgd(hyper: Hyper): PlainStep {
  const rho = numberOf(hyper, "momentum", 0);
  let v = 0;
  return ({ g, rate }) => {
    v = rho * v + g;
    return rate * (hyper["nesterov"] === true ? g + rho * v : v);
  };
}

function adaGrad(hyper: Hyper): PlainStep {
  let sum = numberOf(hyper, "initialSum", 0);
  return ({ g, rate }) => {
    sum += g ** 2;
    return (rate * g) / (Math.sqrt(sum) + numberOf(hyper, "epsilon", 1e-10));
  };
}

/** Centred by the difference s - m² of two averages, as PyTorch has it. */
function rmsProp(hyper: Hyper): PlainStep {
  const alpha = numberOf(hyper, "alpha", 0.99);
  let [s, m, v] = [0, 0, 0];
  return ({ g, rate }) => {
    s = alpha * s + (1 - alpha) * g * g;
    m = alpha * m + (1 - alpha) * g;
    const power = hyper["centered"] === true ? Math.max(0, s - m * m) : s;
    v =
      numberOf(hyper, "momentum", 0) * v +
      g / (Math.sqrt(power) + numberOf(hyper, "epsilon", 1e-8));
    return rate * v;
  };
}

/** Algorithm 1 of Kingma & Ba; with `grows`, the second moment is the largest so far. */
function adamLike(hyper: Hyper, grows: boolean): PlainStep {
  const [beta1, beta2] = [numberOf(hyper, "beta1", 0.9), numberOf(hyper, "beta2", 0.999)];
  let [m, v, u] = [0, 0, 0];
  return ({ g, t, rate }) => {
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    u = grows ? Math.max(u, v) : v;
    const corrects = hyper["biasCorrection"] !== false;
    const first = corrects ? m / (1 - beta1 ** t) : m;
    const second = corrects ? u / (1 - beta2 ** t) : u;
    return (rate * first) / (Math.sqrt(second) + numberOf(hyper, "epsilon", 1e-7));
  };
}

/** Algorithm 2 of Chen et al. 2023:
 * update ← interpolate(g, m, β1); update ← sign(update); m ← interpolate(g, m, β2); x ← x - η·(update + λ·x).
 */
function lion(hyper: Hyper): PlainStep {
  const [beta1, beta2] = [numberOf(hyper, "beta1", 0.9), numberOf(hyper, "beta2", 0.99)];
  let m = 0;
  return ({ g, rate }) => {
    const update = Math.sign(m * beta1 + g * (1 - beta1));
    m = m * beta2 + g * (1 - beta2);
    return rate * update;
  };
}

/** A step function for one coordinate, by the optimiser's function. */
export const plainSteps: Readonly<Record<string, (hyper: Hyper) => PlainStep>> = {
  sgd,
  adaGrad,
  rmsProp,
  adam: (hyper) => adamLike(hyper, false),
  adamW: (hyper) => adamLike(hyper, false),
  amsGrad: (hyper) => adamLike(hyper, true),
  lion,
};
