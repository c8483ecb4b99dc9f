/**
 * What a check against mathjs comes to, and how it says that something is wrong.
 * Rests on scalar-math-samples.
 */
import type { BigNumber } from "mathjs";
import type { NdArray } from "../../core/nd-array.ts";
import type { OpRecord } from "../../core/op.ts";
import type { Tensor } from "../../core/tensor.ts";
import { numbers, pasteable } from "../laws/arrays.ts";
import { isNear } from "../laws/observed.ts";
import { toBig } from "../scalar-math-samples.ts";

/** mathjs says something else. */
export class MathDiffers extends Error {
  override readonly name = "MathDiffers";
}

/** One of both floats. */
interface Precision {
  readonly float: "float32" | "float64";
  /** Unit roundoff. */
  readonly unit: number;
  /** The smallest positive number. */
  readonly tiny: number;
}

const float32: Precision = { float: "float32", unit: 2 ** -24, tiny: 2 ** -149 };
const float64: Precision = { float: "float64", unit: 2 ** -53, tiny: Number.MIN_VALUE };

/** Both floats. */
export const precisions: readonly Precision[] = [float32, float64];

/** Elements that were compared, and the largest distance as a share of what is allowed. */
export interface Agreement {
  elements: number;
  worst: number;
}

/**
 * Compares an output with its 64 digits, within the record's bound. A correctly rounded result is never wrong. Throws
 * MathDiffers. Where the digits are no number (the mean of nothing), nothing is compared.
 */
export function compareDigits(
  { name, bound }: OpRecord,
  { inputs, attributes }: { readonly inputs: readonly NdArray[]; readonly attributes: object },
  got: Tensor,
  exact: readonly BigNumber[],
  agreement: Agreement,
): void {
  const { unit, tiny } = got.dtype === "float32" ? float32 : float64;
  const data = exact.map((x) => x.toNumber());
  if (data.length !== got.size)
    throw new MathDiffers(`${name}: ${got.size} elements of ${data.length}`);
  const output: NdArray = { shape: got.shape, data, kind: "float" };
  const allowed = bound.of({ inputs, attributes, output, unit, tiny }).data;
  numbers(got).forEach((came, i) => {
    const [want, room, nearest] = [exact[i], allowed[i] ?? 0, data[i] ?? 0];
    if (want === undefined || Number.isNaN(nearest)) return;
    agreement.elements++;
    if (got.dtype === "float32" && came === Math.fround(nearest)) {
      isNear(0, room);
      return;
    }
    const distance = toBig(came).minus(want).abs().toNumber();
    if (room > 0) agreement.worst = Math.max(agreement.worst, distance / room);
    if (!isNear(distance, room)) {
      const at = `${inputs.map(pasteable).join(", ")}, ${JSON.stringify(attributes)}`;
      throw new MathDiffers(
        `${name}(${at}) in ${got.dtype}: expected element ${i} to be ${want} ± ${room}, got ${came}`,
      );
    }
  });
}
