/**
 * Optimisers once more, on plain numbers, one coordinate at a time: the papers' pseudo-code, sharing nothing with optim.
 * Rests on nothing.
 */

/** What a step of one coordinate reads. */
interface Point {
  readonly x: number;
  readonly g: number;
  /** Number of this step, from 1. */
  readonly t: number;
  readonly rate: number;
}

/** One coordinate's step; the closure remembers. Gives how far x goes down. */
type Step = (point: Point) => number;

/** Hyper-parameters by name. */
type Hyper = Readonly<Record<string, number | boolean>>;

const numberOf = (hyper: Hyper, name: string, otherwise: number): number =>
  Number(hyper[name] ?? otherwise);

function sgd(hyper: Hyper): Step {
  const rho = numberOf(hyper, "momentum", 0);
  let v = 0;
  return ({ g, rate }) => {
    v = rho * v + g;
    return rate * (hyper["nesterov"] === true ? g + rho * v : v);
  };
}

function adaGrad(hyper: Hyper): Step {
  let sum = numberOf(hyper, "initialSum", 0);
  return ({ g, rate }) => {
    sum += g ** 2;
    return (rate * g) / (Math.sqrt(sum) + numberOf(hyper, "epsilon", 1e-10));
  };
}

/** Centred by the difference s - m² of two averages, as PyTorch has it. */
function rmsProp(hyper: Hyper): Step {
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
function adamLike(hyper: Hyper, grows: boolean): Step {
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
function lion(hyper: Hyper): Step {
  const [beta1, beta2] = [numberOf(hyper, "beta1", 0.9), numberOf(hyper, "beta2", 0.99)];
  let m = 0;
  return ({ g, rate }) => {
    const update = Math.sign(m * beta1 + g * (1 - beta1));
    m = m * beta2 + g * (1 - beta2);
    return rate * update;
  };
}

/** A step function for one coordinate, by the optimiser's function. */
export const plainSteps: Readonly<Record<string, (hyper: Hyper) => Step>> = {
  sgd,
  adaGrad,
  rmsProp,
  adam: (hyper) => adamLike(hyper, false),
  adamW: (hyper) => adamLike(hyper, false),
  amsGrad: (hyper) => adamLike(hyper, true),
  lion,
};

/** What a run on plain numbers needs. */
interface PlainRun {
  readonly start: readonly number[];
  readonly gradient: (x: readonly number[], step: number) => readonly number[];
  readonly steps: number;
  readonly rate: (t: number) => number;
  readonly decay: number;
  readonly isDecoupled: boolean;
}

/** x after each step, every coordinate by a step function of its own. */
export function plainPath(make: () => Step, run: PlainRun): readonly (readonly number[])[] {
  const { start, gradient, steps, decay } = run;
  const each = start.map(make);
  let x = start;
  return Array.from({ length: steps }, (_, i) => {
    const [rate, slope] = [run.rate(i), gradient(x, i)];
    x = x.map((xi, k) => {
      const g = (slope[k] ?? 0) + (run.isDecoupled ? 0 : decay * xi);
      const down = each[k]?.({ x: xi, g, t: i + 1, rate }) ?? 0;
      return xi - down - (run.isDecoupled ? rate * decay * xi : 0);
    });
    return x;
  });
}
