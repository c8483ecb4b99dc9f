/**
 * The scores of mutation testing as Markdown, between markers.
 * Rests on tally and equivalent.
 */
import type { Equivalent } from "./equivalent.ts";
import type { Survivor, Tally } from "./tally.ts";

/** The table stands between these lines of CONTRIBUTING.md. */
export const markers: readonly [string, string] = ["<!-- mutation -->", "<!-- /mutation -->"];

/** What a shard comes to: equivalent mutants count neither for nor against. */
export interface Score {
  readonly mutants: number;
  readonly noticed: number;
  readonly equivalent: number;
  /** Survivors that are not listed as equivalent. */
  readonly open: readonly Survivor[];
  /** Noticed of all that are not equivalent, in [0, 1]; 1 where there are none. */
  readonly score: number;
}

/** Whether an entry of the list is about this survivor. */
export function isAbout(entry: Equivalent, { file, line, code, becomes }: Survivor): boolean {
  return (
    entry.file === file && entry.line === line && entry.code === code && entry.becomes === becomes
  );
}

/** Sets the survivors that are listed as equivalent apart. */
export function scoreOf(tally: Tally, list: readonly Equivalent[]): Score {
  const noticed = tally.killed + tally.timedOut;
  const open = tally.survivors.filter((survivor) => !list.some((e) => isAbout(e, survivor)));
  const counted = noticed + open.length;
  return {
    mutants: noticed + tally.survivors.length,
    noticed,
    equivalent: tally.survivors.length - open.length,
    open,
    score: counted === 0 ? 1 : noticed / counted,
  };
}

/** The table, without a last line break. */
export function mutationTable(tallies: readonly Tally[], list: readonly Equivalent[]): string {
  const rows = tallies.map((tally) => {
    const { mutants, noticed, equivalent, open, score } = scoreOf(tally, list);
    const percent = (100 * score).toFixed(1);
    return `| \`${tally.shard}\` | ${mutants} | ${noticed} | ${equivalent} | ${open.length} | ${percent} % |`;
  });
  return [
    "| folder | mutants | noticed | equivalent | open | score |",
    "| --- | --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

/** `text` with the table between markers. Throws where they are not there once, in order. */
export function withTable(
  text: string,
  table: string,
  [first, last]: readonly [string, string] = markers,
): string {
  const parts = text.split(first);
  const rest = parts[1]?.split(last);
  if (parts.length !== 2 || rest?.length !== 2) {
    throw new Error(`CONTRIBUTING.md: expected ${first} and then ${last}, each once. Add them.`);
  }
  return `${parts[0]}${first}\n\n${table}\n\n${last}${rest[1]}`;
}
