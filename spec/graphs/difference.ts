/**
 * Forward mode against central differences of the whole program in float64.
 * Rests on derivatives, and on running-bounds for what rounding may do to a value.
 */
import { scope } from "../../core/scope.ts";
import type { Tensor } from "../../core/tensor.ts";
import { numbers, tensorFrom } from "../laws/arrays.ts";
import { centralDifference } from "../laws/central-difference.ts";
import type { SomeTensors } from "../laws/derivatives.ts";
import { isNear } from "../laws/observed.ts";
import { displaced, stops } from "../laws/tangent.ts";
import { directionsFor, largestOf, push } from "./derivatives.ts";
import { broken, type Oracle } from "./oracle.ts";
import { hearing, isSmooth, type Program } from "./program.ts";
import { runningBounds } from "./running-bounds.ts";

/** A whole number or a mask is another one nearby: the program jumps there. */
export class Jumped extends Error {
  override readonly name = "Jumped";
}

export const differenceOracle: Oracle = {
  name: "difference",
  claim: "forward mode equals the central difference",
  check: (subject) => unlessJumped(() => compare(subject)),
};

/** What `compare` says, in a scope of its own; false, for nothing said, where the program jumps. */
export function unlessJumped(compare: () => boolean): boolean {
  try {
    return scope(compare);
  } catch (error) {
    if (error instanceof Jumped) return false;
    throw error;
  }
}

/**
 * A direction at `points`, scaled so that no value on the way moves by more than the step of 2⁻⁹, which is small beside the
 * 0.05 that samples keep from kinks.
 */
export function scaledDirections(program: Program, points: readonly Tensor[]): SomeTensors {
  const unscaled = directionsFor(points, "tangent");
  const most = Math.max(largestOf(unscaled), largestOf(push(program, points, unscaled).flows));
  return unscaled.map(
    (t) =>
      t && tensorFrom({ shape: t.shape, data: numbers(t).map((x) => x / most), kind: "float" }),
  );
}

/** What rounding does to a result is its running bound, inputs rounded too. */
const compare: Oracle["check"] = ({ program, inputs }) => {
  const points = inputs.map((input) => tensorFrom(input));
  const tangents = scaledDirections(program, points);
  const { results, derivatives } = push(program, points, tangents);
  const bounds = runningBounds(program, points, { inputsAreRounded: true });
  const held = holding(program, points);
  const seen = new Map<number, readonly (readonly number[])[]>();
  const valuesAt = (h: number): readonly (readonly number[])[] => {
    const values = seen.get(h) ?? held(...displaced(points, tangents, h)).map(numbers);
    seen.set(h, values);
    return values;
  };
  let said = false;
  results.forEach((result, k) => {
    if (!isSmooth(result)) return;
    const tangent = derivatives[k] ?? null;
    const claimed = tangent === null ? numbers(result).map(() => 0) : numbers(tangent);
    const slope = centralDifference(
      (h) => valuesAt(h)[k] ?? [],
      (i) => bounds[k]?.[i] ?? 0,
    );
    if (slope === null) return;
    claimed.forEach((t, i) => {
      const [want, allowed] = [slope.value[i] ?? 0, slope.tolerance[i] ?? 0];
      said ||= Number.isFinite(allowed);
      if (Number.isFinite(allowed) && !isNear(t - want, allowed)) {
        broken(
          "difference",
          `element ${i} of result ${k} to change by ${want} ± ${allowed}`,
          `${t}`,
        );
      }
    });
  });
  return said;
};

/**
 * The program, with values at which derivatives stop held where they are at `points`. What it returns throws Jumped
 * where a whole number or a mask on the way is another one.
 */
export function holding(program: Program, points: readonly Tensor[]): Program {
  const before: (readonly Tensor[])[] = [];
  hearing(
    ({ outputs }) => {
      before.push(outputs);
      return outputs;
    },
    () => program(...points),
  );
  return (...moved) => {
    let k = 0;
    return hearing(
      ({ record, outputs }) => {
        const base = before[k++] ?? outputs;
        outputs.forEach((output, i) => {
          const same = base[i] ?? output;
          if (!isSmooth(output) && `${numbers(output)}` !== `${numbers(same)}`) throw new Jumped();
        });
        return stops.has(record.name) ? base : outputs;
      },
      () => program(...moved),
    );
  };
}
