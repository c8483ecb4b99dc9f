/**
 * `bitgrad fingerprint`: trains the canonical net and prints its hash as the last line.
 * Rests on research/fingerprint.
 */
import { Command } from "commander";
import { withDevice } from "../../core/index.ts";
import { canonicalFingerprint } from "../fingerprint.ts";
import type { Terminal } from "../terminal.ts";
import { useThreads } from "../threads.ts";
import { addDeviceOptions, integerOption } from "./options.ts";

/** Options as commander gives them. */
interface FingerprintFlags {
  readonly seed: number;
  readonly device: string;
  readonly threads?: number;
}

/** The command. */
export function fingerprintCommand({ output }: Terminal): Command {
  return addDeviceOptions(new Command("fingerprint"))
    .description("train a canonical small net for 20 steps and print the hash of all it computed")
    .option(
      "--seed <n>",
      "seed of weights, data and dropout",
      integerOption("fingerprint", "--seed", 0),
      0,
    )
    .action(({ seed, device, threads: asked }: FingerprintFlags) => {
      const threads = useThreads("bitgrad fingerprint", device, asked);
      output.write(`canonical net, 20 steps, seed ${seed}, device ${device}, threads ${threads}\n`);
      output.write(`${withDevice(device, () => canonicalFingerprint({ seed }))}\n`);
    });
}
