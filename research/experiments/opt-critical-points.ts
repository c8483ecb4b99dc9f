/**
 * Critical points of a small net, all of which are known: how many of them are saddles, and how many ways lead down there.
 * Rests on the engine, core and parts.
 */
import { z } from "zod";
import { grad, hessian, scope, type Tensor, tensor } from "../../core/index.ts";
import { symmetricEigen } from "../../core/linear-algebra/index.ts";
import { normals } from "../../core/random/index.ts";
import {
  defineExperiment,
  type Experiment,
  lineFigure,
  meanOf,
  type Run,
  tableFigure,
} from "../engine/index.ts";
import { linearAutoencoder } from "./parts/linear-autoencoder.ts";

const matrices = ["hessian", "gauss-newton"] as const;

const experiment: Experiment = defineExperiment({
  id: "opt-critical-points",
  title: "All critical points of a small net",
  question: "Do saddles multiply with the dimension, and minima not?",
  claims: ["opt-critical-points"],
  source: "Dauphin et al. 2014, sections 2 and 3, figure 1; Baldi & Hornik 1989, facts 3 and 4",
  kind: "deterministic",
  config: z.strictObject({
    inputs: z.int().min(2).multipleOf(2).default(4).describe("inputs n of the net n – n/2 – n"),
    matrix: z
      .enum(matrices)
      .default("hessian")
      .describe("whose eigenvalues are counted; Gauss and Newton's knows no curvature of the net"),
  }),
  arms: { inputs: [2, 4, 6, 8] },
  profiles: { quick: { seeds: 1, seconds: 1 }, full: { seeds: 4, seconds: 1 } },
  run({ config: { inputs, matrix }, streams, metrics, progress }) {
    const noise = normals(streams.stream("directions"), inputs * inputs);
    const net = linearAutoencoder(inputs, inputs / 2, noise);
    const { loss, gaussNewton, parameters } = net;
    const curvature = matrix === "hessian" ? hessian(loss) : gaussNewton;
    const points = net.points.map(({ weights, waysDown }, index): Point => {
      const point = scope(() => {
        const w = tensor(weights, { dtype: "float64" });
        const gradient = Array.from(grad(loss)(w).elements(), Number);
        const found = eigenvalues(curvature(w) as Tensor, parameters);
        const zero = rounding * (found[0] ?? 0);
        return {
          loss: loss(w).item(),
          slope: Math.max(...gradient.map(Math.abs)),
          negative: found.filter((value) => value < -zero).length,
          waysDown,
        };
      });
      metrics.write(index + 1, { loss: point.loss, negative: point.negative });
      progress((index + 1) / net.points.length);
      return point;
    });
    return { parameters, points };
  },
  figures: (runs) => [
    lineFigure({
      title: "Critical points that are saddles, by the number of parameters",
      caption: "Each up to a change of basis of the hidden units. All but one, the minimum.",
      x: { label: "parameters", scale: "log" },
      y: { label: "saddles", unit: "share of the critical points" },
      series: [
        {
          name: "saddles",
          points: ofOneSeed(runs).map((run) => ({ x: run.result.parameters, y: saddlesOf(run) })),
        },
      ],
    }),
    lineFigure({
      title: "Ways down, by the height of the critical point",
      caption: "One dot for each critical point.",
      x: { label: "loss above the minimum", unit: "share of the highest" },
      y: { label: "negative eigenvalues", unit: "share of all" },
      series: ofOneSeed(runs).map(({ result: { parameters, points } }) => {
        const heights = points.map(({ loss }) => loss);
        const [low, high] = [Math.min(...heights), Math.max(...heights)];
        return {
          name: `${parameters} parameters`,
          mark: "dots" as const,
          points: points.map(({ loss, negative }) => ({
            x: (loss - low) / (high - low),
            y: negative / parameters,
          })),
        };
      }),
    }),
    tableFigure({
      title: "Critical points by size",
      columns: [
        ...["inputs", "parameters", "critical points", "minima", "saddles (share)"],
        ...["negative eigenvalues, mean", "at most", "mean share of all eigenvalues"],
      ],
      rows: ofOneSeed(runs).map((run) => {
        const { parameters, points } = run.result;
        const counts = points.map(({ negative }) => negative);
        const minima = counts.filter((count) => count === 0).length;
        return [
          ...[run.config.inputs, parameters, points.length, minima, saddlesOf(run)],
          ...[meanOf(counts), Math.max(...counts), meanOf(counts) / parameters],
        ];
      }),
    }),
  ],
  verdict(runs) {
    const points = runs.flatMap(({ result }) => result.points);
    const steepest = Math.max(...points.map(({ slope }) => slope));
    const wrong = points.filter(({ negative, waysDown }) => negative !== waysDown).length;
    const shown = ofOneSeed(runs);
    const shares = shown.map(saddlesOf);
    const grows =
      shares.length > 1 && shares.every((share, at) => at === 0 || share > (shares[at - 1] ?? 1));
    const most = shown.map(({ result }) =>
      Math.max(...result.points.map(({ negative }) => negative)),
    );
    const list = (values: readonly (number | string)[]): string => values.join(", ");
    const percent = shares.map((share) => `${(100 * share).toFixed(1)} %`);
    return {
      "opt-critical-points": {
        verdict:
          steepest <= flat && wrong === 0 && grows && shares.every((share) => share < 1)
            ? "reproduced"
            : "not reproduced",
        threshold: `no component of the gradient is above ${flat} at any critical point, the Hessian has as many negative eigenvalues as the theorem counts ways down, and the share of saddles grows with every size and stays below 1`,
        reason:
          "Losses of 13 at most round to 1e-14; eigenvalues that are not 0 are 0.3 or more in magnitude, those that are round to 1e-14 too",
        measured: `saddles ${list(percent)} of ${list(shown.map(({ result }) => result.points.length))} critical points at ${list(shown.map(({ result }) => result.parameters))} parameters, with up to ${list(most)} negative eigenvalues; ${wrong} of ${points.length} counts differ from the theorem's; largest gradient ${steepest.toExponential(0)}`,
        paper:
          "saddles become more with the dimension, exponentially against minima, and have more ways down the higher they lie (Dauphin et al. 2014, section 2 and figure 1)",
      },
    };
  },
});

