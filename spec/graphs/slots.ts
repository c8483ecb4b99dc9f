/**
 * Slots: a sampler that remembers where each array that an op's record draws may lie, and hands out shapes that a
 * graph's values already have, so that the values can take the arrays' places.
 * Rests on the laws' sampler.
 */
import type { NdArray } from "../../core/nd-array.ts";
import type { Domain, Sampler, ShapeBounds } from "../../core/sampling.ts";
import { type Shape, sizeOf } from "../../core/shape.ts";

/** What may stand in an array's place. */
export type Slot =
  | { readonly kind: "values"; readonly domain: Domain }
  | { readonly kind: "distinct"; readonly domain: Domain }
  | { readonly kind: "integers"; readonly low: number; readonly high: number }
  | { readonly kind: "booleans" };

/** A sampler with a memory. */
export interface SlotSampler extends Sampler {
  /** The slot of an array that this sampler drew; null for one that a record made out of others. */
  slotOf(array: NdArray): Slot | null;
}

/** Elements of an array at most: columns of a Jacobian are taken one by one. */
export const largest = 96;

/** `draw`, its shapes taken from `shapes` half of the time where they fit. */
export function slotSampler(draw: Sampler, shapes: readonly Shape[]): SlotSampler {
  const slots = new Map<readonly number[], Slot>();
  const remember = (array: NdArray, slot: Slot): NdArray => {
    slots.set(array.data, slot);
    return array;
  };
  return {
    ...draw,
    shape: (bounds = {}) => {
      const fitting = shapes.filter((shape) => fits(shape, bounds));
      if (fitting.length > 0 && draw.boolean()) return draw.pick(fitting);
      const isDeep = bounds.maxRank === undefined && draw.integer(0, 7) === 0;
      return isDeep
        ? draw.shape({ ...bounds, minRank: 4, maxRank: 4, maxLength: 2 })
        : draw.shape({ maxLength: 3, ...bounds });
    },
    values: (shape, domain) => remember(draw.values(shape, domain), { kind: "values", domain }),
    distinct: (shape, domain) =>
      remember(draw.distinct(shape, domain), { kind: "distinct", domain }),
    integers: (shape, low, high) =>
      remember(draw.integers(shape, low, high), { kind: "integers", low, high }),
    booleans: (shape) => remember(draw.booleans(shape), { kind: "booleans" }),
    slotOf: ({ data }) => slots.get(data) ?? null,
  };
}

function fits(shape: Shape, bounds: ShapeBounds): boolean {
  const { minRank = 0, maxRank = 4, minLength = 0, maxLength = 4 } = bounds;
  const isRankFine = shape.length >= minRank && shape.length <= maxRank;
  return isRankFine && shape.every((length) => length >= minLength && length <= maxLength);
}

/** Whether every element of `array` may stand in the slot as it is. */
export function isInside({ data, shape }: NdArray, slot: Slot): boolean {
  if (slot.kind === "booleans") return true;
  if (slot.kind === "integers") return data.every((x) => x >= slot.low && x < slot.high);
  const { min, max, avoid = [], margin = defaultMargin } = slot.domain;
  const isFine = (x: number): boolean =>
    x >= min && x <= max && avoid.every((point) => Math.abs(x - point) >= margin);
  if (!data.every(isFine)) return false;
  return (
    slot.kind === "values" || gaps(data).every((gap) => gap >= (max - min) / (2 * sizeOf(shape)))
  );
}

const defaultMargin = 0.05;
/**
 * How far what stands in for an array of unknown slot may stray: two such arrays together by 0.04, less than the margin
 * of 0.05 that samples keep from kinks.
 */
const cautious = 0.02;

/** Centre and radius for each element, so that centre ± radius stays in the slot, and on the element's side of a kink. */
export function rangesOf(
  { data }: NdArray,
  slot: Slot | null,
): { readonly centres: readonly number[]; readonly radii: readonly number[] } {
  if (slot?.kind === "distinct") return { centres: data, radii: gaps(data).map((gap) => gap / 4) };
  if (slot?.kind !== "values") return { centres: data, radii: data.map(() => cautious) };
  const { min, max, avoid = [], margin = defaultMargin } = slot.domain;
  const ranges = data.map((x) => {
    let [from, to] = [min, max];
    for (const point of avoid) {
      if (point < x) from = Math.max(from, point + margin);
      else to = Math.min(to, point - margin);
    }
    const radius = Math.max(0, to - from) / 4;
    return { radius, centre: Math.min(Math.max(x, from + radius), to - radius) };
  });
  return {
    centres: ranges.map(({ centre }) => centre),
    radii: ranges.map(({ radius }) => radius),
  };
}

/** For each element the distance to its nearest neighbour in value; 1 for an element alone. */
function gaps(data: readonly number[]): readonly number[] {
  return data.map((x, i) =>
    data.reduce((least, y, j) => (i === j ? least : Math.min(least, Math.abs(x - y))), 1),
  );
}
