/**
 * Derivatives of a program by the engine's lowest level, and what flows through each value on the way.
 * Rests on program, tape, pull and forward-mode, so that the oracles do not depend on the transforms.
 */
import { watchCotangent } from "../../core/cotangent-watch.ts";
import { ForwardMode } from "../../core/forward-mode.ts";
import { RandomSource } from "../../core/index.ts";
import { withInterpreter } from "../../core/interpreter.ts";
import { add } from "../../core/ops/arithmetic.ts";
import { pullBack, type Seed } from "../../core/pull.ts";
import { normals } from "../../core/random/index.ts";
import { Tape } from "../../core/tape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { denseTensor, handles, numbers } from "../laws/arrays.ts";
import type { SomeTensors } from "../laws/derivatives.ts";
import { hearing, isSmooth, type Program } from "./program.ts";

/** Elements of one output of one applied op; null where nothing flows. */
type Flow = readonly number[] | null;

/** A program's results with their derivatives. */
interface Derivatives {
  readonly results: readonly Tensor[];
  /** Tangents of the results, or cotangents of the points. */
  readonly derivatives: SomeTensors;
  /** What flowed through each output of each applied op, in their order. */
  readonly flows: readonly Flow[];
}

/**
 * A fixed random direction for each float among `tensors`: standard normal numbers, a function of `name` and place. Where
 * there are several floats, up to a third have none: rules must do without.
 */
export function directionsFor(tensors: readonly Tensor[], name: string): SomeTensors {
  const source = new RandomSource(1);
  const floats = tensors.filter(isSmooth);
  return tensors.map((tensor, i) => {
    const isLeftOut = floats.length > 1 && tensor !== floats[0] && (i + floats.length) % 3 === 0;
    if (!isSmooth(tensor) || isLeftOut) return null;
    const elements = normals(source.stream(`${name}/${i}`), tensor.size);
    return denseTensor(tensor.shape, tensor.dtype, Array.from(elements));
  });
}

/** Forward mode along `tangents`. */
export function push(
  program: Program,
  points: readonly Tensor[],
  tangents: SomeTensors,
): Derivatives {
  const variables = handles(points);
  const forward = new ForwardMode();
  seedAll(forward, variables, tangents);
  const flows: Flow[] = [];
  const results = withInterpreter(forward, () =>
    hearing(
      ({ outputs }) => {
        for (const output of outputs) {
          const tangent = forward.tangentOf(output);
          flows.push(tangent && numbers(tangent));
        }
        return outputs;
      },
      () => program(...variables),
    ),
  );
  return { results, derivatives: results.map((result) => forward.tangentOf(result)), flows };
}

/** The tape, pulled back from `cotangents` of the results. */
export function pull(
  program: Program,
  points: readonly Tensor[],
  cotangents: (results: readonly Tensor[]) => SomeTensors,
): Derivatives {
  return pullAt(program, handles(points), cotangents);
}

/** `pull` at variables that an interpreter around it may follow. */
function pullAt(
  program: Program,
  variables: readonly Tensor[],
  cotangents: (results: readonly Tensor[]) => SomeTensors,
): Derivatives {
  const tape = new Tape();
  for (const variable of variables) if (isSmooth(variable)) tape.watch(variable);
  const flows: Flow[] = [];
  const results = withInterpreter(tape, () =>
    hearing(
      ({ outputs }) => {
        for (const output of outputs) {
          const place = flows.push(null) - 1;
          watchCotangent(output, (cotangent) => {
            flows[place] = numbers(cotangent);
          });
        }
        return outputs;
      },
      () => program(...variables),
    ),
  );
  const leaves = pullBack(tape, seedsOf(results, cotangents(results)), add);
  return { results, derivatives: variables.map((x) => leaves.get(x) ?? null), flows };
}

/**
 * H·t, where H is the Hessian of Σ⟨c, results⟩, twice: forward mode over the tape, and the tape over the tape.
 */
export function curvature(
  program: Program,
  points: readonly Tensor[],
  tangents: SomeTensors,
  cotangents: (results: readonly Tensor[]) => SomeTensors,
): { readonly forward: SomeTensors; readonly reverse: SomeTensors } {
  const variables = handles(points);
  const mode = new ForwardMode();
  seedAll(mode, variables, tangents);
  const slopes = withInterpreter(mode, () => pullAt(program, variables, cotangents));
  const forward = slopes.derivatives.map((slope) => slope && mode.tangentOf(slope));
  const leaves = handles(points);
  const tape = new Tape();
  for (const leaf of leaves) if (isSmooth(leaf)) tape.watch(leaf);
  const again = withInterpreter(tape, () => pullAt(program, leaves, cotangents));
  const pulled = pullBack(tape, seedsOf(again.derivatives, tangents), add);
  return { forward, reverse: leaves.map((leaf) => pulled.get(leaf) ?? null) };
}

function seedAll(forward: ForwardMode, points: readonly Tensor[], tangents: SomeTensors): void {
  points.forEach((point, i) => {
    const tangent = tangents[i] ?? null;
    if (tangent !== null) forward.seed(point, tangent);
  });
}

function seedsOf(results: SomeTensors, cotangents: SomeTensors): readonly Seed[] {
  return results.flatMap((result, i): Seed[] => {
    const cotangent = cotangents[i] ?? null;
    return result === null || cotangent === null ? [] : [[result, cotangent]];
  });
}

/** The largest magnitude among tensors, or flows; 0 of none. */
export function largestOf(values: readonly (Tensor | Flow)[]): number {
  return values.reduce<number>((most, value) => {
    if (value === null) return most;
    const elements = "storage" in value ? numbers(value) : value;
    return elements.reduce((a, b) => Math.max(a, Math.abs(b)), most);
  }, 0);
}
