/** Studies and reports for the tests of the report: of nothing, any part of which a test may replace. */
import { parseHTML } from "linkedom";
import type { Verdict } from "../research/engine/index.ts";
import type { ReportedStudy, StoreReport, StudyRecord } from "../research/index.ts";
import { verdictRows } from "../research/report/verdict-rows.ts";

/** What a reader sees of a page: its text with white space made one space. */
export function textOf(page: string): string {
  const { document } = parseHTML(page);
  for (const hidden of document.querySelectorAll("style, svg")) hidden.remove();
  return (document.documentElement.textContent ?? "").replace(/\s+/g, " ");
}

/** A verdict of its own. */
export const verdict: Verdict = {
  verdict: "reproduced",
  threshold: "the interval lies above 0",
  reason: "a difference of 0 is none",
  measured: "0.25 nats",
  paper: "about 0.3 nats",
  effect: { name: "difference (nats)", mean: 0.25, low: 0.125, high: 0.375, confidence: 0.95 },
};

/** A study of nothing, any part of which a test may replace. */
export function study(change: Partial<StudyRecord> = {}): ReportedStudy {
  const record: StudyRecord = {
    experiment: "made-up",
    name: change.profile ?? "quick",
    command: "made-up",
    title: "Made up",
    question: "Is it?",
    claims: ["lr-range"],
    source: "Nobody 1999",
    kind: "statistical",
    profile: "quick",
    base: "quick",
    device: "wasm",
    overrides: {},
    seeds: [0, 1, 2],
    runs: [],
    failures: [],
    note: null,
    verdicts: { "lr-range": verdict },
    figures: [],
    ...change,
  };
  return { record, runs: [], lost: [], fingerprint: "0123abcd", seconds: 61, isOutdated: false };
}

/** A report of such studies. */
export function report(
  studies: readonly ReportedStudy[],
  change: Partial<StoreReport> = {},
): StoreReport {
  const rows = verdictRows(studies, change.notRun ?? [], {});
  return { studies, rows, notRun: [], laws: [], troubles: [], leftOut: [], ...change };
}
