/**
 * `bitgrad train`: trains the first net on real images and writes a report.
 * Rests on research/train and research/report.
 */
import { Command } from "commander";
import { deviceNames } from "../../core/index.ts";
import type { Terminal } from "../terminal.ts";
import { trainAndReport } from "../train/run.ts";
import { choiceOption, deviceOption, folderOption, integerOption } from "./options.ts";

/** Options as commander gives them. */
interface TrainFlags {
  readonly data: "mnist";
  readonly limit: number;
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  readonly device: string;
  readonly out?: string;
}

/** The command. */
export function trainCommand({ output }: Terminal): Command {
  const integer = (flag: string, min: number): ReturnType<typeof integerOption> =>
    integerOption("train", flag, min);
  return new Command("train")
    .description("train a small convolutional net on images and write a report")
    .option("--data <name>", "dataset: mnist", choiceOption("train", "--data", ["mnist"]), "mnist")
    .option("--limit <n>", "training images to use", integer("--limit", 1), 10000)
    .option("--epochs <n>", "passes over them", integer("--epochs", 1), 3)
    .option("--batch <n>", "images in a batch", integer("--batch", 1), 32)
    .option("--seed <n>", "seed of weights and batch order", integer("--seed", 0), 0)
    .option(
      "--device <name>",
      `where kernels run: ${deviceNames().join(", ")}`,
      deviceOption("train"),
      "reference",
    )
    .option(
      "--out <folder>",
      "where the report goes (default: a new folder under runs/train)",
      folderOption("train", "--out"),
    )
    .action(({ out, ...config }: TrainFlags) => {
      trainAndReport(config, { folder: out, output });
    });
}
