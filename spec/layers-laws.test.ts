/** The laws of layers, on every exported layer and net, with options drawn at random. */
import { fc } from "@fast-check/vitest";
import { describe, expect, test } from "vitest";
import {
  clearGradients,
  concat,
  functionalCall,
  grad,
  multiply,
  parameter,
  type Shape,
  sin,
  sum,
  type Tensor,
  ValueError,
} from "../core/index.ts";
import { sizeOf } from "../core/shape.ts";
import * as layers from "../layers/index.ts";
import { assemble, Dropout, Layer, ReLU, Sequential } from "../layers/index.ts";
import type { LayerRecord, LayerSample } from "../layers/records/record.ts";
import { layerRegistry } from "../layers/registry.ts";
import { samplerFrom } from "./laws/sampler.ts";
import { bitsOf, distinct, expectSlope, item, noise, numbers, shifted } from "./plain.ts";

/** Seeds of the samples of a record, and of what is drawn for them. Nets take a hundred times as long as layers. */
const seedsOf = (record: LayerRecord) =>
  Array.from({ length: isNet(record) ? 3 : 10 }, (_, index) => 1000 + index);
const dtypes = ["float32", "float64"] as const;
type DType = (typeof dtypes)[number];

/** The same layer again for the same seed. */
function sampleOf({ sample }: LayerRecord, seed: number): LayerSample {
  const [draw] = fc.sample(fc.gen(), { seed, numRuns: 1 });
  if (draw === undefined) throw new Error("a generator");
  return sample(samplerFrom(draw));
}

/** The layer of a seed, assembled, with γ, β and biases that are no longer 1 and 0. */
function made(record: LayerRecord, seed: number, dtype: DType, initialSeed = seed): Layer {
  const { layer } = sampleOf(record, seed);
  assemble(layer, { seed: initialSeed, dtype });
  layer.restore({
    ...layer.state(),
    parameters: Object.fromEntries(
      Object.entries(layer.namedParameters()).map(([name, w], index) => [
        name,
        w.add(multiply(noise(w.shape, initialSeed + index), 0.1).cast(dtype)),
      ]),
    ),
  });
  return layer;
}

const bitsByName = (tensors: Readonly<Record<string, Tensor>>) =>
  Object.fromEntries(Object.entries(tensors).map(([name, x]) => [name, bitsOf(x)]));
const placesOf = (net: Layer) => [...net.walk()].map(({ assembly }) => assembly.stream.position);
const batchOf = (shape: Shape, seed: number, dtype: DType) => noise(shape, seed).cast(dtype);
const isNet = ({ name }: LayerRecord) => /^[a-z]/.test(name);

test("every exported layer and net is in the registry, once, and nothing else is", () => {
  const helpers = ["assemble", "formatSummary", "reestimate", "summary"];
  const bases: readonly unknown[] = [Layer, layers.Normalization];
  const exported = Object.entries(layers)
    .filter(([name, value]) => !helpers.includes(name) && !bases.includes(value))
    .map(([name]) => name);
  expect(layerRegistry.map(({ name }) => name).toSorted()).toEqual(exported.toSorted());
});

