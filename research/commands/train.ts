/**
 * `bitgrad train`: trains the first net on real images and writes a report.
 * Rests on research/train and research/report.
 */
import { Command } from "commander";
import type { Terminal } from "../terminal.ts";
import { useThreads } from "../threads.ts";
import { trainAndReport } from "../train/run.ts";
import { addDeviceOptions, choiceOption, folderOption, integerOption } from "./options.ts";

/** Options as commander gives them. */
interface TrainFlags {
  readonly data: "mnist";
  readonly limit?: number;
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  readonly device: string;
  readonly threads?: number;
  readonly out?: string;
}

/** The command. */
export function trainCommand({ output }: Terminal): Command {
  const integer = (flag: string, min: number): ReturnType<typeof integerOption> =>
    integerOption("train", flag, min);
  return addDeviceOptions(new Command("train"))
    .description("train a small convolutional net on images and write a report")
    .option("--data <name>", "dataset: mnist", choiceOption("train", "--data", ["mnist"]), "mnist")
    .option("--limit <n>", "training images to use (default: all)", integer("--limit", 1))
    .option("--epochs <n>", "passes over them", integer("--epochs", 1), 3)
    .option("--batch <n>", "images in a batch", integer("--batch", 1), 32)
    .option("--seed <n>", "seed of weights and batch order", integer("--seed", 0), 0)
    .option(
      "--out <folder>",
      "where the report goes (default: a new folder under runs/train)",
      folderOption("train", "--out"),
    )
    .action(({ out, threads: asked, ...config }: TrainFlags) => {
      const threads = useThreads("bitgrad train", config.device, asked);
      trainAndReport(config, { folder: out, output, threads });
    });
}
