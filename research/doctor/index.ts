/** The doctor: the checklist before a long training, for any net and loader. */
export { type Diagnosis, diagnose } from "./diagnose.ts";
export type { CheckName, Finding, FindingStatus } from "./finding.ts";
export { loadPatient } from "./load.ts";
export type { Patient, PatientBatch } from "./patient.ts";
