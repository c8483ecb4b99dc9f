/**
 * Sequences: range, arange, linspace. All are copies, on the current device.
 * Rests on bind, constant and concat. Elements are computed in float64 and rounded once.
 */
import { bindOne } from "../bind.ts";
import { type DType, floatDTypes, numericDTypes } from "../dtype.ts";
import { ulps } from "../error-bound.ts";
import { DTypeError, ShapeError, ValueError } from "../errors.ts";
import { mapElements, tabulate } from "../nd-array.ts";
import type { OpRecord } from "../op.ts";
import type { ErrorExample } from "../sampling.ts";
import type { Tensor } from "../tensor.ts";
import { concat } from "./concat.ts";
import { kindOf, type MakeOptions, type MakerRecord, requireRepresentable } from "./constant.ts";
import { flip } from "./slice.ts";

function requireSequenceDType(where: string, dtype: DType, allowed: readonly DType[]): void {
  if (!allowed.includes(dtype)) {
    throw new DTypeError({
      where,
      argument: "dtype",
      expected: `to be ${allowed.join(" or ")}`,
      got: dtype,
      fix: `Make it with dtype "${allowed[0]}", and cast the result`,
    });
  }
}

function requireCount(where: string, count: number): void {
  if (!Number.isInteger(count) || count < 0) {
    throw new ShapeError({
      where,
      argument: "count",
      expected: "to be an integer ≥ 0",
      got: String(count),
      fix: "Give the number of elements",
    });
  }
}

/** Where a sequence begins, and how it goes on. */
interface Steps extends MakeOptions {
  readonly start: number;
  readonly step: number;
}

/** What a sequence of steps says about numbers and dtypes that do not go together. */
function stepErrors<A extends object>(
  name: string,
  attributes: (steps: Steps) => A,
): readonly ErrorExample<A>[] {
  return [
    {
      inputs: [],
      attributes: attributes({ start: 0, step: 0.5, dtype: "int32" }),
      message: `${name}: expected step to be representable in int32, got 0.5. Give a whole number, or use a float dtype.`,
    },
    {
      inputs: [],
      attributes: attributes({ start: 0.5, step: 1, dtype: "int32" }),
      message: `${name}: expected start to be representable in int32, got 0.5. Give a whole number, or use a float dtype.`,
    },
    {
      inputs: [],
      attributes: attributes({ start: 0, step: 1, dtype: "bool" }),
      message: `${name}: expected dtype to be float32 or float64 or int32, got bool. Make it with dtype "float32", and cast the result.`,
    },
  ];
}

/** The sequence that range makes. */
interface RangeOptions extends Steps {
  readonly count: number;
  /** The user's function, for messages; default range. */
  readonly where?: string;
}

/** The record of `range`. */
export const rangeOp: MakerRecord<RangeOptions> = {
  name: "range",
  family: "make",
  formula: "y_i = start + i·step, i < count",
  source: "definition",
  inputNames: [],
  infer: (_, { start, step, count, dtype = "float32", where = "range" }) => {
    requireSequenceDType(where, dtype, numericDTypes);
    requireCount(where, count);
    requireRepresentable(where, "start", start, dtype);
    requireRepresentable(where, "step", step, dtype);
    if (count > 0)
      requireRepresentable(where, "the last element", start + (count - 1) * step, dtype);
    return [{ shape: [count], dtype }];
  },
  forward: { kernel: "range", with: ({ start, step }) => ({ start, step }) },
  sample: (draw) => {
    const dtype = draw.pick(["float32", "float64", "int32"] as const);
    const [start, step] =
      dtype === "int32"
        ? [draw.integer(-5, 5), draw.integer(-3, 3)]
        : [draw.number({ min: -3, max: 3 }), draw.number({ min: -1, max: 1 })];
    return { inputs: [], attributes: { start, step, count: draw.integer(0, 9), dtype } };
  },
  special: [],
  errors: [
    ...stepErrors("range", (steps) => ({ ...steps, count: 2 })),
    ...[-1, 1.5].map((count) => ({
      inputs: [],
      attributes: { start: 0, step: 1, count },
      message: `range: expected count to be an integer ≥ 0, got ${count}. Give the number of elements.`,
    })),
    {
      inputs: [],
      attributes: { start: 2147483647, step: 1, count: 2, dtype: "int32" },
      message:
        "range: expected the last element to be representable in int32, got 2147483648. Give a whole number, or use a float dtype.",
    },
  ],
  reference: (_, { start, step, count, dtype }) => [
    tabulate([count], ([i = 0]) => start + i * step, kindOf(dtype)),
  ],
  bound: ulps(1, "computed in float64 and rounded once"),
};

