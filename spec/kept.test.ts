/** Kept examples run before all others, each at the budget at which it was found; every line of the list is about something. */
import { expect, test } from "vitest";
import { graphPart, partOf, parts } from "./deep/parts.ts";
import type { ProofOptions } from "./deep/proof.ts";
import { proofs } from "./deep/proofs.ts";
import { recordNamed } from "./graphs/graph.ts";
import type { Oracle } from "./graphs/oracle.ts";
import { keptExamples } from "./laws/kept.ts";
import { runLaw } from "./laws/run.ts";
import { shapeRule } from "./laws/shape-rule.ts";
import { runTrials } from "./laws/trial.ts";

const options: ProofOptions = { seed: 5, runs: 8, device: "wasm" };

test("of an op: as many cases more as were needed to find it", () => {
  const again = (): string => "";
  const held = (kept: Parameters<typeof runLaw>[2]) =>
    runLaw(shapeRule, recordNamed("exp"), { seed: 5, runs: 8, again, ...kept }).examples;
  const mine = { subject: "exp", law: "shape rule", seed: 9, runs: 40 };
  const plain = held({ seed: 5, runs: 8, kept: [] });
  expect(held({ seed: 5, runs: 8, kept: [mine] })).toBe(plain + 40);
  expect(held({ seed: 5, runs: 8, kept: [{ ...mine, law: "adjoint" }] })).toBe(plain);
  expect(held({ seed: 5, runs: 8, kept: [{ ...mine, subject: "log" }] })).toBe(plain);
});

test("of a trial: it fails first, and says its own seed", () => {
  const seen: number[] = [];
  const law = {
    name: "small",
    claim: "cases are small",
    check: (_: string, trial: { readonly seed: number; fail(a: string, b: string): never }) => {
      seen.push(trial.seed);
      if (seen.length === 30) trial.fail("fewer", "thirty");
    },
  };
  const run = (kept: readonly { subject: string; law: string; seed: number; runs: number }[]) => {
    seen.length = 0;
    return runTrials(law, "s", "thing", { runs: 8, seed: 1, again: () => "again", kept });
  };
  expect(run([]).failure).toBeNull();
  const { failure } = run([{ subject: "thing", law: "small", seed: 77, runs: 32 }]);
  expect(failure?.replay?.seed).toBe(77);
});

test("of a part: with its own seed and budget, then those of the day", async () => {
  const tried: (readonly [number, number])[] = [];
  const law = {
    name: "wide",
    claim: "it is wide",
    share: 0.5,
    holds: (seed: number, runs: number): number => {
      tried.push([seed, runs]);
      if (seed === 9 && tried.length > 2) throw new Error("narrow", { cause: new Error("by two") });
      return runs;
    },
  };
  const part = partOf("hall", [law], [{ subject: "hall", law: "wide", seed: 9, runs: 64 }]);
  const [first] = await part.run(options);
  expect(tried).toEqual([
    [9, 32],
    [5, 4],
  ]);
  expect([first?.examples, first?.found]).toEqual([36, null]);
  const [second] = await part.run(options);
  expect(second?.found).toMatchObject({ subject: "hall", law: "wide", seed: 9, runs: 64 });
  expect(second?.found?.failure.message).toBe(
    "wide is broken by hall\n  by two\n  narrow\n  to see it again: npm run spec -- --only hall --seed 9 --runs 64",
  );
});

test("of random graphs: around its own op, and a new one tells around which", async () => {
  let graphs = 0;
  const oracle: Oracle = {
    name: "few",
    claim: "there are few graphs",
    check: () => {
      graphs++;
      if (graphs > 4) throw new Error("too many");
      return true;
    },
  };
  const kept = [{ subject: "random graphs", law: "few", seed: 3, runs: 2, around: "exp" }];
  const fuzz = { oracles: [oracle], around: [recordNamed("log")] };
  const [first] = await graphPart(fuzz, kept).run(options);
  expect([graphs, first?.examples, first?.found]).toEqual([3, 3, null]);
  graphs = 4;
  const [second] = await graphPart(fuzz, kept).run(options);
  expect(second?.found).toMatchObject({ seed: 3, runs: 2, around: "exp" });
  graphs = 4;
  const [third] = await graphPart(fuzz, []).run(options);
  expect(third?.found).toMatchObject({ seed: 5, runs: 1, around: "log" });
});

test("every line of the list names a subject that there is, and each of a part is replayed", async () => {
  for (const example of keptExamples) {
    expect(proofs.map(({ name }) => name)).toContain(example.subject);
    // Of graphs those of kept examples alone: all others have a test of their own.
    const graphs = graphPart({ around: [] });
    const part = [graphs, ...parts].find(({ name }) => name === example.subject);
    if (part === undefined) continue;
    const results = await part.run({ seed: example.seed, runs: 4, device: "wasm" });
    const own = results.find(({ law }) => law === example.law);
    expect(own, example.law).toBeDefined();
    expect(own?.found, example.law).toBeNull();
  }
});
