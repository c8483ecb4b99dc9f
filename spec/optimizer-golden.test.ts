/**
 * PyTorch's steps: every optimiser that both have, with groups, decay and clipping, in float64.
 * Rests on the golden file of optimisers and optim's registry.
 */
import { describe, expect, test } from "vitest";
import {
  add,
  assign,
  matmul,
  multiply,
  parameter,
  square,
  subtract,
  sum,
  type Tensor,
} from "../core/index.ts";
import { type Optimizer, type OptimizerOptions, weightAverage } from "../optim/index.ts";
import { optimizers } from "../optim/registry.ts";
import { disagreement } from "./golden/agreement.ts";
import { toTensor } from "./golden/read.ts";
import { type GroupedRun, goldenOptimizers } from "./golden/read-optimizers.ts";
import { f64, numbers } from "./plain.ts";

/** The optimiser of a run. PyTorch's `lr_decay` is a schedule here. */
function optimizerOf(run: GroupedRun, matrix: Tensor, vector: Tensor): Optimizer {
  const { learningRate: base, ...rest } = run.options;
  const record = optimizers.find(({ call }) => call === run.rule);
  if (record === undefined) throw new RangeError(`no optimiser ${run.rule}`);
  const decay = run.torch.lr_decay ?? 0;
  const options: OptimizerOptions = {
    learningRate: (t) => base / (1 + decay * t),
    ...run.clip,
  };
  const groups = [{ parameters: [matrix] }, { parameters: [vector], ...run.own }];
  return record.make(groups, options, rest);
}

/** The first step at which `run` parts from PyTorch, in words; null if there is none. */
function firstDifference(run: GroupedRun): string | null {
  const [matrix, vector, curvature, b] = [
    run.parameters["matrix"],
    run.parameters["vector"],
    run.constants["curvature"],
    run.constants["b"],
  ].map((array) => (array === undefined ? f64(0) : toTensor(array)));
  if (!matrix || !vector || !curvature || !b) throw new RangeError("golden: four arrays");
  const [w, x] = [parameter(matrix, { name: "w" }), parameter(vector, { name: "x" })];
  const optimizer = optimizerOf(run, w, x);
  for (const [i, step] of run.steps.entries()) {
    const loss = optimizer.step(() => {
      const misfit = multiply(curvature, square(subtract(matmul(w, x), b)));
      return add(multiply(sum(misfit), 0.5), multiply(sum(square(square(w))), 0.25));
    });
    const differences = [
      disagreement([loss.item()], [step.loss]),
      disagreement(numbers(w), step.matrix),
      disagreement(numbers(x), step.vector),
    ].filter((found) => found !== null);
    if (differences.length > 0) return `step ${i + 1}: ${differences.join("; ")}`;
  }
  return null;
}

describe("twenty steps of two groups are PyTorch's", () => {
  const nameOf = ({ rule, options, own, clip, torch }: GroupedRun): string =>
    `${rule} ${[options, own, clip, torch].map((each) => JSON.stringify(each)).join(" ")}`;

  test.each(goldenOptimizers.runs.map((run) => [nameOf(run), run] as const))("%s", (_, run) => {
    expect(run.steps).toHaveLength(20);
    expect(firstDifference(run)).toBeNull();
  });

  test("of every optimiser of the registry but Lion, which PyTorch does not have", () => {
    const missing = optimizers.filter(({ call }) =>
      goldenOptimizers.runs.every(({ rule }) => rule !== call),
    );
    expect(missing.map(({ name }) => name)).toEqual(["lion"]);
  });

  test.each(goldenOptimizers.runs.flatMap((run) => variantsOf(run)))(
    "and no longer where %s",
    (_, run) => {
      expect(firstDifference(run)).not.toBeNull();
    },
  );
});

/** Runs with one option changed a little: each must show. */
function variantsOf(run: GroupedRun): readonly (readonly [string, GroupedRun])[] {
  const { rule, options, own, clip } = run;
  const changed = (what: string, to: Partial<GroupedRun>): readonly [string, GroupedRun] => [
    `${rule}'s ${what} changes`,
    { ...run, ...to },
  ];
  return [
    ...Object.entries(options).flatMap(([name, value]) =>
      typeof value === "number"
        ? [
            changed(name, {
              options: { ...options, [name]: value * (name === "epsilon" ? 10 : 1.001) },
            }),
          ]
        : [changed(name, { options: { ...options, [name]: !value } })],
    ),
    ...Object.entries(own).flatMap(([name, value]) =>
      typeof value === "number"
        ? [changed(`own ${name}`, { own: { ...own, [name]: value * 1.001 + 1e-4 } })]
        : [],
    ),
    ...Object.entries(clip).map(([name, value]) =>
      changed(name, { clip: { ...clip, [name]: value * 1.001 } }),
    ),
  ];
}

describe("averages of weights are PyTorch's", () => {
  const { average } = goldenOptimizers;
  const path = (decay: number | ((t: number) => number)): readonly (readonly number[])[] => {
    const [first = []] = average.weights;
    const w = parameter(f64([...first]), { name: "w" });
    const ours = weightAverage([w], { decay });
    return average.weights.map((weights) => {
      assign(w, f64([...weights]));
      ours.update();
      return numbers(ours.namedAverages()["w"] ?? w);
    });
  };

  test("exponential: there the first update copies, here the average starts as the weights are", () => {
    const ours = path(average.decay);
    average.exponential.forEach((expected, i) => {
      expect(disagreement(ours[i] ?? [], expected), `update ${i + 1}`).toBeNull();
    });
  });

  test("the plain mean: a decay of t/(t + 1)", () => {
    const ours = path((t) => t / (t + 1));
    average.mean.forEach((expected, i) => {
      expect(disagreement(ours[i] ?? [], expected), `update ${i + 1}`).toBeNull();
    });
  });
});