/**
 * `count` numbers from `start` in steps of `step`. → [count].
 * Throws ShapeError for a negative count, ValueError where `dtype` cannot hold the numbers.
 */
export function range(
  start: number,
  step: number,
  count: number,
  { dtype = "float32" }: MakeOptions = {},
): Tensor {
  return bindOne(rangeOp, [], { start, step, count, dtype });
}

/** The sequence that arange makes. */
interface ArangeOptions extends Steps {
  readonly end: number;
}

/** How many of start, start + step, … lie before end. Throws ValueError where end is never reached. */
function countBefore({ start, end, step }: ArangeOptions): number {
  const count = Math.ceil((end - start) / step);
  if (!Number.isFinite(count) || step === 0 || count < 0) {
    throw new ValueError({
      where: "arange",
      argument: "step",
      expected: `to lead from start ${start} to end ${end}`,
      got: String(step),
      fix: "Give finite numbers, and a step other than 0 with the sign of end - start",
    });
  }
  // The quotient is rounded: (1.3 - 1)/0.1 is above 3, and 1 + 3·0.1 is no longer before 1.3.
  const isBefore = (i: number) => (step > 0 ? start + i * step < end : start + i * step > end);
  let exact = count;
  while (exact > 0 && !isBefore(exact - 1)) exact--;
  while (isBefore(exact)) exact++;
  return exact;
}

/** The record of `arange`. */
export const arangeOp: MakerRecord<ArangeOptions> = {
  name: "arange",
  family: "make",
  formula: "y_i = start + i·step, while it lies before end",
  source: "NumPy, arange; an element that rounds to the end is left out",
  inputNames: [],
  infer: (_, { dtype = "float32", ...options }) => {
    requireSequenceDType("arange", dtype, numericDTypes);
    requireRepresentable("arange", "start", options.start, dtype);
    requireRepresentable("arange", "step", options.step, dtype);
    return [{ shape: [countBefore(options)], dtype }];
  },
  forward: {
    compose: (_, { dtype = "float32", ...options }) => {
      const { start, step } = options;
      const count = countBefore(options);
      return [bindOne(rangeOp, [], { start, step, count, dtype, where: "arange" })];
    },
  },
  sample: (draw) => {
    const whole = draw.boolean();
    const step = (whole ? draw.integer(1, 3) : 0.1) * (draw.boolean() ? 1 : -1);
    const start = draw.integer(-3, 3);
    const end = start + step * draw.integer(0, 7);
    const dtype = draw.pick(whole ? numericDTypes : floatDTypes);
    return { inputs: [], attributes: { start, end, step, dtype } };
  },
  special: [],
  errors: [
    ...stepErrors("arange", (steps) => ({ ...steps, end: 2 })),
    {
      inputs: [],
      attributes: { start: 0, end: 3, step: 0 },
      message:
        "arange: expected step to lead from start 0 to end 3, got 0. Give finite numbers, and a step other than 0 with the sign of end - start.",
    },
    {
      inputs: [],
      attributes: { start: 0, end: Number.POSITIVE_INFINITY, step: 1 },
      message:
        "arange: expected step to lead from start 0 to end Infinity, got 1. Give finite numbers, and a step other than 0 with the sign of end - start.",
    },
    {
      inputs: [],
      attributes: { start: 0, end: 0, step: 0 },
      message:
        "arange: expected step to lead from start 0 to end 0, got 0. Give finite numbers, and a step other than 0 with the sign of end - start.",
    },
    {
      inputs: [],
      attributes: { start: 3, end: 0, step: 1 },
      message:
        "arange: expected step to lead from start 3 to end 0, got 1. Give finite numbers, and a step other than 0 with the sign of end - start.",
    },
  ],
  reference: (_, { start, end, step, dtype }) => {
    const data: number[] = [];
    const sign = step > 0 ? 1 : -1;
    for (let i = 0; sign * (start + i * step) < sign * end; i++) data.push(start + i * step);
    return [{ shape: [data.length], data, kind: kindOf(dtype) }];
  },
  bound: ulps(1, "computed in float64 and rounded once"),
};

