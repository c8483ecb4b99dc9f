/**
 * The state of a net: parameters, buffers, and where the streams of its layers stand.
 * Rests on core's state. Modes and frozen marks are no part of it: the program sets them.
 */
import {
  partOfState,
  recordOfState,
  restoringCells,
  type State,
  type StateRecord,
  Stream,
} from "../core/index.ts";
import type { Layer } from "./layer.ts";

/** Layers that draw, by name. */
function drawing(net: Layer): Readonly<Record<string, Layer>> {
  return Object.fromEntries(
    [...net.walk()]
      .filter(({ drawsRandomly }) => drawsRandomly)
      .map((layer) => [layer.assembly.name, layer]),
  );
}

/** Parameters and buffers by full name, and each stream's seed, name and position by its layer's name. */
export function stateOf(net: Layer): StateRecord {
  const streams = Object.entries(drawing(net)).map(([name, { assembly }]): [string, State] => [
    name,
    { ...assembly.stream.state() },
  ]);
  return {
    parameters: net.namedParameters(),
    buffers: net.namedBuffers(),
    streams: Object.fromEntries(streams),
  };
}

/** Puts `state` back. Throws what does not fit, ValueError, ShapeError or DTypeError, before it changes anything. */
export function restoreState(where: string, net: Layer, state: State): void {
  const { parameters, buffers, streams } = recordOfState(where, state, [
    "parameters",
    "buffers",
    "streams",
  ]);
  const layers = drawing(net);
  const places = recordOfState(where, streams, Object.keys(layers));
  const writes = [
    restoringCells(where, net.namedParameters(), parameters),
    restoringCells(where, net.namedBuffers(), buffers),
    ...Object.entries(layers).map(([name, layer]) => {
      const place = recordOfState(where, places[name] ?? null, ["seed", "name", "position"]);
      const stream = Stream.restore({
        seed: partOfState(where, `${name}'s seed`, place.seed, "number"),
        name: partOfState(where, `${name}'s stream`, place.name, "string"),
        position: partOfState(where, `${name}'s position`, place.position, "number"),
      });
      return () => layer.drawFrom(stream);
    }),
  ];
  for (const write of writes) write();
}
