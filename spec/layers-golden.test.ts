/** Golden values: every layer against PyTorch in float64, and where definitions differ, by how much. */
import { describe, expect, test } from "vitest";
import { BatchNorm1d } from "../layers/index.ts";
import { layerRegistry } from "../layers/registry.ts";
import { disagreement, expectAgreement } from "./golden/agreement.ts";
import { layersWithoutCase } from "./golden/exceptions.ts";
import {
  checkCall,
  type GoldenLayer,
  layersFile,
  makeGolden,
  putStatistics,
  statisticsOf,
} from "./golden/layers.ts";
import { numbersOf } from "./golden/read.ts";
import { numbers } from "./plain.ts";

const { cases } = layersFile;

/** Whether the case keeps statistics as PyTorch does: with the unbiased variance, or not at all. */
const keepsAlike = ({ arguments: given, buffers }: GoldenLayer) =>
  buffers.length === 0 || JSON.stringify(given).includes('"unbiased":true');

test("every layer has a case, or a reason to have none", () => {
  const covered = [...new Set(cases.map(({ layer }) => layer)), ...Object.keys(layersWithoutCase)];
  expect(covered.toSorted()).toEqual(layerRegistry.map(({ name }) => name).toSorted());
});

test("every normalization of the batch has five batches behind it, and each option a case", () => {
  const norms = cases.filter(({ layer }) => layer.startsWith("BatchNorm"));
  const long = norms.filter(({ title }) => title !== "without tracking");
  expect(long.every(({ steps, buffers }) => steps.length === 5 && buffers.length === 2)).toBe(true);
  const options = norms.flatMap(({ arguments: [, given = {}] }) => Object.keys(given as object));
  const all = ["affine", "average", "epsilon", "rho", "track", "unbiased"];
  expect([...new Set(options)].toSorted()).toEqual(all);
});

/** Each with its name. */
const named = cases.map((golden) => [`${golden.layer} ${golden.title}`.trim(), golden] as const);

describe.each(named)("%s", (_, golden) => {
  test("has PyTorch's outputs and gradients in training, its statistics, and both in evaluation", () => {
    const net = makeGolden(golden);
    golden.steps.forEach((step, index) => {
      checkCall(net, step, `batch ${index}`);
    });
    if (keepsAlike(golden)) {
      Object.entries(statisticsOf(net)).forEach(([name, buffer], index) => {
        const expected = golden.buffers[index];
        if (expected === undefined) throw new Error(`no statistics for ${name}`);
        expectAgreement(buffer, expected, name);
      });
    }
    putStatistics(net, golden);
    checkCall(net.evaluate(), golden.evaluation, "evaluation");
  });
});

test("differs from PyTorch by definition: the moving variance of BatchNorm is the biased one", () => {
  const golden = cases.find(({ title }) => title === "of vectors, by default");
  if (!golden) throw new Error("a case with defaults");
  const net = makeGolden(golden);
  if (!(net instanceof BatchNorm1d)) throw new Error("a BatchNorm1d");
  for (const [index, step] of golden.steps.entries()) checkCall(net, step, `batch ${index}`);
  const [mean, variance] = Object.values(statisticsOf(net)).map(numbers);
  const [theirMean = [], theirVariance = []] = golden.buffers.map(numbersOf);
  expect(disagreement(mean ?? [], theirMean)).toBeNull();
  expect(disagreement(variance ?? [], theirVariance)).not.toBeNull();
  // Both started at 1, of which ρ⁵ is left; n = 5 in each batch, and ρ = 1 - momentum.
  const left = net.rho * net.rho * net.rho * net.rho * net.rho;
  const biased = theirVariance.map((value) => left + ((value - left) * 4) / 5);
  expect(disagreement(variance ?? [], biased)).toBeNull();
});
