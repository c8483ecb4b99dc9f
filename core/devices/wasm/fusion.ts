/**
 * Fusion: which tasks of a recording one pass over memory can do together, bit for bit.
 * Rests on the types of recordings. A task moves behind launches that neither read what it gives nor write what it reads
 * or gives, and what it reads lives until then. What only a task of the same pass reads is not written at all.
 */
import type { Operand } from "../device.ts";
import type { LaunchNote, Observation } from "../recorder.ts";
import type { Step, TaskStep } from "./program.ts";

/** A launch with its tasks, and what it asked besides. */
export interface FusibleLaunch extends LaunchNote {
  readonly steps: readonly Step[];
}

/** Tasks that become one. */
export interface Fusion {
  /** The launches whose last task it replaces, in order; it runs in the place of the last. */
  readonly launches: readonly number[];
  readonly task: TaskStep;
  /** Addresses that it uses, with the launch that knows them. Their memory must last until it has run. */
  readonly uses: readonly { readonly launch: number; readonly pointer: number }[];
  /** Handles of memory that its launches write and nobody but they ever sees. */
  readonly inner: ReadonlySet<unknown>;
}

/** A fusion as it is found; what it keeps to itself follows from its launches. */
type Found = Omit<Fusion, "inner">;

/** Elements of a piece. */
const segment = 4096;
/** Pieces worth a thread of their own. */
const grain = 2;

const flags = { add: 1, turned: 2, relu: 4 } as const;

/** Where the words of a walk have its rank, row length, segments, addresses, inner strides, outer lengths and strides. */
const at = { rank: 1, row: 2, segments: 3, pointers: 4, inner: 8, lengths: 12, outer: 18 } as const;

/** Who reads and writes each memory, by launch. */
class Uses {
  readonly readers = new Map<unknown, number[]>();
  readonly writers = new Map<unknown, number[]>();
  /** Where JavaScript looks at it, before the launch of this number. */
  readonly looks = new Map<unknown, number[]>();
  /** Where code runs that may do anything. */
  readonly open: readonly number[];

  constructor(launches: readonly FusibleLaunch[], observations: readonly Observation[]) {
    const note = (map: Map<unknown, number[]>, key: unknown, place: number): void => {
      const known = map.get(key);
      if (known === undefined) map.set(key, [place]);
      else known.push(place);
    };
    launches.forEach(({ inputs, outputs }, place) => {
      for (const { handle } of inputs) note(this.readers, handle, place);
      for (const { handle } of outputs) note(this.writers, handle, place);
    });
    for (const { at: place, handles } of observations) {
      for (const handle of handles) note(this.looks, handle, place);
    }
    this.open = observations.filter(({ isOpen }) => isOpen).map(({ at: place }) => place);
  }

  /** The only launch that reads what launch `producer` gives in `handle`, where nobody else ever looks at it; else null. */
  onlyReader(handle: unknown, producer: number): number | null {
    const [reader, another] = this.readers.get(handle) ?? [];
    const [writer, rewriter] = this.writers.get(handle) ?? [];
    if (reader === undefined || another !== undefined || this.looks.has(handle)) return null;
    if (writer !== producer || rewriter !== undefined) return null;
    return reader > producer ? reader : null;
  }

  /** What launches `parts` give that they alone read. */
  innerOf(launches: readonly FusibleLaunch[], parts: readonly number[]): ReadonlySet<unknown> {
    const isOwn = (place: number): boolean => parts.includes(place);
    const given = parts.flatMap((part) => handlesOf(launches[part]?.outputs ?? []));
    return new Set(
      given.filter((handle) => {
        const readers = this.readers.get(handle) ?? [];
        const isSeen = this.looks.has(handle) || !readers.every(isOwn);
        return readers.length > 0 && !isSeen && this.writers.get(handle)?.every(isOwn) === true;
      }),
    );
  }

