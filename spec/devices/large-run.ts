/**
 * A process that runs all large cases on the wasm device and prints, as JSON, a fingerprint of each, and which compiled
 * kernels threads shared. Arguments: the seed of the shapes. BITGRAD_THREADS says how many threads.
 */
import { current } from "../../core/devices/wasm/state.ts";
import { scope, setDevice } from "../../core/index.ts";
import { fingerprint } from "../../core/io/index.ts";
import { caseNames, runCase } from "./large-cases.ts";
import type { Float } from "./large-draw.ts";

/** What the process prints. */
export interface LargeRun {
  /** By dtype and name. */
  readonly fingerprints: Readonly<Record<string, string>>;
  /** Compiled kernels that had pieces enough for two threads, sorted. */
  readonly shared: readonly string[];
}

const seed = Number(process.argv[2]);
setDevice("wasm");

const shared = new Set<string>();
const runtime = current();
const { run } = runtime;
runtime.run = (name, words, reals, pieces, grain) => {
  if (pieces >= 2 * grain) shared.add(name);
  run.call(runtime, name, words, reals, pieces, grain);
};

const fingerprints: Record<string, string> = {};
for (const dtype of ["float32", "float64"] satisfies Float[]) {
  for (const name of caseNames) {
    scope(() => {
      const results = runCase(name, dtype, seed);
      fingerprints[`${name} in ${dtype}`] = fingerprint(
        Object.fromEntries(results.map((result, i) => [`result ${i}`, result])),
      );
    });
  }
}
const printed: LargeRun = { fingerprints, shared: [...shared].sort() };
process.stdout.write(JSON.stringify(printed));
