/**
 * Symbolic derivatives and 64-digit values of elementwise ops, alone and in random compositions.
 * Rests on texts, on spec/graphs and on the transforms.
 */
import fc from "fast-check";
import { all, type BigNumber, create, derivative, type MathNode, parse } from "mathjs";
import { bind } from "../../core/bind.ts";
import { mapElements, type NdArray, nothing } from "../../core/nd-array.ts";
import type { OpRecord } from "../../core/op.ts";
import { sum } from "../../core/ops/sum.ts";
import { scope } from "../../core/scope.ts";
import type { Tensor } from "../../core/tensor.ts";
import { hvp, jvp } from "../../core/transforms/forward.ts";
import { grad } from "../../core/transforms/reverse.ts";
import { graphs } from "../graphs/arbitrary.ts";
import { type Graph, isLeaf, leavesOf } from "../graphs/graph.ts";
import { outputOf, programOf } from "../graphs/program.ts";
import { numbers, tensorFrom } from "../laws/arrays.ts";
import { isNear } from "../laws/observed.ts";
import { seedOf } from "../laws/run.ts";
import { samplerFrom } from "../laws/sampler.ts";
import { toBig } from "../scalar-math-samples.ts";
import { type Agreement, compareDigits, MathDiffers, precisions } from "./check.ts";
import { expressible, textOf } from "./texts.ts";

const big = create(all ?? {}, { number: "BigNumber", precision: 64 });

/** Values of three elements each: what is elementwise shows in any shape. */
const shape: readonly number[] = [3];

/** The op on leaves of its own, one graph for each run. */
function alone(record: OpRecord, seed: number, runs: number): readonly Graph[] {
  return fc.sample(fc.gen(), { seed: seedOf(seed, record.name), numRuns: runs }).map((draw) => {
    const sampler = { ...samplerFrom(draw), shape: () => shape, broadcastable: () => shape };
    const { inputs, attributes } = record.sample(sampler);
    const node = { record, attributes, inputs: inputs.map((_, i) => ({ node: i, output: 0 })) };
    const outputs = [{ node: inputs.length, output: 0 }];
    return { nodes: [...inputs.map((array) => ({ array })), node], outputs };
  });
}

/** Compares the op with 64 digits in `runs` cases, in both floats, within its bound. Throws MathDiffers. */
export function checkValues(record: OpRecord, seed: number, runs: number): Agreement {
  const agreement: Agreement = { elements: 0, worst: 0 };
  for (const graph of alone(record, seed, runs)) {
    const text = textOf(graph, { node: graph.nodes.length - 1, output: 0 });
    const attributes =
      graph.nodes.flatMap((node) => (isLeaf(node) ? [] : [node.attributes]))[0] ?? {};
    for (const { float } of precisions) {
      const inputs = leavesOf(graph).map((leaf) =>
        float === "float32" && leaf.kind === "float" ? mapElements(leaf, Math.fround) : leaf,
      );
      const retyped = "dtype" in attributes ? { ...attributes, dtype: float } : attributes;
      scope(() => {
        const points = inputs.map((input) => tensorFrom(input, float));
        const y = outputOf(bind(record, points, retyped), 0);
        compareDigits(record, { inputs, attributes }, y, exactly(text, inputs), agreement);
      });
    }
  }
  return agreement;
}

/** The expression at each element of the leaves, to 64 digits. */
function exactly(text: string, inputs: readonly NdArray[]): readonly BigNumber[] {
  const literals = /(?<![\w.])\d[\d.]*(e[+-]?\d+)?/g;
  const program = big.parse(text.replace(literals, exactLiteral)).compile();
  return Array.from({ length: shape[0] ?? 0 }, (_, i) => {
    const at = inputs.map(({ data }, k) => [`x${k}`, toBig(data[i] ?? 0)] as const);
    return program.evaluate(Object.fromEntries(at));
  });
}

/** A number of JavaScript's, to all its digits; longer ones stand for themselves. */
function exactLiteral(literal: string): string {
  return literal.length > 25 ? literal : toBig(Number(literal)).toString();
}

