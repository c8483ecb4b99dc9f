/**
 * Simpler graphs than a given one: fewer outputs, fewer nodes, shorter numbers.
 * Rests on graph. A node gives way to leaves with its values, so that what remains is looked at where it was.
 */
import { mapElements, type NdArray } from "../../core/nd-array.ts";
import { sameShape } from "../../core/shape.ts";
import { type Graph, isLeaf, type Node, pruned, type Ref, valueAt, valuesOf } from "./graph.ts";

/** Candidates for a simpler counterexample, the boldest first. Each is smaller, so that shrinking ends. */
export function* simpler(graph: Graph): Generator<Graph> {
  const values = valuesOf(graph);
  const { nodes, outputs } = graph;
  if (outputs.length > 1) for (const output of outputs) yield pruned({ nodes, outputs: [output] });
  // Nothing behind an early value.
  for (const [i, node] of nodes.entries()) {
    const ends = (values[i] ?? []).map((_, output): Ref => ({ node: i, output }));
    if (!isLeaf(node) && outputs.some((ref) => ref.node !== i))
      yield pruned({ nodes, outputs: ends });
  }
  // Nothing before a late one.
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    if (node !== undefined && !isLeaf(node) && !outputs.some((ref) => ref.node === i))
      yield withLeaves(graph, i, values[i] ?? []);
  }
  // One value in place of what is made of it.
  for (const [i, node] of nodes.entries()) {
    if (isLeaf(node)) continue;
    const [only, ...others] = values[i] ?? [];
    if (only === undefined || others.length > 0) continue;
    const same = node.inputs.find((ref) => isLike(valueAt(values, ref), only));
    if (same !== undefined) yield replaced(graph, { node: i, output: 0 }, same);
  }
  for (const [i, node] of nodes.entries()) {
    if (!isLeaf(node)) continue;
    const rounded = mapElements(node.array, (x) => (node.array.kind === "float" ? short(x) : x));
    if (rounded.data.some((x, k) => x !== node.array.data[k]))
      yield { nodes: nodes.with(i, { array: rounded }), outputs };
  }
}

/** Two digits, unless that is near a whole number, where kinks tend to be. */
function short(x: number): number {
  const rounded = Math.round(100 * x) / 100;
  return Math.abs(rounded - Math.round(rounded)) < 0.05 ? x : rounded;
}

function isLike(a: NdArray, b: NdArray): boolean {
  return a.kind === b.kind && sameShape(a.shape, b.shape);
}

/** The graph with leaves of these values in place of node `at`. */
function withLeaves({ nodes, outputs }: Graph, at: number, values: readonly NdArray[]): Graph {
  const extra = values.length - 1;
  const moved = (ref: Ref): Ref => {
    if (ref.node < at) return ref;
    return ref.node === at
      ? { node: at + ref.output, output: 0 }
      : { ...ref, node: ref.node + extra };
  };
  return rewired(nodes.toSpliced(at, 1, ...values.map((array) => ({ array }))), outputs, moved);
}

/** The graph in which everything that read `from` reads `to`. */
function replaced({ nodes, outputs }: Graph, from: Ref, to: Ref): Graph {
  const moved = (ref: Ref): Ref =>
    ref.node === from.node && ref.output === from.output ? to : ref;
  return rewired(nodes, outputs, moved);
}

function rewired(nodes: readonly Node[], outputs: readonly Ref[], moved: (ref: Ref) => Ref): Graph {
  return pruned({
    nodes: nodes.map((node) => (isLeaf(node) ? node : { ...node, inputs: node.inputs.map(moved) })),
    outputs: outputs.map(moved),
  });
}
