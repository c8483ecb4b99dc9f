/** Progress on a terminal: one line drawn over itself, within the terminal's width, that leaves only epochs. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { type ProgressPlan, progressFor } from "../research/train/progress.ts";

/** A terminal that only knows how to return to the start of a line and how to end it. */
class Screen {
  readonly isTTY = true;
  readonly columns: number;
  /** Everything shown at any time, one entry a write. */
  readonly drawn: string[] = [];
  #lines: string[] = [""];
  #column = 0;

  constructor(columns: number) {
    this.columns = columns;
  }

  get lines(): readonly string[] {
    return this.#lines.map((line) => line.trimEnd());
  }

  write(text: string): void {
    for (const character of text) {
      const line = this.#lines.at(-1) ?? "";
      if (character === "\n") this.#lines.push("");
      else if (character !== "\r") {
        const rest = line.slice(this.#column + 1);
        this.#lines[this.#lines.length - 1] = line.slice(0, this.#column) + character + rest;
      }
      this.#column = character === "\n" || character === "\r" ? 0 : this.#column + 1;
    }
    this.drawn.push(this.#lines.at(-1)?.trimEnd() ?? "");
  }
}

/** Runs through `plan`, a second for each step and each of two parts of an evaluation. */
function play(plan: ProgressPlan, screen: Screen, secondsBetween = 1): void {
  let now = 0;
  const progress = progressFor(plan, screen, () => now);
  const wait = (): void => {
    now += 1000 * secondsBetween;
  };
  for (let epoch = 1; epoch <= plan.epochs; epoch++) {
    for (let n = 1; n <= plan.stepsPerEpoch; n++) {
      wait();
      const step = (epoch - 1) * plan.stepsPerEpoch + n;
      progress.onStep({ step, epoch: step / plan.stepsPerEpoch, loss: n === 1 ? null : 1 / step });
    }
    for (const part of [0.5, 1]) {
      wait();
      progress.onEvaluation(Math.round(part * plan.testCount));
    }
    const measured = { trainLoss: 0.5, trainAccuracy: 0.75, testLoss: 0.25, testAccuracy: 0.875 };
    progress.onEpoch({ epoch, ...measured }, 12.34);
  }
  progress.stop();
}

const count = fc.integer({ min: 1, max: 12 });
const plans = fc.record({
  epochs: count,
  stepsPerEpoch: count,
  trainCount: fc.integer({ min: 1, max: 1000 }),
  testCount: fc.integer({ min: 1, max: 1000 }),
});

describe("progress on a terminal", () => {
  test.prop([plans], { seed: 8, numRuns: 100 })(
    "leaves a line for each epoch and nothing of the bar",
    (plan) => {
      const screen = new Screen(100);
      play(plan, screen);
      const measured =
        "train loss 0.5000 accuracy 75.00 %  test loss 0.2500 accuracy 87.50 %  12.3 s";
      const lines = Array.from({ length: plan.epochs }, (_, i) => `epoch ${i + 1}/${plan.epochs}`);
      expect(screen.lines).toEqual([...lines.map((line) => `${line}  ${measured}`), ""]);
    },
  );

  test.prop([plans, fc.integer({ min: 1, max: 150 })], { seed: 9, numRuns: 100 })(
    "draws a bar that stays within the line and never goes back",
    (plan, columns) => {
      const screen = new Screen(columns);
      play(plan, screen);
      const bars = screen.drawn.filter((line) => line !== "" && !line.includes("accuracy"));
      for (const bar of bars) expect(bar.length).toBeLessThan(columns);
      const shares = screen.drawn.flatMap((line) => {
        const share = / (\d+) % {2}(?:training|testing)/.exec(line)?.[1];
        return share === undefined ? [] : [Number(share)];
      });
      expect(shares).toEqual([...shares].sort((a, b) => a - b));
      if (columns > 70) expect(shares.at(-1)).toBe(100);
    },
  );

  test("tells the epoch, the phase, the loss and the time left from what was done so far", () => {
    const screen = new Screen(80);
    play({ epochs: 2, stepsPerEpoch: 2, trainCount: 10, testCount: 20 }, screen);
    // An epoch's work: 3 · 10 to train, 20 to test. After 2 steps, 2 s: 30 of 100; 70 left take 4.7 s.
    expect(screen.drawn).toContain(
      `epoch 1/2  ${"█".repeat(9)}${"░".repeat(20)}  30 %  training  loss 0.5000  5 s left`,
    );
    expect(screen.drawn).toContain(
      `epoch 1/2  ${"█".repeat(12)}${"░".repeat(18)}  40 %  testing  loss 0.5000  5 s left`,
    );
    expect(screen.drawn.some((line) => line.includes("loss not finite"))).toBe(true);
  });

  test("redraws at most ten times a second", () => {
    const plan = { epochs: 1, stepsPerEpoch: 998, trainCount: 998, testCount: 10 };
    const screen = new Screen(80);
    play(plan, screen, 0.01);
    const bars = screen.drawn.filter((line) => line.includes("left"));
    expect(bars.length).toBeGreaterThan(50);
    expect(bars.length).toBeLessThanOrEqual(100);
  });

  test("catches no signal: Ctrl-C stays deadly", () => {
    const before = ["SIGINT", "SIGTERM"].map((name) => process.listenerCount(name));
    const plan = { epochs: 1, stepsPerEpoch: 1, trainCount: 1, testCount: 1 };
    const progress = progressFor(plan, new Screen(80));
    expect(["SIGINT", "SIGTERM"].map((name) => process.listenerCount(name))).toEqual(before);
    progress.stop();
  });
});
