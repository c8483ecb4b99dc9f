/**
 * Asks the kernels' tests whether they notice a binary: the laws of the ops concerned on the device, then each launch
 * against the reference, tiles, large shapes, updates.
 * Rests on mutation/bundle and mutation/run-file.
 */
import { registry } from "../../core/ops/registry.ts";
import { bundle, type Load } from "../mutation/bundle.ts";
import { runFile } from "../mutation/run-file.ts";

/** Where bundled tests find the kernels. */
const place = "bitgradFaultyKernels";

/** The tests by file: those of the ops concerned, then those about no op in particular. */
const suites: readonly { readonly file: string; readonly byOp: boolean }[] = [
  { file: "spec/laws-wasm.test.ts", byOp: true },
  { file: "spec/device-equivalence.test.ts", byOp: true },
  { file: "spec/device-memory.test.ts", byOp: true },
  { file: "spec/device-tiles.test.ts", byOp: false },
  { file: "spec/winograd.test.ts", byOp: false },
  { file: "spec/winograd-bits.test.ts", byOp: false },
  { file: "spec/optimizer-updates.test.ts", byOp: false },
  { file: "spec/device-memory.test.ts", byOp: false },
  { file: "spec/device-equivalence.test.ts", byOp: false },
];

/** Laws of ops that are not concerned, and tests of what all others together have met, say nothing here. */
const elsewhere = new RegExp(
  `^(?:${registry.map(({ name }) => name).join("|")}|coverage) › |was compared|wrong in the last bit`,
);

const scripts = new Map<string, Load>();

/** The first test that `binary` fails, or null. */
export async function noticedBy(binary: string, ops: readonly string[]): Promise<string | null> {
  Reflect.set(globalThis, place, binary);
  for (const { file, byOp } of suites) {
    const load = scripts.get(file) ?? (await bundle(file, { "wasm/binary.gen.ts": source }));
    scripts.set(file, load);
    const outcomes = await runFile(file, load, {
      bail: true,
      timeout: 3_600_000, // A busy machine is no fault.
      wants: (name) =>
        byOp ? ops.some((op) => name.startsWith(`${op} › `)) : !elsewhere.test(name),
    });
    const failed = outcomes.find(({ failure }) => failure !== null);
    if (failed !== undefined) return `${file}: ${failed.name}`;
  }
  return null;
}

const source = `const binary = globalThis.${place};\nexport const singleBinary = binary;\nexport const sharedBinary = binary;\n`;
