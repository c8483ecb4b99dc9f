/** The laws of layers, on every exported layer and net, with options drawn at random. */
import { describe, expect, test } from "vitest";
import * as layers from "../layers/index.ts";
import { Layer } from "../layers/index.ts";
import { layerRegistry } from "../layers/registry.ts";
import { layerSubject } from "./checks/layer.ts";
import { layerLaws } from "./laws/layers.ts";
import { budget } from "./laws/run.ts";
import { runTrials } from "./laws/trial.ts";

test("every exported layer and net is in the registry, once, and nothing else is", () => {
  const helpers = ["assemble", "formatSummary", "reestimate", "summary"];
  const bases: readonly unknown[] = [Layer, layers.Normalization];
  const exported = Object.entries(layers)
    .filter(([name, value]) => !helpers.includes(name) && !bases.includes(value))
    .map(([name]) => name);
  expect(layerRegistry.map(({ name }) => name).toSorted()).toEqual(exported.toSorted());
});

describe.each(layerRegistry.map((record) => [record.name, record] as const))("%s", (_, record) => {
  const subject = layerSubject(record);
  for (const law of layerLaws.filter(({ applies }) => applies?.(subject) ?? true)) {
    test(`${law.name}: ${law.claim}`, () => {
      const again = `npm run spec -- --only ${record.name}`;
      const { failure } = runTrials(law, subject, record.name, {
        runs: budget.runs * (subject.isNet ? 0.1 : 0.3), // Nets take a hundred times as long.
        seed: budget.seed,
        again: () => again,
      });
      if (failure !== null) throw failure;
    });
  }
});
