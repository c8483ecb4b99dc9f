/**
 * Graphs: programs over tensors as data, so that they can be grown, cut down and printed.
 * Rests on the registry and nd-array. A node is a leaf or the application of one op to earlier values; a graph has one or more outputs.
 */
import type { DType } from "../../core/dtype.ts";
import type { NdArray } from "../../core/nd-array.ts";
import type { OpRecord } from "../../core/op.ts";
import { registry } from "../../core/ops/registry.ts";
import { formatShape } from "../../core/shape.ts";

/** Output number `output` of node number `node`. */
export interface Ref {
  readonly node: number;
  readonly output: number;
}

/** What comes into a graph from outside. */
export interface Leaf {
  readonly array: NdArray;
}

/** One op on earlier values. */
export interface Application {
  readonly record: OpRecord;
  readonly attributes: object;
  readonly inputs: readonly Ref[];
}

export type Node = Leaf | Application;

/** Nodes in an order in which they can be computed, and the values that the program returns. */
export interface Graph {
  readonly nodes: readonly Node[];
  readonly outputs: readonly Ref[];
}

export function isLeaf(node: Node): node is Leaf {
  return "array" in node;
}

/** The arrays of the leaves, in the order of the nodes. */
export function leavesOf({ nodes }: Graph): readonly NdArray[] {
  return nodes.filter(isLeaf).map(({ array }) => array);
}

/** The applications, in the order of the nodes. */
export function applicationsOf({ nodes }: Graph): readonly Application[] {
  return nodes.filter((node): node is Application => !isLeaf(node));
}

const byName: ReadonlyMap<string, OpRecord> = new Map(
  registry.map((record) => [record.name, record]),
);

/** The registry's record of this name. Throws RangeError where there is none. */
export function recordNamed(name: string): OpRecord {
  const record = byName.get(name);
  if (record === undefined) throw new RangeError(`the registry has no op ${name}`);
  return record;
}

/** The values of every node by the records' definitions on plain arrays: no kernel and no device takes part. */
export function valuesOf({ nodes }: Graph): readonly (readonly NdArray[])[] {
  const values: (readonly NdArray[])[] = [];
  for (const node of nodes) {
    if (isLeaf(node)) values.push([node.array]);
    else {
      const inputs = node.inputs.map((ref) => valueAt(values, ref));
      values.push(evaluated(node.record, inputs, node.attributes));
    }
  }
  return values;
}

/** An op's outputs by its definition, of the kinds that its shape rule says. */
export function evaluated(
  record: OpRecord,
  inputs: readonly NdArray[],
  attributes: object,
): readonly NdArray[] {
  const dtypeOf = ({ kind }: NdArray): DType => (kind === "float" ? "float64" : kind);
  const types = inputs.map((input) => ({ shape: input.shape, dtype: dtypeOf(input) }));
  const outputs = record.infer(types, attributes);
  return record.reference(inputs, attributes).map((array, k) => {
    const dtype = outputs[k]?.dtype;
    return { ...array, kind: dtype === "int32" || dtype === "bool" ? dtype : "float" };
  });
}

/** The value that `ref` names. */
export function valueAt(values: readonly (readonly NdArray[])[], ref: Ref): NdArray {
  const value = values[ref.node]?.[ref.output];
  if (value === undefined)
    throw new RangeError(`no value at ${formatShape([ref.node, ref.output])}`);
  return value;
}

/** The same program without nodes that no output needs. */
export function pruned({ nodes, outputs }: Graph): Graph {
  const needed = new Set(outputs.map(({ node }) => node));
  for (let i = nodes.length - 1; i >= 0; i--) {
    const node = nodes[i];
    if (node === undefined || isLeaf(node) || !needed.has(i)) continue;
    for (const input of node.inputs) needed.add(input.node);
  }
  const places = new Map<number, number>();
  const kept: Node[] = [];
  const moved = (ref: Ref): Ref => ({ ...ref, node: places.get(ref.node) ?? 0 });
  nodes.forEach((node, i) => {
    if (!needed.has(i)) return;
    places.set(i, kept.length);
    kept.push(isLeaf(node) ? node : { ...node, inputs: node.inputs.map(moved) });
  });
  return { nodes: kept, outputs: outputs.map(moved) };
}
