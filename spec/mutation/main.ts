/**
 * Mutation testing: `npm run spec:mutation -- [shard or folder …] [--workers n]`. Every small change of the sources must be
 * noticed by a test. Writes what came out into results and the table into CONTRIBUTING.md; shards that are not asked for keep
 * their last figures. A run that was cut off goes on where the last whole shard ended.
 * Rests on run, shards, equivalent and table.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { equivalents } from "./equivalent.ts";
import { readResults, writeResult } from "./results.ts";
import { runShard } from "./run.ts";
import { shards } from "./shards.ts";
import { isAbout, mutationTable, scoreOf, withTable } from "./table.ts";

const page = "CONTRIBUTING.md";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { workers: { type: "string", default: "1" }, "table-only": { type: "boolean" } },
});
const asked = shards.filter(
  ({ name }) =>
    positionals.length === 0 ||
    positionals.some((wanted) => name === wanted || name.startsWith(`${wanted}/`)),
);
if (asked.length === 0) {
  throw new Error(
    `spec:mutation: expected a folder of ${shards.map(({ name }) => name).join(", ")}, got ${positionals.join(", ")}. Name one of them, or none for all.`,
  );
}

for (const shard of values["table-only"] === true ? [] : asked) {
  const tally = await runShard(shard, Number(values.workers));
  writeResult(tally);
  writeTable();
  const { score, open, noticed, mutants } = scoreOf(tally, equivalents);
  console.log(`${shard.name}: ${noticed} of ${mutants} noticed, ${(100 * score).toFixed(1)} %`);
  for (const { file, line, code, becomes } of open) {
    console.log(`  open: ${file}: ${line}\n    ${code} → ${becomes}`);
  }
}
writeTable();
for (const entry of equivalents) {
  const fits = readResults().some(({ survivors }) => survivors.some((s) => isAbout(entry, s)));
  if (!fits)
    console.log(`no survivor is as listed: ${entry.file}: ${entry.code} → ${entry.becomes}`);
}

function writeTable(): void {
  const table = mutationTable(readResults(), equivalents);
  writeFileSync(page, withTable(readFileSync(page, "utf8"), table));
}
