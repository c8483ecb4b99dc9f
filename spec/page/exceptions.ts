/**
 * What the laws leave out, each with its reason: gathered from the lists that declare it.
 * Rests on those lists.
 */
import { layersWithoutCase, opsWithoutCase } from "../golden/exceptions.ts";
import { unreachable } from "../laws/coverage.ts";
import { stops } from "../laws/tangent.ts";
import { inexpressible } from "../mathjs/texts.ts";
import { equivalents } from "../mutation/equivalent.ts";

/** Names that something is not claimed of, for one reason. */
export interface Exceptions {
  readonly names: readonly string[];
  readonly reason: string;
}

/** What is not claimed, and of whom. */
export interface ExceptionList {
  readonly title: string;
  readonly entries: readonly Exceptions[];
}

/** Entries of the same reason side by side. */
function byReason(list: Readonly<Record<string, string>>): readonly Exceptions[] {
  const reasons = [...new Set(Object.values(list))];
  return reasons.map((reason) => ({
    reason,
    names: Object.keys(list).filter((name) => list[name] === reason),
  }));
}

/** All lists that have an entry. */
export function exceptionLists(): readonly ExceptionList[] {
  const lists: readonly ExceptionList[] = [
    { title: "Ops that never meet a 0-d input", entries: byReason(unreachable.scalar) },
    { title: "Ops that never meet an empty input", entries: byReason(unreachable.empty) },
    {
      title: "Ops without rules that are not held to be constant",
      entries: [{ names: [...stops], reason: "stops derivatives on purpose" }],
    },
    {
      title: "Elementwise ops that mathjs does not differentiate",
      entries: byReason(inexpressible),
    },
    { title: "Ops without a golden value from PyTorch", entries: byReason(opsWithoutCase) },
    { title: "Layers without a golden value from PyTorch", entries: byReason(layersWithoutCase) },
    {
      title: "Mutations that make no other program",
      entries: equivalents.map(({ file, line, code, becomes, reason }) => ({
        names: [`${file}: ${line}: ${code} → ${becomes}`],
        reason,
      })),
    },
  ];
  return lists.filter(({ entries }) => entries.length > 0);
}
