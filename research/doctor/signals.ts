/**
 * The checks of signals: units that are dead, and activations beside those of a net of infinite width.
 * Rests on finding, patient, probes and init's infinite-width recursion.
 */
import { noGrad, scope, type Tensor } from "../../core/index.ts";
import { erf, exp, expm1, sigmoid, softplus, tanh } from "../../core/scalar-math/index.ts";
import { activationMoments } from "../../init/index.ts";
import { Conv2d, type Layer, Linear, Normalization, Residual } from "../../layers/index.ts";
import { type DeadUnits, deadUnits } from "../probes/index.ts";
import { labelsOf } from "../probes/labels.ts";
import { fail, pass, percent, type Said, shown, skip, warn } from "./finding.ts";
import type { PatientBatch } from "./patient.ts";

/** The share of dead units from which a layer is lost for the checks that follow. */
const mostlyDead = 0.5;

/**
 * Units that are 0 for every example. A quarter may be so by chance in a narrow net with few examples; more than half fails. Gives
 * the layers that failed as well.
 */
export function checkDeadUnits(
  net: Layer,
  batches: readonly PatientBatch[],
): { readonly said: Said; readonly lost: ReadonlySet<string> } {
  const layers = deadUnits(net, batches);
  const share = ({ dead, units }: DeadUnits): number => dead / units;
  const lost = new Set(
    layers.filter((layer) => share(layer) > mostlyDead).map(({ layer }) => layer),
  );
  const worst = [...layers].sort((a, b) => share(b) - share(a))[0];
  if (worst === undefined) return { said: skip("no ReLU layer"), lost };
  const measures = Object.fromEntries(layers.map((layer) => [layer.layer, share(layer)]));
  const found = `${worst.dead} of ${worst.units} units of ${worst.layer} give 0 for every example`;
  const advice =
    "Start with smaller biases (0), Kaiming weights and a lower rate; or use LeakyReLU, which cannot die";
  if (share(worst) > mostlyDead) return { said: fail(found, advice, measures), lost };
  if (share(worst) > 0.25) return { said: warn(found, advice, measures), lost };
  return { said: pass(found, measures), lost };
}

/** An activation: its function, and the variance of weights times fan-in that the notes give it. */
interface Known {
  readonly f: (z: number) => number;
  readonly weightVariance: number;
  /** Where it is called saturated; none where it is not bounded on both sides. */
  readonly saturated?: (value: number) => boolean;
}

const known: Readonly<Record<string, Known>> = {
  relu: { f: (z) => Math.max(z, 0), weightVariance: 2 },
  leakyRelu: { f: (z) => (z > 0 ? z : 0.01 * z), weightVariance: 2 },
  elu: { f: (z) => (z > 0 ? z : expm1(z)), weightVariance: 2 },
  selu: {
    f: (z) => 1.0507009873554805 * (z > 0 ? z : 1.6732632423543772 * expm1(z)), // Klambauer et al. 2017, eq. 14
    weightVariance: 1,
  },
  gelu: { f: (z) => (z * (1 + erf(z / Math.SQRT2))) / 2, weightVariance: 2 },
  silu: { f: (z) => z * sigmoid(z), weightVariance: 2 },
  softplus: { f: (z) => softplus(z), weightVariance: 1 },
  tanh: { f: tanh, weightVariance: 1, saturated: (value) => Math.abs(value) > 0.95 },
  sigmoid: {
    f: sigmoid,
    weightVariance: 1,
    saturated: (value) => Math.abs(2 * value - 1) > 0.95,
  },
};

/** One activation layer beside the oracle. */
interface Reading {
  readonly layer: string;
  readonly std: number;
  readonly oracle: number;
  /** The share of saturated values, and of those that the oracle has. */
  readonly saturated: number;
  readonly expected: number;
}

/**
 * The standard deviation of each activation layer beside that of a net of infinite width with the same inputs and the weights that its
 * activations ask for (variance 2/fan-in before a ReLU, 1/fan-in before tanh). After a normalization the signal starts anew at 1;
 * after a residual sum, and a layer the recursion does not know, at what was measured. Finite width alone moves
 * it by less than 3 times in nets of usual shape: beyond that it warns, beyond 10 times it fails. Values of tanh and sigmoid beyond
 * 95 % of their range are saturated: a quarter more than the oracle's share warns, 40 % more fail.
 */
