/**
 * `bitgrad device`: what a device runs on here, and whether it agrees with the wasm device.
 * Rests on device-notes.
 */
import { Command } from "commander";
import { withDevice } from "../../core/index.ts";
import { describeDevice } from "../device-notes.ts";
import type { Terminal } from "../terminal.ts";
import { useThreads } from "../threads.ts";
import { addDeviceOptions } from "./options.ts";

/** Options as commander gives them. */
interface DeviceFlags {
  readonly device: string;
  readonly threads?: number;
}

/** The command. */
export function deviceCommand({ output }: Terminal): Command {
  return addDeviceOptions(new Command("device"))
    .description("start a device and say what it runs on; of gpu, its mode and what was refused")
    .action(({ device, threads }: DeviceFlags) => {
      useThreads("bitgrad device", device, threads);
      withDevice(device, () => {
        for (const line of describeDevice()) output.write(`${line}\n`);
      });
    });
}
