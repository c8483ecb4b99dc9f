/**
 * Five ways to draw the first weights of six wide layers: what becomes of activations and gradients.
 * Rests on the engine, core, probes and parts.
 */
import { z } from "zod";
import {
  matmul,
  mean,
  randomNormal,
  relu,
  type Shape,
  scope,
  slice,
  square,
  type Tensor,
  tanh,
  vjp,
} from "../../core/index.ts";
import { defineExperiment, type Experiment } from "../engine/index.ts";
import { distributionOf } from "../probes/index.ts";
import { sixLayersFigures } from "./parts/six-layers-figures.ts";
import { judgeSixLayers } from "./parts/six-layers-judge.ts";
import { noteNets } from "./parts/six-layers-oracle.ts";

const names = ["small", "large", "xavier", "xavier-relu", "kaiming"] as const;
/** What a layer is a function of. */
type Both = { readonly h: Tensor; readonly w: Tensor };
/** Rows of a weight's gradient that its histogram is made of: all of them would take longer than the net. */
const rowsShown = 16;

const experiment: Experiment = defineExperiment({
  id: "init-six-layers",
  title: "Six layers of 4096 units, five initializations",
  question:
    "How do the scale of first weights and the activation decide what is left of a signal after six layers?",
  claims: ["init-small", "init-large", "init-xavier", "init-xavier-relu", "init-kaiming"],
  source:
    "Glorot & Bengio 2010, section 4.2; He et al. 2015, section 2.2; Poole et al. 2016, equation 3",
  kind: "deterministic",
  config: z.strictObject({
    init: z
      .enum(names)
      .default("kaiming")
      .describe("how the weights are drawn, and the activation"),
    scale: z.number().positive().default(1).describe("factor on all first weights"),
    width: z.int().min(2).default(4096).describe("units of each layer"),
    depth: z.int().min(1).default(6).describe("layers"),
    batch: z.int().min(1).default(16).describe("examples, each of normal numbers"),
  }),
  arms: { init: [...names] },
  profiles: { quick: { seeds: 3, seconds: 5 }, full: { seeds: 8, seconds: 5 } },
  run({ config: { init, scale, width, depth, batch }, streams, progress }) {
    const { variance, activation } = noteNets[init];
    const std = scale * Math.sqrt(variance(width));
    const draw = (name: string, shape: Shape, scaled = 1): Tensor =>
      randomNormal(shape, { stream: streams.stream(name), std: scaled });
    const nonlinearity = activation === "tanh" ? tanh : relu;
    const outputs: Tensor[] = [draw("input", [batch, width])];
    const pulls = Array.from({ length: depth }, (_, at) => {
      const weight = draw(`init/linear${at + 1}`, [width, width], std);
      progress((0.9 * (at + 1)) / depth);
      const layer = vjp(({ h, w }: Both) => nonlinearity(matmul(h, w)), {
        h: outputs[at] ?? weight,
        w: weight,
      });
      outputs.push(layer.value);
      return layer.pull;
    });
    const gradients: { rms: number; shown: ArrayLike<number> }[] = [];
    let cotangent = draw("cotangent", [batch, width]);
    for (const pull of pulls.reverse()) {
      const back = scope(() => {
        const { h, w } = pull(cotangent);
        const shown = Float64Array.from(slice(w, [[0, Math.min(rowsShown, width)]]).elements());
        gradients.unshift({ rms: Math.sqrt(mean(square(w)).item()), shown });
        return h;
      });
      cotangent = back;
    }
    const range: [number, number] = activation === "tanh" ? [-1, 1] : [0, 3];
    const signals = outputs.slice(1).map((output) => {
      const values = Float64Array.from(output.elements());
      const saturated = values.reduce(
        (count, value) => count + (Math.abs(value) > 0.95 ? 1 : 0),
        0,
      );
      const { std: spread, histogram } = distributionOf(values, { range, bins: 40 });
      return { std: spread, saturated: saturated / values.length, histogram };
    });
    const reach = 3 * Math.max(...gradients.map(({ rms }) => rms));
    return {
      stds: signals.map((signal) => signal.std),
      saturated: signals.map((signal) => signal.saturated),
      gradients: gradients.map(({ rms }) => rms),
      activationHistograms: signals.map(({ histogram }) => histogram),
      gradientHistograms: gradients.map(
        ({ shown }) => distributionOf(shown, { range: [-reach, reach], bins: 40 }).histogram,
      ),
    };
  },
  figures: sixLayersFigures,
  verdict: (runs) => ({
    "init-small": judgeSixLayers(runs, "init-small"),
    "init-large": judgeSixLayers(runs, "init-large"),
    "init-xavier": judgeSixLayers(runs, "init-xavier"),
    "init-xavier-relu": judgeSixLayers(runs, "init-xavier-relu"),
    "init-kaiming": judgeSixLayers(runs, "init-kaiming"),
  }),
});

export default experiment;
