/**
 * Splitting: the positions of a dataset in two parts that hold every class in the same share.
 * Rests on random.
 */
import { ValueError } from "../errors.ts";
import { permutation, RandomSource } from "../random/index.ts";

/** Options of `stratifiedSplit`. */
export interface SplitOptions {
  /** Share of the first part, in (0, 1). */
  readonly share: number;
  /** Seed of the choice, integer in [0, 2⁵³); default 0. */
  readonly seed?: number;
}

/**
 * Two parts of the positions 0 … n − 1, each ascending and together all of them. Of the n_c examples of class c the
 * first part has share·n_c, of all n it has share·n, both to within one example. Which ones is decided by (seed, class)
 * and by the number of examples before that class.
 *
 * The examples are laid out class by class, each class in a random order of the stream `split/class<c>`; number j of
 * them belongs to the first part where round((j + 1)·share) > round(j·share). So every stretch of them, one class or
 * all, is divided to within one.
 *
 * labels: integers ≥ 0. Throws ValueError for other labels, a share outside (0, 1), or one that leaves a part empty.
 *
 * @example
 * const [train, validation] = stratifiedSplit(set.labels, { share: 0.9, seed: 1 });
 */
export function stratifiedSplit(
  labels: ArrayLike<number>,
  { share, seed = 0 }: SplitOptions,
): readonly [first: Int32Array, second: Int32Array] {
  const { length } = labels;
  const complaint = { where: "stratifiedSplit", argument: "share", got: String(share) };
  if (!(share > 0 && share < 1)) {
    const fix = "Give the first part's share of the examples";
    throw new ValueError({ ...complaint, expected: "to be in (0, 1)", fix });
  }
  const first = Math.round(length * share);
  if (first < 1 || first > length - 1) {
    const expected = `to leave both parts at least one of the ${length} examples`;
    throw new ValueError({ ...complaint, expected, fix: "Split more examples, or more evenly" });
  }
  const source = new RandomSource(seed);
  const chosen = new Uint8Array(length);
  let laid = 0;
  for (const [label, members] of membersByClass(labels)) {
    for (const pick of permutation(source.stream(`split/class${label}`), members.length)) {
      const isFirst = Math.round((laid + 1) * share) > Math.round(laid * share);
      if (isFirst) chosen[members[pick] ?? 0] = 1;
      laid += 1;
    }
  }
  const positions = Int32Array.from({ length }, (_, position) => position);
  return [
    positions.filter((position) => chosen[position] === 1),
    positions.filter((position) => chosen[position] === 0),
  ];
}

/** The positions of each class, ascending, the classes too. */
function membersByClass(
  labels: ArrayLike<number>,
): readonly (readonly [number, readonly number[]])[] {
  const members = new Map<number, number[]>();
  for (let position = 0; position < labels.length; position++) {
    const label = labels[position] ?? Number.NaN;
    if (!Number.isSafeInteger(label) || label < 0) {
      throw new ValueError({
        where: "stratifiedSplit",
        argument: "labels",
        expected: "to hold integers ≥ 0",
        got: `${label} at ${position}`,
        fix: "Number the classes from 0",
      });
    }
    const list = members.get(label);
    if (list === undefined) members.set(label, [position]);
    else list.push(position);
  }
  return [...members].sort(([a], [b]) => a - b);
}
