/**
 * The tape: records which ops ran, so that their cotangent rules can be played backwards.
 * Rests on op and tensor; knows no mathematics. Playing back is pull.ts.
 */
import type { Interpretation, Interpreter } from "./interpreter.ts";
import type { Op } from "./op.ts";
import { Tensor, type Trace } from "./tensor.ts";

/** One op that ran, or a leaf (op null): a tensor that gradients are asked for. */
export interface TapeNode {
  /** Counts up as ops run: a node's inputs have smaller numbers. */
  readonly order: number;
  readonly op: Op | null;
  readonly attributes: object;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** For each input the value it came from, or null where no gradient flows. */
  readonly sources: readonly (TapeValue | null)[];
}

/** Output number `output` of `node`, as noted on a tensor. */
export interface TapeValue extends Trace {
  readonly owner: Tape;
  readonly node: TapeNode;
  readonly output: number;
}

let clock = 0;

/** Records the ops that touch its leaves. */
export class Tape implements Interpreter {
  readonly runsRules = false;
  /** Whether every tensor with `requiresGrad` is a leaf (the tape behind `backward`). */
  readonly watchesParameters: boolean;

  constructor({ watchesParameters = false }: { watchesParameters?: boolean } = {}) {
    this.watchesParameters = watchesParameters;
  }

  /** Makes `tensor` a leaf. */
  watch(tensor: Tensor): TapeValue {
    const node: TapeNode = {
      order: clock++,
      op: null,
      attributes: {},
      inputs: [],
      outputs: [tensor],
      sources: [],
    };
    return note(tensor, { owner: this, node, output: 0 });
  }

  /** Where `tensor` came from on this tape, or null if it does not depend on a leaf. */
  sourceOf(tensor: Tensor): TapeValue | null {
    for (const trace of tensor.traces) {
      if (isTapeValue(trace) && trace.owner === this) {
        return this.watchesParameters && isFrozen(trace.node) ? null : trace;
      }
    }
    return this.watchesParameters && tensor.requiresGrad ? this.watch(tensor) : null;
  }

  tracks(tensor: Tensor): boolean {
    return this.sourceOf(tensor) !== null;
  }

  /** Records one op if a gradient can flow through it. */
  listen({ op, inputs, outputs, attributes }: Interpretation): void {
    if (op.vjp === undefined) return;
    const sources = inputs.map((input) => this.sourceOf(input));
    if (sources.every((source) => source === null)) return;
    const node: TapeNode = {
      order: clock++,
      op,
      attributes,
      inputs: inputs.map(snapshot),
      outputs,
      sources,
    };
    outputs.forEach((tensor, output) => {
      note(tensor, { owner: this, node, output });
    });
  }
}

function isTapeValue(trace: Trace): trace is TapeValue {
  return trace.owner instanceof Tape;
}

/** Whether `node` is a leaf that no longer asks for a gradient. The leaf itself is asked, not a snapshot of it. */
function isFrozen({ op, outputs: [leaf] }: TapeNode): boolean {
  return op === null && leaf?.requiresGrad === false;
}

function note(tensor: Tensor, value: TapeValue): TapeValue {
  tensor.traces = [...tensor.traces, value];
  return value;
}

/** A writable cell as it is now: reading the snapshot after a write is an error, not another number. */
function snapshot(tensor: Tensor): Tensor {
  if (tensor.role === "value") return tensor;
  const { storage, name } = tensor;
  const copy = new Tensor({ storage, layout: tensor, name });
  copy.version = tensor.version;
  copy.traces = tensor.traces;
  return copy;
}
