/**
 * The rows of a report's table: for each claim its verdicts, corrected for how many tests the report makes.
 * Rests on claims, statistics and studies.
 */
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
  /** Holm's p over all tests of the report; null where no test was made. */
  readonly adjusted: number | null;
  /** The full verdict that comes with bitgrad; null where there is none. */
  readonly full: Verdict | null;
}

/** The chance of one false alarm or more in the whole report. */
export const level = 0.05;

/** All rows, in the order of the claims, those of ablations last. */
export function verdictRows(
  studies: readonly ReportedStudy[],
  notRun: readonly NotRun[],
  full: FullVerdictsById,
): readonly VerdictRow[] {
  const conceptOf = (claim: string): string => claims.find(({ id }) => id === claim)?.concept ?? "";
  const rows = [
    ...studies.flatMap((study) => {
      const { experiment, question, name, profile, claims: own } = study.record;
      return own.map((claim): VerdictRow => {
        const verdict = study.record.verdicts[claim] ?? null;
        return {
          claim,
          concept: conceptOf(claim),
          experiment,
          question,
          study: { name, profile },
          conclusion: verdict?.verdict ?? "no verdict",
          note: verdict === null ? reasonOf(study) : study.isOutdated ? outdated : null,
          verdict,
          adjusted: null,
          full: profile === "quick" ? (full[experiment]?.verdicts[claim] ?? null) : null,
        };
      });
    }),
    ...notRun.flatMap(({ experiment, question, claims: own, reason }) =>
      own.map(
        (claim): VerdictRow => ({
          claim,
          concept: conceptOf(claim),
          experiment,
          question,
          study: null,
          conclusion: "not run",
          note: reason,
          verdict: null,
          adjusted: null,
          full: full[experiment]?.verdicts[claim] ?? null,
        }),
      ),
    ),
  ];
  return sorted(corrected(rows));
}

const outdated = "made by other sources than the present ones";

function reasonOf({ record: { note, failures, runs } }: ReportedStudy): string {
  if (note !== null) return note;
  if (failures.length > 0)
    return `${failures.length} of ${failures.length + runs.length} runs failed`;
  return "the experiment gave none";
}

/**
 * Holm's correction over every test of the report. A `reproduced` of the exact test that does not stand it becomes
 * `inconclusive`; a quick profile has too few seeds for the test to decide, its verdict rests on an interval and stays.
 */
function corrected(rows: readonly VerdictRow[]): readonly VerdictRow[] {
  const tested = rows.filter(({ verdict }) => verdict?.p !== undefined);
  const adjusted = holm(tested.map(({ verdict }) => verdict?.p ?? 1));
  return rows.map((row) => {
    const at = tested.indexOf(row);
    if (at < 0) return row;
    const p = adjusted[at] ?? 1;
    const falls = row.conclusion === "reproduced" && row.study?.profile !== "quick" && p > level;
    if (!falls) return { ...row, adjusted: p };
    const note = `reproduced on its own; not at the level ${level} after Holm's correction over ${tested.length} tests`;
    return {
      ...row,
      adjusted: p,
      conclusion: "inconclusive",
      note: [note, row.note ?? ""].filter((text) => text !== "").join("; "),
    };
  });
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
