/**
 * What is said of a six-layer net: whether its stds are the oracle's, and whether it does what the notes claim.
 * Rests on the oracle and statistics.
 */
import type { Run, Verdict } from "../../engine/index.ts";
import { oracleScore } from "../../statistics/index.ts";
import { layerOracles, type NoteNet, type NoteNetName, noteNets } from "./six-layers-oracle.ts";

/** What an arm is, as far as the oracle must know. */
export interface SixLayersConfig {
  readonly init: NoteNetName;
  readonly width: number;
  readonly depth: number;
  readonly batch: number;
}

/** What a run leaves, a number for each layer. */
export interface SixLayersResult {
  /** Standard deviation of the activations. */
  readonly stds: readonly number[];
  /** Share of the activations with an absolute value above .95. */
  readonly saturated: readonly number[];
  /** Root mean square of the weights' gradient. */
  readonly gradients: readonly number[];
}

type SixLayersRun = Run<SixLayersConfig, SixLayersResult>;

/** What the notes say of a net, as a predicate on one run; `xavier` is the run of the seed with Xavier and tanh. */
interface Predicate {
  readonly text: string;
  readonly reason: string;
  holds(own: SixLayersResult, xavier: SixLayersResult | undefined): boolean;
}

/** The last layer's std as a share of the first's. */
const kept = ({ stds }: SixLayersResult): number =>
  (stds.at(-1) ?? Number.NaN) / (stds[0] ?? Number.NaN);

const predicates: Readonly<Record<NoteNet["claim"], Predicate>> = {
  "init-small": {
    text: "the last layer's std is below a fifth of the first's, and every weight gradient below half of that with Xavier",
    reason: "The oracle keeps a tenth of the std, and less than a third of each gradient",
    holds: (own, xavier) =>
      kept(own) < 0.2 &&
      own.gradients.every((rms, at) => rms < (xavier?.gradients[at] ?? Number.NaN) / 2),
  },
  "init-large": {
    text: "in every layer more than 40 % of the activations have an absolute value above .95",
    reason: "The oracle has 51 % or more, uniform ones would have 5 %",
    holds: ({ saturated }) => saturated.every((share) => share > 0.4),
  },
  "init-xavier": {
    text: "the last layer keeps more than a third of the first's std, and no layer has a tenth of its activations above .95",
    reason: "The oracle keeps 47 %; with std 0.01 it keeps 9 %",
    holds: (own) => kept(own) > 1 / 3 && own.saturated.every((share) => share < 0.1),
  },
  "init-xavier-relu": {
    text: "the last layer's std is below a quarter of the first's",
    reason:
      "A ReLU halves the mean square: 2^(-5/2), or 18 %, is left of the std after five more layers",
    holds: (own) => kept(own) < 1 / 4,
  },
  "init-kaiming": {
    text: "the last layer's std is within a quarter of the first's",
    reason: "The oracle keeps it; with Xavier 18 % is left",
    holds: (own) => kept(own) > 0.75 && kept(own) < 1.25,
  },
};

/** The verdict on one claim. Throws ValueError where there are fewer than two seeds. */
export function judgeSixLayers(runs: readonly SixLayersRun[], claim: NoteNet["claim"]): Verdict {
  const own = runs.filter(({ config }) => noteNets[config.init].claim === claim);
  const [first] = own;
  const { text, reason, holds } = predicates[claim];
  const oracles = first === undefined ? [] : oraclesOf(first.config, own.length);
  const layers = oracles.map((oracle, at) => {
    const stds = own.map(({ result }) => result.stds[at] ?? Number.NaN);
    return { ...oracleScore(stds, oracle.std), tolerance: oracle.tolerance };
  });
  const agrees = layers.map(
    ({ mean, oracle, tolerance }) => Math.abs(mean / oracle - 1) <= tolerance,
  );
  const does = own.filter(({ seed, result }) => {
    const partner = runs.find(
      ({ config, seed: other }) => config.init === "xavier" && other === seed,
    );
    return holds(result, partner?.result);
  });
  const isReproduced = layers.length > 0 && agrees.every(Boolean) && does.length === own.length;
  const last = layers.at(-1)?.tolerance ?? Number.NaN;
  return {
    verdict: isReproduced ? "reproduced" : "not reproduced",
    threshold: `with every seed ${text}; and the mean std of each layer is within four standard errors of the oracle, ${(100 * last).toFixed(1)} % in the last`,
    reason: `${reason}. The standard errors are those that a net of this width has at most`,
    measured: `stds ${numbers(layers.map(({ mean }) => mean))}, z ${layers.map(({ z }) => z.toFixed(1)).join(" ")}; ${agrees.filter(Boolean).length} of ${layers.length} layers agree, ${does.length} of ${own.length} seeds do as claimed`,
    paper: `infinite width: ${numbers(layers.map(({ oracle }) => oracle))}`,
  };
}

/** The oracle of an arm. */
export function oraclesOf(config: SixLayersConfig, seeds: number): ReturnType<typeof layerOracles> {
  return layerOracles(noteNets[config.init], config, seeds);
}

function numbers(values: readonly number[]): string {
  return values.map((value) => value.toFixed(3).replace(/^0/, "")).join(" ");
}
