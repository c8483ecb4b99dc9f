/**
 * Labels: a name for every layer of a net that no other has.
 * Rests on layers.
 */
import type { Layer } from "../../layers/index.ts";

/**
 * Each layer's name, `conv1`; layers that own nothing share a name, so where there are several they are counted in the
 * order of the net's properties: `relu#1`, `relu#2`.
 */
export function labelsOf(net: Layer): ReadonlyMap<Layer, string> {
  const layers = [...new Set(net.walk())];
  const counts = new Map<string, number>();
  const all = new Map<string, number>();
  for (const { name } of layers) all.set(name, (all.get(name) ?? 0) + 1);
  return new Map(
    layers.map((layer) => {
      const { name } = layer;
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return [layer, all.get(name) === 1 ? name : `${name}#${count}`];
    }),
  );
}