export function checkActivations(
  net: Layer,
  [batch]: readonly PatientBatch[],
  lost: ReadonlySet<string>,
): Said {
  if (batch === undefined) return skip("no batch");
  const readings = readActivations(net, batch.x);
  const dying = readings.findIndex(({ layer }) => lost.has(layer));
  const judged = dying < 0 ? readings : readings.slice(0, dying);
  const rest =
    dying < 0 ? "" : `; not judged from ${readings[dying]?.layer} on, whose units are dead`;
  const distance = ({ std, oracle }: Reading): number => Math.max(std / oracle, oracle / std);
  const surplus = ({ saturated, expected }: Reading): number => saturated - expected;
  const worst = [...judged].sort((a, b) => distance(b) - distance(a))[0];
  const fullest = [...judged].sort((a, b) => surplus(b) - surplus(a))[0];
  if (worst === undefined || fullest === undefined) {
    return skip(`no activation layer that the recursion knows${rest}`);
  }
  const measures = Object.fromEntries(judged.map(({ layer, std }) => [layer, std]));
  const found = `std ${shown(worst.std)} at ${worst.layer}, ${shown(worst.oracle)} in a net of infinite width${rest}`;
  const advice =
    "Initialize by fan-in: kaimingNormal() before ReLU, xavierNormal() before tanh; or normalize between the layers";
  const full = `${percent(fullest.saturated)} of ${fullest.layer} saturated, ${percent(fullest.expected)} in a net of infinite width${rest}`;
  if (!(distance(worst) <= 10)) return fail(found, advice, measures);
  if (surplus(fullest) > 0.4) return fail(full, advice, measures);
  if (distance(worst) > 3) return warn(found, advice, measures);
  if (surplus(fullest) > 0.25) return warn(full, advice, measures);
  return pass(found, measures);
}

/** What each known activation gives for `x`, beside the recursion. */
function readActivations(net: Layer, x: Tensor): readonly Reading[] {
  const labels = labelsOf(net);
  const readings: Reading[] = [];
  // What the recursion has come to: E[h²], and whether a linear layer waits for the activation that says its weights.
  let [meanSquare, isLinear] = [momentsOf(x).meanSquare, false];
  const stop = net.observe({
    activation: ({ layer, input, output }) => {
      const here = known[layer.kind];
      if (layer instanceof Linear || layer instanceof Conv2d) isLinear = true;
      else if (layer instanceof Normalization) [meanSquare, isLinear] = [1, false];
      else if (here !== undefined && layer.children().length === 0) {
        const variance = meanSquare * (isLinear ? here.weightVariance : 1);
        const moments = activationMoments(here.f, variance);
        const elements = output.elements();
        readings.push({
          layer: labels.get(layer) ?? layer.name,
          std: momentsOf(output).std,
          oracle: moments.std,
          saturated: here.saturated ? shareOf(elements, here.saturated) : 0,
          expected: here.saturated ? expectedShare(here.f, here.saturated, variance) : 0,
        });
        [meanSquare, isLinear] = [moments.meanSquare, false];
      } else if (layer instanceof Residual) {
        [meanSquare, isLinear] = [momentsOf(output).meanSquare, false];
      } else if (layer.children().length === 0) {
        const [before, after] = [momentsOf(input).meanSquare, momentsOf(output).meanSquare];
        if (before > 0 && after > 0) meanSquare *= after / before;
      }
    },
  });
  try {
    scope(() => noGrad(() => void net.forward(x)));
  } finally {
    stop();
  }
  return readings;
}

function momentsOf(x: Tensor): { readonly meanSquare: number; readonly std: number } {
  const elements = x.elements();
  let [sum, squares] = [0, 0];
  for (const value of elements) {
    sum += value;
    squares += value * value;
  }
  const [mean, meanSquare] = [sum / elements.length, squares / elements.length];
  return { meanSquare, std: Math.sqrt(Math.max(meanSquare - mean * mean, 0)) };
}

function shareOf(values: ArrayLike<number>, isOne: (value: number) => boolean): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (isOne(values[i] ?? 0)) count += 1;
  return count / values.length;
}

/** The share of a normal input of this variance whose activation `isOne`: a sum over a fine grid. */
function expectedShare(
  f: (z: number) => number,
  isOne: (value: number) => boolean,
  variance: number,
): number {
  let [mass, hits] = [0, 0];
  for (let i = -400; i <= 400; i++) {
    const z = i / 50;
    const weight = exp((-z * z) / 2);
    mass += weight;
    if (isOne(f(Math.sqrt(variance) * z))) hits += weight;
  }
  return hits / mass;
}
