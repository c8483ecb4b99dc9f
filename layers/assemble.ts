/**
 * Assembling: names the layers of a net and draws its parameters.
 * Rests on layer and core's streams.
 */
import {
  buffer,
  type DType,
  parameter,
  RandomSource,
  scope,
  type Tensor,
  ValueError,
} from "../core/index.ts";
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
 * Throws ValueError where two kinds come to one name, as no. 11 of `linear` and no. 1 of `linear1`.
 *
 * @example
 * const net = assemble(new Sequential([new Flatten(), new Linear(784, 10)]), { seed: 1 });
 */
export function assemble<L extends Layer>(net: L, options: AssembleOptions = {}): L {
  const { seed = 0, dtype = "float32" } = options;
  const source = new RandomSource(seed);
  for (const { layer, name, parameters, buffers } of named(net)) {
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

/** A layer that is to be assembled, and what it declares. */
interface Named {
  readonly layer: Layer;
  readonly name: string;
  readonly parameters: Declarations;
  readonly buffers: Declarations;
}

/** The layers of `net` with their names, all of them before the first is assembled. */
function named(net: Layer): readonly Named[] {
  const counts = new Map<string, number>();
  const kinds = new Map<string, string>();
  return [...net.walk()].map((layer) => {
    const { kind } = layer;
    const parameters = layer.declareParameters();
    const buffers = layer.declareBuffers();
    const owns = Object.keys(parameters).length + Object.keys(buffers).length > 0;
    const counted = owns || layer.drawsRandomly;
    const count = (counts.get(kind) ?? 0) + (counted ? 1 : 0);
    counts.set(kind, count);
    const name = counted ? `${kind}${count}` : kind;
    const other = kinds.get(name) ?? kind;
    if (other !== kind) {
      throw new ValueError({
        where: "assemble",
        argument: "net",
        expected: "to have a name of its own for each layer that is of another kind",
        got: `${name} for layers of the kinds ${other} and ${kind}`,
        fix: "Give one of the kinds a name that does not end in a digit",
      });
    }
    kinds.set(name, kind);
    return { layer, name, parameters, buffers };
  });
}
