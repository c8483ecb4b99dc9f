/**
 * A worker process: does the jobs it is sent, one at a time, and says how far it is.
 * Rests on do-job. It ends with the process that started it: also when that was killed, and also in the middle of a run,
 * whose next checkpoint would otherwise be written beside that of another worker.
 */
import { doJob } from "./do-job.ts";
import type { Job, Report } from "./messages.ts";

const parent = process.ppid;
let saidAt = 0;

function say(word: Report): void {
  if (process.ppid !== parent) process.exit(1);
  const now = performance.now();
  if (word.type === "progress" && now - saidAt < 100) return;
  saidAt = now;
  process.send?.(word);
}

process.on("disconnect", () => process.exit(1));
process.on("message", (message) => {
  doJob(message as Job, say).then(say);
});
