/**
 * The pass of a maximum's gradient: numbers added where the maxima were found, with the gradient of the relu before it.
 * Rests on launch-uses, task-forms and indexing.
 */
import type { Operand } from "../device.ts";
import type { Fusion } from "./fusion.ts";
import { judgedInputs } from "./indexing.ts";
import { handlesOf, type Uses } from "./launch-uses.ts";
import { isGapless } from "./layouts.ts";
import { addressOf, type WasmOperand } from "./operands.ts";
import type { TaskStep } from "./program.ts";
import { type FusibleLaunch, isFunction, isRun, only, pointersOf } from "./task-forms.ts";

/** Bytes between images, numbers and planes of [images, planes, numbers]. */
function stepsOf({ strides: [image = 0, plane = 0, number = 0] }: Operand): readonly number[] {
  return [4 * image, 4 * number, 4 * plane];
}

/** One number everywhere, to which a scatter adds at places that cannot be outside, and perhaps a relu's gradient. */
export function unpooling(
  launches: readonly FusibleLaunch[],
  uses: Uses,
  index: number,
): Fusion | null {
  const launch = launches[index];
  if (launch?.name !== "scatterAdd" || launch.steps.length === 0) return null;
  const { inputs, outputs, attributes } = launch;
  const [x, indices, updates] = inputs as readonly WasmOperand[];
  const [y] = outputs as readonly WasmOperand[];
  if (!x || !indices || !updates || !y || y.dtype !== "float32" || y.shape.length !== 3)
    return null;
  if (!("axis" in attributes) || attributes.axis !== 2) return null;
  const [images = 0, planes = 0, places = 0] = y.shape;
  const [ownImages, ownPlanes, numbers = 0] = indices.shape;
  if (ownImages !== images || ownPlanes !== planes) return null;
  const isPlain = x.strides.every((stride) => stride === 0) && y.strides[0] === planes * places;
  const writer = (handle: unknown): FusibleLaunch | undefined =>
    launches[uses.onlyWriter(handle) ?? -1];
  if (!isPlain || !isGapless(y) || judgedInputs(launch, writer).length > 0) return null;
  const passing = passingOf(launches, uses, index, addressOf(y), images * planes * places);
  const parts = passing === null ? [index] : [index, passing.launch];
  if (!uses.mayJoin(parts)) return null;
  const [, place = 0, plane = 0] = stepsOf(y);
  const task: TaskStep = {
    name: "unpoolReluF32",
    words: [
      ...[passing?.result ?? addressOf(y), 4 * planes * places],
      ...[planes, numbers, place, plane],
      ...[addressOf(indices), ...stepsOf(indices), addressOf(updates), ...stepsOf(updates)],
      ...[passing?.mask ?? 0, addressOf(x)],
    ],
    reals: [],
    pieces: images,
    grain: 1,
  };
  return {
    launches: parts,
    uses: [x, indices, updates].map((operand) => ({ launch: index, pointer: addressOf(operand) })),
    steps: passing === null ? [[task]] : [[], [task]],
  };
}

/** A relu's gradient that alone reads what a launch gives: where it is, where its mask lies and where its result goes. */
function passingOf(
  launches: readonly FusibleLaunch[],
  uses: Uses,
  index: number,
  given: number,
  count: number,
): { readonly launch: number; readonly mask: number; readonly result: number } | null {
  const launch = uses.onlyReader(handlesOf(launches[index]?.outputs ?? [])[0], index);
  const next = launch === null ? undefined : launches[launch];
  if (launch === null || next === undefined || !isFunction(next, "reluGradient")) return null;
  const masking = only(next, "binaryF32");
  if (masking === null || !isRun(masking, 3, count)) return null;
  const [result = 0, mask = 0, read] = pointersOf(masking);
  return read === given && mask !== given ? { launch, mask, result } : null;
}
