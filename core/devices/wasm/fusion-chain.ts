/**
 * Chains of elementwise launches: each reads what only the one before gave, and all are of one length.
 * Rests on launch-uses and task-forms.
 */
import type { Fusion } from "./fusion.ts";
import { handlesOf, type Uses } from "./launch-uses.ts";
import type { TaskStep } from "./program.ts";
import {
  type FusibleLaunch,
  isElementwise,
  only,
  pointersOf,
  rowLengthOf,
  segment,
} from "./task-forms.ts";

/** Kernels that a chain knows, in its order, with how many operands they read. */
const kernels = [
  ["unaryF32", 1],
  ["binaryF32", 2],
  ["multiplyAddF32", 3],
] as const;
/** Tasks of one chain at most. */
const longest = 8;

/** A launch that may be part of a chain. */
interface Link {
  readonly launch: number;
  readonly kernel: number;
  readonly task: TaskStep;
  /** Addresses, the output's first. */
  readonly pointers: readonly number[];
  readonly count: number;
}

/** The longest chain that begins at a launch, of launches for which `isFree`; null where there is none. */
export function chain(
  launches: readonly FusibleLaunch[],
  uses: Uses,
  index: number,
  isFree: (launch: number) => boolean,
): Fusion | null {
  const first = linkAt(launches, index);
  // What is shorter lies in a first-level cache anyhow.
  if (first === null || first.count < segment) return null;
  const links = [first];
  for (let last = first; links.length < longest; ) {
    const next = uses.onlyReader(handlesOf(launches[last.launch]?.outputs ?? [])[0], last.launch);
    const link = next === null || !isFree(next) ? null : linkAt(launches, next);
    if (link === null || link.count !== first.count) break;
    if (!link.pointers.slice(1).includes(last.pointers[0] ?? 0)) break;
    links.push(link);
    last = link;
  }
  while (links.length > 1 && !uses.mayJoin(links.map(({ launch }) => launch))) links.pop();
  return links.length > 1 ? fusionOf(links) : null;
}

function linkAt(launches: readonly FusibleLaunch[], launch: number): Link | null {
  for (const [kernel, [name, operands]] of kernels.entries()) {
    const task = only(launches[launch], name);
    if (task === null) continue;
    const count = rowLengthOf(task);
    const pointers = pointersOf(task).slice(0, 1 + operands);
    return isElementwise(task, operands) ? { launch, kernel, task, pointers, count } : null;
  }
  return null;
}

function fusionOf(links: readonly Link[]): Fusion {
  const uses: { readonly launch: number; readonly pointer: number }[] = [];
  const words = [links.length];
  links.forEach(({ launch, kernel, pointers }, i) => {
    const before = links[i - 1]?.pointers[0];
    let between = i < links.length - 1 ? 1 : 0;
    pointers.slice(1).forEach((pointer, k) => {
      if (pointer === before) between += 2 << k;
      else uses.push({ launch, pointer });
    });
    words.push(kernel, 0, between); // its record's address is known once it has one
  });
  const [{ count }] = links as readonly [Link, ...Link[]];
  const task: TaskStep = {
    name: "chainF32",
    words,
    reals: [],
    pieces: Math.ceil(count / segment),
    grain: 1,
    parts: links.map((link, i) => ({ at: 2 + 3 * i, task: link.task })),
  };
  const last = links.length - 1;
  return {
    launches: links.map(({ launch }) => launch),
    uses,
    steps: links.map((_, i) => (i === last ? [task] : [])),
  };
}
