/**
 * Observing: hears of every value that layers give, and of the gradient that reaches it, and changes neither.
 * Rests on core. A layer that nobody observes costs nothing: observing puts a listening `forward` in front of its own.
 */
import { capturing, structureChanged } from "../core/capture.ts";
import { watchCotangent } from "../core/cotangent-watch.ts";
import { isReplaying, noGrad, scope, type Tensor } from "../core/index.ts";
import type { Layer } from "./layer.ts";

/** A layer that has just run. The tensors may be read during the call; `keep` makes one last longer. */
export interface Activity {
  readonly layer: Layer;
  /** As `layer.name`: `conv1`. */
  readonly name: string;
  readonly input: Tensor;
  readonly output: Tensor;
}

/** The gradient that has reached what a layer gave. The tensor may be read during the call, or kept by `keep`. */
export interface ActivityGradient {
  readonly layer: Layer;
  readonly name: string;
  /** In the shape of the layer's output. */
  readonly gradient: Tensor;
}

/** Who listens. What it computes is recorded by no tape, and released when it returns. */
export interface LayerObserver {
  /** Hears of each call of a layer, in the order in which they end. */
  activation?(activity: Activity): void;
  /**
   * Hears of the derivative with respect to each output, summed over all uses, in the order in which a backward pass
   * finds them. A layer that gives its input itself, such as a dropout in evaluation, shares its gradient.
   */
  gradient?(activity: ActivityGradient): void;
}

const observers = new WeakMap<Layer, Set<LayerObserver>>();
/** The `forward` that a layer had as a property of its own. */
const ownForwards = new WeakMap<Layer, PropertyDescriptor>();

/** Adds `observer` to the layers; the function that comes back takes it away again, and may be called twice. */
export function observeLayers(layers: Iterable<Layer>, observer: LayerObserver): () => void {
  const own = { ...bound(observer) }; // the same object may observe twice
  const observed = [...layers];
  for (const layer of observed) {
    const listeners = observers.get(layer) ?? listen(layer);
    listeners.add(own);
  }
  structureChanged();
  return () => {
    for (const layer of observed) {
      const listeners = observers.get(layer);
      listeners?.delete(own);
      if (listeners?.size === 0) stopListening(layer);
    }
    structureChanged();
  };
}

function bound(observer: LayerObserver): LayerObserver {
  return {
    activation: (activity) => observer.activation?.(activity),
    gradient: (activity) => observer.gradient?.(activity),
  };
}

function listen(layer: Layer): Set<LayerObserver> {
  const listeners = new Set<LayerObserver>();
  observers.set(layer, listeners);
  const { forward } = layer;
  const own = Object.getOwnPropertyDescriptor(layer, "forward");
  if (own !== undefined) ownForwards.set(layer, own);
  Object.defineProperty(layer, "forward", {
    value: (x: Tensor): Tensor => {
      const output = forward.call(layer, x);
      tell(layer, listeners, x, output);
      return output;
    },
    configurable: true,
    writable: true,
  });
  return listeners;
}

function stopListening(layer: Layer): void {
  observers.delete(layer);
  const own = ownForwards.get(layer);
  ownForwards.delete(layer);
  if (own === undefined) Reflect.deleteProperty(layer, "forward");
  else Object.defineProperty(layer, "forward", own);
}

function tell(
  layer: Layer,
  listeners: ReadonlySet<LayerObserver>,
  input: Tensor,
  output: Tensor,
): void {
  const { name } = layer;
  capturing()?.refuse(`${name} is observed`);
  for (const listener of [...listeners]) {
    // A segment that recompute runs again gives nothing new, but is what gradients flow through.
    if (!isReplaying()) {
      noGrad(() => scope(() => listener.activation?.({ layer, name, input, output })));
    }
    watchCotangent(output, (gradient) => {
      if (listeners.has(listener)) listener.gradient?.({ layer, name, gradient });
    });
  }
}
