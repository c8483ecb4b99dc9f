/**
 * Views, joins, makers and products: what the laws over the registry do not state.
 * Which ops share memory and which copy, exact ends of sequences, NumPy's conventions at the edges.
 */
import { describe, expect, it } from "vitest";
import { withObserver } from "../core/interpreter.ts";
import { add } from "../core/ops/arithmetic.ts";
import { einsum } from "../core/ops/einsum.ts";
import { gather, index, oneHot } from "../core/ops/indexing.ts";
import { concat, pad, split, stack, tile } from "../core/ops/join.ts";
import { arange, eye, full, linspace, ones, range, zeros, zerosLike } from "../core/ops/make.ts";
import { batchMatmul, dot, matmul, outer } from "../core/ops/matmul.ts";
import { sum } from "../core/ops/sum.ts";
import {
  broadcastTo,
  detach,
  expandDims,
  flatten,
  flip,
  identity,
  permute,
  reshape,
  slice,
  squeeze,
  transpose,
} from "../core/ops/view.ts";
import type { Tensor } from "../core/tensor.ts";
import { grad } from "../core/transforms/reverse.ts";
import { f64 } from "./plain.ts";

const numbers = (x: Tensor): readonly number[] => Array.from(x.elements());
const sixNumbers = (): Tensor => reshape(arange(0, 6, 1, { dtype: "float64" }), [2, 3]);

describe("memory", () => {
  const views: Readonly<Record<string, (x: Tensor) => Tensor>> = {
    identity,
    detach,
    reshape: (x) => reshape(x, [3, 2]),
    flatten: (x) => flatten(x),
    broadcastTo: (x) => broadcastTo(x, [4, 2, 3]),
    expandDims: (x) => expandDims(x, 1),
    squeeze: (x) => squeeze(x),
    permute: (x) => permute(x, [1, 0]),
    transpose: (x) => transpose(x),
    slice: (x) => slice(x, [1, [null, null, -1]]),
    flip: (x) => flip(x),
  };
  it.each(Object.keys(views))("%s shares the memory of its input", (name) => {
    const x = sixNumbers();
    expect(views[name]?.(x).storage).toBe(x.storage);
  });

  it("split shares the memory of its input", () => {
    const x = sixNumbers();
    expect(split(x, 3, { axis: 1 }).map(({ storage }) => storage)).toEqual(
      Array(3).fill(x.storage),
    );
  });

  it("reshape copies where the layout has gaps, and keeps the row-major order", () => {
    const x = sixNumbers();
    const y = reshape(transpose(x), [6]);
    expect(y.storage).not.toBe(x.storage);
    expect(numbers(y)).toEqual([0, 3, 1, 4, 2, 5]);
  });

  const copies: Readonly<Record<string, (x: Tensor) => Tensor>> = {
    concat: (x) => concat([x]),
    stack: (x) => stack([x]),
    pad: (x) =>
      pad(x, [
        [0, 0],
        [0, 0],
      ]),
    tile: (x) => tile(x, [2]),
    index: (x) => index(x, range(0, 1, 2, { dtype: "int32" })),
  };
  it.each(Object.keys(copies))("%s has memory of its own", (name) => {
    const x = sixNumbers();
    expect(copies[name]?.(x).storage).not.toBe(x.storage);
  });
});

describe("makers", () => {
  it("linspace ends exactly at its end, in both dtypes and however the step rounds", () => {
    for (let count = 2; count < 200; count++) {
      for (const [start, end] of [
        [0.1, 0.7],
        [-1 / 3, 1e6 / 7],
        [2, -0.3],
      ] as const) {
        const exact = linspace(start, end, count, { dtype: "float64" }).elements();
        expect([exact[0], exact.at(-1)]).toEqual([start, end]);
        const rounded = linspace(start, end, count).elements();
        expect([rounded[0], rounded.at(-1)]).toEqual([Math.fround(start), Math.fround(end)]);
      }
    }
  });

  it("arange never reaches its end, where the quotient of NumPy's rule is rounded up", () => {
    // ceil((1.3 - 1)/0.1) is 4, and 1 + 3·0.1 is 1.3.
    expect(numbers(arange(1, 1.3, 0.1, { dtype: "float64" }))).toEqual([1, 1.1, 1.2]);
  });

  it("makers give float32, and zerosLike the dtype of its model", () => {
    const made = [zeros([2]), ones([2]), full([2], 3), arange(0, 2), linspace(0, 1, 2), eye(2)];
    expect(made.map(({ dtype }) => dtype)).toEqual(Array(6).fill("float32"));
    expect(zerosLike(zeros([2], { dtype: "int32" })).dtype).toBe("int32");
  });

  it("a complaint names the maker that was called", () => {
    expect(() => zeros([-1])).toThrow(/^zeros: expected shape/);
    expect(() => ones([0.5])).toThrow(/^ones: expected shape/);
    expect(() => arange(0, 5e9, 2e9, { dtype: "int32" })).toThrow(/^arange: expected the last/);
  });
});

