/**
 * What a batch must do: permuted, its gradients are permuted and those of weights stay; split and accumulated, it gives the
 * gradient of the whole, but for batch normalisation. And what normalisation must do when its input is scaled by 2^k.
 * Rests on claim, core and layers.
 */
import fc from "fast-check";
import {
  batchNorm,
  type DType,
  functionalCall,
  grad,
  groupNorm,
  index,
  layerNorm,
  multiply,
  type Shape,
  scope,
  slice,
  sum,
  type Tensor,
  tensor,
} from "../../core/index.ts";
import { permutation, RandomSource } from "../../core/random/index.ts";
import {
  assemble,
  BatchNorm2d,
  Conv2d,
  Flatten,
  type Layer,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from "../../layers/index.ts";
import { noise } from "../laws/noise.ts";
import { claimOf, type Metamorphic, mustEqual, seeds, smallIntegers } from "./claim.ts";

const image: Shape = [2, 6, 6];

/** A small convolutional net, with batch normalisation or without. */
function net(middle: readonly Layer[]): Layer {
  const body = [
    new Conv2d(2, 4, { kernel: 3 }),
    ...middle,
    new ReLU(),
    new MaxPool2d({ window: 2 }),
  ];
  return assemble(new Sequential([...body, new Flatten(), new Linear(16, 3)]), {
    dtype: "float64",
  });
}

/** Whole numbers for all parameters: every sum below is exact. */
function integerParameters(layer: Layer, seed: number): Record<string, Tensor> {
  const named = Object.entries(layer.namedParameters());
  return Object.fromEntries(
    named.map(([name, { shape }], i) => [name, smallIntegers(shape, seed + i, "float64")]),
  );
}

/** Gradients of Σ c·f(x), where c are fixed whole numbers for each example. */
function slopes(
  layer: Layer,
  p: Record<string, Tensor>,
  x: Tensor,
  c: Tensor,
): { readonly p: Record<string, Tensor>; readonly x: Tensor } {
  const loss = (q: Record<string, Tensor>, at: Tensor): Tensor =>
    sum(multiply(functionalCall(layer, q, at), c));
  return { p: grad(loss)(p, x), x: grad((at: Tensor) => loss(p, at))(x) };
}

const batches = fc.record({ seed: seeds, batch: fc.integer({ min: 2, max: 9 }) });

const permuted = claimOf(
  "permuted batch",
  "permuting a batch permutes the gradients of its examples and leaves those of the weights, bit for bit on integers",
  batches,
  ({ seed, batch }) =>
    scope(() => {
      const plain = net([]);
      const p = integerParameters(plain, seed);
      const x = smallIntegers([batch, ...image], seed + 50, "float64");
      const c = smallIntegers([batch, 3], seed + 51, "float64");
      const order = tensor(permutation(new RandomSource(seed).stream("order"), batch));
      const before = slopes(plain, p, x, c);
      const after = slopes(plain, p, index(x, order), index(c, order));
      mustEqual("of the examples", after.x, index(before.x, order));
      for (const [name, slope] of Object.entries(before.p)) {
        mustEqual(`of ${name}`, after.p[name] ?? slope, slope);
      }
    }),
);

/** The gradients of both parts of a batch, added. */
function inParts(layer: Layer, p: Record<string, Tensor>, x: Tensor, c: Tensor, cut: number) {
  const [n = 0] = x.shape;
  const [a, b] = [[0, cut] as const, [cut, n] as const].map(
    (rows) => slopes(layer, p, slice(x, [rows]), slice(c, [rows])).p,
  );
  return Object.entries(p).map(([name, w]) => {
    const added = (a?.[name] ?? w).add(b?.[name] ?? w);
    return [name, added] as const;
  });
}

const split = claimOf(
  "split batch",
  "a batch in two parts, their gradients added, gives the gradient of the whole, bit for bit on integers",
  batches.chain(({ seed, batch }) =>
    fc.record({
      seed: fc.constant(seed),
      batch: fc.constant(batch),
      cut: fc.integer({ min: 1, max: batch - 1 }),
    }),
  ),
  ({ seed, batch, cut }) =>
    scope(() => {
      const plain = net([]);
      const p = integerParameters(plain, seed);
      const x = smallIntegers([batch, ...image], seed + 50, "float64");
      const c = smallIntegers([batch, 3], seed + 51, "float64");
      const whole = slopes(plain, p, x, c).p;
      for (const [name, slope] of inParts(plain, p, x, c, cut)) {
        mustEqual(`of ${name}`, slope, whole[name] ?? slope);
      }
    }),
);

/** Noise, not integers: no two examples are alike, so that statistics of a part are never those of the whole. */
const splitNormalized = claimOf(
  "split and normalized",
  "with batch normalisation the parts' gradients do not add up to the whole's: each part has statistics of its own",
  batches.filter(({ batch }) => batch >= 4),
  ({ seed, batch }) =>
    scope(() => {
      const normalized = net([new BatchNorm2d(4)]);
      const x = noise([batch, ...image], seed + 50);
      const c = noise([batch, 3], seed + 51);
      const p = Object.fromEntries(
        Object.entries(normalized.namedParameters()).map(([name, w], i) => [
          name,
          noise(w.shape, seed + i),
        ]),
      );
      const whole = slopes(normalized, p, x, c).p;
      const first = inParts(normalized, p, x, c, Math.floor(batch / 2))[0];
      if (first === undefined) throw new Error("expected a parameter");
      const [name, parts] = first;
      const a = parts.elements();
      const b = (whole[name] ?? parts).elements();
      const gap = Math.max(...Array.from(a, (value, i) => Math.abs(value - (b[i] ?? Number.NaN))));
      const size = Math.max(...Array.from(b, Math.abs));
      // A thousandth: rounding alone would leave 1e-13.
      if (!(gap > 1e-3 * size)) throw new Error(`${name}: expected a gap, got ${gap} of ${size}`);
    }),
);

const normalizations: Readonly<Record<string, (x: Tensor, epsilon: number) => Tensor>> = {
  batchNorm: (x, epsilon) => batchNorm(x, null, null, { epsilon }).output,
  layerNorm: (x, epsilon) => layerNorm(x, null, null, { axes: 2, epsilon }),
  groupNorm: (x, epsilon) => groupNorm(x, null, null, { groups: 2, epsilon }),
};

const scaled = claimOf(
  "scaled and normalized",
  "normalisation of ±2^k·x with 4^k·ε is ± that of x with ε, bit for bit, and its gradient is 2^-k times that",
  fc.record({
    seed: seeds,
    dtype: fc.constantFrom<DType>("float32", "float64"),
    name: fc.constantFrom(...Object.keys(normalizations)),
    k: fc.integer({ min: -6, max: 6 }),
    sign: fc.constantFrom(1, -1),
  }),
  ({ seed, dtype, name, k, sign }) =>
    scope(() => {
      const f = normalizations[name];
      if (f === undefined) throw new Error(name);
      // 2^k·sign, and ε·4^k: products with powers of two are exact.
      const factor = sign * (k < 0 ? 1 / (1 << -k) : 1 << k);
      const epsilon = 2 ** -10;
      const x = noise([3, 4, 4, 3], seed).cast(dtype);
      const c = noise([3, 4, 4, 3], seed + 1).cast(dtype);
      const slope = (at: Tensor, e: number): Tensor =>
        grad((z: Tensor) => sum(multiply(f(z, e), c)))(at);
      const y = x.multiply(factor);
      const wider = epsilon * factor * factor;
      mustEqual(name, f(y, wider), f(x, epsilon).multiply(sign));
      const expected = slope(x, epsilon).divide(Math.abs(factor));
      mustEqual(`gradient of ${name}`, slope(y, wider), expected);
    }),
);

/** The claims of this file. */
export const batchClaims: readonly Metamorphic[] = [permuted, split, splitNormalized, scaled];
