/**
 * Passes of normalization: x̂ with what follows it, and its gradient with that of the relu behind it.
 * Rests on launch-uses and task-forms.
 */
import type { Fusion } from "./fusion.ts";
import { handlesOf, type Uses } from "./launch-uses.ts";
import type { Step } from "./program.ts";
import {
  type FusibleLaunch,
  isFunction,
  isRun,
  last,
  only,
  pointersOf,
  rowsOf,
  rowsPerPiece,
  rowsTask,
  taskOf,
} from "./task-forms.ts";

const flags = { add: 1, turned: 2, relu: 4 } as const;

/** Operands of γ·x̂ + β: the first two have rows, γ and β have one for all. So has x̂ = (x − mean)·scale. */
const affineRows = [true, true, false, false] as const;

/** x̂, γ·x̂ + β, perhaps + other, perhaps relu. */
export function normalization(
  launches: readonly FusibleLaunch[],
  uses: Uses,
  index: number,
): Fusion | null {
  const first = launches[index];
  const standardize = first === undefined ? null : last(first, "standardizeF32");
  const form = standardize === null ? null : rowsOf(standardize, affineRows);
  if (first === undefined || standardize === null || form === null) return null;
  const [standard] = handlesOf(first.outputs);
  const affineAt = uses.readers.get(standard)?.find((reader) => reader > index);
  const second = affineAt === undefined ? undefined : launches[affineAt];
  const affine = second?.name === "multiplyAdd" ? only(second, "multiplyAddF32") : null;
  const affineForm = affine === null ? null : rowsOf(affine, affineRows);
  if (affineAt === undefined || second === undefined || affine === null) return null;
  if (affineForm?.rows !== form.rows || affineForm.channels !== form.channels) return null;
  const [standardPointer = 0, x = 0, mean = 0, scale = 0] = pointersOf(standardize);
  const [affinePointer = 0, standardRead, gamma = 0, beta = 0] = pointersOf(affine);
  if (standardRead !== standardPointer) return null;
  const parts = [index, affineAt];
  const count = form.rows * form.channels;
  let fn = 0;
  let other = 0;
  let result = affinePointer;
  const follow = (): FusibleLaunch | undefined => {
    const from = parts.at(-1) ?? index;
    const next = uses.onlyReader(handlesOf(launches[from]?.outputs ?? [])[0], from);
    if (next === null) return undefined;
    parts.push(next);
    return launches[next];
  };
  let next = follow();
  const sum = next?.name === "binary" && isFunction(next, "add") ? only(next, "binaryF32") : null;
  if (sum !== null && isRun(sum, 3, count)) {
    const [y = 0, a = 0, b = 0] = pointersOf(sum);
    const isTurned = b === result;
    if (a === b || (a !== result && !isTurned)) return null;
    fn += isTurned ? flags.add + flags.turned : flags.add;
    [other, result] = [isTurned ? a : b, y];
    next = follow();
  }
  const relu = next?.name === "unary" && isFunction(next, "relu") ? only(next, "unaryF32") : null;
  if (relu !== null && isRun(relu, 2, count)) {
    const [y = 0, a] = pointersOf(relu);
    if (a !== result) return null;
    fn += flags.relu;
    result = y;
  } else if (next !== undefined) {
    parts.pop(); // It reads the result, and does something else with it.
  }
  if (!uses.mayJoin(parts)) return null;
  const touched = [
    ...[standardPointer, x, mean, scale].map((pointer) => ({ launch: index, pointer })),
    ...[gamma, beta].map((pointer) => ({ launch: affineAt, pointer })),
    ...(other === 0 ? [] : [{ launch: parts[2] ?? affineAt, pointer: other }]),
  ];
  const chain = rowsTask("normalizeChainF32", form, [
    ...[fn, form.rows, form.channels, rowsPerPiece(form)],
    ...[standardPointer, x, mean, scale, gamma, beta, other, result],
  ]);
  const steps = parts.map((part, i): readonly Step[] => {
    const before = i === 0 ? first.steps.slice(0, -1) : [];
    return part === parts.at(-1) ? [...before, chain] : before;
  });
  return { launches: parts, uses: touched, steps };
}