describe.each(layerRegistry.map((record) => [record.name, record] as const))("%s", (_, record) => {
  const seeds = seedsOf(record);

  test("gives the shape and dtype it promises, in both modes", () => {
    for (const seed of seeds) {
      const { input, output } = sampleOf(record, seed);
      for (const dtype of dtypes) {
        const net = made(record, seed, dtype);
        for (const mode of [net.train(), net.evaluate()]) {
          const y = mode.forward(batchOf(input, seed, dtype));
          expect([y.shape, y.dtype]).toEqual([output, dtype]);
        }
      }
    }
  });

  test("owns as many parameters as its formula says, before and after it is assembled", () => {
    for (const seed of seeds) {
      const { layer, parameters } = sampleOf(record, seed);
      expect(layer.parameterCount).toBe(parameters);
      const sizes = assemble(layer)
        .parameters()
        .map(({ shape }) => sizeOf(shape));
      expect(sizes.reduce((total, size) => total + size, 0)).toBe(parameters);
    }
  });

  test("is refused before it is assembled, if it owns or draws anything", () => {
    for (const seed of seeds) {
      const { layer, input } = sampleOf(record, seed);
      const free =
        layer.parameterCount === 0 &&
        [...layer.walk()].every(
          (inner) => !inner.drawsRandomly && Object.keys(inner.declareBuffers()).length === 0,
        );
      if (free) expect(layer.forward(noise(input, 1)).rank).toBeGreaterThan(0);
      else expect(() => layer.forward(noise(input, 1))).toThrow(ValueError);
    }
  });

  test("has the gradients that central differences find, in its input and every parameter", () => {
    for (const seed of seeds) {
      const net = made(record, seed, "float64");
      const { input } = sampleOf(record, seed);
      const p = net.namedParameters();
      const x = isNet(record) ? noise(input, seed) : distinct(input, seed);
      const f = (q: Record<string, Tensor>, at: Tensor): Tensor => {
        for (const layer of net.walk()) layer.assembly.stream.position = 0; // the same mask each time
        return sum(sin(functionalCall(net, q, at)));
      };
      /** In nets a short way off, so that no ReLU or maximum changes sides between the points of a difference. */
      const along = (w: Tensor, salt: number) =>
        multiply(noise(w.shape, seed + salt), isNet(record) ? 1e-3 : 1);
      const t = along(x, 1);
      const dx = grad((at: Tensor) => f(p, at))(x);
      expectSlope([item(sum(multiply(dx, t)))], (h) => numbers(f(p, shifted(x, t, h))), 100);
      const dp = grad(f)(p, x);
      for (const [index, [name, w]] of Object.entries(p).entries()) {
        const u = along(w, 2 + index);
        const slope = item(sum(multiply(dp[name] ?? u, u)));
        expectSlope([slope], (h) => numbers(f({ ...p, [name]: shifted(w, u, h) }, x)), 100);
      }
    }
  });

  test("gives an example alone the bits that it has in a batch, when evaluating", () => {
    for (const seed of seeds) {
      const { input } = sampleOf(record, seed);
      for (const dtype of dtypes) {
        const net = made(record, seed, dtype);
        net.forward(batchOf(input, seed + 1, dtype)); // averages move
        net.evaluate();
        const x = batchOf(input, seed, dtype);
        const whole = net.forward(x);
        for (let n = 0; n < (input[0] ?? 0); n++) {
          const alone = net.forward(x.slice([[n, n + 1]]));
          expect(bitsOf(alone)).toBe(bitsOf(whole.slice([[n, n + 1]])));
        }
      }
    }
  });

  test(`in training is as declared: ${record.training}`, () => {
    let neighboursMatter = 0;
    for (const seed of seeds) {
      const net = made(record, seed, "float64");
      const { input } = sampleOf(record, seed);
      const x = noise(input, seed);
      const before = { buffers: bitsByName(net.namedBuffers()), places: placesOf(net) };
      const evaluated = bitsOf(net.evaluate().forward(x));
      const state = () => ({ buffers: bitsByName(net.namedBuffers()), places: placesOf(net) });
      expect(state()).toEqual(before);
      const trained = net.train().forward(x);
      if (record.training === "same") {
        expect(bitsOf(trained)).toBe(evaluated);
        expect(state()).toEqual(before);
      } else if (record.training === "random") {
        expect(evaluated).toBe(bitsOf(x));
        expect(state().places).not.toEqual(before.places);
      } else {
        for (const [name, bits] of Object.entries(state().buffers)) {
          expect(bits, name).not.toBe(before.buffers[name]);
        }
        // The first example with another neighbour. (After pooling and ReLUs it may notice nothing.)
        const others = noise(input, seed + 1).slice([[1, input[0] ?? 0]]);
        const first = (y: Tensor) => bitsOf(y.slice([[0, 1]]));
        const together = concat([x.slice([[0, 1]]), others]);
        if (first(net.forward(together)) !== first(trained)) neighboursMatter += 1;
      }
    }
    if (record.training === "batch") expect(neighboursMatter).toBeGreaterThan(seeds.length / 2);
  });

  test("put back into another net, its state gives the next training step and all later ones the same bits", () => {
    for (const seed of seeds) {
      const { input } = sampleOf(record, seed);
      const net = made(record, seed, "float32");
      const other = made(record, seed, "float32", seed + 7);
      for (const step of [1, 2]) net.forward(batchOf(input, seed + step, "float32"));
      other.forward(batchOf(input, seed, "float32"));
      other.restore(net.state());
      expect(bitsByName(other.namedParameters())).toEqual(bitsByName(net.namedParameters()));
      expect(placesOf(other).slice(1)).toEqual(placesOf(net).slice(1));
      for (const step of [3, 4]) {
        const x = batchOf(input, seed + step, "float32");
        expect(bitsOf(other.forward(x))).toBe(bitsOf(net.forward(x)));
      }
      const x = batchOf(input, seed, "float32");
      expect(bitsOf(other.evaluate().forward(x))).toBe(bitsOf(net.evaluate().forward(x)));
    }
  });

  test("keeps its names and first values when dropouts and activations come before and after it", () => {
    for (const seed of seeds) {
      const alone = assemble(new Sequential([sampleOf(record, seed).layer]), { seed });
      const amid = assemble(
        new Sequential([
          new Dropout(0.5),
          new ReLU(),
          sampleOf(record, seed).layer,
          new Dropout(0.1),
        ]),
        { seed },
      );
      expect(bitsByName(amid.namedParameters())).toEqual(bitsByName(alone.namedParameters()));
      expect(bitsByName(amid.namedBuffers())).toEqual(bitsByName(alone.namedBuffers()));
    }
  });

  test("frozen gives its parameters no gradients, and its input the same; thawed, it gives all again", () => {
    for (const seed of seeds) {
      const net = made(record, seed, "float64");
      const x = parameter(noise(sampleOf(record, seed).input, seed));
      const gradients = () => {
        for (const { assembly } of net.walk()) assembly.stream.position = 0;
        clearGradients([...net.parameters(), x]);
        sum(sin(net.forward(x))).backward();
        return [x, ...net.parameters()].map(({ grad }) => grad && bitsOf(grad));
      };
      const [atInput, ...atParameters] = gradients();
      expect(atParameters).not.toContain(null);
      net.freeze();
      expect(net.parameters().map((w) => w.grad)).toEqual(atParameters.map(() => null));
      expect(gradients()).toEqual([atInput, ...atParameters.map(() => null)]);
      net.unfreeze();
      expect(gradients()).toEqual([atInput, ...atParameters]);
    }
  });

  test("observed, it gives the same bits, values and gradients, and tells of its own output and gradient", () => {
    for (const seed of seeds) {
      const net = made(record, seed, "float64");
      const x = parameter(noise(sampleOf(record, seed).input, seed));
      const run = () => {
        for (const { assembly } of net.walk()) assembly.stream.position = 0;
        clearGradients([...net.parameters(), x]);
        const y = net.forward(x);
        sum(sin(y)).backward();
        const gradients = [x, ...net.parameters()].map(({ grad }) => grad && bitsOf(grad));
        return { y: bitsOf(y), gradients, cos: bitsOf(grad((at: Tensor) => sum(sin(at)))(y)) };
      };
      const plain = run();
      const told: string[] = [];
      const stop = net.observe({
        activation: ({ layer, output }) => {
          if (layer === net) told.push(bitsOf(output));
        },
        gradient: ({ layer, gradient }) => {
          if (layer === net) told.push(bitsOf(gradient));
        },
      });
      expect(run()).toEqual(plain);
      expect(told[0]).toBe(plain.y);
      expect(told[1]).toBe(plain.cos);
      expect(told.length).toBe(2);
      stop();
      expect(run()).toEqual(plain);
      expect(told.length).toBe(2);
    }
  });
});
