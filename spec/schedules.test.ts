/** Schedules: the laws that every one of the registry keeps, and what each says when it is refused. */
import { describe, expect, test } from "vitest";
import { ValueError } from "../core/index.ts";
import * as schedules from "../schedules/index.ts";
import { besidesSchedules, scheduleRegistry } from "../schedules/registry.ts";
import { scheduleSubject } from "./checks/schedule.ts";
import { budget } from "./laws/run.ts";
import { scheduleLaws } from "./laws/schedules.ts";
import { runTrials } from "./laws/trial.ts";
import { messageOf } from "./plain.ts";

describe("the registry of schedules", () => {
  test("holds every function that is exported, or says why not", () => {
    const names = [...scheduleRegistry.map(({ name }) => name), ...Object.keys(besidesSchedules)];
    expect(names.sort()).toEqual(Object.keys(schedules).sort());
  });
});

describe.each(scheduleRegistry)("$name", (record) => {
  const subject = scheduleSubject(record);

  for (const law of scheduleLaws) {
    test(`lr-schedules: ${law.claim}`, () => {
      const again = `npm run spec -- --only ${record.name}`;
      const options = { runs: 1.5 * budget.runs, seed: budget.seed, again: () => again };
      const { failure } = runTrials(law, subject, record.name, options);
      if (failure !== null) throw failure;
    });
  }

  test("refuses options out of range, word by word", () => {
    for (const { make, message } of record.errors) {
      expect(messageOf(make, ValueError)).toBe(message);
    }
  });

  test("has a formula and a source", () => {
    for (const text of [record.formula, record.source]) expect(text.trim()).not.toBe("");
  });
});
