/**
 * A function of tensors as a function of plain numbers: what differences and both modes of derivatives need of it.
 * Rests on core's transforms and trees. All in float64.
 */

import { isFloat } from "../../core/dtype.ts";
import {
  grad,
  jvp,
  type Shape,
  scope,
  sum,
  type Tensor,
  type Tree,
  tensor,
  vjp,
} from "../../core/index.ts";
import { multiply } from "../../core/ops/arithmetic.ts";
import { formatShape, sizeOf } from "../../core/shape.ts";
import { leavesOf, mapTree } from "../../core/tree.ts";
import { nested, numbers } from "../laws/arrays.ts";

/** Numbers of all float leaves, one after the other. */
export type Vector = readonly number[];

/** f at a point, over vectors. */
export interface VectorFunction {
  readonly point: Vector;
  /** The elements of all float leaves of f(x). */
  value(x: Vector): Vector;
  /** J·t at `point`, by forward mode. */
  push(t: Vector): Vector;
  /** Jᵀ·c at `x`, by reverse mode. */
  pull(c: Vector, x: Vector): Vector;
  /** ∂(Jᵀc)·t at `point`, by forward over reverse mode. */
  pushPulled(c: Vector, t: Vector): Vector;
  /** The gradient of ⟨Jᵀc, u⟩ at `point`, by reverse over reverse mode. */
  pullPulled(c: Vector, u: Vector): Vector;
  /** The scale of each element: of itself, or a tenth of the largest beside it, or 1. */
  readonly scales: Vector;
  /** `x[1, 2]`: the place of an element of the point. */
  place(index: number): string;
  /** The point as an expression. */
  describe(): string;
  /** The same function at another point. */
  moved(point: Vector): VectorFunction;
}

/** f on the float leaves of `inputs`, in float64; the other leaves stay as they are. */
export function vectorFunction<X extends Tree>(f: (x: X) => Tree, inputs: X): VectorFunction {
  const leaves = leavesOf(inputs);
  const floats = leaves.filter(({ dtype }) => isFloat(dtype));
  const shapes = floats.map(({ shape }) => shape);
  const point = floats.flatMap((leaf) => [...numbers(leaf)]);

  const tensorsOf = (x: Vector, forms: readonly Shape[] = shapes): readonly Tensor[] => {
    let next = 0;
    return forms.map((shape) => {
      const size = sizeOf(shape);
      next += size;
      return tensor(Float64Array.from(x.slice(next - size, next)), { shape });
    });
  };
  const vectorOf = (tensors: readonly Tensor[]): Vector => tensors.flatMap((x) => [...numbers(x)]);
  const run = (given: readonly Tensor[]): readonly Tensor[] => {
    let next = 0;
    const tree = mapTree(inputs, (leaf) => (isFloat(leaf.dtype) ? (given[next++] ?? leaf) : leaf));
    return leavesOf(f(tree)).filter(({ dtype }) => isFloat(dtype));
  };
  const outputShapes = scope(() => run(tensorsOf(point)).map(({ shape }) => shape));
  /** ⟨c, f(x)⟩. */
  const weighted =
    (c: readonly Tensor[]) =>
    (x: readonly Tensor[]): Tensor =>
      inner(run(x), c);
  /** A scope of plain numbers: whatever tensors come about end with it. */
  const plain = (body: () => readonly Tensor[]): Vector => {
    let out: Vector = [];
    scope(() => {
      out = vectorOf(body());
    });
    return out;
  };

  return {
    point,
    value: (x) => plain(() => run(tensorsOf(x))),
    push: (t) => plain(() => jvp(run, tensorsOf(point), tensorsOf(t)).tangent),
    pull: (c, x) => plain(() => vjp(run, tensorsOf(x)).pull(tensorsOf(c, outputShapes))),
    pushPulled: (c, t) =>
      plain(() => {
        const gradient = grad(weighted(tensorsOf(c, outputShapes)));
        return jvp(gradient, tensorsOf(point), tensorsOf(t)).tangent;
      }),
    pullPulled: (c, u) =>
      plain(() => {
        const gradient = grad(weighted(tensorsOf(c, outputShapes)));
        const directions = tensorsOf(u);
        return grad((x: readonly Tensor[]) => inner(gradient(x), directions))(tensorsOf(point));
      }),
    scales: floats.flatMap((leaf) => scalesOf(numbers(leaf))),
    place: (index) => placeOf(shapes, index),
    describe: () => floats.map(describeLeaf).join(", "),
    moved: (x) => {
      const moved = tensorsOf(x);
      let next = 0;
      const tree = (leaf: Tensor): Tensor => (isFloat(leaf.dtype) ? (moved[next++] ?? leaf) : leaf);
      return vectorFunction(f, mapTree(inputs, tree));
    },
  };
}

/** Σ⟨a, b⟩ over leaves, 0-d. */
function inner(a: readonly Tensor[], b: readonly Tensor[]): Tensor {
  return a
    .map((left, i) => sum(multiply(left, b[i] ?? left)))
    .reduce((total, term) => total.add(term), tensor(0, { dtype: "float64" }));
}

function scalesOf(x: Vector): Vector {
  const largest = x.reduce((most, each) => Math.max(most, Math.abs(each)), 0);
  return x.map((each) => (largest === 0 ? 1 : Math.max(Math.abs(each), largest / 10)));
}

function placeOf(shapes: readonly Shape[], index: number): string {
  let rest = index;
  for (const [leaf, shape] of shapes.entries()) {
    const size = sizeOf(shape);
    if (rest >= size) {
      rest -= size;
      continue;
    }
    const name = shapes.length === 1 ? "x" : `x${leaf}`;
    const axes: number[] = [];
    for (const length of [...shape].reverse()) {
      axes.unshift(rest % length);
      rest = Math.floor(rest / length);
    }
    return shape.length === 0 ? name : `${name}[${axes.join(", ")}]`;
  }
  return `x[${index}]`;
}

/** `tensor([[1, 2]])`. */
function describeLeaf(leaf: Tensor): string {
  const { shape, size } = leaf;
  return size === 0 ? `zeros(${formatShape(shape)})` : `tensor(${nested(shape, numbers(leaf))})`;
}
