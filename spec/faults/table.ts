/**
 * Who noticed the faults of the kernels, as Markdown: a row for each file of kernels.
 * Rests on fault.
 */
import type { Fault } from "./fault.ts";

/** The table stands between these lines of CONTRIBUTING.md. */
export const faultMarkers: readonly [string, string] = ["<!-- faults -->", "<!-- /faults -->"];

/** For each fault that was tried, the first test that failed: its file and its title. Null where none did. */
export type Noticed = Readonly<Record<string, string | null>>;

/** The table, without a last line break. A fault that was never tried is open. */
export function faultTable(faults: readonly Fault[], noticed: Noticed): string {
  const files = [...new Set(faults.map(({ file }) => file))].toSorted();
  const rows = files.map((file) => {
    const mine = faults.filter((fault) => fault.file === file);
    const tests = mine.flatMap(({ name }) => noticed[name] ?? []);
    const suites = [...new Set(tests.map((test) => test.split(":")[0] ?? ""))].toSorted();
    const open = mine.filter(({ name }) => (noticed[name] ?? null) === null);
    const names = open.map(({ name }) => `\`${name}\``).join(", ");
    const by = suites.map((suite) => `\`${suite}\``).join(", ");
    return `| \`${file}\` | ${mine.length} | ${tests.length} | ${names === "" ? "–" : names} | ${by} |`;
  });
  return [
    "| kernels | faults | noticed | open | first by |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}
