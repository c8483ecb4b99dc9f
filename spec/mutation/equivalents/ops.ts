/** Mutants of core/ops that are the same program. Rests on equivalent. */
import type { Equivalent } from "../equivalent.ts";

export const opsEquivalents: readonly Equivalent[] = [
  {
    file: "core/ops/concat.ts",
    line: "return [...Array.from({ length: axis }, () => null), [start, start + count]];",
    code: "() => null",
    becomes: "() => undefined",
    reason: "slice takes an axis whole where its range is null, and where there is none",
  },
  {
    file: "core/ops/split.ts",
    line: "if (!Number.isInteger(count) || length % count !== 0) return null;",
    code: "length % count !== 0",
    becomes: "false",
    reason:
      "parts that are no whole numbers are refused next; only many of them take longer to list",
  },
  {
    file: "core/ops/split.ts",
    line: "t ? split(t, parts, { axis }) : outputs.map(() => null),",
    code: "() => null",
    becomes: "() => undefined",
    reason: "an op of one input is asked for a tangent only where that input has one",
  },
  {
    file: "core/ops/cross-entropy.ts",
    line: "labelSmoothing === 0",
    code: "labelSmoothing === 0",
    becomes: "false",
    reason: "1·t + 0 is t but for the sign of a zero, which no loss and no gradient shows",
  },
  {
    file: "core/ops/elu.ts",
    line: "return where(greater(x, 0), scale === 1 ? t : multiply(scale, t), multiply(t, decay));",
    code: "scale === 1",
    becomes: "false",
    reason: "1·t is t, whatever t is: only a multiplication is saved",
  },
  ...[
    ["core/ops/einsum-equation.ts", 'const letters = operands[k] ?? "";'],
    [
      "core/ops/einsum.ts",
      'const terms = tensors.map((x, k) => takeDiagonals({ x, letters: operands[k] ?? "" }));',
    ],
  ].map(([file = "", line = ""]) => ({
    file,
    line,
    code: '""',
    becomes: '"Stryker was here!"',
    reason: "an equation of more or fewer operands has been refused: each has its letters",
  })),
  {
    file: "core/ops/einsum-equation.ts",
    line: "const [, left, right] = match ?? [];",
    code: "[]",
    becomes: '["Stryker was here"]',
    reason: "what stands for no match is looked at from its second element on, and has none",
  },
  {
    file: "core/ops/einsum.ts",
    line: "return order === letters",
    code: "order === letters",
    becomes: "false",
    reason: "axes permuted to the order that they have are the same elements: only a view is saved",
  },
  {
    file: "core/ops/einsum.ts",
    line: "if (first < 0) return { x, letters };",
    code: "first < 0",
    becomes: "first <= 0",
    reason: "the first axis whose letter came before is never axis 0",
  },
  {
    file: "core/ops/einsum.ts",
    line: "x: slice(merged, [...rest.map(() => null), [0, null, n + 1]]),",
    code: "() => null",
    becomes: "() => undefined",
    reason: "slice takes an axis whole where its range is null, and where there is none",
  },
  ...[
    ['["a", "b"]', "[]"],
    ['"a"', '""'],
    ['"b"', '""'],
  ].map(([code = "", becomes = ""]) => ({
    file: "core/ops/matmul.ts",
    line: 'const batch = broadcastShapes(where, ["a", "b"], batchA, batchB);',
    code,
    becomes,
    reason: "batch axes that do not broadcast have been refused above, in words of their own",
  })),
  {
    file: "core/ops/matmul.ts",
    line: 'const shape = productShape("matmul", a.shape, b.shape);',
    code: '"matmul"',
    becomes: '""',
    reason: "the shape rule has refused what does not fit: the name is in no message",
  },
  ...["true", "a.rank >= 2"].map((becomes) => ({
    file: "core/ops/matmul.ts",
    line: "if (b.rank === 2 && a.rank > 2 && a.size > 0) {",
    code: "a.rank > 2",
    becomes,
    reason: "two matrices are reshaped to what they are, and multiplied as they would be",
  })),
  {
    file: "core/ops/matmul.ts",
    line: "return [added.length === 0 ? y : squeeze(y, { axis: added })];",
    code: "added.length === 0",
    becomes: "false",
    reason: "y without none of its axes is y: only a view is saved",
  },
  {
    file: "core/ops/product.ts",
    line: "const kept = reducedShape(x.shape, axes, false);",
    code: "false",
    becomes: "true",
    reason:
      "axes of length 1 hold no further elements, and the last reshape gives the shape asked for",
  },
  {
    file: "core/ops/scan.ts",
    line: 'axis: normalizeAxis("cumsum", axis, shapeOf(x).length),',
    code: '"cumsum"',
    becomes: '""',
    reason:
      "the shape rule has refused other axes before a kernel is asked: the name is in no message",
  },
  {
    file: "core/ops/sum.ts",
    line: 'return normalizeAxes("sum", axis, shape.length);',
    code: '"sum"',
    becomes: '""',
    reason:
      "the shape rule has refused other axes, in the name of its own op: this one is in no message",
  },
  {
    file: "core/ops/random-record.ts",
    line: "if (!(cause instanceof ValueError)) throw cause;",
    code: "!(cause instanceof ValueError)",
    becomes: "false",
    reason: "the fills refuse with ValueError alone; the compiler asks what else came",
  },
  {
    file: "core/ops/random-record.ts",
    line: "record.infer([], { ...rest, key, position: 0 });",
    code: "[]",
    becomes: '["Stryker was here"]',
    reason: "a draw has no inputs, and its shape rule looks at none",
  },
];
