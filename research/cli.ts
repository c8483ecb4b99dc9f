#!/usr/bin/env node
/**
 * The command line: `bitgrad <command>`.
 * Rests on commander and the commands beside it.
 */
import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { BitgradError, UsageError } from "../core/index.ts";
import { benchCommand } from "./commands/bench.ts";
import { compareCommand } from "./commands/compare.ts";
import { deviceCommand } from "./commands/device.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { explain } from "./commands/explain.ts";
import { fingerprintCommand } from "./commands/fingerprint.ts";
import { listCommand } from "./commands/list.ts";
import { newCommand } from "./commands/new.ts";
import { reportCommand } from "./commands/report.ts";
import { reproduceCommand } from "./commands/reproduce.ts";
import { runCommand } from "./commands/run.ts";
import { trainCommand } from "./commands/train.ts";
import { Unsuccessful } from "./commands/unsuccessful.ts";
import { version } from "./environment.ts";
import { asComplaint, codeOf } from "./system-error.ts";
import type { Terminal } from "./terminal.ts";

/** Thrown where commander has already printed all that was asked for. */
class Answered extends Error {}

/**
 * Runs one command line. Gives the exit status: 0 done, 1 failed, 2 not understood. What is neither a
 * complaint of bitgrad nor of the operating system is a mistake in bitgrad and is thrown on.
 */
export async function main(
  args: readonly string[],
  terminal: Terminal = { output: process.stdout, errors: process.stderr },
): Promise<number> {
  const program = new Command("bitgrad")
    .description(
      "Reproduce and ablate experiments on training nets, with the same bits everywhere.",
    )
    .version(version())
    .showSuggestionAfterError();
  for (const command of [
    reproduceCommand(terminal),
    runCommand(terminal),
    listCommand(terminal),
    compareCommand(terminal),
    reportCommand(terminal),
    newCommand(terminal),
    trainCommand(terminal),
    fingerprintCommand(terminal),
    benchCommand(terminal),
    deviceCommand(terminal),
    doctorCommand(terminal),
  ]) {
    program.addCommand(command);
  }
  for (const command of [program, ...program.commands]) {
    command
      .configureOutput({ writeOut: (text) => terminal.output.write(text), writeErr: () => {} })
      .exitOverride((error) => {
        throw error.exitCode === 0 ? new Answered() : explain(error, command);
      });
  }
  try {
    if (args.length === 0) program.outputHelp();
    else await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof Answered) return 0;
    if (error instanceof Unsuccessful) return 1;
    const complaint =
      error instanceof BitgradError ? error : asComplaint(`bitgrad ${args[0]}`, error);
    if (complaint === undefined) throw error;
    terminal.errors.write(`${complaint.message}\n`);
    return complaint instanceof UsageError ? 2 : 1;
  }
}

/** Whether Node was started on this file, also through the symbolic link of an installed `bin`. */
function isEntryPoint(): boolean {
  const [, script] = process.argv;
  return script !== undefined && pathToFileURL(realpathSync(script)).href === import.meta.url;
}

if (isEntryPoint()) {
  // A reader that has seen enough, such as `head`, closes the pipe: the command goes on without it.
  process.stdout.on("error", (error) => {
    if (codeOf(error) !== "EPIPE") throw error;
  });
  process.exitCode = await main(process.argv.slice(2));
}
