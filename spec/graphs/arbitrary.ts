/**
 * The arbitrary of graphs: grows them from fast-check's randomness, and shrinks them as graphs rather than as draws.
 * Rests on grow and shrink.
 */
import fc from "fast-check";
import { samplerFrom } from "../laws/sampler.ts";
import type { Graph } from "./graph.ts";
import { type GrowOptions, growGraph } from "./grow.ts";
import { simpler } from "./shrink.ts";

/** What graphs are made of. */
export type GraphOptions = GrowOptions;

/** Random graphs. A counterexample shrinks to few nodes and short numbers. */
export function graphs(options: GraphOptions = {}): fc.Arbitrary<Graph> {
  return new Graphs(options);
}

class Graphs extends fc.Arbitrary<Graph> {
  readonly #options: GraphOptions;
  readonly #draws = fc.gen();

  constructor(options: GraphOptions) {
    super();
    this.#options = options;
  }

  override generate(random: fc.Random): fc.Value<Graph> {
    const { value } = this.#draws.generate(random, undefined);
    return new fc.Value(growGraph(samplerFrom(value), this.#options), undefined);
  }

  override canShrinkWithoutContext(_value: unknown): _value is Graph {
    return false;
  }

  override shrink(graph: Graph): fc.Stream<fc.Value<Graph>> {
    return fc.stream(valuesOf(simpler(graph)));
  }
}

function* valuesOf(graphs: Iterable<Graph>): Generator<fc.Value<Graph>> {
  for (const graph of graphs) yield new fc.Value(graph, undefined);
}
