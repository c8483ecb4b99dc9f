/**
 * Updates beside weights: how far each parameter moves for its size, and how large it is.
 * Rests on layers. Norms are Euclidean, summed in float64 in the order of the elements.
 */
import type { TypedArray } from "../../core/index.ts";
import type { Layer } from "../../layers/index.ts";

/** One parameter between two looks. */
export interface UpdateReading {
  /** Its full name, `conv1.weight`. */
  readonly parameter: string;
  /** ‖w‖ at the earlier look. */
  readonly weightNorm: number;
  /** ‖w' - w‖. */
  readonly updateNorm: number;
  /** updateNorm/weightNorm; 0 where nothing moved, Infinity where w was 0. About 1e-3 a step is a common rule of thumb. */
  readonly ratio: number;
}

/** Remembers parameters from look to look. */
export interface UpdateProbe {
  /** How the parameters have moved since the last look, or since the probe was made. */
  take(): readonly UpdateReading[];
}

/**
 * Looks at the parameters of `net` now, and at each `take`. It copies them and changes nothing.
 *
 * @example
 * const probe = probeUpdates(net);
 * optimizer.step(() => crossEntropy(net.forward(x), y));
 * for (const { parameter, ratio } of probe.take()) console.log(parameter, ratio);
 */
export function probeUpdates(net: Layer): UpdateProbe {
  const look = (): readonly (readonly [string, TypedArray])[] =>
    Object.entries(net.namedParameters()).map(([name, cell]) => [name, cell.elements()]);
  let before = look();
  return {
    take: () => {
      const now = look();
      const readings = before.map(([parameter, old], i): UpdateReading => {
        const [, fresh = old] = now[i] ?? [];
        const weightNorm = norm(old.length, (k) => old[k] ?? 0);
        const updateNorm = norm(old.length, (k) => (fresh[k] ?? 0) - (old[k] ?? 0));
        const ratio = updateNorm === 0 ? 0 : updateNorm / weightNorm;
        return { parameter, weightNorm, updateNorm, ratio };
      });
      before = now;
      return readings;
    },
  };
}

/** √Σ x², of the x that `at` gives. */
export function norm(count: number, at: (index: number) => number): number {
  let total = 0;
  for (let k = 0; k < count; k++) total += at(k) * at(k);
  return Math.sqrt(total);
}