export default experiment;

/** What counts as no gradient, and which share of the largest eigenvalue as 0: n²/4 of them are, by changes of the hidden basis. */
const flat = 1e-10;
const rounding = 1e-10;

interface Point {
  readonly loss: number;
  /** The largest component of the gradient. */
  readonly slope: number;
  readonly negative: number;
  /** What the theorem says of `negative`. */
  readonly waysDown: number;
}
type Own = Run<
  { readonly inputs: number },
  { readonly parameters: number; readonly points: readonly Point[] }
>;

/** Descending, of a matrix [n, n] that is symmetric but for rounding. */
function eigenvalues(matrix: Tensor, n: number): readonly number[] {
  const elements = Array.from(matrix.elements(), Number);
  const symmetric = Float64Array.from(
    elements,
    (value, at) => (value + (elements[(at % n) * n + Math.floor(at / n)] ?? 0)) / 2,
  );
  return [...symmetricEigen(symmetric, n).values];
}

/** The runs of the first seed, the smallest net first: seeds differ in directions alone. */
function ofOneSeed(runs: readonly Own[]): readonly Own[] {
  const first = Math.min(...runs.map(({ seed }) => seed));
  return runs
    .filter(({ seed }) => seed === first)
    .sort((a, b) => a.config.inputs - b.config.inputs);
}

function saddlesOf({ result: { points } }: Own): number {
  return points.filter(({ negative }) => negative > 0).length / points.length;
}
