/**
 * The result equals the independent reference within the declared bound, in float64 and in float32.
 * Rests on bind and arrays. The bound is the record's own.
 */
import { bind } from "../../core/bind.ts";
import type { DType } from "../../core/dtype.ts";
import { mapElements, type NdArray } from "../../core/nd-array.ts";
import type { OpRecord } from "../../core/op.ts";
import type { SpecialPoint } from "../../core/sampling.ts";
import { formatShape, sameShape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { formatNumber, numbers, tensorFrom } from "./arrays.ts";
import type { Case, SampledLaw } from "./law.ts";
import { broken } from "./messages.ts";
import { isNear } from "./observed.ts";

/** Unit roundoff and smallest positive number of the float dtypes. */
const precision: Readonly<Record<"float32" | "float64", { unit: number; tiny: number }>> = {
  float32: { unit: 2 ** -24, tiny: 2 ** -149 },
  float64: { unit: 2 ** -53, tiny: Number.MIN_VALUE },
};

/** A point that declares its output is where a plain definition overflows, say; special-points.ts checks it. */
const undeclared = ({ output }: SpecialPoint<object>): boolean => output === undefined;

/** Law 2, float64. */
export const referenceInFloat64: SampledLaw = {
  name: "reference",
  claim: "the result equals the reference within the declared bound (float64)",
  holdsAt: undeclared,
  applies: () => true,
  check: (record, sample) => compare("reference", record, sample, "float64"),
};

/** Law 2, float32: inputs rounded to float32 first, so that the bound speaks of the op alone. */
export const referenceInFloat32: SampledLaw = {
  name: "reference in float32",
  claim: "the result equals the reference within the declared bound (float32)",
  holdsAt: undeclared,
  applies: () => true,
  check: (record, { inputs, attributes }) => {
    const rounded = inputs.map((input) =>
      input.kind === "float" ? mapElements(input, Math.fround) : input,
    );
    return compare("reference in float32", record, { inputs: rounded, attributes }, "float32");
  },
};

function compare(law: string, record: OpRecord, sample: Case, float: DType): boolean {
  const { inputs, attributes } = sample;
  const outputs = bind(
    record,
    inputs.map((input) => tensorFrom(input, float)),
    attributes,
  );
  const references = record.reference(inputs, attributes);
  if (references.length !== outputs.length) {
    broken(law, record, sample, `${references.length} outputs`, `${outputs.length}`);
  }
  outputs.forEach((output, k) => {
    const exact = references[k];
    if (exact === undefined || !sameShape(exact.shape, output.shape)) {
      broken(law, record, sample, `shape ${shapeText(exact)}`, formatShape(output.shape));
    }
    const { unit, tiny } = precision[output.dtype === "float32" ? "float32" : "float64"];
    const allowed = record.bound.of({ inputs, attributes, output: exact, unit, tiny });
    const at = numbers(output).findIndex(
      (got, i) => !isWithin(got, exact.data[i] ?? 0, allowed.data[i] ?? 0, output),
    );
    if (at >= 0) {
      const want = exact.data[at] ?? 0;
      broken(
        law,
        record,
        sample,
        `output ${k}, element ${at} to be ${formatNumber(want)} ± ${allowed.data[at]} (${record.bound.reason})`,
        formatNumber(numbers(output)[at] ?? 0),
      );
    }
  });
  return true;
}

/** A correctly rounded result is never wrong, however narrow the bound: `full(0.1)` in float32, say. */
function isWithin(got: number, want: number, allowed: number, { dtype }: Tensor): boolean {
  if (Object.is(got, want) || got === want) return isNear(0, allowed);
  const error = Math.abs(got - want);
  const isNearest = dtype === "float32" && Object.is(got, Math.fround(want));
  return isNear(isNearest && !(error <= allowed) ? 0 : error, allowed);
}

function shapeText(array: NdArray | undefined): string {
  return array === undefined ? "of no output" : formatShape(array.shape);
}
