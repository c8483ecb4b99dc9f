/**
 * Real bugs of other frameworks, made again, are caught at the default budget; what is right at a kink is not. A few
 * seeds always, a hundred with BITGRAD_SLOW=1.
 */
import { afterAll, describe, expect, test } from "vitest";
import { LawError } from "./index.ts";
import { type Bug, bugs, honest } from "./teeth/bugs.ts";

const isSlow = process.env["BITGRAD_SLOW"] === "1";
const seeds = Array.from({ length: isSlow ? 100 : 3 }, (_, i) => 500 + i);
const timeout = isSlow ? 1_800_000 : 60_000;
const counts = new Map<string, number>();

/** At how many seeds the check throws a LawError. */
function alarms({ bug, check }: Bug): number {
  const raised = seeds.filter((seed) => {
    try {
      check(seed);
      return false;
    } catch (error) {
      expect(error).toBeInstanceOf(LawError);
      expect(error instanceof Error && error.cause).toBeUndefined(); // Not an error of the check itself.
      return true;
    }
  });
  counts.set(bug, raised.length);
  return raised.length;
}

describe("is caught at 95 % of the seeds or more", () => {
  test.each(bugs)(
    "$bug",
    (bug) => {
      expect(alarms(bug)).toBeGreaterThanOrEqual(0.95 * seeds.length);
    },
    timeout,
  );
});

describe("is never taken for a mistake", () => {
  test.each(honest)(
    "$bug",
    (right) => {
      expect(alarms(right)).toBe(0);
    },
    timeout,
  );
});

afterAll(() => {
  const rows = [...counts].map(([bug, count]) => `${count} of ${seeds.length}  ${bug}`);
  process.stdout.write(`alarms:\n${rows.join("\n")}\n`);
});
