/**
 * The parity probe: every kind of call that the gpu device runs, compared with the wasm device before it is let in.
 * Rests on launches and the wasm device. Odd sizes, sums of more than 1000 terms, turned and shared factors, strides,
 * dilations, groups; and, before the first call on so much memory, addresses above 2²⁴.
 */
import type { Layout } from "../../layout.ts";
import { denseLayout } from "../../layout.ts";
import type { Operand } from "../device.ts";
import type { Conv2dGeometry } from "../kernels.ts";
import { wasmDevice } from "../wasm/index.ts";
import type { WasmHandle } from "../wasm/memory.ts";
import { type Engine, Loss } from "./engine.ts";
import { type KernelClass, launch, readyFor } from "./launches.ts";
import { Residency } from "./residency.ts";

/** One call of the probe. */
interface Case {
  readonly title: string;
  readonly a: Layout;
  readonly b: Layout;
  readonly output: readonly number[];
  readonly geometry: Conv2dGeometry | null;
  /** Terms of one sum, at most. */
  readonly terms: number;
}

/** Addresses from here on cannot be counted in float32. */
export const wideLength: number = 2 ** 24;

/** Axes as `order` names them, outermost first. */
function lying(shape: readonly number[], order: readonly number[]): Layout {
  const strides = shape.map(() => 0);
  let step = 1;
  for (const axis of order.toReversed()) {
    strides[axis] = step;
    step *= shape[axis] ?? 1;
  }
  return { shape, strides, offset: 0 };
}

const product = (title: string, a: Layout, b: Layout, output: readonly number[]): Case => ({
  title,
  a,
  b,
  output,
  geometry: null,
  terms: a.shape.at(-1) ?? 0,
});

/** Threads enough for webasm to share them out, which it does from 4096 on. */
const many = product(
  "a [130, 5]·[5, 128]",
  denseLayout([130, 5]),
  denseLayout([5, 128]),
  [130, 128],
);

const turned = (shape: readonly number[]): Layout => lying(shape, [1, 0]);

const products: readonly Case[] = [
  many,
  product("a [5, 1031]·[1031, 7]", denseLayout([5, 1031]), denseLayout([1031, 7]), [5, 7]),
  product("a [6, 1025]·[1025, 8]", denseLayout([6, 1025]), denseLayout([1025, 8]), [6, 8]),
  product("a [7, 33]·[9, 33]ᵀ", denseLayout([7, 33]), turned([33, 9]), [7, 9]),
  product("a [33, 6]ᵀ·[33, 12]", turned([6, 33]), denseLayout([33, 12]), [6, 12]),
  product("three a [5, 17]·[17, 4]", denseLayout([3, 5, 17]), denseLayout([3, 17, 4]), [3, 5, 4]),
  product(
    "[2, 3] pairs of which a shares and b shares",
    { shape: [2, 3, 5, 17], strides: [85, 0, 17, 1], offset: 0 },
    { shape: [2, 3, 17, 7], strides: [0, 119, 7, 1], offset: 0 },
    [2, 3, 5, 7],
  ),
];

/** x, w, and how far w moves over x. */
interface Shapes {
  readonly title: string;
  readonly x: readonly [number, number, number, number];
  readonly w: readonly [number, number, number, number];
  readonly geometry: Conv2dGeometry;
}

const plain: Conv2dGeometry = {
  stride: [1, 1],
  padding: [
    [1, 1],
    [1, 1],
  ],
  dilation: [1, 1],
  groups: 1,
};

const convolutions: readonly Shapes[] = [
  { title: "3×3 of 3 channels to 5", x: [3, 3, 9, 7], w: [5, 3, 3, 3], geometry: plain },
  { title: "3×3 of 128 channels to 8", x: [1, 128, 5, 6], w: [8, 128, 3, 3], geometry: plain },
  {
    title: "two groups, stride (2, 3), dilation (2, 3), uneven padding",
    x: [2, 8, 11, 9],
    w: [8, 4, 3, 2],
    geometry: {
      stride: [2, 3],
      padding: [
        [1, 2],
        [0, 3],
      ],
      dilation: [2, 3],
      groups: 2,
    },
  },
  {
    title: "3 groups of one channel, stride 2, no padding",
    x: [5, 3, 8, 7],
    w: [6, 1, 2, 3],
    geometry: {
      stride: [2, 2],
      padding: [
        [0, 0],
        [0, 0],
      ],
      dilation: [1, 1],
      groups: 3,
    },
  },
];

/** Threads enough for webasm to share them out: of pixels, and of weights. */
const manyPixels: Shapes = {
  title: "3×3 on 40×53 pixels",
  x: [2, 4, 40, 53],
  w: [4, 4, 3, 3],
  geometry: plain,
};
const manyWeights: Shapes = {
  title: "3×3 of 32 channels to 16",
  x: [4, 32, 4, 5],
  w: [16, 32, 3, 3],
  geometry: plain,
};

const last = [0, 2, 3, 1];

function convolution(name: KernelClass, { title, x, w, geometry }: Shapes, turn: boolean): Case {
  const outs = ([0, 1] as const).map((axis) => {
    const [before, after] = geometry.padding[axis];
    const reach = geometry.dilation[axis] * (w[2 + axis] ?? 1) - geometry.dilation[axis] + 1;
    return Math.floor(((x[2 + axis] ?? 1) + before + after - reach) / geometry.stride[axis]) + 1;
  });
  const y = [x[0], w[0], ...outs];
  const images = (shape: readonly number[]): Layout =>
    turn ? lying(shape, last) : denseLayout(shape);
  const [, perGroup, height, width] = w;
  const [a, b, output, terms] =
    name === "conv2d"
      ? [images(x), denseLayout(w), y, perGroup * height * width]
      : name === "conv2dInputGradient"
        ? [images(y), denseLayout(w), x, (w[0] / geometry.groups) * height * width]
        : [images(x), images(y), w, x[0] * (outs[0] ?? 1) * (outs[1] ?? 1)];
  return { title: `${title}${turn ? ", channels last" : ""}`, a, b, output, geometry, terms };
}

