/**
 * What six-layer nets of the notes do at infinite width: signals forward, gradients backward, and how far a net of finite
 * width may lie from there.
 * Rests on init's recursion and core's scalar-math.
 */
import { log, tanh } from "../../../core/scalar-math/index.ts";
import { activationMoments, infiniteWidth } from "../../../init/index.ts";

/** One net of the notes. */
export interface NoteNet {
  /** The variance of a weight, given fan-in. */
  readonly variance: (fanIn: number) => number;
  readonly activation: "tanh" | "relu";
  /** The claim that it decides. */
  readonly claim: "init-small" | "init-large" | "init-xavier" | "init-xavier-relu" | "init-kaiming";
}

/** The arms. */
export type NoteNetName = "small" | "large" | "xavier" | "xavier-relu" | "kaiming";

/** The five nets, by the names of the arms. */
export const noteNets: Readonly<Record<NoteNetName, NoteNet>> = {
  small: { variance: () => 0.01 * 0.01, activation: "tanh", claim: "init-small" },
  large: { variance: () => 0.05 * 0.05, activation: "tanh", claim: "init-large" },
  xavier: { variance: (fanIn) => 1 / fanIn, activation: "tanh", claim: "init-xavier" },
  "xavier-relu": { variance: (fanIn) => 1 / fanIn, activation: "relu", claim: "init-xavier-relu" },
  kaiming: { variance: (fanIn) => 2 / fanIn, activation: "relu", claim: "init-kaiming" },
};

/** What q is multiplied and divided by to find a slope. */
const nudge = 1.01;

/** What the recursion says of one layer. */
export interface LayerOracle {
  /** Standard deviation of the activations. */
  readonly std: number;
  /** Root mean square of the gradient with respect to the weights. */
  readonly gradient: number;
  /** How far the std of a drawn net may lie from the oracle, as a share of it: four standard errors. */
  readonly tolerance: number;
}

const activations = { tanh, relu: (z: number): number => Math.max(z, 0) };
const slopes = {
  tanh: (z: number): number => 1 - tanh(z) * tanh(z),
  // Half of the square at the jump: the quadrature meets 0 from both sides.
  relu: (z: number): number => (z === 0 ? Math.SQRT1_2 : z > 0 ? 1 : 0),
};

/**
 * The layers of a net of infinite width, inputs and the loss's derivative with respect to the last activations both N(0, 1):
 * m_l = E[φ(√q_l·z)²] forward, p_l = E[φ'(√q_l·z)²]·s²n·p_{l+1} backward, and E[(∂L/∂W_l)²] = batch·p_l·m_{l-1}: examples with
 * independent derivatives add up as their squares do (Poole et al. 2016, equation 3; Schoenholz et al. 2017, equation 7).
 *
 * The tolerance: given its input, a layer's mean square m over n units scatters by √(κ/n) of itself, κ = E φ⁴/(E φ²)² - 1, and
 * passes on the χ-th part of what its input was off, χ = d log m/d log q. Examples of a batch share their weights, so they are no
 * sample: a batch makes the scatter no less for sure. The std is half as sensitive as m, and the mean of S seeds √S times less.
 */
export function layerOracles(
  net: NoteNet,
  {
    width,
    depth,
    batch,
  }: { readonly width: number; readonly depth: number; readonly batch: number },
  seeds: number,
): readonly LayerOracle[] {
  const weightVariance = width * net.variance(width);
  const activation = activations[net.activation];
  const layers = infiniteWidth({ weightVariance, activation, depth });
  const meanSquareAt = (q: number): number => activationMoments(activation, q).meanSquare;
  let scatter = 2 / batch; // of the normal inputs, which are independent
  const scatters = layers.map(({ variance: q }) => {
    const { mean, meanSquare } = activationMoments((z) => activation(z) * activation(z), q);
    const chi = log(meanSquareAt(q * nudge) / meanSquareAt(q / nudge)) / (2 * log(nudge));
    scatter = chi * chi * scatter + meanSquare / (mean * mean) - 1;
    return scatter;
  });
  const passed = layers.map(
    ({ variance }) => activationMoments(slopes[net.activation], variance).meanSquare,
  );
  return layers.map(({ std }, at) => {
    const before = at === 0 ? 1 : (layers[at - 1]?.meanSquare ?? Number.NaN);
    const back = passed
      .slice(at)
      .reduce((product, share, steps) => product * share * (steps === 0 ? 1 : weightVariance), 1);
    return {
      std,
      gradient: Math.sqrt(batch * back * before),
      tolerance: (4 * Math.sqrt((scatters[at] ?? Number.NaN) / (width * seeds))) / 2,
    };
  });
}