  /**
   * Whether the last task of launch `from` may run together with the others of `parts` in the place of the last: nobody else
   * writes `inputs` or touches `outputs` meanwhile.
   */
  mayWait(
    from: number,
    parts: readonly number[],
    inputs: readonly unknown[],
    outputs: readonly unknown[],
  ): boolean {
    const to = parts.at(-1) ?? from;
    const isWithin = (place: number): boolean => {
      return place > from && place < to && !parts.includes(place);
    };
    const isLooked = (place: number): boolean => place > from && place <= to;
    if (this.open.some(isLooked)) return false;
    return (
      !inputs.some((handle) => this.writers.get(handle)?.some(isWithin)) &&
      !outputs.some(
        (handle) =>
          this.writers.get(handle)?.some(isWithin) === true ||
          this.readers.get(handle)?.some(isWithin) === true ||
          this.looks.get(handle)?.some(isLooked) === true,
      )
    );
  }
}

/** The passes that launches can be joined to; no launch belongs to two. */
export function findFusions(
  launches: readonly FusibleLaunch[],
  observations: readonly Observation[],
): readonly Fusion[] {
  const uses = new Uses(launches, observations);
  const taken = new Set<number>();
  const fusions: Fusion[] = [];
  const take = (found: Found | null): void => {
    if (found === null || found.launches.some((launch) => taken.has(launch))) return;
    for (const launch of found.launches) taken.add(launch);
    fusions.push({ ...found, inner: uses.innerOf(launches, found.launches) });
  };
  launches.forEach(({ name, attributes }, index) => {
    if (name === "normalize") take(normalization(launches, uses, index));
    if (isFunction(attributes, "reluGradient")) take(gradient(launches, uses, index));
  });
  return fusions;
}

function isFunction(attributes: object, fn: string): boolean {
  return "fn" in attributes && attributes.fn === fn;
}

/** The task of a launch that is nothing else, or null. */
function only(launch: FusibleLaunch | undefined, kernel: string): TaskStep | null {
  return launch?.steps.length === 1 ? last(launch, kernel) : null;
}

/** The last task of a launch, if it is one of `kernel`. */
function last({ steps }: FusibleLaunch, kernel: string): TaskStep | null {
  const step = steps.at(-1);
  return step !== undefined && "words" in step && step.name === kernel ? step : null;
}

/** Whether a walk goes over one gapless run of `count` float32 elements in each of its `operands`. */
function isRun({ words }: TaskStep, operands: number, count: number): boolean {
  if (words[at.rank] !== 0 || words[at.row] !== count) return false;
  return words.slice(at.inner, at.inner + operands).every((stride) => stride === 4);
}

/**
 * The rows and channels of a walk over gapless rows of channels, of which the first two operands have rows of their own and
 * the others one row for all; null for another walk. Channels in fours.
 */
function rowsOf({ words }: TaskStep): { readonly rows: number; readonly channels: number } | null {
  const [channels = 0, rows = 0] = [words[at.row], words[at.lengths]];
  if (words[at.rank] !== 1 || words[at.segments] !== 1 || channels % 4 !== 0) return null;
  const inner = words.slice(at.inner, at.inner + 4);
  const outer = [0, 6, 12, 18].map((place) => words[at.outer + place]);
  const isGapless = outer[0] === 4 * channels && outer[1] === 4 * channels;
  return isGapless && outer[2] === 0 && outer[3] === 0 && inner.every((stride) => stride === 4)
    ? { rows, channels }
    : null;
}

const pointersOf = ({ words }: TaskStep): readonly number[] =>
  words.slice(at.pointers, at.pointers + 4);

const handlesOf = (operands: readonly Operand[]): readonly unknown[] =>
  operands.map(({ handle }) => handle);

