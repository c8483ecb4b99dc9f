/**
 * Slots: each parameter of an optimiser with what its rule remembers of it.
 * Rests on group and core.
 */
import { buffer, scope, type Tensor, ValueError } from "../core/index.ts";
import type { Group } from "./group.ts";

/** A parameter with what the rule remembers of it. */
export interface Slot {
  readonly parameter: Tensor;
  readonly group: Group;
  /** Its place among all parameters, from 0. */
  readonly number: string;
  /** What it is called in a state, see `keysOf`. */
  readonly key: string;
  readonly state: Readonly<Record<string, Tensor>>;
  /** What a step writes: the parameter, then the state. */
  readonly cells: readonly Tensor[];
}

/** A slot for every parameter, group by group, as the rule starts it. */
export function slotsOf(groups: readonly Group[]): readonly Slot[] {
  const all = groups.flatMap((group) =>
    group.parameters.map((parameter) => ({ parameter, group })),
  );
  const keys = keysOf(all.map(({ parameter }) => parameter));
  return all.map(({ parameter, group }, index) => {
    const first = scope(() =>
      Object.entries(group.rule.init(parameter)).map(([part, value]) => {
        requireStateName(group.rule.name, part);
        const name = `${parameter.name ?? "parameter"}.${part}`;
        return [part, buffer(value, { name })] as const;
      }),
    );
    return {
      parameter,
      group,
      number: String(index),
      key: keys[index] ?? `#${index}`,
      state: Object.fromEntries(first),
      cells: [parameter, ...first.map(([, cell]) => cell)],
    };
  });
}

/**
 * What each cell is called in a state, each differently: its name if no other has it and it is not itself of the form
 * `#<number>`, else `#<its place>`.
 */
export function keysOf(cells: readonly Tensor[]): readonly string[] {
  const counts = new Map<string | undefined, number>();
  for (const { name } of cells) counts.set(name, (counts.get(name) ?? 0) + 1);
  return cells.map(({ name }, i) =>
    name !== undefined && counts.get(name) === 1 && !/^#\d+$/.test(name) ? name : `#${i}`,
  );
}

/** `w.a` of a parameter w would be taken for the a of a parameter called w.a. */
function requireStateName(rule: string, name: string): void {
  if (!name.includes(".")) return;
  throw new ValueError({
    where: `${rule}.init`,
    argument: "state",
    expected: "to have names without a full stop",
    got: name,
    fix: "Call it something else",
  });
}

/** What rules remember, by `<prefix of the slot>.<name>`. */
export function cellsOf(
  slots: readonly Slot[],
  prefix: (slot: Slot) => string,
): Record<string, Tensor> {
  return Object.fromEntries(
    slots.flatMap((slot) =>
      Object.entries(slot.state).map(([name, cell]) => [`${prefix(slot)}.${name}`, cell]),
    ),
  );
}

/** Throws ValueError unless there are some, all are parameters, and each is there once. */
export function requireParameters(where: string, parameters: readonly Tensor[]): void {
  if (parameters.length === 0) {
    throw new ValueError({
      where,
      argument: "parameters",
      expected: "to hold at least one",
      got: "none",
      fix: "Pass net.parameters(); what was iterated once may be used up",
    });
  }
  const seen = new Set<Tensor>();
  for (const parameter of parameters) {
    if (parameter.role !== "parameter") {
      throw new ValueError({
        where,
        argument: "parameters",
        expected: "to be made by parameter or assemble",
        got: `a ${parameter.role} ${parameter.describe()}`,
        fix: "Pass net.parameters()",
      });
    }
    if (seen.has(parameter)) {
      throw new ValueError({
        where,
        argument: "parameters",
        expected: "to hold each parameter once",
        got: `${parameter.describe()} twice`,
        fix: "Remove the repeated parameter: it would be updated twice in a step",
      });
    }
    seen.add(parameter);
  }
}
