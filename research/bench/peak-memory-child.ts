/**
 * The process in which peak-memory measures: one question, {"task", "threads", "device"}, one answer, {"mebibytes"}.
 * Rests on own.
 */
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setDevice, setThreads, zeros } from "../../core/index.ts";
import { prepare } from "./own.ts";
import { repetitions } from "./peak-memory.ts";
import type { StepTask } from "./task.ts";

/** What is asked. */
interface Question {
  readonly task: StepTask;
  readonly threads: number;
  readonly device: string;
}

const peak = (): number => process.resourceUsage().maxRSS / 1024;

const [line] = await once(createInterface({ input: process.stdin }), "line");
const { task, threads, device }: Question = JSON.parse(String(line));
setDevice(device);
if (device === "wasm") setThreads(threads);
zeros([1]); // starts the device
const before = peak();
const call = prepare(task);
for (let i = 0; i < repetitions; i++) call();
console.log(JSON.stringify({ mebibytes: peak() - before }));
