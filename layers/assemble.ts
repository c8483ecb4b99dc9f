/**
 * Assembling: names the layers of a net and draws its parameters.
 * Rests on layer and core's streams.
 */
import { buffer, type DType, parameter, RandomSource, scope, type Tensor } from "../core/index.ts";
import type { Declarations, Layer } from "./layer.ts";

/** Options of `assemble`. */
export interface AssembleOptions {
  /** Integer in [0, 2⁵³); default 0. */
  readonly seed?: number;
  /** Of all parameters and buffers; default float32. */
  readonly dtype?: DType;
}

/**
 * Names every layer of `net` by its kind and count (`conv1`, `linear2`) and draws its parameters, each
 * layer from the stream `init/<name>`. Counts run per kind and only over layers that own or draw something:
 * putting a ReLU or a dropout between two layers changes no first weight. Returns `net`.
 *
 * @example
 * const net = assemble(new Sequential([new Flatten(), new Linear(784, 10)]), { seed: 1 });
 */
export function assemble<L extends Layer>(net: L, options: AssembleOptions = {}): L {
  const { seed = 0, dtype = "float32" } = options;
  const source = new RandomSource(seed);
  const counts = new Map<string, number>();
  for (const layer of net.walk()) {
    const parameters = layer.declareParameters();
    const buffers = layer.declareBuffers();
    const owns = Object.keys(parameters).length + Object.keys(buffers).length > 0;
    const count = (counts.get(layer.kind) ?? 0) + (owns || layer.drawsRandomly ? 1 : 0);
    counts.set(layer.kind, count);
    const name = owns || layer.drawsRandomly ? `${layer.kind}${count}` : layer.kind;
    const make = (declared: Declarations, cell: typeof parameter): Record<string, Tensor> => {
      const stream = source.stream(`init/${name}`);
      return Object.fromEntries(
        Object.entries(declared).map(([short, { shape, init }]) => [
          short,
          scope(() =>
            cell(init(shape, { stream: stream.child(short), dtype }), { name: `${name}.${short}` }),
          ),
        ]),
      );
    };
    layer.receive({
      name,
      parameters: make(parameters, parameter),
      buffers: make(buffers, buffer),
      stream: source.stream(`run/${name}`),
    });
  }
  return net;
}
