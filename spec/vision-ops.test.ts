/**
 * What the laws do not reach in convolution, pooling, normalization, dropout and random tensors: options of the
 * public functions, streams, NaN, and one example against a batch. Rests on core.
 */
import { describe, expect, test } from "vitest";
import {
  avgPool2d,
  batchNorm,
  batchNormInference,
  conv2d,
  convTranspose2d,
  type DType,
  dropout,
  grad,
  groupNorm,
  layerNorm,
  maxPool2d,
  ones,
  RandomSource,
  randomBernoulli,
  randomIntegers,
  randomNormal,
  randomTruncatedNormal,
  randomUniform,
  reshape,
  type Shape,
  slice,
  sum,
  type Tensor,
  tensor,
  ValueError,
  zeros,
} from "../core/index.ts";
import {
  fillBernoulli,
  fillIntegers,
  fillNormal,
  fillTruncatedNormal,
  fillUniform,
} from "../core/random/index.ts";

const list = (x: Tensor): readonly number[] => Array.from(x.elements());
const stream = (name: string): ReturnType<RandomSource["stream"]> =>
  new RandomSource(11).stream(name);
const normal = (name: string, shape: Shape): Tensor =>
  randomNormal(shape, { stream: stream(name) });

describe("convolution", () => {
  test("the bias is added to each pixel of its channel, and its gradient counts them", () => {
    const [x, weight] = [zeros([2, 1, 3, 3]), ones([2, 1, 2, 2])];
    const bias = tensor([1, -2]);
    expect(list(conv2d(x, weight, { bias })).slice(0, 8)).toEqual([1, 1, 1, 1, -2, -2, -2, -2]);
    const gradient = grad((b: Tensor) => sum(conv2d(x, weight, { bias: b })))(bias);
    expect(list(gradient)).toEqual([8, 8]);
  });

  test.each([
    ["conv2d", () => conv2d(zeros([1, 1, 3, 3]), ones([2, 1, 2, 2]), { bias: zeros([3]) })],
    [
      "convTranspose2d",
      () => convTranspose2d(zeros([1, 1, 3, 3]), ones([1, 2, 2, 2]), { bias: zeros([3]) }),
    ],
  ])("%s refuses a bias of another length than its output channels", (name, run) => {
    expect(run).toThrow(
      `${name}: expected bias to be [2], one number for each output channel, got [3]. Reshape it, or make one of that length.`,
    );
  });

  test("a bias of another dtype is refused", () => {
    const bias = zeros([1], { dtype: "float64" });
    expect(() => conv2d(zeros([1, 1, 3, 3]), ones([1, 1, 2, 2]), { bias })).toThrow(
      'conv2d: expected bias to have the dtype of x, float32, got float64. Cast one of them, for example bias.cast("float32").',
    );
  });

  test('"same" gives ⌈length/stride⌉ pixels, for every length, stride, kernel and dilation', () => {
    for (let length = 1; length <= 7; length++) {
      for (const stride of [1, 2, 3]) {
        for (const size of [1, 2, 3, 4]) {
          for (const dilation of [1, 2]) {
            const options = { padding: "same", stride, dilation } as const;
            const y = conv2d(ones([1, 1, length, 1]), ones([1, 1, size, 1]), options);
            expect(y.shape).toEqual([1, 1, Math.ceil(length / stride), 1]);
          }
        }
      }
    }
  });

  test("a word other than same is refused as padding", () => {
    const options = JSON.parse('{ "padding": "valid" }');
    expect(() => conv2d(ones([1, 1, 2, 2]), ones([1, 1, 1, 1]), options)).toThrow(
      'conv2d: expected padding to be "same" or numbers of pixels, got "valid". Give 0 for what is elsewhere called "valid".',
    );
  });

  test("an example alone has the same bits as in a batch, forwards and in its own gradient", () => {
    const x = normal("x", [5, 3, 9, 8]);
    const weight = normal("weight", [4, 3, 3, 3]);
    const loss = (images: Tensor): Tensor => sum(conv2d(images, weight, { stride: 2, padding: 1 }));
    const third = slice(x, [[2, 3]]);
    const y = conv2d(x, weight, { stride: 2, padding: 1 });
    const alone = conv2d(third, weight, { stride: 2, padding: 1 });
    expect(list(alone)).toEqual(list(slice(y, [[2, 3]])));
    expect(list(grad(loss)(third))).toEqual(list(slice(grad(loss)(x), [[2, 3]])));
  });

  test("an image too large for one block of columns gives what its halves give", () => {
    // 25 taps on 64 columns: blocks of 20 rows; each half with its halo is cut into other blocks.
    const x = normal("tall", [1, 1, 68, 68]);
    const weight = normal("kernel", [2, 1, 5, 5]);
    const top = conv2d(slice(x, [null, null, [0, 37]]), weight);
    const bottom = conv2d(slice(x, [null, null, [33, 68]]), weight);
    const whole = conv2d(x, weight);
    expect(list(slice(whole, [null, null, [0, 33]]))).toEqual(list(top));
    expect(list(slice(whole, [null, null, [33, 64]]))).toEqual(list(bottom));
  });

  test("a transposed convolution undoes the shape of a convolution, whatever the stride left out", () => {
    for (const [length, outputPadding] of [
      [7, 0],
      [8, 1],
    ] as const) {
      const options = { stride: 2, padding: 1 };
      const small = conv2d(ones([1, 1, length, length]), ones([1, 1, 3, 3]), options);
      const large = convTranspose2d(small, ones([1, 1, 3, 3]), { ...options, outputPadding });
      expect(large.shape).toEqual([1, 1, length, length]);
    }
  });
});

