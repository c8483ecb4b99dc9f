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
