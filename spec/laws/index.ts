/**
 * Every law, in the order in which they are easiest to read when several fail at once.
 * Rests on the files beside it.
 */
import { adjoint } from "./adjoint.ts";
import { declaredErrors } from "./declared-errors.ts";
import type { DeclaredLaw, SampledLaw } from "./law.ts";
import { layouts } from "./layouts.ts";
import { referenceInFloat32, referenceInFloat64 } from "./reference.ts";
import { sameBits } from "./same-bits.ts";
import { secondAdjoint, secondTangent } from "./second-order.ts";
import { shapeRule } from "./shape-rule.ts";
import { specialPoints } from "./special-points.ts";
import { constancy, tangentLaw } from "./tangent.ts";
import { untouchedInputs } from "./untouched-inputs.ts";

/** Laws on random cases. */
export const sampledLaws: readonly SampledLaw[] = [
  shapeRule,
  referenceInFloat64,
  referenceInFloat32,
  tangentLaw,
  constancy,
  adjoint,
  secondTangent,
  secondAdjoint,
  untouchedInputs,
  sameBits,
  layouts,
];

/** Laws on what a record declares. */
export const declaredLaws: readonly DeclaredLaw[] = [specialPoints, declaredErrors];

/** All of them. */
export const laws: readonly (SampledLaw | DeclaredLaw)[] = [...sampledLaws, ...declaredLaws];
