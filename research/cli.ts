#!/usr/bin/env node
/**
 * The command line: `bitgrad <command>`.
 * Rests on commander and the commands beside it.
 */
import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { Command, CommanderError } from "commander";
import { BitgradError, UsageError } from "../core/index.ts";
import { benchCommand } from "./commands/bench.ts";
import { fingerprintCommand } from "./commands/fingerprint.ts";
import { trainCommand } from "./commands/train.ts";
import { version } from "./environment.ts";

/** Runs one command line. Gives the exit status: 0 done, 1 failed, 2 not understood. */
export async function main(args: readonly string[]): Promise<number> {
  const program = new Command("bitgrad")
    .description("Train nets, get the same bits everywhere, and check every derivative.")
    .version(version())
    .showSuggestionAfterError();
  for (const command of [trainCommand(), fingerprintCommand(), benchCommand()])
    program.addCommand(command);
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ writeErr: () => {} });
  }
  try {
    if (args.length === 0) {
      program.outputHelp();
      return 0;
    }
    await program.parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      if (error.exitCode === 0) return 0;
      console.error(explain(error, program, args).message);
      return 2;
    }
    if (!(error instanceof BitgradError)) throw error;
    console.error(error.message);
    return error instanceof UsageError ? 2 : 1;
  }
}

/** Commander's complaint in the five parts of every bitgrad error. */
function explain(error: CommanderError, program: Command, args: readonly string[]): UsageError {
  const named = program.commands.find((command) => command.name() === args[0]);
  const command = named ?? program;
  const where = named === undefined ? "bitgrad" : `bitgrad ${named.name()}`;
  const [first = "", hint] = error.message.replace(/^error: /, "").split("\n");
  const quoted = /'([^']*)'/.exec(first)?.[1] ?? first;
  const suggestion = /\(Did you mean (.*)\?\)/.exec(hint ?? "")?.[1];
  const help = `Run ${where} --help`;
  const fix =
    suggestion === undefined ? help : `Did you mean ${suggestion}? Otherwise run ${where} --help`;
  if (error.code === "commander.unknownCommand") {
    const names = program.commands.map((candidate) => candidate.name()).join(", ");
    return new UsageError({
      where,
      argument: "the command",
      expected: `to be one of ${names}`,
      got: `"${quoted}"`,
      fix,
    });
  }
  if (error.code === "commander.unknownOption") {
    const flags = command.options.map(({ long }) => long).join(", ");
    return new UsageError({
      where,
      argument: "every flag",
      expected: `to be one of ${flags}`,
      got: `"${quoted}"`,
      fix,
    });
  }
  return new UsageError({
    where,
    argument: "a command line",
    expected: "as its help shows",
    got: first,
    fix,
  });
}

/** Whether Node was started on this file, also through the symbolic link of an installed `bin`. */
function isEntryPoint(): boolean {
  const [, script] = process.argv;
  return script !== undefined && pathToFileURL(realpathSync(script)).href === import.meta.url;
}

if (isEntryPoint()) process.exitCode = await main(process.argv.slice(2));
