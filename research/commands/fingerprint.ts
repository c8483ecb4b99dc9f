/**
 * `bitgrad fingerprint`: trains the canonical net and prints its hash as the last line.
 * Rests on research/fingerprint.
 */
import { Command } from "commander";
import { deviceNames, withDevice } from "../../core/index.ts";
import { canonicalFingerprint } from "../fingerprint.ts";
import type { Terminal } from "../terminal.ts";
import { deviceOption, integerOption } from "./options.ts";

/** The command. */
export function fingerprintCommand({ output }: Terminal): Command {
  return new Command("fingerprint")
    .description("train a canonical small net for 20 steps and print the hash of all it computed")
    .option(
      "--seed <n>",
      "seed of weights, data and dropout",
      integerOption("fingerprint", "--seed", 0),
      0,
    )
    .option(
      "--device <name>",
      `where kernels run: ${deviceNames().join(", ")}`,
      deviceOption("fingerprint"),
      "reference",
    )
    .action(({ seed, device }: { readonly seed: number; readonly device: string }) => {
      output.write(`canonical net, 20 steps, seed ${seed}, device ${device}\n`);
      output.write(`${withDevice(device, () => canonicalFingerprint({ seed }))}\n`);
    });
}
