/**
 * Orthogonal initialization: a linear layer that keeps every length, not the mean of lengths alone.
 * Rests on fans, and on core's linear algebra and streams. Saxe, McClelland & Ganguli 2014, section 3.
 */
import { tensor } from "../core/index.ts";
import { qr } from "../core/linear-algebra/index.ts";
import { normals } from "../core/random/index.ts";
import { requirePositive } from "../core/require-number.ts";
import { fansFor } from "./fans.ts";
import type { Initializer } from "./initializer.ts";

/** Options of `orthogonal`. */
export interface OrthogonalOptions {
  /** What lengths are multiplied by, > 0; default 1. √2 for ReLU. */
  readonly gain?: number;
}

/**
 * A weight [out, in, ...kernel] whose matrix [out, in·k·k] has orthonormal rows (or columns, where it is tall) times
 * `gain`, drawn uniformly among all such: Q of a matrix of normals, with R's diagonal positive (Mezzadri 2007,
 * section 5). The mean square of its elements is gain²/max(out, in·k·k). Takes about 4·max·min² operations.
 * Throws ValueError unless gain > 0, ShapeError for a rank below 2.
 *
 * @example
 * new Linear(100, 100, { init: orthogonal({ gain: Math.SQRT2 }) });
 */
export function orthogonal({ gain = 1 }: OrthogonalOptions = {}): Initializer {
  requirePositive("orthogonal", "gain", gain);
  return (shape, { stream, dtype }) => {
    const { fanIn: columns } = fansFor("orthogonal", shape);
    const [out = 0] = shape;
    const [tall, wide] = [Math.max(out, columns), Math.min(out, columns)];
    const { q } = qr(normals(stream, out * columns), tall, wide);
    const elements = new Float64Array(out * columns);
    for (let i = 0; i < tall; i++) {
      for (let j = 0; j < wide; j++) {
        const at = out >= columns ? i * columns + j : j * columns + i;
        elements[at] = gain * (q[i * wide + j] ?? 0);
      }
    }
    return tensor(elements, { shape, dtype });
  };
}
