/** Normalization: statistics are those of the bytes, each kind undoes itself, and centring frees the signs. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  arrayDataset,
  centering,
  channelStatistics,
  type Examples,
  type ImageSet,
  type InvertibleNormalization,
  imageDataset,
  moments,
  normalize,
  pcaWhitening,
  perChannel,
  perExample,
  perPixel,
  pixelMean,
  takeFirst,
  zcaWhitening,
} from "../core/data/index.ts";
import {
  grad,
  matmul,
  multiply,
  ShapeError,
  sum,
  type Tensor,
  tanh,
  tensor,
  ValueError,
} from "../core/index.ts";
import { elementsAt, gaussian, imageOf, imageSets, noiseImages, upTo } from "./data-samples.ts";
import golden from "./golden/data.json" with { type: "json" };
import { messageOf, numbers } from "./plain.ts";

/** x as a dataset of float64 rows. */
function rows(data: Float64Array, size: number): Examples<"x"> {
  const field = { shape: [size], dtype: "float64" } as const;
  return arrayDataset(data.length / size, { x: field }, { x: data });
}

/** Correlated rows with variances that differ by some powers of ten: x = A·z + 3. */
function correlated(count: number, size: number, seed: number): Float64Array {
  const z = gaussian(count * size, seed);
  const a = gaussian(size * size, seed + 1);
  const out = new Float64Array(count * size);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < size; i++) {
      let value = 3;
      for (let j = 0; j <= i; j++) {
        value += ((i === j ? 2 : (a[i * size + j] ?? 0)) * (z[n * size + j] ?? 0)) / (1 + j);
      }
      out[n * size + i] = value;
    }
  }
  return out;
}

/** The covariance with divisor N, by another formula than the library's: pairs of differences, over 2N². */
function covarianceOf(data: readonly number[], size: number): readonly number[] {
  const count = data.length / size;
  return upTo(size * size).map((at) => {
    const [i, j] = [Math.floor(at / size), at % size];
    let total = 0;
    for (let m = 0; m < count; m++) {
      for (let n = 0; n < m; n++) {
        const di = (data[m * size + i] ?? 0) - (data[n * size + i] ?? 0);
        total += di * ((data[m * size + j] ?? 0) - (data[n * size + j] ?? 0));
      }
    }
    return total / (count * count);
  });
}

describe("perChannel", () => {
  test.prop([imageSets, fc.boolean()], { seed: 41, numRuns: 200 })(
    "data-per-channel: transform then inverse is the identity to rounding, with and without dividing by the std",
    (set, divide) => {
      const measured = channelStatistics(set);
      if (measured.std.some((std) => std === 0)) return;
      const statistics = divide ? measured : centering(measured);
      const { apply, invert } = perChannel(statistics, set.shape);
      const x = Float64Array.from(imageOf(set, 0), (byte) => byte / 255);
      const [y, back] = [x.map(() => Number.NaN), x.map(() => Number.NaN)];
      apply(x, y);
      invert(y, back);
      // Four roundings, of numbers of at most 1 + |mean| ≤ 2 once the std is multiplied in again: 4·2⁻⁵³·2.
      x.forEach((value, i) => {
        expect(Math.abs((back[i] ?? 0) - value)).toBeLessThanOrEqual(8 * 2 ** -53);
      });
    },
  );

  test.prop([imageSets], { seed: 42, numRuns: 100 })(
    "data-per-channel: its training set has mean 0 and std 1 in every channel afterwards",
    (set) => {
      const statistics = channelStatistics(set);
      if (statistics.std.some((std) => std === 0)) return;
      const [channels, height, width] = set.shape;
      const { apply } = perChannel(statistics, set.shape);
      const values = upTo(channels).map((): number[] => []);
      for (const image of upTo(set.count)) {
        const y = new Float64Array(channels * height * width);
        apply(
          Float64Array.from(imageOf(set, image), (byte) => byte / 255),
          y,
        );
        y.forEach((value, i) => {
          values[Math.floor(i / (height * width))]?.push(value);
        });
      }
      values.forEach((channel, c) => {
        const n = channel.length;
        const mean = channel.reduce((a, b) => a + b, 0) / n;
        const square = channel.reduce((a, b) => a + b * b, 0) / n;
        // Each value is off by 4 ulp of 1/std; n of them are added, which rounds n times.
        const slack = (n + 8) * 2 ** -52 * (1 / (statistics.std[c] ?? 1)) ** 2;
        expect(Math.abs(mean)).toBeLessThanOrEqual(slack);
        expect(Math.abs(square - 1)).toBeLessThanOrEqual(slack);
      });
    },
  );

  test("data-per-channel: is measured on the training set alone: other images change nothing in it", () => {
    const train = toy([10, 20, 30, 40]);
    const statistics = channelStatistics(train);
    const [first, second] = [toy([1, 2, 3, 4]), toy([1, 2, 250, 250])];
    const firstOf = (test: ImageSet): readonly number[] =>
      (elementsAt(imageDataset(test, statistics), [0, 1])["x"] ?? []).slice(0, 2);
    expect(firstOf(second)).toEqual(firstOf(first));
    expect(firstOf(first)).toEqual(
      [1, 2].map((byte) =>
        Math.fround((byte / 255 - (statistics.mean[0] ?? 0)) / (statistics.std[0] ?? 0)),
      ),
    );
  });

  test("after imageDataset is what imageDataset does in one step, to two more roundings to float32", () => {
    const set = toy([10, 200, 30, 40]);
    const statistics = channelStatistics(set);
    const two = normalize(imageDataset(set), perChannel(statistics, set.shape));
    const one = elementsAt(imageDataset(set, statistics), [0, 1])["x"] ?? [];
    const slack = (2 ** -24 * 2) / (statistics.std[0] ?? 1);
    elementsAt(two, [0, 1])["x"]?.forEach((value, i) => {
      expect(Math.abs(value - (one[i] ?? 0))).toBeLessThanOrEqual(slack);
    });
    expect(elementsAt(two, [0, 1])["y"]).toEqual([0, 0]);
  });
});

