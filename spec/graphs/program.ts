/**
 * Programs: functions of tensors in which every op is applied by `apply`, so that an oracle can look at each value, or
 * put another in its place. A graph is such a program, and so is what is printed of it.
 * Rests on graph and bind.
 */
import { bind } from "../../core/bind.ts";
import { type DType, isFloat } from "../../core/dtype.ts";
import type { NdArray } from "../../core/nd-array.ts";
import type { OpRecord } from "../../core/op.ts";
import type { Tensor } from "../../core/tensor.ts";
import { type Graph, isLeaf, type Ref, recordNamed } from "./graph.ts";

/** A function of several tensors with one or more results. */
export type Program = (...inputs: readonly Tensor[]) => readonly Tensor[];

/** A program, and where it is looked at. */
export interface Subject {
  readonly program: Program;
  readonly inputs: readonly NdArray[];
}

/** One op that a program has just applied. */
export interface Applied {
  readonly record: OpRecord;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly attributes: object;
}

/** Looks at what was applied; what it returns goes on in place of the outputs. */
type Listener = (applied: Applied) => readonly Tensor[];

interface Setting {
  readonly float: DType;
  readonly listeners: readonly Listener[];
}

let setting: Setting = { float: "float64", listeners: [] };

function within<T>(changed: Partial<Setting>, body: () => T): T {
  const before = setting;
  setting = { ...before, ...changed };
  try {
    return body();
  } finally {
    setting = before;
  }
}

/** Runs `body`; floats that programs make out of nothing are of this dtype. */
export function inFloats<T>(float: DType, body: () => T): T {
  return within({ float }, body);
}

/** Runs `body`; `listener` hears of every op that programs apply. */
export function hearing<T>(listener: Listener, body: () => T): T {
  return within({ listeners: [...setting.listeners, listener] }, body);
}

/** Applies the op, of this name in the registry or a record of its own, with these attributes; all its outputs. */
export function applyAll(
  op: string | OpRecord,
  attributes: object,
  ...inputs: readonly Tensor[]
): readonly Tensor[] {
  const record = typeof op === "string" ? recordNamed(op) : op;
  const given = retyped(attributes);
  let outputs: readonly Tensor[] = bind(record, inputs, given);
  for (const listener of setting.listeners) {
    outputs = listener({ record, inputs, outputs, attributes: given });
  }
  return outputs;
}

/** `applyAll`; the first output. */
export function apply(
  op: string | OpRecord,
  attributes: object,
  ...inputs: readonly Tensor[]
): Tensor {
  return outputOf(applyAll(op, attributes, ...inputs), 0);
}

/** Output number `k`. Throws RangeError where there is none. */
export function outputOf(outputs: readonly Tensor[], k: number): Tensor {
  const output = outputs[k];
  if (output === undefined) throw new RangeError(`there are ${outputs.length} outputs, not ${k}`);
  return output;
}

/** Float dtypes in attributes follow the program's. */
function retyped(attributes: object): object {
  if (!("dtype" in attributes)) return attributes;
  const { dtype } = attributes;
  return dtype === "float32" || dtype === "float64"
    ? { ...attributes, dtype: setting.float }
    : attributes;
}

/** The graph as a program of its leaves. */
export function programOf(graph: Graph): Program {
  return (...inputs) => {
    const values: (readonly Tensor[])[] = [];
    let leaves = 0;
    const read = ({ node, output }: Ref): Tensor => outputOf(values[node] ?? [], output);
    for (const node of graph.nodes) {
      if (isLeaf(node)) {
        values.push([outputOf(inputs, leaves++)]);
      } else {
        values.push(applyAll(node.record, node.attributes, ...node.inputs.map(read)));
      }
    }
    return graph.outputs.map(read);
  };
}

/** Whether a derivative can be asked of `tensor`. */
export function isSmooth({ dtype }: Tensor): boolean {
  return isFloat(dtype);
}
