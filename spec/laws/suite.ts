/**
 * The laws, on every op of the registry, on one device. BITGRAD_SPEC_RUNS and BITGRAD_SPEC_SEED set budget and seed.
 * Rests on the laws beside it.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { setDevice } from "../../core/index.ts";
import { registry } from "../../core/ops/registry.ts";
import { adjoint } from "./adjoint.ts";
import { broadcasting, unreachable } from "./coverage.ts";
import { laws } from "./index.ts";
import { hasRules } from "./law.ts";
import { budget, type Coverage, type Outcome, runLaw } from "./run.ts";

/** Makes the tests of all laws on all ops, run on the device of this name, and prints what they amounted to. */
export function describeLaws(device: string): void {
  /** Outcomes by op, then by law. */
  const outcomes = new Map<string, Map<string, Outcome>>();
  let notApplicable = 0;

  beforeAll(() => setDevice(device));

  for (const record of registry) {
    const mine = new Map<string, Outcome>();
    outcomes.set(record.name, mine);
    describe(record.name, () => {
      for (const law of laws) {
        if (!law.applies(record)) {
          notApplicable++;
          continue;
        }
        test(`${law.name}: ${law.claim}`, () => {
          const outcome = runLaw(law, record);
          mine.set(law.name, outcome);
          if (outcome.failure !== null) throw outcome.failure;
        });
      }
    });
  }

  /** How often the cases of an op, over all laws, contained what `count` counts. */
  function met(name: string, count: (coverage: Coverage) => number): number {
    const mine = [...(outcomes.get(name)?.values() ?? [])];
    return mine.reduce((total, { coverage }) => total + count(coverage), 0);
  }

  describe("coverage", () => {
    const named = registry.map(({ name }) => name);
    const withInputs = (): readonly string[] =>
      named.filter((name) => met(name, ({ inputs }) => inputs) > 0);

    test.each(["empty", "scalar"] as const)(
      "every op but those listed has met an input: %s",
      (kind) => {
        const those = withInputs();
        const never = those.filter((name) => met(name, (coverage) => coverage[kind]) === 0);
        // Where only some laws were asked for, only some ops have met anything.
        const expected = Object.keys(unreachable[kind]).filter(
          (name) => those.includes(name) || !named.includes(name),
        );
        expect(never.toSorted()).toEqual(expected.toSorted());
      },
    );

    test("every op that broadcasts has met a stretched input", () => {
      expect(broadcasting.filter((name) => !named.includes(name))).toEqual([]);
      const never = withInputs().filter((name) => met(name, ({ broadcast }) => broadcast) === 0);
      expect(never.filter((name) => broadcasting.includes(name))).toEqual([]);
    });

    test("every op with rules of its own has been differentiated", () => {
      for (const record of registry) {
        if (record.vjp === undefined || !hasRules(record)) continue;
        const outcome = outcomes.get(record.name)?.get(adjoint.name);
        if (outcome === undefined && adjoint.applies(record)) continue; // It was not asked for.
        expect(outcome?.examples, record.name).toBeGreaterThan(0);
      }
    });
  });

  afterAll(() => {
    const ran = [...outcomes.values()].flatMap((mine) => [...mine.values()]);
    const said = ran.filter(({ examples }) => examples > 0);
    const examples = said.reduce((total, outcome) => total + outcome.examples, 0);
    const names = new Set([...outcomes.values()].flatMap((mine) => [...mine.keys()]));
    const count = (n: number): string => n.toLocaleString("en-US");
    process.stdout.write(
      `laws on ${device}: ${names.size} laws × ${outcomes.size} ops, ${count(examples)} examples ` +
        `(${count(said.length)} pairs checked, ${count(notApplicable + ran.length - said.length)} not applicable; ` +
        `${budget.runs} runs a law, seed ${budget.seed})\n`,
    );
  });
}