/** Images of 1 × 2 pixels in one channel. */
function toy(bytes: readonly number[]): ImageSet {
  const count = bytes.length / 2;
  const labels = new Uint8Array(count);
  const images = Uint8Array.from(bytes);
  return { name: "toy", images, shape: [1, 1, 2], labels, count, classes: ["only"] };
}

describe("perPixel", () => {
  test.prop([imageSets], { seed: 43, numRuns: 100 })(
    "takes away the mean image, exactly summed, and gives it back",
    (set) => {
      const mean = pixelMean(set);
      const size = mean.length;
      mean.forEach((value, i) => {
        const total = upTo(set.count).reduce((sum, n) => sum + (set.images[n * size + i] ?? 0), 0);
        expect(value).toBe(total / (255 * set.count));
      });
      const { apply, invert } = perPixel(mean, set.shape);
      const x = Float64Array.from(imageOf(set, 0), (byte) => byte / 255);
      const [y, back] = [x.map(() => Number.NaN), x.map(() => Number.NaN)];
      apply(x, y);
      invert(y, back);
      // Two roundings of numbers of at most 1.
      x.forEach((value, i) => {
        expect(y[i]).toBe(value - (mean[i] ?? 0));
        expect(Math.abs((back[i] ?? 0) - value)).toBeLessThanOrEqual(2 * 2 ** -53);
      });
    },
  );
});

describe("perExample", () => {
  test("gives every example mean 0 and std 1, whatever its brightness and contrast", () => {
    const { apply } = perExample();
    const x = gaussian(64, 3);
    const [a, b] = [new Float64Array(64), new Float64Array(64)];
    apply(x, a);
    apply(
      x.map((value) => 4 * value + 16),
      b,
    );
    const mean = a.reduce((sum, value) => sum + value, 0) / 64;
    const square = a.reduce((sum, value) => sum + value * value, 0) / 64;
    expect(Math.abs(mean)).toBeLessThan(70 * 2 ** -52); // 64 roundings of numbers near 1
    expect(Math.abs(square - 1)).toBeLessThan(140 * 2 ** -52);
    a.forEach((value, i) => {
      // 4x + 16 is rounded to some 2⁻⁴⁹, a quarter of which is seen after scaling.
      expect(Math.abs(value - (b[i] ?? 0))).toBeLessThan(100 * 2 ** -52);
    });
  });

  test("makes 0 of an even image, and divides by 1/√n at least", () => {
    const { apply } = perExample();
    const out = new Float64Array(4);
    apply(Float64Array.of(7, 7, 7, 7), out);
    expect([...out]).toEqual([0, 0, 0, 0]);
    apply(Float64Array.of(0.25, -0.25, 0.25, -0.25), out);
    expect([...out]).toEqual([0.5, -0.5, 0.5, -0.5]);
  });
});

