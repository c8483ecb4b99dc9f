/**
 * The registry of schedules: whatever this folder exports is here, as a schedule with its promises or as something else
 * that is said. The laws run over it.
 * Rests on the records.
 */
import { combinedRecords } from "./combined-records.ts";
import type { ScheduleRecord } from "./schedule-record.ts";
import { simpleRecords } from "./simple-records.ts";

/** Every kind of schedule. */
export const scheduleRegistry: readonly ScheduleRecord[] = [...simpleRecords, ...combinedRecords];

/** What is exported beside schedules, by name. */
export const besidesSchedules: Readonly<Record<string, string>> = {
  ReduceOnPlateau: "gives a rate that depends on metrics, and so has a state",
  findRateRange: "reads the losses of a rateSweep",
  iterationsPerEpoch: "counts batches",
  linearScaling: "a rate for another batch size",
  squareRootScaling: "a rate for another batch size",
};
