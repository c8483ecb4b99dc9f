/**
 * `bitgrad doctor`: the checklist before a long training, for a net and a loader of the user's.
 * Rests on research/doctor.
 */
import { basename } from "node:path";
import { Command } from "commander";
import { BitgradError, device as currentDevice, setDevice, ValueError } from "../../core/index.ts";
import { type Diagnosis, diagnose, type Finding, loadPatient } from "../doctor/index.ts";
import { formatFinding } from "../doctor/print.ts";
import type { Terminal } from "../terminal.ts";
import { useThreads } from "../threads.ts";
import { addDeviceOptions } from "./options.ts";

/** Options as commander gives them. */
interface DoctorFlags {
  readonly device: string;
  readonly threads?: number;
  readonly json: boolean;
}

/** The command. */
export function doctorCommand({ output }: Terminal): Command {
  return addDeviceOptions(new Command("doctor"))
    .description("check a net and its loader before a long training")
    .argument("<module>", "a file that exports net and loader, or functions that make them")
    .option("--json", "one JSON object for all findings", false)
    .addHelpText(
      "after",
      "\nIt may export validation, loss(outputs, batch), optimizer(parameters, { learningRate }) and learningRate too.\nExit status: 0 if no line says fail, 1 if one does, 2 if there is no such file.",
    )
    .action(async (path: string, { device, threads, json }: DoctorFlags) => {
      useThreads("bitgrad doctor", device, threads);
      const before = currentDevice();
      setDevice(device);
      try {
        const patient = await loadPatient(path);
        const onFinding = (finding: Finding): void => {
          if (!json) output.write(`${formatFinding(finding)}\n`);
        };
        const diagnosis = blaming(path, () => diagnose(patient, { onFinding }));
        if (json) output.write(`${JSON.stringify({ module: path, ...diagnosis })}\n`);
        requireHealth(path, diagnosis);
      } finally {
        setDevice(before);
      }
    });
}

/** Runs `body`; what fails in code of the module at `path` becomes a complaint about it. */
function blaming<T>(path: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    const isTheirs = error instanceof Error && error.stack?.includes(basename(path));
    if (error instanceof BitgradError || !isTheirs) throw error;
    const complaint = {
      where: "bitgrad doctor",
      argument: `"${path}"`,
      expected: "to run",
      got: `${error.name}: ${error.message}`,
      fix: "Call its functions alone to see where they fail",
    };
    throw new ValueError(complaint, { cause: error });
  }
}

/** Throws ValueError, for the exit status, where a line says fail. */
function requireHealth(path: string, { findings }: Diagnosis): void {
  const failed = findings.filter(({ status }) => status === "fail").map(({ check }) => check);
  if (failed.length === 0) return;
  throw new ValueError({
    where: "bitgrad doctor",
    argument: `the net of "${path}"`,
    expected: "to fail no check",
    got: `fail in ${failed.join(", ")}`,
    fix: "Do what these lines say, the first of them first",
  });
}
