/**
 * Teeth: laws that cannot fail prove nothing. Each seeded mistake must break the law named beside it, at the default
 * budget; each right twin must obey all laws.
 * Rests on laws/ and teeth/.
 */
import { afterAll, describe, expect, test } from "vitest";
import { laws } from "./laws/index.ts";
import { runLaw } from "./laws/run.ts";
import { faults } from "./teeth/index.ts";

/** The laws that each mistake broke. */
const caught = new Map<string, ReadonlySet<string>>();

/** The names of the laws that `record` breaks, with what they said. */
function brokenLaws(record: (typeof faults)[number]["right"]): ReadonlyMap<string, string> {
  return new Map(
    laws
      .filter((law) => law.applies(record))
      .map((law) => [law.name, runLaw(law, record).failure?.message ?? null] as const)
      .filter((pair): pair is readonly [string, string] => pair[1] !== null),
  );
}

describe("a seeded mistake breaks the law that speaks of it", () => {
  test.each(faults)("$mistake ($right.name): $caughtBy", ({ mistake, wrong, caughtBy }) => {
    const broken = brokenLaws(wrong);
    caught.set(mistake, new Set(broken.keys()));
    expect([...broken.keys()]).toContain(caughtBy);
    expect(broken.get(caughtBy)).toContain(`${caughtBy} is broken by ${wrong.name}`);
  });

  test("there are at least 15 mistakes, and every law catches one", () => {
    expect(faults.length).toBeGreaterThanOrEqual(15);
    const idle = laws.filter(({ name }) => !faults.some(({ caughtBy }) => caughtBy === name));
    expect(idle.map(({ name }) => name)).toEqual([]);
  });
});

describe("a right twin obeys every law", () => {
  test.each([...new Map(faults.map(({ right }) => [right.name, right])).values()])(
    "$name",
    (right) => {
      expect([...brokenLaws(right).values()]).toEqual([]);
    },
  );
});

afterAll(() => {
  const head = laws.map((_, i) => String.fromCharCode(97 + i)).join(" ");
  const rows = [...caught].map(([mistake, names]) => {
    const marks = laws.map(({ name }) => (names.has(name) ? "×" : "·")).join(" ");
    return `${marks}  ${mistake}`;
  });
  const legend = laws.map(({ name }, i) => `${String.fromCharCode(97 + i)} ${name}`).join(", ");
  process.stdout.write(`teeth: ${rows.length} mistakes × ${laws.length} laws\n`);
  process.stdout.write(`${[head, ...rows, legend].join("\n")}\n`);
});