describe("products", () => {
  it("one example alone has the bits it has in a batch", () => {
    const x = reshape(linspace(-1, 1, 5 * 7), [5, 7]);
    const w = reshape(linspace(0.3, 0.9, 7 * 4), [7, 4]);
    const batch = matmul(x, w).elements();
    for (let row = 0; row < 5; row++) {
      const alone = matmul(slice(x, [[row, row + 1]]), w).elements();
      expect(alone).toEqual(batch.slice(4 * row, 4 * row + 4));
    }
  });

  it("a matrix shared by a batch gives the bits of the batched product", () => {
    const x = reshape(linspace(-1, 1, 2 * 3 * 4), [2, 3, 4]);
    const w = reshape(linspace(0.3, 0.9, 8), [4, 2]);
    const folded = matmul(x, w).elements();
    expect(batchMatmul(x, broadcastTo(w, [2, 4, 2])).elements()).toEqual(folded);
  });

  /** The largest result of any op while `body` runs. */
  const largest = (body: () => unknown): number => {
    let most = 0;
    withObserver(({ outputs }) => {
      for (const { size } of outputs) most = Math.max(most, size);
    }, body);
    return most;
  };

  it("the gradient of a matrix shared by a batch is one product: no op makes a matrix for each example", () => {
    const x = reshape(linspace(-1, 1, 9 * 2 * 3), [9, 2, 3]);
    const gradient = grad((w: Tensor) => sum(matmul(x, w)));
    expect(largest(() => gradient(ones([3, 4])))).toBe(9 * 2 * 4);
  });

  it("einsum sums a letter as soon as no operand to come has it", () => {
    const x = ones([6, 6]);
    expect(largest(() => einsum("ab,bc,cd->ad", x, x, x))).toBe(36);
    expect(largest(() => einsum("ar,rc,cd,de->ae", x, x, x, x))).toBe(36);
  });

  it("einsum without anything to sum keeps each zero's sign", () => {
    const v = pad(f64([-0, -2]), [[0, 1]]);
    expect(numbers(einsum("i,j", v, v))).toEqual(numbers(outer(v, v)));
    expect(numbers(einsum("i->i", v))).toEqual([-0, -2, 0]);
  });

  it("einsum names the operand whose dtype is not the first's", () => {
    const [x, y] = [ones([2]), ones([2], { dtype: "float64" })];
    expect(() => einsum("i,i,i", x, x, y)).toThrow(
      'einsum: expected operands[2] to have the dtype of operands[0], float32, got float64. Cast one of them, for example operands[2].cast("float32").',
    );
  });

  it("einsum says the same as the products it stands for", () => {
    const x = sixNumbers();
    const v = arange(1, 4, 1, { dtype: "float64" });
    expect(numbers(einsum("ij,kj->ik", x, x))).toEqual(numbers(matmul(x, transpose(x))));
    expect(numbers(einsum("i,j", v, v))).toEqual(numbers(outer(v, v)));
    expect(numbers(einsum("i,i", v, v))).toEqual(numbers(dot(v, v)));
    expect(numbers(einsum("ii->i", matmul(transpose(x), x)))).toEqual([9, 17, 29]);
  });
});

describe("split", () => {
  /** Elements that all ops write or look at while a function of `parts` parts is differentiated. */
  const touched = (parts: number): number => {
    let total = 0;
    const count = ({ outputs }: { readonly outputs: readonly Tensor[] }) => {
      for (const output of outputs) total += output.size;
    };
    const f = (x: Tensor) =>
      split(x, parts)
        .map((part) => sum(part))
        .reduce((a, b) => add(a, b));
    withObserver(count, () => grad(f)(ones([240])));
    return total;
  };

  it("has a gradient whose cost does not grow with the number of parts times the size", () => {
    expect(touched(120)).toBeLessThan(4 * touched(2));
  });
});

describe("indices", () => {
  it("index and gather differ in whose shape the indices have", () => {
    const x = sixNumbers();
    const chosen = range(2, -2, 2, { dtype: "int32" });
    expect(numbers(index(x, chosen, { axis: 1 }))).toEqual([2, 0, 5, 3]);
    expect(numbers(gather(x, expandDims(chosen, 1), { axis: 1 }))).toEqual([2, 3]);
  });

  it("oneHot refuses a label in its own name", () => {
    const labels = range(0, 1, 4, { dtype: "int32" });
    expect(() => oneHot(labels, { classes: 3 })).toThrow(
      /^oneHot: expected labels to lie in \[0, 3\), got 3/,
    );
  });
});
