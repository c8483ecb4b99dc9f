/**
 * Leaving no trace: runs what trains or draws, and puts a net and a loader back afterwards, bit for bit.
 * Rests on core and layers.
 */
import { assign, type Tensor, type TypedArray, tensor } from "../../core/index.ts";
import type { Layer } from "../../layers/index.ts";

/**
 * Runs `body`, then gives `net` back what it had: parameters, buffers, gradients, modes, frozen marks, and the places of its
 * random streams; also after an error. A cell that `body` left as it was is not written, so that derivatives of the caller
 * that need its value go on. In `body` no parameter has a gradient at first.
 *
 * @example
 * const loss = untouched(net, () => trainLoop({ net, … }));
 */
export function untouched<T>(net: Layer, body: () => T): T {
  const cells = [...net.parameters(), ...Object.values(net.namedBuffers())];
  const layers = [...net.walk()];
  const values = cells.map((cell) => ({ cell, before: cell.elements() }));
  const marks = cells.map(({ grad, requiresGrad }) => ({ grad, requiresGrad }));
  const runs = layers.map((layer) => ({
    layer,
    training: layer.training,
    stream: layer.assembly.stream,
    position: layer.assembly.stream.position,
  }));
  for (const cell of cells) cell.grad = null;
  try {
    return body();
  } finally {
    for (const { cell, before } of values) putBack(cell, before);
    cells.forEach((cell, i) => {
      const { grad = null, requiresGrad = cell.requiresGrad } = marks[i] ?? {};
      cell.requiresGrad = requiresGrad;
      cell.grad = grad;
    });
    for (const { layer, training, stream, position } of runs) {
      layer.training = training;
      stream.position = position;
      if (layer.assembly.stream !== stream) layer.drawFrom(stream);
    }
  }
}

function putBack(cell: Tensor, before: TypedArray): void {
  const now = cell.elements();
  if (now.every((element, i) => Object.is(element, before[i]))) return;
  const { shape, dtype } = cell;
  const value = tensor(before, { shape, dtype });
  assign(cell, value);
  value.storage.release("the net was put back");
}