/** Where γ·x̂ + β was computed whose relu is `mask`. */
interface Affine {
  readonly launch: number;
  readonly standard: unknown;
  readonly standardPointer: number;
  readonly gamma: number;
  readonly beta: number;
}

function affineBehind(
  launches: readonly FusibleLaunch[],
  uses: Uses,
  mask: unknown,
  maskPointer: number,
): Affine | null {
  const reluAt = uses.onlyWriter(mask);
  const rectified = reluAt === null ? undefined : launches[reluAt];
  if (rectified === undefined || !isFunction(rectified, "relu")) return null;
  const relu = only(rectified, "unaryF32");
  const launch = uses.onlyWriter(handlesOf(rectified.inputs)[0]);
  const written = launch === null ? undefined : launches[launch];
  const affine = written?.name === "multiplyAdd" ? only(written, "multiplyAddF32") : null;
  const form = affine === null ? null : rowsOf(affine, affineRows);
  if (relu === null || launch === null || written === undefined) return null;
  if (affine === null || form === null || !isRun(relu, 2, form.rows * form.channels)) return null;
  const [result, standardPointer = 0, gamma = 0, beta = 0] = pointersOf(affine);
  const [y, read] = pointersOf(relu);
  if (read !== result || y !== maskPointer) return null;
  return { launch, standard: handlesOf(written.inputs)[0], standardPointer, gamma, beta };
}

/** A relu's gradient that only the gradient of the normalization before it reads: what passes is seen again from x̂. */
export function maskedGradient(
  launches: readonly FusibleLaunch[],
  uses: Uses,
  index: number,
): Fusion | null {
  const launch = launches[index];
  const masking = only(launch, "binaryF32");
  if (launch === undefined || masking === null) return null;
  const gradientAt = uses.onlyReader(handlesOf(launch.outputs)[0], index);
  const second = gradientAt === null ? undefined : launches[gradientAt];
  if (gradientAt === null || second?.name !== "normalizeGradient") return null;
  const [first, finish, third, ...more] = second.steps;
  const products = taskOf(first, "fibreProductsF32");
  const project = taskOf(third, "projectRowsF32");
  const form = project === null ? null : rowsOf(project, [true, true, true, false]);
  if (products === null || finish === undefined || project === null || form === null) return null;
  const count = form.rows * form.channels;
  if (more.length > 0 || !isRun(masking, 3, count)) return null;
  const [passed, maskPointer = 0, given = 0] = pointersOf(masking);
  const [y = 0, t, standardPointer = 0, planes = 0] = pointersOf(project);
  const affine = affineBehind(launches, uses, handlesOf(launch.inputs)[0], maskPointer);
  if (affine === null || t !== passed || affine.standardPointer !== standardPointer) return null;
  if (products.words[0] !== passed || products.words[1] !== standardPointer) return null;
  const [fibres, width, kept] = [3, 10, 11].map((word) => products.words[word]);
  if (fibres !== form.channels || width === 0 || kept !== 1) return null;
  const { standard, gamma, beta } = affine;
  const cells = [standard, ...handlesOf(launches[affine.launch]?.inputs ?? [])];
  if (!uses.isUnchanged(cells, affine.launch, gradientAt)) return null;
  if (handlesOf(second.inputs)[1] !== standard || !uses.mayJoin([index, gradientAt])) return null;
  const plane = project.words[planeAt] ?? 0;
  const head = [form.rows, form.channels, rowsPerPiece(form)];
  return {
    launches: [index, gradientAt],
    uses: [
      { launch: index, pointer: given },
      ...[gamma, beta].map((pointer) => ({ launch: affine.launch, pointer })),
    ],
    steps: [
      [],
      [
        {
          ...products,
          name: "fibreProductsMaskedF32",
          words: [given, ...products.words.slice(1), gamma, beta],
        },
        finish,
        rowsTask("projectMaskedF32", form, [
          ...[...head, y, given, standardPointer, planes, plane, gamma, beta],
        ]),
      ],
    ],
  };
}

/** The word of projectRows that has the bytes of a plane. */
const planeAt = 42;