describe("pooling", () => {
  test("the stride is the window where absent", () => {
    expect(maxPool2d(ones([1, 1, 6, 9]), { window: [2, 3] }).shape).toEqual([1, 1, 3, 3]);
    expect(avgPool2d(ones([1, 1, 6, 9]), { window: [2, 3] }).shape).toEqual([1, 1, 3, 3]);
  });

  test("a NaN wins in each window that sees it, and −∞ alone is found where it is", () => {
    const x = tensor([[[[1, Number.NaN, 3, -Infinity, -Infinity, 2]]]]);
    expect(list(maxPool2d(x, { window: [1, 2] }))).toEqual([Number.NaN, 3, 2]);
    const low = tensor([[[[-Infinity, -Infinity]]]]);
    const gradient = grad((u: Tensor) => sum(maxPool2d(u, { window: [1, 2] })))(low);
    expect(list(gradient)).toEqual([1, 0]);
  });
});

describe("normalization", () => {
  test("null for γ and β is 1 and 0, bit for bit", () => {
    const x = normal("batch", [3, 4, 2]);
    const [gamma, beta] = [ones([4]), zeros([4])];
    expect(list(batchNorm(x, null, null).output)).toEqual(list(batchNorm(x, gamma, beta).output));
    const group = (g: Tensor | null, b: Tensor | null): readonly number[] =>
      list(groupNorm(x, g, b, { groups: 2 }));
    expect(group(null, null)).toEqual(group(gamma, beta));
    expect(list(layerNorm(x, null, null))).toEqual(list(layerNorm(x, ones([2]), zeros([2]))));
    expect(list(batchNorm(x, null, gamma).output)).toEqual(list(batchNorm(x, gamma, gamma).output));
  });

  type Normalize = (x: Tensor, gamma: Tensor | null, beta: Tensor | null) => Tensor;
  const statistics = [normal("mean", [4]), ones([4])] as const;
  const normalizations: readonly (readonly [string, Normalize])[] = [
    ["batchNorm", (x, g, b) => batchNorm(x, g, b).output],
    ["batchNormInference", (x, g, b) => batchNormInference(x, g, b, ...statistics)],
    ["groupNorm", (x, g, b) => groupNorm(x, g, b, { groups: 2 })],
    ["layerNorm", (x, g, b) => layerNorm(x, g, b)],
  ];

  test.each(normalizations)("of %s, null for either parameter alone is 1 or 0", (_, normalize) => {
    const [x, gamma, beta] = [normal("x", [3, 4]), normal("gamma", [4]), normal("beta", [4])];
    const [one, none] = [ones([4]), zeros([4])];
    expect(list(normalize(x, gamma, null))).toEqual(list(normalize(x, gamma, none)));
    expect(list(normalize(x, null, beta))).toEqual(list(normalize(x, one, beta)));
    expect(list(normalize(x, null, null))).toEqual(list(normalize(x, one, none)));
    expect(list(normalize(x, gamma, beta))).not.toEqual(list(normalize(x, one, none)));
  });

  test.each(normalizations)(
    "%s refuses a parameter that does not fit beside a null",
    (name, normalize) => {
      const [x, wrong] = [normal("x", [3, 4]), ones([3])];
      expect(() => normalize(x, wrong, null)).toThrow(`${name}: expected gamma to be [4]`);
      expect(() => normalize(x, null, wrong)).toThrow(`${name}: expected beta to be [4]`);
    },
  );

  test("batchNormInference refuses statistics that do not fit, without parameters too", () => {
    const [x, wrong] = [normal("x", [3, 4]), ones([3])];
    const [mean, variance] = statistics;
    expect(() => batchNormInference(x, null, null, wrong, variance)).toThrow(
      "batchNormInference: expected mean to be [4], one number for each channel, got [3].",
    );
    expect(() => batchNormInference(x, null, null, mean, wrong)).toThrow(
      "batchNormInference: expected variance to be [4], one number for each channel, got [3].",
    );
  });

  test.each([
    ["batchNorm", (x: Tensor, g: Tensor) => batchNorm(x, g, g).output],
    ["batchNormInference", (x: Tensor, g: Tensor) => batchNormInference(x, g, g, g, g)],
    ["groupNorm", (x: Tensor, g: Tensor) => groupNorm(x, g, g, { groups: 1 })],
    ["layerNorm", (x: Tensor, g: Tensor) => layerNorm(x, g, g)],
  ])("%s refuses what is no tensor in its own name", (name, normalize) => {
    const nothing: Tensor = JSON.parse("[[1]]");
    expect(() => normalize(nothing, ones([1]))).toThrow(
      `${name}: expected x to be a tensor, got a plain array. Make one with tensor(data).`,
    );
  });

  test("equal elements are exactly 0 after normalization, however their mean would round", () => {
    for (const value of [0.1, 1 / 3, 1e7 + 0.3]) {
      const x = tensor(new Array<number>(7).fill(value), { dtype: "float64" });
      expect(list(layerNorm(x, null, null))).toEqual([0, 0, 0, 0, 0, 0, 0]);
      const { variance } = batchNorm(reshape(x, [7, 1]), null, null);
      expect(list(variance)).toEqual([0]);
    }
  });
});

