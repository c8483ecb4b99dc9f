/**
 * Golden values: every op, the optimisers and a small net against PyTorch in float64.
 * Rests on golden/, whose JSON make-golden.py wrote.
 */
import { describe, expect, test } from "vitest";
import * as bitgrad from "../core/index.ts";
import { deviceNames, registry, withDevice } from "../core/index.ts";
import { adam } from "../optim/index.ts";
import { disagreement, expectAgreement } from "./golden/agreement.ts";
import { checkCurvature, checkFirstOrder, expectAllAgree } from "./golden/check.ts";
import { opsWithoutCase } from "./golden/exceptions.ts";
import {
  caseFiles,
  type GoldenArray,
  type GoldenCase,
  type NamedArrays,
  numbersOf,
  type OptimizerRun,
  toTensor,
  training,
} from "./golden/read.ts";
import { rho, runOptimizer, trainNet } from "./golden/train.ts";

const cases = caseFiles.flatMap((file) => file.cases);
const called = new Set(cases.map(({ call }) => call));

/** What a case claims. */
function claimOf({ call, title, gradients, curvature }: GoldenCase): string {
  if (gradients === undefined) return `${call} ${title} has PyTorch's value`;
  const more = curvature ? "value, gradients and Hessian-vector product" : "value and gradients";
  return `${call} ${title} has PyTorch's ${more}`;
}

/** The array with its first element off by 3e-10 of the largest. */
function disturbed(array: GoldenArray): GoldenArray {
  const data = numbersOf(array);
  const size = Math.max(1, ...data.map(Math.abs));
  return { ...array, data: data.map((x, i) => (i === 0 ? x + 3e-10 * size : x)) };
}

const disturbedAll = (arrays: NamedArrays = {}): NamedArrays =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, disturbed(array)]));

describe.each(deviceNames().filter((name) => name !== "gpu"))(
  "golden values of ops on %s",
  (device) => {
    test.each(cases.map((golden) => [claimOf(golden), golden] as const))("%s", (_claim, golden) => {
      withDevice(device, () => {
        checkFirstOrder(golden);
        checkCurvature(golden);
      });
    });
  },
);

describe("the cases", () => {
  test("every exported op of the registry has a case, or a reason to have none", () => {
    const exported = registry.map(({ name }) => name).filter((name) => name in bitgrad);
    expect(exported.filter((name) => !called.has(name) && !(name in opsWithoutCase))).toEqual([]);
    const stale = Object.keys(opsWithoutCase).filter(
      (name) => called.has(name) || !(name in bitgrad),
    );
    expect(stale).toEqual([]);
  });

  test("at least 60 cases cover every family of the registry that draws nothing at random", () => {
    const told = registry.filter(({ name }) => !(name in opsWithoutCase));
    const covered = new Set(told.filter(({ name }) => called.has(name)).map((op) => op.family));
    expect(told.map(({ family }) => family).filter((family) => !covered.has(family))).toEqual([]);
    expect(cases.length).toBeGreaterThanOrEqual(60);
  });

  test("all files come from one version of PyTorch, 2.13", () => {
    const versions = [...caseFiles, training].map(({ torch }) => torch.replace(/\+.*/, ""));
    expect(new Set(versions)).toEqual(new Set(["2.13.0"]));
  });
});

describe("the check of golden values", () => {
  const subjects = ["tanh", "matmul", "conv2d", "crossEntropy", "maxPool2d", "batchNorm"]
    .map((name) => cases.find(({ call }) => call === name))
    .filter((golden) => golden !== undefined);

  test.each(subjects)("refuses a $call whose output is off by 3e-10", (golden) => {
    expect(() => checkFirstOrder({ ...golden, outputs: golden.outputs.map(disturbed) })).toThrow(
      /output 0/,
    );
  });

  test.each(subjects)("refuses a $call whose gradient is off by 3e-10", (golden) => {
    expect(() => checkFirstOrder({ ...golden, gradients: disturbedAll(golden.gradients) })).toThrow(
      /gradient of/,
    );
  });

  test.each(subjects)("refuses a $call whose curvature is off by 3e-10", (golden) => {
    expect(() => checkCurvature({ ...golden, curvature: disturbedAll(golden.curvature) })).toThrow(
      /curvature of/,
    );
  });

  test("tells NaN, infinities and lengths apart", () => {
    expect(disagreement([Number.NaN, 1], [Number.NaN, 1])).toBeNull();
    expect(disagreement([Number.NaN], [1])).not.toBeNull();
    expect(disagreement([1], [Number.NaN])).not.toBeNull();
    expect(disagreement([Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY])).not.toBeNull();
    expect(disagreement([1e300], [Number.POSITIVE_INFINITY])).not.toBeNull();
    expect(disagreement([1], [1, 1])).not.toBeNull();
  });
});

