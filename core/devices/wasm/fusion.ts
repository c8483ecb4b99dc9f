/**
 * Fusion: which tasks of a recording one pass over memory can do together, bit for bit.
 * Rests on launch-uses, task-forms and the other fusions. A task moves behind launches that neither read what it gives nor
 * write what it reads or gives, and what it reads lives until then. What only a task of the same pass reads is not written
 * at all.
 */
import type { Observation } from "../recorder.ts";
import { chain } from "./fusion-chain.ts";
import { maskedGradient, normalization } from "./fusion-normalization.ts";
import { unpooling } from "./fusion-pooling.ts";
import { handlesOf, Uses } from "./launch-uses.ts";
import type { Step } from "./program.ts";
import {
  type FusibleLaunch,
  grain,
  isFunction,
  isRun,
  only,
  pointersOf,
  rowLengthOf,
  rowsOf,
  rowsPerPiece,
  rowsTask,
  segment,
} from "./task-forms.ts";

/** Launches that become one. */
export interface Fusion {
  /** In order. What they do together is done in the place of the last. */
  readonly launches: readonly number[];
  /** What each of them comes to instead. */
  readonly steps: readonly (readonly Step[])[];
  /** Addresses that they use, with the launch that knows them. Their memory must last until the last has run. */
  readonly uses: readonly { readonly launch: number; readonly pointer: number }[];
}

/** A fusion, and what it keeps to itself. */
export interface WholeFusion extends Fusion {
  /** Handles of memory that its launches write and nobody but they ever sees. */
  readonly inner: ReadonlySet<unknown>;
}

/** The passes that launches can be joined to; no launch belongs to two. */
export function findFusions(
  launches: readonly FusibleLaunch[],
  observations: readonly Observation[],
): readonly WholeFusion[] {
  const uses = new Uses(launches, observations);
  const taken = new Set<number>();
  const fusions: WholeFusion[] = [];
  const take = (found: Fusion | null): void => {
    if (found === null || found.launches.some((launch) => taken.has(launch))) return;
    for (const launch of found.launches) taken.add(launch);
    fusions.push({ ...found, inner: uses.innerOf(found.launches) });
  };
  launches.forEach((launch, index) => {
    if (launch.name === "normalize") take(normalization(launches, uses, index));
    if (isFunction(launch, "reluGradient")) {
      take(sumGradient(launches, uses, index));
      take(maskedGradient(launches, uses, index));
    }
    if (launch.name === "scatterAdd") take(unpooling(launches, uses, index));
    if (isFunction(launch, "add")) take(biasRelu(launches, uses, index));
  });
  launches.forEach((_, index) => {
    take(chain(launches, uses, index, (launch) => !taken.has(launch)));
  });
  return fusions;
}

/** A sum that only a relu's gradient reads, with this. */
function sumGradient(launches: readonly FusibleLaunch[], uses: Uses, index: number): Fusion | null {
  const launch = launches[index];
  const masking = only(launch, "binaryF32");
  if (launch === undefined || masking === null) return null;
  const count = rowLengthOf(masking);
  const [mask, given] = handlesOf(launch.inputs);
  const sumAt = uses.writers.get(given)?.find((writer) => writer < index);
  if (sumAt === undefined || mask === given || uses.onlyReader(given, sumAt) !== index) return null;
  const second = launches[sumAt];
  if (second?.name !== "binary" || !isFunction(second, "add")) return null;
  const sum = only(second, "binaryF32");
  if (sum === null || !isRun(sum, 3, count) || !isRun(masking, 3, count)) return null;
  const [y = 0, maskPointer = 0, read] = pointersOf(masking);
  const [sumPointer, a = 0, b = 0] = pointersOf(sum);
  if (read !== sumPointer || !uses.mayJoin([sumAt, index])) return null;
  const words = [count, y, maskPointer, a, b];
  const pieces = Math.ceil(count / segment);
  return {
    launches: [sumAt, index],
    uses: [a, b].map((pointer) => ({ launch: sumAt, pointer })),
    steps: [[], [{ name: "sumReluGradientF32", words, reals: [], pieces, grain }]],
  };
}

/** A bias for each channel, then relu. */
function biasRelu(launches: readonly FusibleLaunch[], uses: Uses, index: number): Fusion | null {
  const launch = launches[index];
  const sum = launch?.name === "binary" ? only(launch, "binaryF32") : null;
  const form = sum === null ? null : rowsOf(sum, [true, true, false]);
  if (launch === undefined || sum === null || form === null) return null;
  const reluAt = uses.onlyReader(handlesOf(launch.outputs)[0], index);
  const next = reluAt === null ? undefined : launches[reluAt];
  const relu = next !== undefined && isFunction(next, "relu") ? only(next, "unaryF32") : null;
  if (reluAt === null || relu === null || !isRun(relu, 2, form.rows * form.channels)) return null;
  const [sumPointer, x = 0, bias = 0] = pointersOf(sum);
  const [y = 0, read] = pointersOf(relu);
  if (read !== sumPointer || !uses.mayJoin([index, reluAt])) return null;
  const words = [form.rows, form.channels, rowsPerPiece(form), x, bias, y];
  return {
    launches: [index, reluAt],
    uses: [x, bias].map((pointer) => ({ launch: index, pointer })),
    steps: [[], [rowsTask("biasReluF32", form, words)]],
  };
}
