/**
 * The process of `answering`: a line of JSON for each line of JSON, on as many threads as its argument says.
 * Rests on answer.
 */
import { createInterface } from "node:readline";
import { setThreads } from "../../../core/index.ts";
import { answering } from "./answer.ts";

setThreads(Number(process.argv[2]));
const answer = answering();
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(answer(JSON.parse(line))));
}
