/** Observing a net: what is told, when, and that nothing changes by it. (On each layer: layers-laws.) */
import { describe, expect, test } from "vitest";
import {
  clearGradients,
  grad,
  keep,
  memory,
  noGrad,
  recompute,
  scope,
  setDevice,
  sum,
  type Tensor,
} from "../core/index.ts";
import {
  assemble,
  BatchNorm2d,
  Conv2d,
  Dropout,
  DropPath,
  Flatten,
  type Layer,
  Linear,
  ReLU,
  Residual,
  Sequential,
  Tanh,
} from "../layers/index.ts";
import { sgd } from "../optim/index.ts";
import { bitsOf, noise } from "./plain.ts";

const float64 = { dtype: "float64" } as const;
const make = () =>
  assemble(
    new Sequential([
      new Conv2d(1, 2, { kernel: 3 }),
      new BatchNorm2d(2),
      new ReLU(),
      new Flatten(),
      new Linear(8, 3),
    ]),
    { seed: 1, ...float64 },
  );
const x = noise([4, 1, 4, 4], 1);

describe("an observer", () => {
  test("leaves a layer whose forward is a property of its own as it was", () => {
    const layer = new Tanh();
    const forward = (input: Tensor): Tensor => input;
    Object.assign(layer, { forward });
    let heard = 0;
    const stop = layer.observe({ activation: () => (heard += 1) });
    expect(layer.forward(x)).toBe(x);
    stop();
    expect(layer.forward).toBe(forward);
    expect([layer.forward(x), heard]).toEqual([x, 1]);
  });

  test("hears of every layer in the order of the calls, inner before outer, and of gradients from the last back", () => {
    const net = make();
    const heard: string[] = [];
    const stop = net.observe({
      activation: ({ name }) => heard.push(name),
      gradient: ({ name }) => heard.push(`d${name}`),
    });
    sum(net.forward(x)).backward();
    stop();
    const backward = ["dlinear1", "dsequential", "dflatten", "drelu", "dbatchNorm1", "dconv1"];
    expect(heard).toEqual([
      "conv1",
      "batchNorm1",
      "relu",
      "flatten",
      "linear1",
      "sequential",
      ...backward,
    ]);
  });

  test("of a layer is given what it is given and what it gives, and the loss's derivative by that", () => {
    const net = make();
    const [conv, norm, ...rest] = net.layers;
    if (!conv || !norm) throw new Error("two layers");
    const seen: Tensor[] = [];
    const stop = norm.observe({
      activation: ({ input, output }) => seen.push(keep(input), keep(output)),
      gradient: ({ gradient }) => seen.push(keep(gradient)),
    });
    sum(net.forward(x)).backward();
    stop();
    const [input, output, gradient] = seen.map(bitsOf);
    const given = conv.forward(x);
    const gave = norm.forward(given);
    const tail = (at: Tensor) => sum(rest.reduce((value, layer) => layer.forward(value), at));
    expect([input, output, gradient]).toEqual([given, gave, grad(tail)(gave)].map(bitsOf));
    expect(seen.length).toBe(3);
  });

  test("changes no bit of a training run in which layers give their input itself", () => {
    const branch = () =>
      new Residual(new Sequential([new DropPath(0), new Residual(new Linear(3, 3))]));
    const train = (observed: boolean) => {
      const net = assemble(
        new Sequential([branch(), new Dropout(0), new Tanh(), branch(), new Linear(3, 1)]),
        { seed: 2 },
      );
      const optimizer = sgd(net.parameters(), { learningRate: 1e-3, momentum: 0.9 });
      let sizes = 0;
      if (observed) {
        net.observe({
          activation: ({ output }) => {
            sizes += output.std().item();
          },
          gradient: ({ gradient }) => {
            sizes += gradient.multiply(gradient).sum().item();
          },
        });
      }
      for (let t = 0; t < 5; t++) {
        optimizer.step(() => sum(net.forward(noise([7, 3], t).cast("float32")).square()));
      }
      expect(sizes > 0).toBe(observed);
      return net.parameters().map(bitsOf);
    };
    expect(train(true)).toEqual(train(false));
  });

  test("may be one of many, goes away by itself alone, and leaves no trace behind", () => {
    const net = make();
    const heard: string[] = [];
    const observer = (tag: string) => ({ activation: () => heard.push(tag) });
    const twice = observer("c");
    const [first] = net.layers;
    if (!first) throw new Error("a layer");
    const own = Object.keys(first);
    const stops = [observer("a"), observer("b"), twice, twice].map((each) => first.observe(each));
    first.forward(x);
    expect(heard.splice(0)).toEqual(["a", "b", "c", "c"]);
    stops[0]?.();
    stops[0]?.();
    stops[3]?.();
    first.forward(x);
    expect(heard.splice(0)).toEqual(["b", "c"]);
    stops[2]?.();
    stops[1]?.();
    first.forward(x);
    expect(heard).toEqual([]);
    expect(Object.keys(first)).toEqual(own);
    expect(Object.hasOwn(first, "forward")).toBe(false);
  });

  test("that is gone before the backward pass hears of no gradient", () => {
    const net = make();
    let heard = 0;
    const stop = net.observe({
      gradient: () => {
        heard += 1;
      },
    });
    const loss = sum(net.forward(x));
    stop();
    loss.backward();
    expect(heard).toBe(0);
  });

  test("hears of gradients taken by grad too, of none under noGrad", () => {
    const net = make();
    const heard: string[] = [];
    const stop = net.observe({ gradient: ({ name }) => heard.push(name) });
    noGrad(() => net.forward(x));
    expect(heard).toEqual([]);
    net.freeze();
    grad((at: Tensor) => sum(net.forward(at)))(x);
    expect(heard).toEqual(["linear1", "sequential", "flatten", "relu", "batchNorm1", "conv1"]);
    stop();
  });

  test("hears of a recomputed segment once, and of the gradients inside it", () => {
    const net = make();
    const heard: string[] = [];
    const stop = net.observe({
      activation: ({ name }) => heard.push(name),
      gradient: ({ name }) => heard.push(`d${name}`),
    });
    const again = recompute((at) => net.forward(at));
    sum(again(x)).backward();
    stop();
    expect(heard.filter((name) => !name.startsWith("d"))).toHaveLength(6);
    expect(heard.filter((name) => name.startsWith("d"))).toHaveLength(6);
  });

  test("that computes is recorded by no tape, and what it makes is released when it returns", () => {
    const net = make();
    const made: Tensor[] = [];
    let events = 0;
    const compute = (given: Tensor): void => {
      for (const { storage } of made) expect(storage.released).not.toBeNull();
      const result = given.square();
      expect(result.traces).toEqual([]);
      made.push(result);
      events += 1;
    };
    const stop = net.observe({
      activation: ({ output }) => compute(output),
      gradient: ({ gradient }) => compute(gradient),
    });
    const slope = grad((at: Tensor) => sum(net.forward(at).square()));
    scope(() => {
      sum(net.forward(x)).backward();
      grad((at: Tensor) => sum(slope(at)))(x); // the gradients are themselves followed by a tape here
    });
    stop();
    // Six layers: forward and back, then forward, back, and back through both.
    expect(events).toBeGreaterThanOrEqual(4 * 6);
    for (const { storage } of made) expect(storage.released).not.toBeNull();
  });

  test("leaves no memory behind", () => {
    setDevice("wasm");
    const net = make();
    const watching = () => {
      const stop = net.observe({ gradient: ({ gradient }) => void gradient.square().sum() });
      scope(() => {
        sum(net.forward(x)).backward();
      });
      clearGradients(net.parameters());
      stop();
      return memory().live;
    };
    const before = watching();
    expect(watching()).toBe(before);
  });
});

describe("names", () => {
  test("of layers are those of their cells, of others their kinds", () => {
    const names = (net: Layer) => [...net.walk()].map(({ name }) => name);
    expect(names(make())).toEqual([
      "sequential",
      "conv1",
      "batchNorm1",
      "relu",
      "flatten",
      "linear1",
    ]);
    expect(names(new Sequential([new Linear(1, 1)]))).toEqual(["sequential", "linear"]);
  });
});
