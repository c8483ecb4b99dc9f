/**
 * A process that does nothing but save: the checkpoint named on the command line, again and again, each one number in
 * every place, until it is killed. Prints each number when its file is there.
 */
import { writeSync } from "node:fs";
import { type Stateful, tensor } from "../core/index.ts";
import { saveCheckpoint } from "../core/io/index.ts";

const [path = ""] = process.argv.slice(2);
for (let step = 1; ; step++) {
  const part: Stateful = {
    state: () => ({ step, values: tensor(new Float64Array(100_000).fill(step)) }),
    restore: () => undefined,
  };
  saveCheckpoint(path, { first: part, last: part }, { notes: step });
  writeSync(1, `${step}\n`);
}
