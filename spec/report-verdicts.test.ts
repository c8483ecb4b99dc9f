/** The verdicts of a report: corrected over all full ones, in the order of the claims, and in words that can be read. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { FormatError } from "../core/index.ts";
import { renderStoreReport, type StudyRecord } from "../research/index.ts";
import { keepFullVerdicts, readFullVerdicts } from "../research/report/full-verdicts.ts";
import { seedsToStand, verdictRows } from "../research/report/verdict-rows.ts";
import {
  effectText,
  headlineOf,
  intervalOf,
  sentences,
  shortNumbers,
} from "../research/report/verdict-text.ts";
import { holm, signFlipTest } from "../research/statistics/index.ts";
import { report, study, textOf, verdict } from "./study-samples.ts";

describe("verdicts of a report", () => {
  const ps = fc.array(
    fc.integer({ min: 0, max: 256 }).map((i) => i / 256),
    { maxLength: 8 },
  );
  const places = fc.constantFrom("stored", "kept", "quick", "ablation");

  test.prop([ps, fc.array(places, { minLength: 8, maxLength: 8 })], { seed: 71, numRuns: 100 })(
    "bear Holm's p over all full ones, stored or kept, and over no quick one and no ablation",
    (all, where) => {
      const tested = (p: number): StudyRecord["verdicts"] => ({ "lr-range": { ...verdict, p } });
      const profiles = {
        stored: "full",
        kept: "quick",
        quick: "quick",
        ablation: "custom",
      } as const;
      const studies = all.map((p, at) => {
        const place = where[at] ?? "stored";
        const verdicts = place === "kept" ? { "lr-range": verdict } : tested(p);
        const profile = profiles[place as keyof typeof profiles];
        return study({ experiment: `e${at}`, profile, verdicts, seeds: [0, 1, 2, 3, 4, 5, 6, 7] });
      });
      const untested = { experiment: "untested", profile: "full", claims: ["bn-speed"] } as const;
      studies.push(study({ ...untested, verdicts: { "bn-speed": verdict } }));
      const entry = { commit: null, runs: 8, seeds: 8, seconds: 1, fingerprint: "ab" };
      const kept = all.flatMap((p, at) =>
        where[at] === "kept" ? [[`e${at}`, { ...entry, verdicts: tested(p) }] as const] : [],
      );
      const rows = verdictRows(studies, [], Object.fromEntries(kept));
      const family = all
        .map((p, at) => ({ p, at }))
        .filter(({ at }) => where[at] !== "quick" && where[at] !== "ablation");
      const adjusted = holm(family.map(({ p }) => p));
      for (const row of rows) {
        const at = Number(row.experiment.slice(1));
        const own = family.findIndex((member) => member.at === at);
        const wanted = own < 0 ? null : (adjusted[own] ?? null);
        const shown = where[at] === "kept" ? row.full : row;
        expect(shown?.adjusted).toBe(wanted);
        const falls = wanted !== null && wanted > 0.05;
        expect(shown?.conclusion).toBe(falls ? "inconclusive" : "reproduced");
        expect(shown?.verdict?.verdict).toBe("reproduced");
        if (falls) expect(shown?.note).toContain(`over ${family.length} test`);
      }
    },
  );

  test.prop([fc.integer({ min: 1, max: 200 })], { seed: 73, numRuns: 50 })(
    "need as many seeds as make the least p stand the correction, and no more",
    (tests) => {
      const stands = (seeds: number): boolean => {
        const least = signFlipTest(Array.from({ length: seeds }, (_, i) => 1 + i)).p;
        const others = new Array<number>(tests - 1).fill(1);
        return (holm([least, ...others])[0] ?? 1) <= 0.05;
      };
      const needed = seedsToStand(tests);
      expect([stands(needed), stands(needed - 1)]).toEqual([true, false]);
    },
  );

  test("that a correction turns say how many seeds could stand it, where theirs cannot", () => {
    const noteOf = (seeds: number): string | null | undefined => {
      const all = Array.from({ length: 8 }, (_, at) =>
        study({
          experiment: `e${at}`,
          profile: "full",
          seeds: Array.from({ length: seeds }, (_, seed) => seed),
          verdicts: { "lr-range": { ...verdict, p: 0.0078125 } },
        }),
      );
      return verdictRows(all, [], {})[0]?.note;
    };
    expect(noteOf(8)).toMatch(/over 8 tests, which 8 seeds cannot stand and 9 can$/);
    expect(noteOf(12)).toMatch(/over 8 tests$/);
  });

  test("of runs that other sources made say so", () => {
    const [row] = verdictRows([{ ...study(), isOutdated: true }], [], {});
    expect(row?.note).toBe("made by other sources than the present ones");
  });

  test("that are negative or open stay so, however small p is", () => {
    const verdicts = ["not reproduced", "inconclusive"] as const;
    const studies = verdicts.map((word, at) =>
      study({
        experiment: `e${at}`,
        profile: "full",
        verdicts: { "lr-range": { ...verdict, verdict: word, p: 0 } },
      }),
    );
    expect(verdictRows(studies, [], {}).map(({ conclusion }) => conclusion)).toEqual(verdicts);
  });

  test("stand in the order of the claims, those of ablations last", () => {
    const claims = ["bn-speed", "data-loader", "mine"];
    const verdicts = Object.fromEntries(claims.map((claim) => [claim, verdict]));
    const rows = verdictRows(
      [study({ profile: "custom", claims, verdicts }), study({ claims, verdicts })],
      [],
      {},
    );
    const order = ["data-loader", "bn-speed", "mine"];
    expect(rows.map(({ claim }) => claim)).toEqual([...order, ...order]);
    expect(rows.map(({ study: own }) => own?.profile)).toEqual([
      ...order.map(() => "quick"),
      ...order.map(() => "custom"),
    ]);
  });

  test("are none where runs failed, and the first line of the failure is shown", () => {
    const failures = [{ key: "0", config: { rate: 2 }, seed: 4, message: "Oh: no\n at x" }];
    const own = study({ verdicts: {}, failures });
    const [row] = verdictRows([own], [], {});
    expect(row).toMatchObject({ conclusion: "no verdict", note: "1 of 1 runs failed" });
    expect(textOf(renderStoreReport(report([own])))).toContain("seed 4, rate=2: Oh: no");
  });

  test("of the full profile stand beside quick ones, and are kept in a file that is read back", () => {
    const root = mkdtempSync(join(tmpdir(), "bitgrad-verdicts-"));
    const path = join(root, "full.json");
    const entry = { commit: null, runs: 8, seeds: 8, seconds: 12.5, fingerprint: "ab" };
    const full = { ...verdict, verdict: "not reproduced", measured: "with all seeds" } as const;
    keepFullVerdicts({ other: { ...entry, verdicts: {} } }, path);
    keepFullVerdicts({ "made-up": { ...entry, verdicts: { "lr-range": full } } }, path);
    const kept = readFullVerdicts(path);
    expect(Object.keys(kept).sort()).toEqual(["made-up", "other"]);
    const rows = verdictRows([study()], [], kept);
    expect(rows[0]?.full?.verdict).toEqual(full);
    const text = textOf(renderStoreReport({ ...report([study()]), rows }));
    expect(text).toContain("✗ not reproduced (full) with all seeds");
    expect(verdictRows([study({ profile: "full" })], [], kept)[0]?.full).toBe(null);
    writeFileSync(path, '{"made-up": {"verdicts": 1}}');
    expect(() => readFullVerdicts(path)).toThrow(FormatError);
    rmSync(root, { recursive: true });
  });
});

describe("a verdict in words", () => {
  const effect = {
    name: "gain in test error (%)",
    mean: 7.9625,
    low: 7.0834,
    high: 8.8416,
    confidence: 0.95,
  };

  test("has a headline: the first of what was measured, cut between words, and its interval", () => {
    const measured =
      "test error (%), CNN against linear: 6.038 against 14; gain 7.963; by seed 1, 2";
    expect(headlineOf({ ...verdict, measured })).toBe(
      "test error (%), CNN against linear: 6.038 against 14",
    );
    const long = headlineOf({ ...verdict, measured: "word ".repeat(60) });
    expect(long).toMatch(/^(word )+…$/);
    expect(long.length).toBeLessThanOrEqual(112);
    expect(intervalOf(effect)).toBe("gain 7.96 [7.08, 8.84]");
    expect(intervalOf({ ...effect, name: "ratio" })).toBe("7.96 [7.08, 8.84]");
  });

  test("gains once, and begins each sentence of its reason with a capital letter", () => {
    expect(effectText({ ...effect, name: "gain in gain in loss" })).toMatch(
      /^gain in loss: 7\.96 /,
    );
    expect(sentences("one thing. another; a third. n is 3. a rest. Done 0.5. ω too")).toBe(
      "One thing. Another; a third. n is 3. A rest. Done 0.5. ω too",
    );
    expect(sentences("One. Too few seeds. two. Too few seeds")).toBe("One. Too few seeds. Two");
    expect(shortNumbers("below 0.09531017980432493, at 0.125")).toBe("below 0.09531, at 0.125");
  });
});
