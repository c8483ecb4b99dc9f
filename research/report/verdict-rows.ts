/**
 * The rows of a report's table: for each claim its verdicts, the full ones corrected for how many tests the report makes.
 * Rests on claims, statistics and studies.
 */
import { countOf } from "../../core/data/extent.ts";
import { claims } from "../claims.ts";
import type { Conclusion, ProfileName, Verdict } from "../engine/verdict.ts";
import { holm } from "../statistics/index.ts";
import type { FullVerdictsById } from "./full-verdicts.ts";
import type { NotRun, ReportedStudy } from "./store-report.ts";

/** What a report says of one claim, by one study. */
export interface VerdictRow {
  readonly claim: string;
  /** In a few words; empty for a claim of a reader's own. */
  readonly concept: string;
  readonly experiment: string;
  readonly question: string;
  /** Null where it was not run. */
  readonly study: { readonly name: string; readonly profile: ProfileName } | null;
  /** After the correction. */
  readonly conclusion: Conclusion | "no verdict" | "not run";
  /** Why it is no verdict, or another than the experiment's own. */
  readonly note: string | null;
  readonly verdict: Verdict | null;
  /** Holm's p over all full verdicts of the report; null for a quick one, an ablation, and where no test was made. */
  readonly adjusted: number | null;
  /** Beside a quick verdict, the full one that comes with bitgrad; null where there is none. */
  readonly full: CorrectedVerdict | null;
}

/** A full verdict, and what it is among all full verdicts of the report. */
export interface CorrectedVerdict {
  readonly verdict: Verdict;
  readonly conclusion: Conclusion;
  /** Holm's p; null where no test was made. */
  readonly adjusted: number | null;
  /** Why the conclusion is another than the verdict's own. */
  readonly note: string | null;
}

/** The chance of one false alarm or more among all full verdicts of a report. */
const level = 0.05;

/** All rows, in the order of the claims, those of ablations last. */
export function verdictRows(
  studies: readonly ReportedStudy[],
  notRun: readonly NotRun[],
  full: FullVerdictsById,
): readonly VerdictRow[] {
  const drafts = [...studies.flatMap(draftsOf), ...notRun.flatMap(draftsOfNotRun)].map((draft) => {
    const { row } = draft;
    const isFull = row.study?.profile === "full";
    const beside = row.study?.profile === "custom" ? undefined : full[row.experiment];
    const kept = beside?.verdicts[row.claim] ?? null;
    return isFull
      ? { ...draft, whole: row.verdict }
      : { row, whole: kept, seeds: beside?.seeds ?? 0 };
  });
  const correct = correction(
    drafts.flatMap(({ whole }) => (whole?.p === undefined ? [] : [whole])),
  );
  return sorted(
    drafts.map(({ row, whole, seeds }): VerdictRow => {
      if (whole === null) return row;
      const corrected = correct(whole, seeds);
      if (row.study?.profile !== "full") return { ...row, full: corrected };
      const { conclusion, adjusted } = corrected;
      const notes = [corrected.note, row.note].filter((text) => text !== null);
      return { ...row, conclusion, adjusted, note: notes.length === 0 ? null : notes.join("; ") };
    }),
  );
}

/** A row before the correction, and how many seeds its study has. */
interface Draft {
  readonly row: VerdictRow;
  readonly seeds: number;
}

function draftsOf(study: ReportedStudy): readonly Draft[] {
  const { experiment, question, name, profile, claims: own, seeds } = study.record;
  return own.map((claim) => {
    const verdict = study.record.verdicts[claim] ?? null;
    const row: VerdictRow = {
      claim,
      concept: conceptOf(claim),
      experiment,
      question,
      study: { name, profile },
      conclusion: verdict?.verdict ?? "no verdict",
      note: verdict === null ? reasonOf(study) : study.isOutdated ? outdated : null,
      verdict,
      adjusted: null,
      full: null,
    };
    return { row, seeds: seeds.length };
  });
}

function draftsOfNotRun({ experiment, question, claims: own, reason }: NotRun): readonly Draft[] {
  return own.map((claim) => {
    const row: VerdictRow = {
      claim,
      concept: conceptOf(claim),
      experiment,
      question,
      study: null,
      conclusion: "not run",
      note: reason,
      verdict: null,
      adjusted: null,
      full: null,
    };
    return { row, seeds: 0 };
  });
}

function conceptOf(claim: string): string {
  return claims.find(({ id }) => id === claim)?.concept ?? "";
}

const outdated = "made by other sources than the present ones";

function reasonOf({ record: { note, failures, runs } }: ReportedStudy): string {
  if (note !== null) return note;
  if (failures.length > 0)
    return `${failures.length} of ${failures.length + runs.length} runs failed`;
  return "the experiment gave none";
}

/**
 * Holm's correction over all full verdicts of the report that a test decides. A `reproduced` that does not stand it becomes
 * `inconclusive`. Quick verdicts are none of them: they rest on intervals, over too few seeds for any test; nor are
 * ablations, which may be any number.
 */
function correction(
  tested: readonly Verdict[],
): (verdict: Verdict, seeds: number) => CorrectedVerdict {
  const all = holm(tested.map(({ p = 1 }) => p));
  return (verdict, seeds) => {
    const at = tested.indexOf(verdict);
    const adjusted = at < 0 ? null : (all[at] ?? 1);
    const falls = verdict.verdict === "reproduced" && adjusted !== null && adjusted > level;
    if (!falls) return { verdict, conclusion: verdict.verdict, adjusted, note: null };
    const words = `reproduced on its own; not at the level ${level} after Holm's correction over ${countOf(tested.length, "test")}`;
    const needed = seedsToStand(tested.length);
    const note =
      seeds < needed ? `${words}, which ${seeds} seeds cannot stand and ${needed} can` : words;
    return { verdict, conclusion: "inconclusive", adjusted, note };
  };
}

/** The least number of paired seeds whose smallest two-sided p, 2^(1 - n), stands Holm's correction over so many tests. */
export function seedsToStand(tests: number): number {
  let seeds = 1;
  for (let p = 1; p * tests > level; p /= 2) seeds += 1;
  return seeds;
}

function sorted(rows: readonly VerdictRow[]): readonly VerdictRow[] {
  const place = ({ claim, study }: VerdictRow): number => {
    const at = claims.findIndex(({ id }) => id === claim);
    return (study?.profile === "custom" ? 1000 : 0) + (at < 0 ? claims.length : at);
  };
  return rows
    .map((row, at) => ({ row, at }))
    .sort((a, b) => place(a.row) - place(b.row) || a.at - b.at)
    .map(({ row }) => row);
}
