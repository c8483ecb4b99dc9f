/**
 * A study in this process, one run after the other.
 * Rests on study and run-one.
 */

import type { Selection } from "./arms.ts";
import type { LocatedExperiment } from "./locate.ts";
import { performRun, type RunOptions } from "./run-one.ts";
import { conclude, type Missing, planStudy, type Study } from "./study.ts";

/**
 * Runs what is not in the store yet and concludes. Throws what the experiment throws.
 *
 * @example
 * const study = runHere({ experiment, file }, { profile: "quick" }, { store: new RunStore("runs"), threads: 1 });
 * if ("verdicts" in study) console.log(study.verdicts);
 */
export function runHere(
  located: LocatedExperiment,
  selection: Selection,
  options: RunOptions,
  device = "wasm",
): Study | Missing {
  const plan = planStudy("runHere", located, selection, device);
  if ("missing" in plan) return plan;
  const runs = plan.identities.map((identity) => performRun(located, identity, options).stored);
  return conclude(plan, runs);
}
