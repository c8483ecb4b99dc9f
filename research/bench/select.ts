/**
 * Choosing workloads by name: a whole name, or a prefix that names many.
 * Rests on workload and core's errors.
 */
import { UsageError } from "../../core/index.ts";
import type { Workload } from "./workload.ts";

/**
 * Workloads of these names, in the order of `all`, each once; all of them for no name. A name that is no
 * workload's chooses those that begin with it. Throws UsageError, with the nearest names, where none does.
 */
export function select(all: readonly Workload[], names: readonly string[]): readonly Workload[] {
  if (names.length === 0) return all;
  const chosen = new Set(names.flatMap((name) => choose(all, name)));
  return all.filter((workload) => chosen.has(workload));
}

function choose(all: readonly Workload[], name: string): readonly Workload[] {
  const exact = all.filter((workload) => workload.name === name);
  const found = exact.length > 0 ? exact : all.filter((workload) => workload.name.startsWith(name));
  if (found.length > 0) return found;
  throw new UsageError({
    where: "bitgrad bench",
    argument: "name",
    expected: "to be a workload or the beginning of one",
    got: `"${name}"`,
    fix: `Did you mean ${nearest(all, name).join(", ")}? bitgrad bench --help names all`,
  });
}

/** The three names or families nearest to `name` by edit distance; the first of equals first. */
function nearest(all: readonly Workload[], name: string): readonly string[] {
  const families = all.flatMap((workload) => {
    const parts = workload.name.split("/");
    return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
  });
  return [...new Set(families)]
    .map((candidate) => ({ candidate, distance: editDistance(candidate, name) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** Least number of letters put in, taken out or changed. Levenshtein 1966; one row of the table at a time. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