describe.each([
  ["pcaWhitening", pcaWhitening],
  ["zcaWhitening", zcaWhitening],
])("%s", (name, whitening) => {
  const [count, size] = [60, 6];
  const cases = { seed: 44, numRuns: 20 };

  /** Ratio of the largest variance to the least, which errors of a whitening grow with. */
  function conditionOf(data: Float64Array): number {
    const { covariance } = moments(rows(data, size));
    const { apply } = pcaWhitening({ shape: [size], mean: new Float64Array(size), covariance });
    let least = Infinity;
    // Row i of the whitening has length 1/√λ_i: applied to the axes, its columns.
    const columns = upTo(size).map((j) => {
      const out = new Float64Array(size);
      apply(
        Float64Array.from(upTo(size), (i) => (i === j ? 1 : 0)),
        out,
      );
      return out;
    });
    let largest = 0;
    for (const i of upTo(size)) {
      const variance = 1 / columns.reduce((total, column) => total + (column[i] ?? 0) ** 2, 0);
      largest = Math.max(largest, variance);
      least = Math.min(least, variance);
    }
    return largest / least;
  }

  test.prop([fc.nat(1000)], cases)("gives its training set the covariance I", (seed) => {
    const data = correlated(count, size, seed);
    const ready = normalize(rows(data, size), whitening(moments(rows(data, size))));
    const covariance = covarianceOf(elementsAt(ready, upTo(count))["x"] ?? [], size);
    // Covariance (count terms) and Jacobi's rotations (some size of them on each axis) are off by (count + 10·size)
    // roundings relative to the largest variance; whitening divides that by the least.
    const slack = (count + 10 * size) * size * 2 ** -53 * conditionOf(data);
    covariance.forEach((value, at) => {
      const expected = Math.floor(at / size) === at % size ? 1 : 0;
      expect(Math.abs(value - expected)).toBeLessThanOrEqual(slack);
    });
  });

  test.prop([fc.nat(1000)], cases)("and its inverse are the identity to rounding", (seed) => {
    const data = correlated(count, size, seed);
    const { apply, invert } = whitening(moments(rows(data, size)), { epsilon: 0.01 });
    const x = data.subarray(0, size);
    const [y, back] = [new Float64Array(size), new Float64Array(size)];
    apply(x, y);
    invert(y, back);
    const scale = Math.max(...data.map(Math.abs));
    const slack = 10 * size * size * 2 ** -53 * scale * Math.sqrt(conditionOf(data));
    x.forEach((value, i) => {
      expect(Math.abs((back[i] ?? 0) - value)).toBeLessThanOrEqual(slack);
    });
  });

  test("with epsilon leaves λ/(λ + ε) of each variance", () => {
    // Variances 4, 1 and 1/4 along the axes, exactly: points ±√3·σ on each of three axes.
    const sigmas = [2, 1, 0.5];
    const data = Float64Array.from(
      sigmas.flatMap((sigma, i) =>
        [1, -1].flatMap((sign) => upTo(3).map((j) => (i === j ? sign * sigma : 0))),
      ),
    );
    const ready = normalize(rows(data, 3), whitening(moments(rows(data, 3)), { epsilon: 0.5 }));
    const covariance = covarianceOf(elementsAt(ready, upTo(6))["x"] ?? [], 3);
    sigmas.forEach((sigma, i) => {
      const variance = (sigma * sigma) / 3;
      expect(covariance[4 * i]).toBeCloseTo(variance / (variance + 0.5), 14);
    });
  });

  test("refuses directions without variance, unless epsilon gives them one", () => {
    const flat = rows(Float64Array.of(1, 5, 5, 5), 2);
    expect(messageOf(() => whitening(moments(flat)), ValueError)).toBe(
      `${name}: expected epsilon to leave every direction a variance above 1.7763568394002505e-15, 2^-52·2 of the largest, got 0 where 1 of 2 directions have less. Give a small epsilon, or more examples than elements of x.`,
    );
    expect(whitening(moments(flat), { epsilon: 1e-6 }).name).toBe(name);
    expect(() => whitening(moments(flat), { epsilon: -1 })).toThrow(ValueError);
  });
});

test("whitening is NumPy's to 1e-10, by its mean, covariance and eigenvalues", () => {
  const { size, epsilon, x, mean, covariance, pca, zca } = golden.whitening;
  const set = rows(Float64Array.from(x), size);
  const measured = moments(set);
  const close = (own: readonly number[], theirs: readonly number[]): void => {
    expect(own.length).toBe(theirs.length);
    own.forEach((value, i) => {
      expect(Math.abs(value - (theirs[i] ?? Number.NaN))).toBeLessThanOrEqual(1e-10);
    });
  };
  close([...measured.mean], mean);
  close([...measured.covariance], covariance);
  const all = upTo(x.length / size);
  close(elementsAt(normalize(set, pcaWhitening(measured, { epsilon })), all)["x"] ?? [], pca);
  close(elementsAt(normalize(set, zcaWhitening(measured, { epsilon })), all)["x"] ?? [], zca);
});

