/**
 * Indexing kernels: gather, scatterAdd, concat, embed.
 * Rests on memory and errors. An index outside [0, length) is refused in the name of the user's function.
 */
import type { TypedArray } from "../../dtype.ts";
import { type Shape, sizeOf } from "../../shape.ts";
import type { KernelTable } from "../device.ts";
import { outside } from "../index-error.ts";
import type { IndexAttributes } from "../kernels.ts";
import { type ArrayOperand, dense } from "./memory.ts";

/** Kernels that move elements to places given by numbers. */
export const indexingKernels: Pick<
  KernelTable<TypedArray>,
  "gather" | "scatterAdd" | "concat" | "embed"
> = {
  gather: ([x, indices], [y], attributes) => {
    const from = dense(x!);
    const out = dense(y!);
    visit(x!, indices!, attributes, (place, element) => {
      out[place] = from[element]!;
    });
  },
  scatterAdd: ([x, indices, updates], [y], attributes) => {
    const total = new Float64Array(dense(x!));
    const added = dense(updates!);
    visit(x!, indices!, attributes, (place, element) => {
      total[element]! += added[place]!;
    });
    dense(y!).set(total);
  },
  concat: (inputs, [y], { axis }) => {
    const out = dense(y!);
    const run = sizeOf(y!.shape.slice(axis));
    let start = 0;
    for (const input of inputs) {
      const from = dense(input);
      const piece = sizeOf(input.shape.slice(axis));
      for (let read = 0, write = start; read < from.length; read += piece, write += run) {
        out.set(from.subarray(read, read + piece), write);
      }
      start += piece;
    }
  },
  embed: ([x], [y], { starts, steps, value }) => {
    const from = dense(x!);
    const out = dense(y!);
    out.fill(value);
    const places = placesOf(x!.shape, y!.shape, starts, steps);
    for (let i = 0; i < from.length; i++) out[places[i]!] = from[i]!;
  },
};

/** Calls `each(place in indices, element of x)` in row-major order of the indices. */
function visit(
  x: ArrayOperand,
  indices: ArrayOperand,
  attributes: IndexAttributes,
  each: (place: number, element: number) => void,
): void {
  const { axis } = attributes;
  const chosen = dense(indices);
  const length = x.shape[axis]!;
  const count = indices.shape[axis]!;
  const inner = sizeOf(x.shape.slice(axis + 1));
  for (let place = 0; place < chosen.length; place++) {
    const index = chosen[place]!;
    if (index < 0 || index >= length) throw outside(attributes, length, index);
    const outer = Math.floor(place / (count * inner));
    each(place, (outer * length + index) * inner + (place % inner));
  }
}

/** Where each element of `shape` lies in row-major `into`, at starts + i·steps. */
function placesOf(
  shape: Shape,
  into: Shape,
  starts: readonly number[],
  steps: readonly number[],
): Int32Array {
  let places = new Int32Array(1);
  shape.forEach((length, axis) => {
    const next = new Int32Array(places.length * length);
    let at = 0;
    for (const base of places) {
      for (let i = 0; i < length; i++) {
        next[at++] = base * into[axis]! + starts[axis]! + i * steps[axis]!;
      }
    }
    places = next;
  });
  return places;
}
