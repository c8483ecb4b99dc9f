/**
 * Seeded faults of the kernels: `npm run spec:faults -- [part of a name …]`. Compiles each and asks the kernels' tests;
 * prints who noticed and exits with 1 if nobody did, or if the kernels as they are raise an alarm.
 * Rests on faults, compile and notice.
 */
import { compileFaulty } from "./compile.ts";
import { faults } from "./index.ts";
import { noticedBy } from "./notice.ts";

process.env["BITGRAD_THREADS"] = "1";
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
  globalThis.gc?.();
}
const concerned = [...new Set(chosen.flatMap(({ ops }) => ops))];
const alarm = await noticedBy(await compileFaulty(null), concerned);
if (alarm !== null) console.log(`FALSE ALARM on the kernels as they are: ${alarm}`);
console.log(`${chosen.length - missed} of ${chosen.length} faults noticed`);
process.exitCode = missed > 0 || alarm !== null ? 1 : 0;