test("zcaWhitening is symmetric and moves x less than pcaWhitening does", () => {
  const data = correlated(60, 4, 5);
  const measured = moments(rows(data, 4));
  const movement = (whitening: InvertibleNormalization): number => {
    const moved = elementsAt(normalize(rows(data, 4), whitening), upTo(60))["x"] ?? [];
    return moved.reduce((total, value, i) => {
      const difference = value - ((data[i] ?? 0) - (measured.mean[i % 4] ?? 0));
      return total + difference * difference;
    }, 0);
  };
  expect(movement(zcaWhitening(measured))).toBeLessThan(movement(pcaWhitening(measured)));
  const { apply } = zcaWhitening({ ...measured, mean: new Float64Array(4) });
  const columns = upTo(4).map((j) => {
    const out = new Float64Array(4);
    apply(
      Float64Array.from(upTo(4), (i) => (i === j ? 1 : 0)),
      out,
    );
    return out;
  });
  for (const i of upTo(4)) {
    for (const j of upTo(4)) expect(columns[i]?.[j]).toBeCloseTo(columns[j]?.[i] ?? Number.NaN, 13);
  }
});

describe("the gradient of a unit's weights", () => {
  const [inputs, units] = [12, 5];
  const shape = [1, 3, 4];
  const images = noiseImages(20, shape, { seed: 6 });
  const weights = tensor(gaussian(inputs * units, 7), { shape: [inputs, units] });
  const out = tensor(gaussian(units, 8), { shape: [units, 1] });

  /** ∂L/∂w [inputs, units] and δ = ∂L/∂(preactivation) [units] of one example, for L = (out·tanh(x·w))². */
  function gradients(x: readonly number[]): { w: readonly number[]; delta: readonly number[] } {
    const row = tensor(Float64Array.from(x), { shape: [1, inputs] });
    const lossOf = (before: Tensor): Tensor => {
      const y = matmul(tanh(before), out);
      return sum(multiply(y, y));
    };
    return {
      w: numbers(grad((w: Tensor) => lossOf(matmul(row, w)))(weights)),
      delta: numbers(grad(lossOf)(matmul(row, weights))),
    };
  }

  /** Of one unit, the sign of its δ and those of the components. */
  function signsOf(x: readonly number[], unit: number): { delta: number; w: readonly number[] } {
    const { w, delta } = gradients(x);
    const own = upTo(inputs).map((i) => Math.sign(w[i * units + unit] ?? 0));
    return { delta: Math.sign(delta[unit] ?? 0), w: own };
  }

  const positive = upTo(20).map((position) =>
    (elementsAt(images, [position])["x"] ?? []).map((value) => value + 0.01),
  );

  test.each(upTo(20))(
    "data-centering: for positive example %i it has the sign of the unit's δ throughout",
    (n) => {
      for (const unit of upTo(units)) {
        const { delta, w } = signsOf(positive[n] ?? [], unit);
        expect(delta).not.toBe(0);
        expect(w).toEqual(new Array(inputs).fill(delta));
      }
    },
  );

  test("data-centering: after centring it has both signs, for every example and unit", () => {
    const mean = positive.flat().reduce((a, b) => a + b, 0) / positive.flat().length;
    const { apply } = perChannel({ mean: [mean], std: [1] }, [1, 3, 4]);
    for (const x of positive) {
      const centred = new Float64Array(inputs);
      apply(Float64Array.from(x), centred);
      for (const unit of upTo(units)) {
        expect(new Set(signsOf([...centred], unit).w)).toEqual(new Set([-1, 1]));
      }
    }
  });
});

describe("normalize refuses", () => {
  const images = noiseImages(2, [1, 2, 2]);
  test("an x of another shape than the normalization was made for", () => {
    const other = perPixel(new Float64Array(9), [1, 3, 3]);
    expect(messageOf(() => normalize(images, other), ShapeError)).toBe(
      "normalize: expected dataset to have x [1, 3, 3], as the normalization was made for, got [1, 2, 2]. Measure the training set that these examples belong to.",
    );
  });

  test("statistics that do not fit", () => {
    expect(messageOf(() => perPixel(new Float64Array(3), [1, 2, 2]), ShapeError)).toBe(
      "perPixel: expected mean to hold 4 numbers, one for each element of [1, 2, 2], got 3. Use pixelMean of the training set.",
    );
    expect(messageOf(() => perChannel({ mean: [0], std: [0] }, [1, 2, 2]), ValueError)).toBe(
      "perChannel: expected statistics to have 1 means and 1 stds > 0, one for each channel, got mean [0], std [0]. Use channelStatistics of the training set.",
    );
  });

  test("nothing to measure", () => {
    const none = rows(new Float64Array(0), 2);
    expect(messageOf(() => moments(none), ValueError)).toBe(
      "moments: expected dataset to hold at least one example, got none. Measure a set that is not empty.",
    );
    const empty = { ...takeFirst(toy([1, 2]), 1), count: 0 };
    expect(messageOf(() => pixelMean(empty), ValueError)).toBe(
      "pixelMean: expected set to hold at least one image, got none. Measure a set that is not empty.",
    );
  });
});
