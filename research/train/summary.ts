/**
 * A net's summary: what each layer of a Sequential gives and owns.
 * Rests on layers and core.
 */
import { noGrad, type Shape, scope, zeros } from "../../core/index.ts";
import type { Sequential } from "../../layers/index.ts";
import type { LayerRow } from "../report/record.ts";

/** One row a layer, found by running one all-zero example through the net in evaluation mode. */
export function summarize(net: Sequential, exampleShape: Shape): readonly LayerRow[] {
  net.evaluate();
  const rows = scope(() =>
    noGrad(() => {
      let value = zeros([1, ...exampleShape]);
      return net.layers.map((layer): LayerRow => {
        value = layer.forward(value);
        return {
          layer: layer.assembly.name,
          outputShape: value.shape.slice(1),
          parameters: layer.parameters().reduce((total, { size }) => total + size, 0),
        };
      });
    }),
  );
  net.train();
  return rows;
}
