/**
 * Laws that every optimiser of the registry obeys, on both devices.
 * Rests on optim's registry, on plain implementations and on the laws of optimisers.
 */
import * as fs from "node:fs";
import { describe, expect, test } from "vitest";
import { parameter, withDevice } from "../core/index.ts";
import * as optim from "../optim/index.ts";
import { Optimizer } from "../optim/index.ts";
import { optimizers } from "../optim/registry.ts";
import { optimizerSubject } from "./checks/optimizer.ts";
import { optimizerLaws } from "./laws/optimizers.ts";
import { budget } from "./laws/run.ts";
import { runTrials } from "./laws/trial.ts";
import { plainSteps } from "./optimizer-plain.ts";
import { f64 } from "./plain.ts";

describe("the registry", () => {
  test("has every optimiser that is exported: functions that make one from parameters and options", () => {
    const w = parameter(f64([1]));
    const known = new Set(optimizers.map(({ call }) => call));
    const made = Object.entries(optim).filter(([, value]) => {
      if (!(value instanceof Function)) return false;
      try {
        return Reflect.apply(value, undefined, [[w], { learningRate: 0.1 }]) instanceof Optimizer;
      } catch {
        return false;
      }
    });
    expect(made.map(([name]) => name).sort()).toEqual([...known].sort());
    expect(made.length).toBeGreaterThanOrEqual(7);
  });

  test("names each entry once, and says what it is and who found it", () => {
    expect(new Set(optimizers.map(({ name }) => name)).size).toBe(optimizers.length);
    for (const { summary, source } of optimizers) {
      expect(summary).not.toBe("");
      expect(source).toMatch(/\d{4}/);
    }
  });

  test("stands in files of which each rule has its own, with source and formula", () => {
    for (const [name, value] of Object.entries(optim)) {
      if (!name.endsWith("Rule")) continue;
      const files = fs
        .readdirSync("optim")
        .filter((file) =>
          fs.readFileSync(`optim/${file}`, "utf8").match(`(function|const) ${name}\\b`),
        );
      expect(files, name).toEqual([expect.stringContaining(name.slice(0, -4).toLowerCase())]);
      const text = fs.readFileSync(`optim/${files[0]}`, "utf8");
      expect(text.split("*/", 1)[0], name).toMatch(/\d{4}/);
      expect(text, name).toMatch(/x ← x - α/);
      expect(value).toBeDefined();
    }
  });
});

describe.each(["reference", "wasm"])("on %s", (device) => {
  describe.each(optimizers)("$name", (record) => {
    const subject = optimizerSubject(record, plainSteps[record.call] ?? null);
    for (const law of optimizerLaws.filter(({ applies }) => applies?.(subject) ?? true)) {
      test(`${law.name}: ${law.claim}`, () => {
        const again = `npm run spec -- --only "${record.name}" --device ${device}`;
        const share = device === "wasm" ? 0.35 : 0.15;
        const options = { runs: budget.runs * share, seed: budget.seed, again: () => again };
        const { failure } = withDevice(device, () => runTrials(law, subject, record.name, options));
        if (failure !== null) throw failure;
      });
    }
  });
});

test("every optimiser has plain steps to be compared with", () => {
  expect(optimizers.filter(({ call }) => plainSteps[call] === undefined)).toEqual([]);
});