function casesOf(name: KernelClass): readonly Case[] {
  if (name === "matmul") return products;
  const small = convolutions.flatMap((shapes, i) =>
    [i % 2 === 0, i % 2 === 1]
      .slice(0, i === 1 ? 1 : 2)
      .map((turn) => convolution(name, shapes, turn)),
  );
  const large = name === "conv2dWeightGradient" ? manyWeights : manyPixels;
  return [...small, convolution(name, large, false)];
}

/** A few calls whose inputs lie behind 2²⁴ elements of something else. */
function wideCases(name: KernelClass): readonly Case[] {
  const far = ({ shape, strides }: Layout): Layout => ({ shape, strides, offset: wideLength + 1 });
  const cases = name === "matmul" ? products.slice(3, 4) : casesOf(name).slice(0, 1);
  return cases.map((one) => ({
    ...one,
    title: `${one.title} beyond 2²⁴ elements`,
    a: far(one.a),
    b: far(one.b),
  }));
}

/** Numbers in [-1, 1) that look like none in particular. */
function fill(elements: Float32Array, seed: number): void {
  let state = seed;
  for (let i = 0; i < elements.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    elements[i] = state / 2 ** 31;
  }
}

function spanOf({ shape, strides, offset }: Layout): number {
  return shape.reduce(
    (span, length, axis) => span + (length - 1) * (strides[axis] ?? 0),
    offset + 1,
  );
}

/**
 * Compares the cases of a class; `wide`, those beyond 2²⁴ elements. Null where all agree, else what did not.
 *
 * Allowed is 2·K·2⁻²⁴·Σ|a·b| + K·2⁻¹²⁶ for sums of K terms: K roundings of either device, in any order of the terms,
 * with or without fusing, and adapters may flush what is subnormal to zero.
 */
export function probe(
  engine: Engine,
  name: KernelClass,
  { widest, wide }: { readonly widest: 1 | 4; readonly wide: boolean },
): string | null {
  const residency = new Residency(engine, Number.POSITIVE_INFINITY);
  for (const one of wide ? wideCases(name) : casesOf(name)) {
    const difference = compare(engine, residency, name, one, widest);
    if (difference !== null) return `${one.title}: ${difference}`;
  }
  return null;
}

function compare(
  engine: Engine,
  residency: Residency,
  name: KernelClass,
  { a, b, output, geometry, terms }: Case,
  widest: 1 | 4,
): string | null {
  const handles: WasmHandle[] = [];
  const memory = (elements: Float32Array): WasmHandle => {
    const handle = wasmDevice.allocate("float32", elements.length) as WasmHandle;
    wasmDevice.write(handle, elements);
    handles.push(handle);
    return handle;
  };
  const operand = (layout: Layout, elements: Float32Array): Operand<WasmHandle> => ({
    ...layout,
    dtype: "float32",
    handle: memory(elements),
  });
  const [left, right] = [a, b].map((layout, i) => {
    const elements = new Float32Array(spanOf(layout));
    fill(elements.subarray(layout.offset), 2 * i + 1);
    return elements;
  });
  if (left === undefined || right === undefined) return "no inputs";
  const type = { shape: output, dtype: "float32" } as const;
  const attributes = geometry ?? {};
  const run = (inputs: readonly Operand<WasmHandle>[]): Operand<WasmHandle> => {
    const layout = wasmDevice.layoutOf(name, inputs, type);
    const result = operand(layout, new Float32Array(output.reduce((size, n) => size * n, 1)));
    wasmDevice.launch(name, inputs, [result], attributes as Conv2dGeometry);
    return result;
  };
  try {
    const inputs = [operand(a, left), operand(b, right)] as const;
    const wanted = run(inputs);
    const sizes = run([operand(a, left.map(Math.abs)), operand(b, right.map(Math.abs))]);
    const result = { ...wanted, handle: memory(new Float32Array(wanted.handle.bytes / 4)) };
    const ready = readyFor({ name, inputs, output: result, geometry }, widest);
    if (typeof ready === "string") return ready;
    launch(engine, residency, ready, result);
    residency.settle(result.handle);
    const [came, expected, scale] = [result, wanted, sizes].map((one) => wasmDevice.read(one));
    return came && expected && scale ? worst(came, expected, scale, terms) : "no results";
  } catch (error) {
    if (error instanceof Loss || !(error instanceof Error)) throw error;
    return String(error.message).split("\n", 1)[0] ?? "an error";
  } finally {
    for (const handle of handles) {
      residency.drop(handle);
      wasmDevice.release(handle);
    }
  }
}

function worst(
  came: ArrayLike<number>,
  expected: ArrayLike<number>,
  scale: ArrayLike<number>,
  terms: number,
): string | null {
  for (let i = 0; i < expected.length; i++) {
    const [got = Number.NaN, want = Number.NaN] = [came[i], expected[i]];
    const room = 2 * terms * 2 ** -24 * (scale[i] ?? 0) + terms * 2 ** -126;
    if (!(Math.abs(got - want) <= room)) {
      return `element ${i} is ${got} where the wasm device has ${want}, ${room} apart at most`;
    }
  }
  return null;
}