/**
 * start, start + step, … before `end`, which is left out. → [count].
 * Throws ValueError where the step never leads to the end, or `dtype` cannot hold the numbers.
 *
 * @example
 * arange(0, 4); // 0, 1, 2, 3
 */
export function arange(
  start: number,
  end: number,
  step = 1,
  { dtype = "float32" }: MakeOptions = {},
): Tensor {
  return bindOne(arangeOp, [], { start, end, step, dtype });
}

/** The sequence that linspace makes. */
interface LinspaceOptions extends MakeOptions {
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

/** The record of `linspace`. */
export const linspaceOp: MakerRecord<LinspaceOptions> = {
  name: "linspace",
  family: "make",
  formula: "y_i = start + i·(end − start)/(count − 1)",
  source: "definition; the second half counts back from the end, so that both ends are exact",
  inputNames: [],
  infer: (_, { count, dtype = "float32" }) => {
    requireSequenceDType("linspace", dtype, floatDTypes);
    requireCount("linspace", count);
    return [{ shape: [count], dtype }];
  },
  forward: {
    compose: (_, { start, end, count, dtype = "float32" }) => {
      const step = (end - start) / Math.max(count - 1, 1);
      const first = Math.ceil(count / 2);
      const tail = range(end, -step, count - first, { dtype });
      return [concat([range(start, step, first, { dtype }), flip(tail)])];
    },
  },
  sample: (draw) => ({
    inputs: [],
    attributes: {
      start: draw.number({ min: -3, max: 3 }),
      end: draw.number({ min: -3, max: 3 }),
      count: draw.integer(0, 9),
      dtype: draw.pick(floatDTypes),
    },
  }),
  special: [
    {
      title: "both ends are exact, and one element alone is the start",
      inputs: [],
      attributes: { start: 0.1, end: 0.7, count: 1, dtype: "float64" },
      output: { shape: [1], data: [0.1], kind: "float" },
    },
  ],
  errors: [
    {
      inputs: [],
      attributes: { start: 0, end: 1, count: 1.5 },
      message:
        "linspace: expected count to be an integer ≥ 0, got 1.5. Give the number of elements.",
    },
    {
      inputs: [],
      attributes: { start: 0, end: 1, count: 2, dtype: "int32" },
      message: `linspace: expected dtype to be float32 or float64, got int32. Make it with dtype "float32", and cast the result.`,
    },
  ],
  reference: (_, { start, end, count }) => [
    tabulate([count], ([i = 0]) =>
      count === 1 ? start : (start * (count - 1 - i) + end * i) / (count - 1),
    ),
  ],
  bound: {
    reason: "four roundings, here and in the definition, of numbers between the ends",
    of: ({ output, attributes: { start, end }, unit, tiny }) =>
      mapElements(output, () => 8 * unit * Math.max(Math.abs(start), Math.abs(end)) + tiny),
  },
};

/**
 * `count` numbers at equal distances, from `start` to `end`, both included exactly. → [count].
 * Throws ShapeError for a negative count, DTypeError for a dtype without fractions.
 */
export function linspace(
  start: number,
  end: number,
  count: number,
  { dtype = "float32" }: MakeOptions = {},
): Tensor {
  return bindOne(linspaceOp, [], { start, end, count, dtype });
}

/** The records of this file. */
export const sequenceOps: readonly OpRecord[] = [rangeOp, arangeOp, linspaceOp];