/** x̂, γ·x̂ + β, perhaps + other, perhaps relu. */
function normalization(
  launches: readonly FusibleLaunch[],
  uses: Uses,
  index: number,
): Found | null {
  const first = launches[index];
  const standardize = first === undefined ? null : last(first, "standardizeF32");
  const form = standardize === null ? null : rowsOf(standardize);
  if (first === undefined || standardize === null || form === null) return null;
  const [standard] = handlesOf(first.outputs);
  const affineAt = uses.readers.get(standard)?.find((reader) => reader > index);
  const second = affineAt === undefined ? undefined : launches[affineAt];
  const affine = second?.name === "multiplyAdd" ? only(second, "multiplyAddF32") : null;
  const affineForm = affine === null ? null : rowsOf(affine);
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
  const sum =
    next?.name === "binary" && isFunction(next.attributes, "add") ? only(next, "binaryF32") : null;
  if (sum !== null && isRun(sum, 3, count)) {
    const [y = 0, a = 0, b = 0] = pointersOf(sum);
    const isTurned = b === result;
    if (a === b || (a !== result && !isTurned)) return null;
    fn += isTurned ? flags.add + flags.turned : flags.add;
    [other, result] = [isTurned ? a : b, y];
    next = follow();
  }
  const relu =
    next?.name === "unary" && isFunction(next.attributes, "relu") ? only(next, "unaryF32") : null;
  if (relu !== null && isRun(relu, 2, count)) {
    const [y = 0, a] = pointersOf(relu);
    if (a !== result) return null;
    fn += flags.relu;
    result = y;
  } else if (next !== undefined) {
    parts.pop(); // It reads the result, and does something else with it.
  }
  if (!mayJoin(launches, uses, parts)) return null;
  const rowsPerPiece = Math.max(1, Math.floor(segment / form.channels));
  const touched = [
    ...[standardPointer, x, mean, scale].map((pointer) => ({ launch: index, pointer })),
    ...[gamma, beta].map((pointer) => ({ launch: affineAt, pointer })),
    ...(other === 0 ? [] : [{ launch: parts[2] ?? affineAt, pointer: other }]),
  ];
  return {
    launches: parts,
    uses: touched,
    task: {
      name: "normalizeChainF32",
      words: [
        ...[fn, form.rows, form.channels, rowsPerPiece],
        ...[standardPointer, x, mean, scale, gamma, beta, other, result],
      ],
      reals: [],
      pieces: Math.ceil(form.rows / rowsPerPiece),
      grain,
    },
  };
}

/** Whether all of the parts may wait for the last. The first keeps what it does besides its last task. */
function mayJoin(
  launches: readonly FusibleLaunch[],
  uses: Uses,
  parts: readonly number[],
): boolean {
  return parts.slice(0, -1).every((part, i) => {
    const { inputs, outputs } = launches[part] ?? { inputs: [], outputs: [] };
    // Of a normalization the statistics stay where they are; what its last task writes is its first output.
    const written = handlesOf(outputs).slice(0, 1);
    const read =
      i === 0 ? [...handlesOf(inputs), ...handlesOf(outputs).slice(1)] : handlesOf(inputs);
    return uses.mayWait(part, parts, read, written);
  });
}

/** A sum that only a relu's gradient reads, with this. */
function gradient(launches: readonly FusibleLaunch[], uses: Uses, index: number): Found | null {
  const launch = launches[index];
  const masking = only(launch, "binaryF32");
  if (launch === undefined || masking === null) return null;
  const [count = 0] = [masking.words[at.row]];
  const [mask, given] = handlesOf(launch.inputs);
  const sumAt = uses.writers.get(given)?.find((writer) => writer < index);
  if (sumAt === undefined || mask === given || uses.onlyReader(given, sumAt) !== index) return null;
  const second = launches[sumAt];
  if (second?.name !== "binary" || !isFunction(second.attributes, "add")) return null;
  const sum = only(second, "binaryF32");
  if (sum === null || !isRun(sum, 3, count) || !isRun(masking, 3, count)) return null;
  const [y = 0, maskPointer = 0, read] = pointersOf(masking);
  const [sumPointer, a = 0, b = 0] = pointersOf(sum);
  if (read !== sumPointer || !mayJoin(launches, uses, [sumAt, index])) return null;
  return {
    launches: [sumAt, index],
    uses: [a, b].map((pointer) => ({ launch: sumAt, pointer })),
    task: {
      name: "sumReluGradientF32",
      words: [count, y, maskPointer, a, b],
      reals: [],
      pieces: Math.ceil(count / segment),
      grain,
    },
  };
}