describe("dropout", () => {
  const x = ones([101]);

  test("rate 0 returns x itself, and takes as many blocks as any other rate", () => {
    const [still, moving] = [stream("drop"), stream("drop")];
    expect(dropout(x, { rate: 0, stream: still })).toBe(x);
    dropout(x, { rate: 0.5, stream: moving });
    expect(still.position).toBe(51);
    expect(moving.position).toBe(51);
  });

  test("what is kept at one rate is kept at every smaller one", () => {
    const kept = (rate: number): readonly boolean[] =>
      list(dropout(x, { rate, stream: stream("nested") })).map((y) => y !== 0);
    const [often, seldom] = [kept(0.7), kept(0.2)];
    expect(often.every((keeps, i) => !keeps || seldom[i])).toBe(true);
    expect(often).not.toEqual(seldom);
  });

  test("the gradient has the mask of the forward pass, at every call another", () => {
    const source = stream("mask");
    const twice = (u: Tensor): Tensor => dropout(u, { rate: 0.5, stream: source });
    const first = twice(x);
    expect(list(twice(x))).not.toEqual(list(first));
    source.position = 0;
    expect(list(grad((u: Tensor) => sum(twice(u)))(x))).toEqual(list(first));
  });

  test("a refused rate leaves the stream where it was", () => {
    const untouched = stream("refused");
    expect(() => dropout(x, { rate: 1, stream: untouched })).toThrow("rate");
    expect(untouched.position).toBe(0);
  });
});

