/** Mutants of optim that are the same program. Rests on equivalent. */
import type { Equivalent } from "../equivalent.ts";

export const optimEquivalents: readonly Equivalent[] = [
  ...["false", "updates.length === 0 && value === null && norm === null"].map((becomes) => ({
    file: "optim/apply.ts",
    line: "if (updates.length === 0 || (value === null && norm === null)) return updates;",
    code: "updates.length === 0 || (value === null && norm === null)",
    becomes,
    reason:
      "only speed differs: without limits every gradient stays itself, and of none there are none",
  })),
  ...["updates.length === 0", "value === null && norm === null"].map((code) => ({
    file: "optim/apply.ts",
    line: "if (updates.length === 0 || (value === null && norm === null)) return updates;",
    code,
    becomes: "false",
    reason:
      "only speed differs: without limits every gradient stays itself, and of none there are none",
  })),
  {
    file: "optim/apply.ts",
    line: "if (value !== undefined) assign(cell, value);",
    code: "value !== undefined",
    becomes: "true",
    reason: "the names of what is remembered were compared: each has a value",
  },
  {
    file: "optim/formula.ts",
    line: "return known !== undefined && same ? known.formula(t, rate) : null;",
    code: "known !== undefined",
    becomes: "true",
    reason: "same is false where nothing is known: no rule has undefined for its init",
  },
  {
    file: "optim/group.ts",
    line: "let changes = false;",
    code: "false",
    becomes: "true",
    reason: "only speed differs: a rule of constants is the same however often it is made",
  },
  {
    file: "optim/slot.ts",
    line: `key: keys[index] ?? \`#\${index}\`,`,
    code: `\`#\${index}\``,
    becomes: "``",
    reason: "there is a key for every slot",
  },
  {
    file: "optim/weight-average.ts",
    line: 'return Object.fromEntries(this.#averages.map((average, i) => [this.#keys[i] ?? "", average]));',
    code: '""',
    becomes: '"Stryker was here!"',
    reason: "there is a key for every average",
  },
  {
    file: "optim/weight-average.ts",
    line: "if (cell !== undefined) scope(() => assign(average, blend(average, cell, decay)));",
    code: "cell !== undefined",
    becomes: "true",
    reason: "there is a cell for every average",
  },
  {
    file: "optim/weight-average.ts",
    line: "if (value !== undefined) assign(cell, value);",
    code: "value !== undefined",
    becomes: "true",
    reason: "there is a value for every cell: an average, or what was kept of it",
  },
  {
    file: "optim/weight-average.ts",
    line: 'for (const { storage } of kept) storage.release("the weights were put back");',
    code: '"the weights were put back"',
    becomes: '""',
    reason: "nobody else has the copies, so nobody is told why they are gone",
  },
  {
    file: "optim/optimizer.ts",
    line: "const isAll = settings.length === 1;",
    code: "settings.length === 1",
    becomes: "false",
    reason: "only speed differs: of one group alone all updates are that group's",
  },
  ...[
    ['"an optimiser without this group"', '""'] as const,
    ["setting === undefined", "false"] as const,
  ].map(([code, becomes]) => ({
    file: "optim/optimizer.ts",
    line: 'if (setting === undefined) throw new RangeError("an optimiser without this group");',
    code,
    becomes,
    reason: "there is a setting for every group, and no other is asked for",
  })),
  ...[
    ["!(gradient instanceof Tensor)", "false"] as const,
    ["[]", '["Stryker was here"]'] as const,
  ].map(([code, becomes]) => ({
    file: "optim/optimizer.ts",
    line: "if (!(gradient instanceof Tensor)) return [];",
    code,
    becomes,
    reason: "restoringCells has refused what is no tensor",
  })),
  ...[['typeof given === "object"', "true"] as const, ["[]", '["Stryker was here"]'] as const].map(
    ([code, becomes]) => ({
      file: "optim/optimizer.ts",
      line: 'const names = typeof given === "object" && given !== null ? Object.keys(given) : [];',
      code,
      becomes,
      reason: "restoringCells refuses what is no object, whatever its names are said to be",
    }),
  ),
];
