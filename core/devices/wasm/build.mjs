/**
 * Compiles the kernels (AssemblyScript) to WebAssembly and writes them, as text, into binary.gen.ts, so that Node,
 * browsers and bundlers load them alike. Run by `npm run kernels`, which `npm ci`, `npm test` and `npm run build` call;
 * does nothing where binary.gen.ts was made from the same sources by the same compiler.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

/** A hash of all that decides the binary: the kernels, this file and the compiler. */
function sourceHash() {
  const hash = createHash("sha256")
    .update(asc.version)
    .update(readFileSync(import.meta.filename));
  for (const name of readdirSync(join(here, "kernels")).sort()) {
    hash.update(`\0${name}\0`).update(readFileSync(join(here, "kernels", name)));
  }
  return hash.digest("hex");
}

const target = join(here, "binary.gen.ts");
const head =
  "/** Made by build.mjs from kernels/: the compiled kernels in base64. */\n" +
  `// sources ${sourceHash()}\n`;
if (!existsSync(target) || !readFileSync(target, "utf8").startsWith(head)) {
  const [single, shared] = [await compile(false), await compile(true)];
  writeFileSync(
    target,
    `${head}export const singleBinary: string =\n  "${single}";\nexport const sharedBinary: string =\n  "${shared}";\n`,
  );
}
