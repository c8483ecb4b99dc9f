/**
 * `bitgrad new`: the file of an experiment that runs as it is, and its test.
 * Rests on template and core's files.
 */
import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Command } from "commander";
import { UsageError } from "../../core/index.ts";
import { makeFolder, replaceFile } from "../../core/io/files.ts";
import { isCheckout } from "../environment.ts";
import type { Terminal } from "../terminal.ts";
import { folderOption } from "./options.ts";
import { experimentText, testText } from "./template.ts";

const where = "bitgrad new";

/** The command. */
export function newCommand({ output }: Terminal): Command {
  return new Command("new")
    .description("write an experiment that runs as it is, and its test, to begin with")
    .argument("<id>", "lower-case words joined by hyphens, such as norm-groups")
    .option(
      "--folder <folder>",
      "where the files go (default: research/experiments and spec of a checkout, else here)",
      folderOption("new", "--folder"),
    )
    .action((id: string, { folder }: { readonly folder?: string }) => {
      if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id)) {
        throw new UsageError({
          where,
          argument: "the id",
          expected: "to be lower-case words joined by hyphens",
          got: `"${id}"`,
          fix: "Write for example bitgrad new norm-groups",
        });
      }
      const inside = folder === undefined && isCheckout(process.cwd());
      const home = inside ? resolve("research", "experiments") : (folder ?? process.cwd());
      const specs = inside ? resolve("spec") : home;
      const files = {
        experiment: join(home, `${id}.ts`),
        test: join(specs, `experiment-${id}.test.ts`),
      };
      const found = Object.values(files).find(existsSync);
      if (found !== undefined) {
        throw new UsageError({
          where,
          argument: "the id",
          expected: "to be of an experiment that is not there yet",
          got: relative(process.cwd(), found),
          fix: "Choose another id, or remove the file",
        });
      }
      for (const target of [home, specs]) makeFolder(where, target);
      write(files.experiment, experimentText(id, inside));
      write(files.test, testText(id, relative(specs, files.experiment), inside));
      const shown = Object.values(files).map((path) => relative(process.cwd(), path));
      output.write(`${shown.join("\n")}\n`);
      output.write(`bitgrad run ./${shown[0]} rate=0.5,1.5\n`);
      if (inside) output.write("When it is done, list it in research/experiments/index.ts.\n");
    });
}

function write(path: string, text: string): void {
  replaceFile(where, path, [Buffer.from(text, "utf8")]);
}