/** Compares the op's derivatives with symbolic ones in `runs` cases. Throws MathDiffers. */
export function checkDerivatives(record: OpRecord, seed: number, runs: number): Agreement {
  const agreement: Agreement = { elements: 0, worst: 0 };
  for (const graph of alone(record, seed, runs)) scope(() => compareDerivatives(graph, agreement));
  return agreement;
}

/** Expressions longer than this take mathjs seconds to differentiate twice. */
const longest = 600;

/**
 * Compares `runs` random compositions of `ops` with symbolic derivatives, and shrinks one that differs. Throws what fast-check
 * throws.
 */
export function checkCompositions(
  seed: number,
  runs: number,
  ops: readonly OpRecord[] = expressible,
): Agreement {
  const agreement: Agreement = { elements: 0, worst: 0 };
  fc.assert(
    fc.property(graphs({ ops, shape, most: 5 }), (graph) => {
      const deepest = graph.outputs.findLast((ref) => {
        const end = graph.nodes[ref.node];
        return end !== undefined && !isLeaf(end) && textOf(graph, ref).length <= longest;
      });
      if (deepest !== undefined)
        scope(() => compareDerivatives({ ...graph, outputs: [deepest] }, agreement));
    }),
    { seed, numRuns: runs },
  );
  return agreement;
}

/**
 * Value, first derivatives along three leaves by both modes, and the second ones along the first of them: mathjs writes
 * each of them out as one expression.
 */
function compareDerivatives(graph: Graph, agreement: Agreement): void {
  const inputs = leavesOf(graph);
  const program = programOf(graph);
  const floats = inputs.flatMap(({ kind }, k) => (kind === "float" ? [k] : []));
  const points = inputs.map((input) => tensorFrom(input));
  const [ref] = graph.outputs;
  if (ref === undefined) return;
  const node = parse(textOf(graph, ref));
  const value = (moved: readonly Tensor[]): Tensor => {
    const at = points.map((point, k) => moved[floats.indexOf(k)] ?? point);
    return outputOf(program(...at), 0);
  };
  const at = floats.map((k) => outputOf(points, k));
  /** 1 along leaf k, 0 along the others. */
  const unit = (k: number): readonly Tensor[] =>
    floats.map((i) => tensorFrom(mapElements(inputs[i] ?? nothing, () => (i === k ? 1 : 0))));
  const compare = (got: Tensor, want: MathNode): void => {
    compareElements(got, want, inputs, agreement);
  };
  compare(value(at), node);
  const asked = floats.slice(0, 3);
  const gradient = grad((moved: readonly Tensor[]) => sum(value(moved)))(at);
  for (const k of asked) {
    const slope = derivative(node, `x${k}`, { simplify: false });
    compare(outputOf(gradient, floats.indexOf(k)), slope);
    compare(jvp(value, at, unit(k)).tangent, slope);
  }
  const [first] = asked;
  if (first === undefined) return;
  const slope = derivative(node, `x${first}`, { simplify: false });
  const along = hvp((moved: readonly Tensor[]) => sum(value(moved)), at, unit(first));
  for (const k of asked) {
    compare(outputOf(along, floats.indexOf(k)), derivative(slope, `x${k}`, { simplify: false }));
  }
}

/** Both sides evaluate some dozen terms that may cancel: 10⁶ roundings of the larger of 1 and the value. */
const relative = 1e-10;

function compareElements(
  got: Tensor,
  node: MathNode,
  inputs: readonly NdArray[],
  agreement: Agreement,
): void {
  const compiled = node.compile();
  numbers(got).forEach((value, i) => {
    const at = inputs.map(({ data }, k) => [`x${k}`, data[i] ?? 0] as const);
    const want: number = compiled.evaluate(Object.fromEntries(at));
    const allowed = relative * (1 + Math.abs(want));
    agreement.elements++;
    agreement.worst = Math.max(agreement.worst, Math.abs(value - want) / allowed);
    if (!isNear(value - want, allowed)) {
      const where = at.map(([name, x]) => `${name} = ${x}`).join(", ");
      throw new MathDiffers(`${node} at ${where}: expected ${want} ± ${allowed}, got ${value}`);
    }
  });
}
