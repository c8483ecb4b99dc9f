/**
 * Compiles the kernels (AssemblyScript) to WebAssembly and writes them, as text, into binary.gen.ts, so that Node,
 * browsers and bundlers load them alike. Run by `npm run build` and `npm run prepare`.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";

const here = dirname(fileURLToPath(import.meta.url));

/** One module for shared memory (threads), one for engines without it; the same code. */
async function compile(shared) {
  const out = join(here, shared ? "shared.wasm" : "single.wasm");
  const { error, stderr } = await asc.main([
    join(here, "kernels/index.ts"),
    "--outFile",
    out,
    "-O3",
    "--noAssert",
    "--runtime",
    "stub",
    "--enable",
    "simd",
    "--enable",
    "threads",
    "--importMemory",
    "--initialMemory",
    "16",
    "--maximumMemory",
    "65536",
    ...(shared ? ["--sharedMemory"] : []),
  ]);
  if (error) throw new Error(`${error.message}\n${stderr.toString()}`);
  const bytes = readFileSync(out);
  rmSync(out);
  return bytes.toString("base64");
}

const [single, shared] = [await compile(false), await compile(true)];
writeFileSync(
  join(here, "binary.gen.ts"),
  `/** Made by build.mjs from kernels/: the compiled kernels in base64. */\n` +
    `export const singleBinary: string =\n  "${single}";\nexport const sharedBinary: string =\n  "${shared}";\n`,
);
