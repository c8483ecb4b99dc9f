/**
 * Commander's complaints in the five parts of every bitgrad error.
 * Rests on commander and core's errors.
 */
import type { Command, CommanderError } from "commander";
import { UsageError } from "../../core/index.ts";

/** What `command` could not understand, as an error of bitgrad. */
export function explain(error: CommanderError, command: Command): UsageError {
  const isProgram = command.parent === null;
  const where = isProgram ? "bitgrad" : `bitgrad ${command.name()}`;
  const [first = "", hint = ""] = error.message.replace(/^error: /, "").split("\n");
  const quoted = /'([^']*)'/.exec(first)?.[1] ?? "";
  const suggestion = /\(Did you mean (.*)\?\)/.exec(hint)?.[1];
  const help = `${where} --help`;
  const fix =
    suggestion === undefined ? `Run ${help}` : `Did you mean ${suggestion}? Otherwise run ${help}`;
  switch (error.code) {
    case "commander.help": // help asked for a command that is not there
    case "commander.unknownCommand": {
      const names = command.commands.map((candidate) => candidate.name()).join(", ");
      const got = `"${quoted === "" ? (command.args.at(-1) ?? "") : quoted}"`;
      const argument = "the command";
      return new UsageError({ where, argument, expected: `to be one of ${names}`, got, fix });
    }
    case "commander.unknownOption": {
      const flags = command.createHelp().visibleOptions(command);
      const names = flags.map(({ long }) => long).join(", ");
      const argument = "every flag";
      const got = `"${quoted}"`;
      return new UsageError({ where, argument, expected: `to be one of ${names}`, got, fix });
    }
    case "commander.optionMissingArgument": {
      const [flag = "", value = "a value"] = quoted.split(" ");
      const expected = `to be followed by ${value}`;
      return new UsageError({ where, argument: flag, expected, got: "nothing", fix });
    }
    case "commander.excessArguments": {
      const got = `"${command.args.join(" ")}"`;
      const expected = "to be a flag or the value of one";
      return new UsageError({ where, argument: "every word", expected, got, fix });
    }
    default: {
      const expected = "to be as its help shows";
      return new UsageError({ where, argument: "the command line", expected, got: first, fix });
    }
  }
}
