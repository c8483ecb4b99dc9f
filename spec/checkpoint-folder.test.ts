/** A folder of checkpoints: the last few and the best stay, and a run continues from the last whole one. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { type State, type Stateful, ValueError } from "../core/index.ts";
import { CheckpointFolder, saveCheckpoint } from "../core/io/index.ts";
import { messageOf } from "./plain.ts";

const root = mkdtempSync(join(tmpdir(), "bitgrad-folder-"));
afterAll(() => rmSync(root, { recursive: true }));
const folder = join(root, "deep", "run");
beforeEach(() => rmSync(folder, { recursive: true, force: true }));

/** A part that is one number. */
class Counter implements Stateful {
  value: State = 0;
  state(): State {
    return this.value;
  }
  restore(state: State): void {
    this.value = state;
  }
}

/** A folder in which steps 1, 2, … were saved with these scores. */
function saved(scores: readonly number[], better: "higher" | "lower" = "higher"): CheckpointFolder {
  const checkpoints = new CheckpointFolder(folder, { keep: 2, better });
  const counter = new Counter();
  scores.forEach((score, i) => {
    counter.value = i + 1;
    checkpoints.save(i + 1, { counter }, { score, notes: `step ${i + 1}` });
  });
  return checkpoints;
}

describe("a folder of checkpoints", () => {
  test("keeps the last ones and the best, and nothing else", () => {
    expect(saved([0.5, 0.9, 0.7, 0.8, 0.6]).steps()).toEqual([4, 5]);
    expect(readdirSync(folder).sort()).toEqual([
      "best.safetensors",
      "step-0000000004.safetensors",
      "step-0000000005.safetensors",
    ]);
  });

  test("gives back the last and the best, with their notes", () => {
    const checkpoints = saved([0.5, 0.9, 0.7, 0.9, 0.6]);
    const counter = new Counter();
    const last = { step: 5, score: 0.6, notes: "step 5" };
    expect([checkpoints.restoreLast({ counter }), counter.value]).toEqual([last, 5]);
    // The first of two equal scores stays.
    const best = { step: 2, score: 0.9, notes: "step 2" };
    expect([checkpoints.restoreBest({ counter }), counter.value]).toEqual([best, 2]);
  });

  test.each([
    ["higher", [0.5, Number.NaN, 0.7, Number.NaN], 3],
    ["lower", [0.5, Number.NaN, 0.7, 0.4], 4],
    ["lower", [Number.POSITIVE_INFINITY, 0.7], 2],
  ] as const)("takes %s scores of %o for better, and NaN for none", (better, scores, step) => {
    expect(saved(scores, better).restoreBest({ counter: new Counter() })?.step).toBe(step);
  });

  test("has its order and its best also in the next process", () => {
    saved([0.5, 0.9]);
    const again = new CheckpointFolder(folder, { keep: 2 });
    const counter = new Counter();
    expect(again.restoreLast({ counter })?.step).toBe(2);
    again.save(10, { counter }, { score: 0.8 });
    expect([again.steps(), again.restoreBest({ counter })?.step]).toEqual([[2, 10], 2]);
  });

  test("gives null where nothing was saved, or nothing with a score", () => {
    const checkpoints = new CheckpointFolder(folder);
    const counter = new Counter();
    expect(checkpoints.restoreLast({ counter })).toBe(null);
    checkpoints.save(0, { counter });
    expect(checkpoints.restoreBest({ counter })).toBe(null);
    expect(checkpoints.restoreLast({ counter })).toEqual({ step: 0, score: null, notes: null });
  });

  test("loses no best where the process stops between two files", () => {
    const checkpoints = saved([0.5]);
    const counter = new Counter();
    // A folder in the way of the step's file: saving ends there, with all files before it written.
    mkdirSync(join(folder, "step-0000000002.safetensors", "in the way"), { recursive: true });
    expect(() => checkpoints.save(2, { counter }, { score: 0.9 })).toThrow(ValueError);
    rmSync(join(folder, "step-0000000002.safetensors"), { recursive: true });
    expect(checkpoints.restoreLast({ counter })?.step).toBe(1);
    expect(checkpoints.restoreBest({ counter })?.score).toBe(0.9);
  });

  test("refuses another word for better", () => {
    const better = JSON.parse('"max"');
    expect(messageOf(() => new CheckpointFolder(folder, { better }), ValueError)).toBe(
      'CheckpointFolder: expected better to be "higher" or "lower", got "max". Accuracies are better when higher, losses when lower.',
    );
  });

  test("takes no notice of other files", () => {
    const checkpoints = saved([0.5, 0.6]);
    for (const name of ["step-0000000009.safetensors.77.0.partial", "notes.txt"]) {
      writeFileSync(join(folder, name), "");
    }
    expect(checkpoints.steps()).toEqual([1, 2]);
  });

  test("refuses a step before the last one, and a keep of none", () => {
    const run = (): void => saved([1, 1]).save(1, { counter: new Counter() });
    expect(messageOf(run, ValueError)).toBe(
      "checkpoints.save: expected step to be an integer in [2, 10^10), got 1. Restore the last one first, or save into another folder.",
    );
    expect(messageOf(() => new CheckpointFolder(folder, { keep: 0 }), ValueError)).toBe(
      "CheckpointFolder: expected keep to be an integer in [1, 10^10), got 0. Keep at least one checkpoint.",
    );
  });

  test("refuses a checkpoint that it did not save", () => {
    const checkpoints = new CheckpointFolder(folder);
    const counter = new Counter();
    saveCheckpoint(join(folder, "step-0000000001.safetensors"), { counter });
    counter.value = 7;
    expect(messageOf(() => checkpoints.restoreLast({ counter }), ValueError)).toContain(
      "checkpoints.restoreLast: expected state to be an object with step, score, notes, got null",
    );
    expect(counter.value).toBe(7);
  });
});
