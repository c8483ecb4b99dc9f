/** Early stopping: it says stop exactly when nothing has got better for as long as it was told to wait. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { ValueError } from "../core/index.ts";
import { EarlyStopping } from "../research/index.ts";
import { messageOf } from "./plain.ts";

const measures = fc.array(
  fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 9 }) }, fc.constant(Number.NaN)),
  {
    maxLength: 25,
  },
);
const patiences = fc.integer({ min: 1, max: 6 });
const many = { seed: 41, numRuns: 200 };

const verdicts = (watch: EarlyStopping, values: readonly number[]): readonly string[] =>
  values.map((value) => watch.observe(value));

describe("early stopping", () => {
  test.prop([measures, patiences], many)(
    "improves where a value is below all before it, and stops when that was `patience` observations ago",
    (values, patience) => {
      const isLowest = (t: number): boolean =>
        values
          .slice(0, t)
          .every((earlier) => Number.isNaN(earlier) || (values[t] ?? 0) < earlier) &&
        !Number.isNaN(values[t]);
      const expected = values.map((_, t) => {
        if (isLowest(t)) return "improved";
        const last = Math.max(-1, ...values.slice(0, t).map((_, s) => (isLowest(s) ? s : -1)));
        return t - last >= patience ? "stop" : "waiting";
      });
      const watch = new EarlyStopping({ patience });
      expect(verdicts(watch, values)).toEqual(expected);
      const numbers = values.filter((value) => !Number.isNaN(value));
      const lowest = Math.min(...numbers);
      expect(watch.best).toEqual(
        numbers.length > 0 ? { value: lowest, observation: values.indexOf(lowest) } : null,
      );
    },
  );

  test.prop([measures, patiences, fc.integer({ min: 0, max: 3 })], many)(
    "where higher is better is itself where lower is, on the negated values",
    (values, patience, minDelta) => {
      const [low, high] = (["lower", "higher"] as const).map(
        (better) => new EarlyStopping({ patience, minDelta, better }),
      );
      if (!low || !high) throw new Error("two of them");
      expect(
        verdicts(
          high,
          values.map((value) => -value),
        ),
      ).toEqual(verdicts(low, values));
      expect(high.best?.observation).toBe(low.best?.observation);
    },
  );

  test("does not take an improvement by minDelta, only one by more, measured from the best", () => {
    const watch = new EarlyStopping({ patience: 3, minDelta: 0.5 });
    // 3.75 and 3.5 creep down from 4 by too little each; 3.25 is more than 0.5 below 4.
    expect(verdicts(watch, [4, 3.75, 3.5, 3.25, 2.75, 3, 2.5])).toEqual([
      ...["improved", "waiting", "waiting", "improved"],
      ...["waiting", "waiting", "improved"],
    ]);
    expect(watch.best).toEqual({ value: 2.5, observation: 6 });
  });

  test("says stop until something improves again", () => {
    const watch = new EarlyStopping({ patience: 1 });
    expect(verdicts(watch, [1, 1, 2, 0, 0])).toEqual([
      ...["improved", "stop", "stop", "improved", "stop"],
    ]);
  });

  test("never takes NaN for an improvement, and an infinity for one that anything finite beats", () => {
    const watch = new EarlyStopping({ patience: 9 });
    expect(verdicts(watch, [Number.NaN, Infinity, Infinity, 5, Number.NaN])).toEqual([
      ...["waiting", "improved", "waiting", "improved", "waiting"],
    ]);
  });

  test.prop([measures, measures, patiences], many)(
    "goes on from its state as if it had not stopped",
    (before, after, patience) => {
      const [watch, resumed] = [new EarlyStopping({ patience }), new EarlyStopping({ patience })];
      verdicts(watch, before);
      resumed.restore(watch.state());
      expect(verdicts(resumed, after)).toEqual(verdicts(watch, after));
      expect(resumed.state()).toEqual(watch.state());
    },
  );

  test.each([
    [{ best: null, observations: 2, waited: 1 }, "2 observations, the best none, waited 1"],
    [
      { best: { value: 1, observation: 3 }, observations: 4.5, waited: 0.5 },
      "4.5 observations, the best 1 at 3, waited 0.5",
    ],
    [
      { best: { value: Number.NaN, observation: 0 }, observations: 1, waited: 0 },
      "1 observations, the best NaN at 0, waited 0",
    ],
    [
      { best: { value: 1, observation: -1 }, observations: 2, waited: 2 },
      "2 observations, the best 1 at -1, waited 2",
    ],
  ])("refuses the state %j and keeps its own", (state, got) => {
    const watch = new EarlyStopping({ patience: 2 });
    watch.observe(1);
    const own = watch.state();
    expect(messageOf(() => watch.restore(state), ValueError)).toBe(
      `earlyStopping.restore: expected state to have waited since the best observation, got ${got}. Restore a state that EarlyStopping gave.`,
    );
    expect(watch.state()).toEqual(own);
  });

  test.each([0, -1, 1.5, Number.NaN])("refuses a patience of %s", (patience) => {
    expect(messageOf(() => new EarlyStopping({ patience }), ValueError)).toBe(
      `EarlyStopping: expected patience to be an integer ≥ 1, got ${patience}. Give the observations to wait for an improvement, such as 5.`,
    );
  });

  test.each([-0.1, Infinity, Number.NaN])("refuses a minDelta of %s", (minDelta) => {
    expect(messageOf(() => new EarlyStopping({ patience: 1, minDelta }), ValueError)).toBe(
      `EarlyStopping: expected minDelta to be a finite number ≥ 0, got ${minDelta}. Give the least improvement that counts, such as 0; better: "higher" is for measures that grow.`,
    );
  });
});