describe("golden runs of optimisers", () => {
  const nameOf = ({ rule, options, problem }: OptimizerRun): string =>
    `${rule} with ${JSON.stringify(options)} takes PyTorch's ten steps on the ${problem} problem`;

  test.each(training.optimizers.map((run) => [nameOf(run), run] as const))("%s", (_name, run) => {
    const steps = runOptimizer(run);
    run.steps.forEach(({ loss, parameters }, i) => {
      const step = steps[i];
      expect(disagreement([step?.loss ?? Number.NaN], [loss]), `loss ${i + 1}`).toBeNull();
      for (const [name, array] of Object.entries(parameters)) {
        const got = step?.parameters[name] ?? [];
        expect(disagreement(got, numbersOf(array)), `${name} after step ${i + 1}`).toBeNull();
      }
    });
    expect(run.steps).toHaveLength(10);
  });

  test("adam's ε is 1e-7 unless given: PyTorch's steps with eps=1e-7, not those with its default 1e-8", () => {
    const withEpsilon = (epsilon: number): OptimizerRun | undefined =>
      training.optimizers.find(
        ({ problem, options }) => problem === "quadratic" && options.epsilon === epsilon,
      );
    const [notes, torch] = [withEpsilon(1e-7), withEpsilon(1e-8)];
    if (notes === undefined || torch === undefined) throw new RangeError("golden: no Adam runs");
    const { learningRate } = notes.options;
    const steps = runOptimizer(notes, (cells) => adam(cells, { learningRate }));
    const got = Object.values(steps.at(-1)?.parameters ?? {}).flat();
    const end = (run: OptimizerRun): readonly number[] =>
      Object.values(run.steps.at(-1)?.parameters ?? {}).flatMap(numbersOf);
    expect(disagreement(got, end(notes))).toBeNull();
    expect(disagreement(got, end(torch))).not.toBeNull();
  });
});

describe("the golden run of a small convolutional net", () => {
  const run = training.net;
  const variance = "batchNorm1.movingVariance";
  const without = (arrays: NamedArrays): NamedArrays =>
    Object.fromEntries(Object.entries(arrays).filter(([name]) => name !== variance));

  test("five steps of SGD with momentum have PyTorch's losses", () => {
    expect(run.losses).toHaveLength(5);
    expect(disagreement(trainNet(run).losses, run.losses)).toBeNull();
  });

  test("the trained parameters and the moving mean are PyTorch's, with ρ = 1 - momentum", () => {
    const { [variance]: _variance, ...others } = trainNet(run).cells;
    expectAllAgree(others, without(run.last), "after training");
  });

  test("the moving variance is biased: PyTorch's is n/(n - 1) times as far from what is left of its start", () => {
    const n = 4 * 4 * 4; // Images times pixels, in each batch.
    const start = run.first[variance];
    const end = run.last[variance];
    const got = trainNet(run).cells[variance]?.elements();
    if (!start || !end || !got) throw new RangeError("golden: no moving variance");
    const left = numbersOf(start).map((v) => v * rho * rho * rho * rho * rho);
    const unbiased = left.map((v, i) => v + (((got[i] ?? Number.NaN) - v) * n) / (n - 1));
    expect(disagreement(unbiased, numbersOf(end))).toBeNull();
    expect(disagreement(got, numbersOf(end))).not.toBeNull();
  });

  test("in evaluation, with PyTorch's moving variance, the logits are PyTorch's", () => {
    const { net, cells } = trainNet(run);
    const [cell, array] = [cells[variance], run.last[variance]];
    if (!cell || !array) throw new RangeError("golden: no moving variance");
    bitgrad.assign(cell, toTensor(array));
    expectAgreement(net.evaluate().forward(toTensor(run.probe)), run.logits, "logits");
  });
});
