/**
 * The texts that `bitgrad new` writes: an experiment on gradient descent, small enough to be rewritten.
 * Rests on nothing.
 */

/** The experiment's file; inside a checkout it imports by paths and writes its types. */
export function experimentText(id: string, inside: boolean): string {
  const engine = inside ? "../engine/index.ts" : "bitgrad/research";
  const core = inside ? "../../core/index.ts" : "bitgrad";
  const optim = inside ? "../../optim/index.ts" : "bitgrad/optim";
  return `/** TODO: one sentence that says what comes out. */
import { z } from "zod";
import { parameter, randomNormal, square, sum } from "${core}";
import { sgd } from "${optim}";
import {
  bandOf,
  defineExperiment,
  type Experiment,
  lineFigure,
  pairsOf,
  runsWhere,
  valuesOf,
} from "${engine}";

const experiment: Experiment = defineExperiment({
  id: "${id}",
  title: "Gradient descent on a bowl, two rates",
  question: "Does the higher rate bring the loss down further?",
  claims: ["lr-range"],
  source: "Author year, section, figure",
  config: z.strictObject({
    rate: z.number().positive().default(0.1).describe("learning rate"),
    steps: z.int().min(1).default(50).describe("updates"),
  }),
  arms: { rate: [0.01, 0.1] },
  profiles: { quick: { seeds: 3 }, full: { seeds: 8 } },
  run({ config: { rate, steps }, streams, metrics, diverged }) {
    const x = parameter(randomNormal([10], { stream: streams.stream("start") }), { name: "x" });
    const optimizer = sgd([x], { learningRate: rate });
    let loss = 0;
    for (let step = 1; step <= steps && Number.isFinite(loss); step++) {
      loss = optimizer.step(() => sum(square(x))).item();
      metrics.write(step, { loss });
      if (!Number.isFinite(loss)) diverged(step);
    }
    return { loss };
  },
  figures: (runs) => [
    lineFigure({
      title: "Loss",
      x: { label: "update" },
      y: { label: "loss", scale: "log" },
      series: valuesOf(runs, "rate").map((rate) => ({
        name: \`rate \${rate}\`,
        points: bandOf(runsWhere(runs, { rate }), "loss"),
      })),
    }),
  ],
  verdict(runs) {
    const pairs = pairsOf(runs, "rate", 0.01, 0.1);
    const wins = pairs.filter(({ first, second }) => second.result.loss < first.result.loss).length;
    const verdict = wins > 0 && wins === pairs.length ? "reproduced" : "not reproduced";
    const measured = \`\${wins} of \${pairs.length} seeds\`;
    const threshold = "lower with every seed";
    return { "lr-range": { verdict, measured, threshold, reason: "TODO: why" } };
  },
});

export default experiment;
`;
}

/** Its test. \`path\`: of the experiment, from the test's folder. */
export function testText(id: string, path: string, inside: boolean): string {
  const research = inside ? "../research/index.ts" : "bitgrad/research";
  const module = (path.startsWith(".") ? path : `./${path}`).replaceAll("\\", "/");
  const own = `import experiment from "${module}";`;
  const engine = `import { RunStore, runHere } from "${research}";`;
  const imports = (inside ? [own, engine] : [engine, own]).join("\n");
  return `/** ${id}: what its file promises. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
${imports}

const file = fileURLToPath(new URL("${module}", import.meta.url));

test("${id} gives a verdict for each of its claims, and the same bits in another store", () => {
  const fingerprints = ["a", "b"].map((name) => {
    const folder = mkdtempSync(join(tmpdir(), \`${id}-\${name}-\`));
    const options = { store: new RunStore(folder), threads: 1 };
    const study = runHere({ experiment, file }, { profile: "quick" }, options);
    rmSync(folder, { recursive: true });
    if ("missing" in study) throw study.missing;
    expect(Object.keys(study.verdicts)).toEqual(experiment.claims);
    return study.runs.map(({ run }) => run.fingerprint);
  });
  expect(fingerprints[0]).toEqual(fingerprints[1]);
});
`;
}
