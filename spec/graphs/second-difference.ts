/**
 * Second derivatives against central differences of the gradient: a rule that is right at first order but detaches
 * something is wrong here and nowhere else.
 * Rests on derivatives and difference.
 */
import type { Tensor } from "../../core/tensor.ts";
import { numbers, tensorFrom } from "../laws/arrays.ts";
import { centralDifference } from "../laws/central-difference.ts";
import type { SomeTensors } from "../laws/derivatives.ts";
import { isNear } from "../laws/observed.ts";
import { displaced } from "../laws/tangent.ts";
import { curvature, directionsFor, largestOf, pull } from "./derivatives.ts";
import { holding, scaledDirections, unlessJumped } from "./difference.ts";
import { broken, type Oracle } from "./oracle.ts";

const unit = 2 ** -53;
/** A gradient has no running bound of its own here: this many roundings of the largest number in sight. */
const roundings = 4096;

export const secondDifferenceOracle: Oracle = {
  name: "second difference",
  claim: "H·t by forward over reverse equals the central difference of the gradient",
  check: (subject) => unlessJumped(() => compare(subject)),
};

const weights = (results: readonly Tensor[]): SomeTensors => directionsFor(results, "cotangent");

const compare: Oracle["check"] = ({ program, inputs }) => {
  const points = inputs.map((input) => tensorFrom(input));
  const tangents = scaledDirections(program, points);
  const claimed = elementsOf(points, curvature(program, points, tangents, weights).forward);
  const held = holding(program, points);
  const base = pull(program, points, weights);
  const scale =
    1 + Math.max(largestOf(base.flows), largestOf(base.derivatives), largestOf([claimed]));
  const slope = centralDifference(
    (h) => {
      const moved = displaced(points, tangents, h);
      return elementsOf(points, pull(held, moved, weights).derivatives);
    },
    () => roundings * unit * scale,
  );
  if (slope === null) return false;
  claimed.forEach((t, i) => {
    const [want, allowed] = [slope.value[i] ?? 0, slope.tolerance[i] ?? 0];
    if (!isNear(t - want, allowed)) {
      broken("second difference", `element ${i} of H·t to be ${want} ± ${allowed}`, `${t}`);
    }
  });
  return claimed.some((t) => t !== 0);
};

/** All elements one after the other, zeros where there are none. */
function elementsOf(points: readonly Tensor[], values: SomeTensors): readonly number[] {
  return points.flatMap((point, i) => {
    const value = values[i] ?? null;
    return value === null ? new Array<number>(point.size).fill(0) : numbers(value);
  });
}
