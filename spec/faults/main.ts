/**
 * Seeded faults of the kernels: `npm run spec:faults -- [part of a name …]`. Compiles each and asks the kernels' tests;
 * prints who noticed, writes it into results.json and the table into CONTRIBUTING.md, and exits with 1 if nobody did, or if the
 * kernels as they are raise an alarm. Faults that are not asked for keep what they had.
 * Rests on faults, compile, notice and table.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { withTable } from "../mutation/table.ts";
import { compileFaulty } from "./compile.ts";
import { faults } from "./index.ts";
import { noticedBy } from "./notice.ts";
import { faultMarkers, faultTable, type Noticed } from "./table.ts";

process.env["BITGRAD_THREADS"] = "1";
const results = "spec/faults/results.json";
const page = "CONTRIBUTING.md";
const asked = process.argv.slice(2);
const chosen = faults.filter(
  ({ name }) => asked.length === 0 || asked.some((part) => name.includes(part)),
);
let missed = 0;
if (chosen.length === 0) throw new Error(`no fault is named like ${asked.join(", ")}`);
for (const fault of chosen) {
  const by = await noticedBy(await compileFaulty(fault), fault.ops);
  if (by === null) missed += 1;
  console.log(
    `${by === null ? "MISSED" : "noticed"}  ${fault.name}${by === null ? "" : `  by ${by}`}`,
  );
  write({ ...known(), [fault.name]: by });
  globalThis.gc?.();
}
const concerned = [...new Set(chosen.flatMap(({ ops }) => ops))];
const alarm = await noticedBy(await compileFaulty(null), concerned);
if (alarm !== null) console.log(`FALSE ALARM on the kernels as they are: ${alarm}`);
console.log(`${chosen.length - missed} of ${chosen.length} faults noticed`);
process.exitCode = missed > 0 || alarm !== null ? 1 : 0;

function known(): Noticed {
  return existsSync(results) ? JSON.parse(readFileSync(results, "utf8")) : {};
}

/** Writes what is known of the faults that there are, in their order. */
function write(noticed: Noticed): void {
  const entries = faults.flatMap(({ name }) =>
    noticed[name] === undefined ? [] : [[name, noticed[name]] as const],
  );
  writeFileSync(results, `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`);
  const text = readFileSync(page, "utf8");
  writeFileSync(page, withTable(text, faultTable(faults, noticed), faultMarkers));
}
