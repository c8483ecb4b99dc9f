/**
 * Compiles the kernels, with a fault in them or as they are.
 * Rests on AssemblyScript's compiler and fault.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import asc from "assemblyscript/asc";
import { type Fault, withFault } from "./fault.ts";

const kernels = "core/devices/wasm/kernels";

/**
 * The binary for one thread, as base64. Optimised little: what is computed is the same, bit for bit, and compiling takes
 * seconds. Throws where a fault does not compile.
 */
export async function compileFaulty(fault: Fault | null): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "bitgrad-faults-"));
  try {
    cpSync(kernels, folder, { recursive: true });
    if (fault !== null) {
      const file = join(folder, `${fault.file}.ts`);
      writeFileSync(file, withFault(readFileSync(file, "utf8"), fault));
    }
    const out = join(folder, "out.wasm");
    const { error, stderr } = await asc.main([
      ...[join(folder, "index.ts"), "--outFile", out, "--optimizeLevel", "1", "--noAssert"],
      ...["--runtime", "stub", "--enable", "simd", "--enable", "threads"],
      ...["--importMemory", "--initialMemory", "16", "--maximumMemory", "65536"],
    ]);
    if (error !== null) throw new Error(`${fault?.name}: ${error.message}\n${stderr.toString()}`);
    return readFileSync(out).toString("base64");
  } finally {
    rmSync(folder, { recursive: true });
  }
}