describe("random tensors", () => {
  const draws: readonly (readonly [
    string,
    (shape: Shape, s: ReturnType<typeof stream>) => Tensor,
  ])[] = [
    ["randomUniform", (shape, s) => randomUniform(shape, { stream: s })],
    ["randomNormal", (shape, s) => randomNormal(shape, { stream: s })],
    ["randomTruncatedNormal", (shape, s) => randomTruncatedNormal(shape, { stream: s })],
    ["randomIntegers", (shape, s) => randomIntegers(shape, { stream: s, low: 0, high: 99 })],
    ["randomBernoulli", (shape, s) => randomBernoulli(shape, { stream: s, probability: 0.5 })],
  ];

  test.each(draws)("%s depends on the elements before it, not on the shape around", (_, draw) => {
    const [flat, square] = [stream("shape"), stream("shape")];
    expect(list(draw([3, 3], square))).toEqual(list(draw([12], flat)).slice(0, 9));
    expect([square.position, flat.position]).toEqual([5, 6]);
  });

  test.each(draws)("%s refuses a negative length and leaves the stream alone", (name, draw) => {
    const untouched = stream("refused");
    expect(() => draw([-1], untouched)).toThrow(`${name}: expected shape to hold integers ≥ 0`);
    expect(untouched.position).toBe(0);
  });

  test("each draws the numbers that its fill writes, by default standard ones", () => {
    const [n, { key }] = [33, stream("fill")];
    const floats = (fill: (out: Float32Array) => void): readonly number[] => {
      const out = new Float32Array(n);
      fill(out);
      return [...out];
    };
    const whole = new Int32Array(n);
    fillIntegers(whole, key, 0, -5, 5);
    const coins = new Uint8Array(n);
    fillBernoulli(coins, key, 0, 0.25);
    expect(new Set(coins)).toEqual(new Set([0, 1]));
    const wanted = {
      randomUniform: floats((out) => fillUniform(out, key, 0, 0, 1)),
      randomNormal: floats((out) => fillNormal(out, key, 0, 0, 1)),
      randomTruncatedNormal: floats((out) => fillTruncatedNormal(out, key, 0, 0, 1, -2, 2)),
      randomIntegers: [...whole],
      randomBernoulli: [...coins],
    };
    const from = (): { readonly stream: ReturnType<typeof stream> } => ({ stream: stream("fill") });
    expect({
      randomUniform: list(randomUniform([n], from())),
      randomNormal: list(randomNormal([n], from())),
      randomTruncatedNormal: list(randomTruncatedNormal([n], from())),
      randomIntegers: list(randomIntegers([n], { ...from(), low: -5, high: 5 })),
      randomBernoulli: list(randomBernoulli([n], { ...from(), probability: 0.25 })),
    }).toEqual(wanted);
  });

  test("a bound that float32 cannot hold is one in float64", () => {
    const draw = (dtype: DType): Tensor =>
      randomUniform([3], { stream: stream("wide"), low: 0, high: 1e39, dtype });
    expect(Math.max(...list(draw("float64")))).toBeGreaterThan(1e38);
    expect(() => draw("float32")).toThrow("expected high to be a finite float32, got 1e+39");
  });

  test("a refusal in the function's name has the fill's own as its cause", () => {
    try {
      randomNormal([1], { stream: stream("refused"), std: -1 });
      expect.unreachable();
    } catch (error) {
      const { cause } = error as ValueError;
      expect(error).toBeInstanceOf(ValueError);
      expect(cause).toBeInstanceOf(ValueError);
      expect((cause as ValueError).where).toBe("fillNormal");
    }
  });

  test("float32 draws are the float64 draws, rounded", () => {
    const wide = randomNormal([50], { stream: stream("wide"), dtype: "float64" });
    const narrow = randomNormal([50], { stream: stream("wide") });
    expect(list(narrow)).toEqual(list(wide).map(Math.fround));
  });
});
