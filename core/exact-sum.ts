/**
 * Exact sums: the sum of float64 numbers, rounded once at its end, so that neither their order nor their grouping moves a
 * bit. Every finite float64 is a whole number of units of 2^-1074; integers of any size add them up.
 * Rests on scalar-math, state and errors.
 */
import { ValueError } from "./errors.ts";
import { highWord, lowWord, scaleByPowerOfTwo } from "./scalar-math/index.ts";
import { partOfState, recordOfState, type State, type Stateful } from "./state.ts";

/** log2 of the unit. */
const unitExponent = -1074;

/**
 * A sum that grows. Its value is the float64 nearest to the exact sum: 0 for no numbers, NaN once a NaN or both infinities
 * were added, else the infinity that was.
 *
 * @example
 * const total = new ExactSum();
 * for (const x of [1e16, 1, -1e16]) total.add(x);
 * total.value; // 1: plain addition gives 0
 */
export class ExactSum implements Stateful {
  #units = 0n;
  /** What was added that is not finite, as one number; 0 where everything was. */
  #rest = 0;

  /** Adds any float64. */
  add(x: number): void {
    if (Number.isFinite(x)) this.#units += unitsOf(x);
    else this.#rest += x;
  }

  /** The sum so far. */
  get value(): number {
    return this.#rest === 0 ? nearest(this.#units) : this.#rest;
  }

  state(): State {
    return { units: this.#units.toString(), rest: this.#rest };
  }

  restore(state: State): void {
    const parts = recordOfState("sum.restore", state, ["units", "rest"]);
    const units = partOfState("sum.restore", "units", parts.units, "string");
    const rest = partOfState("sum.restore", "rest", parts.rest, "number");
    if (!/^-?\d+$/.test(units) || (Number.isFinite(rest) && rest !== 0)) {
      throw new ValueError({
        where: "sum.restore",
        argument: "state",
        expected: "to hold a whole number of units, and a rest that is 0 or not finite",
        got: `"${units}" and ${rest}`,
        fix: "Restore a state that a sum gave",
      });
    }
    this.#units = BigInt(units);
    this.#rest = rest;
  }
}

/** A finite float64 in units, exactly. */
function unitsOf(x: number): bigint {
  const high = highWord(x);
  const exponent = (high >>> 20) & 0x7ff;
  const fraction = (BigInt(high & 0xfffff) << 32n) | BigInt(lowWord(x) >>> 0);
  const units = exponent === 0 ? fraction : (fraction | 0x10000000000000n) << BigInt(exponent - 1);
  return high < 0 ? -units : units;
}

/** The float64 nearest to so many units, ties to even. */
function nearest(units: bigint): number {
  const size = units < 0n ? -units : units;
  // Number() rounds integers correctly; 64 bits and one that says whether any below was set round as all of them do.
  const cut = Math.max(0, 4 * size.toString(16).length - 64);
  const top = size >> BigInt(cut);
  const sticky = top << BigInt(cut) === size ? top : top | 1n;
  const value = scaleByPowerOfTwo(Number(sticky), cut + unitExponent);
  return units < 0n ? -value : value;
}
