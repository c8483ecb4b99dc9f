/** functionalCall: a net as a pure function of its parameters, so that every transform applies to real nets. */
import { describe, expect, test } from "vitest";
import {
  crossEntropy,
  functionalCall,
  grad,
  hvp,
  jvp,
  multiply,
  square,
  subtract,
  sum,
  type Tensor,
  tensor,
  ValueError,
} from "../core/index.ts";
import {
  assemble,
  BatchNorm,
  Conv2d,
  Flatten,
  Layer,
  Linear,
  Sequential,
  Tanh,
} from "../layers/index.ts";
import { bitsOf, expectSlope, f64, messageOf, noise, numbers, shifted } from "./plain.ts";

type Named = Record<string, Tensor>;

function realNet(seed = 3): Sequential {
  const layers = [
    new Conv2d(1, 2, { kernel: 3, padding: 1 }),
    new BatchNorm(2, { epsilon: 1e-3 }),
    new Tanh(),
    new Flatten(),
    new Linear(2 * 4 * 4, 3),
  ];
  return assemble(new Sequential(layers), { seed, dtype: "float64" });
}

const x = noise([5, 1, 4, 4], 1);
const y = tensor([0, 2, 1, 1, 0], { dtype: "int32" });

const mapNamed = (named: Named, f: (tensor: Tensor, index: number) => Tensor): Named =>
  Object.fromEntries(Object.entries(named).map(([name, w], i) => [name, f(w, i)]));

describe("functionalCall", () => {
  test("with the net's own parameters is the net, bit for bit", () => {
    const net = realNet();
    expect(bitsOf(functionalCall(net, net.namedParameters(), x))).toBe(bitsOf(net.forward(x)));
    expect(bitsOf(functionalCall(net, {}, x))).toBe(bitsOf(net.forward(x)));
  });

  test("with another net's parameters is the other net, and this one stays as it was", () => {
    const [net, other] = [realNet(), realNet(4)];
    const before = bitsOf(net.forward(x));
    expect(bitsOf(functionalCall(net, other.namedParameters(), x))).toBe(bitsOf(other.forward(x)));
    expect(bitsOf(net.forward(x))).toBe(before);
  });

  test("gradients go to the stand-ins and equal those of backward, bit for bit", () => {
    const net = realNet();
    const loss = (p: Named) => crossEntropy(functionalCall(net, p, x), y);
    const gradients = grad(loss)(net.namedParameters());
    expect(net.parameters().map((w) => w.grad)).toEqual(net.parameters().map(() => null));
    crossEntropy(net.forward(x), y).backward();
    for (const [name, w] of Object.entries(net.namedParameters())) {
      const gradient = gradients[name];
      expect([name, gradient && bitsOf(gradient)]).toEqual([name, w.grad && bitsOf(w.grad)]);
    }
  });

  test("the Hessian-vector product of a real net equals the difference of its gradients", () => {
    const net = realNet();
    const p = net.namedParameters();
    const v = mapNamed(p, (w, i) => noise(w.shape, 50 + i));
    const loss = (q: Named) => crossEntropy(functionalCall(net, q, x), y);
    const product = hvp(loss, p, v);
    const flat = (named: Named) =>
      Object.keys(p).flatMap((name) => numbers(named[name] ?? f64([])));
    expect(flat(product).filter((element) => Math.abs(element) > 1e-3).length).toBeGreaterThan(20);
    expectSlope(flat(product), (h) =>
      flat(grad(loss)(mapNamed(p, (w, i) => shifted(w, v[Object.keys(p)[i] ?? ""] ?? w, h)))),
    );
  });

  test("per-example gradients average to the gradient of the mean", () => {
    const net = assemble(new Sequential([new Flatten(), new Linear(16, 3)]), { dtype: "float64" });
    const p = net.namedParameters();
    const loss = (q: Named, images: Tensor, labels: Tensor) =>
      crossEntropy(functionalCall(net, q, images), labels);
    const each = Array.from({ length: 5 }, (_, n) =>
      grad(loss)(p, x.slice([[n, n + 1]]), y.slice([[n, n + 1]])),
    );
    const whole = grad(loss)(p, x, y);
    for (const name of Object.keys(p)) {
      const total = each.map((g) => numbers(g[name] ?? f64([])));
      numbers(whole[name] ?? f64([])).forEach((element, i) => {
        const mean = total.reduce((s, row) => s + (row[i] ?? 0), 0) / 5;
        expect(Math.abs(element - mean)).toBeLessThan(1e-14); // a sum of five terms below 10
      });
      expect(new Set(total.map(String)).size).toBe(5); // each example has its own
    }
  });

  test("a step of gradient descent can be differentiated with respect to its rate", () => {
    const net = assemble(new Sequential([new Linear(2, 1)]), { dtype: "float64" });
    const p = net.namedParameters();
    const [u, target] = [noise([4, 2], 5), noise([4, 1], 6)];
    const loss = (q: Named) => sum(square(subtract(functionalCall(net, q, u), target)));
    const afterStep = (rate: Tensor) => {
      const g = grad(loss)(p);
      return loss(mapNamed(p, (w, i) => subtract(w, multiply(Object.values(g)[i] ?? w, rate))));
    };
    const slope = numbers(grad(afterStep)(f64(0.01)));
    expectSlope(slope, (h) => numbers(afterStep(f64(0.01 + h))), 1e3);
  });

  test("a parameter may stand in for another one, in both directions at once", () => {
    const net = assemble(new Sequential([new Linear(3, 3), new Tanh(), new Linear(3, 3)]), {
      dtype: "float64",
    });
    const p = net.namedParameters();
    const swapped = Object.fromEntries(
      Object.entries(p).map(([name, w]) => {
        const other = name.startsWith("linear1") ? name.replace("1", "2") : name.replace("2", "1");
        return [other, w];
      }),
    );
    const [first, middle, second] = net.layers;
    const input = noise([2, 3], 8);
    if (!first || !middle || !second) throw new Error("three layers");
    const expected = first.forward(middle.forward(second.forward(input)));
    expect(bitsOf(functionalCall(net, swapped, input))).toBe(bitsOf(expected));
  });

  test("nests: the outer stand-ins hold inside a call of an inner net", () => {
    class Outer extends Layer {
      readonly kind = "outer";
      readonly inner = new Linear(2, 2);
      override forward(at: Tensor): Tensor {
        return functionalCall(this.inner, { "linear1.bias": f64([10, 20]) }, at);
      }
    }
    const net = assemble(new Outer(), { dtype: "float64" });
    const output = functionalCall(
      net,
      {
        "linear1.weight": f64([
          [1, 0],
          [0, 1],
        ]),
      },
      f64([[3, 4]]),
    );
    expect(numbers(output)).toEqual([13, 24]);
  });

  test("a net that returns a parameter returns its stand-in", () => {
    const net = assemble(new Linear(1, 1), { dtype: "float64" });
    const peek = {
      namedParameters: () => net.namedParameters(),
      forward: () => net.parameters()[1] ?? f64(0),
    };
    const slope = grad((b: Tensor) => sum(functionalCall(peek, { "linear1.bias": b })))(f64([2]));
    expect(numbers(slope)).toEqual([1]);
  });

  test("forward mode goes through a net as well", () => {
    const net = realNet();
    const p = net.namedParameters();
    const v = mapNamed(p, (w, i) => noise(w.shape, 70 + i));
    const loss = (q: Named) => crossEntropy(functionalCall(net, q, x), y);
    const g = grad(loss)(p);
    const dot = Object.keys(p).reduce((total, name) => {
      const [a, b] = [numbers(g[name] ?? f64([])), numbers(v[name] ?? f64([]))];
      return total + a.reduce((s, element, i) => s + element * (b[i] ?? 0), 0);
    }, 0);
    // Some two hundred products of order 1.
    expect(Math.abs((numbers(jvp(loss, p, v).tangent)[0] ?? 0) - dot)).toBeLessThan(1e-12);
  });

  test("names that the net does not have, and tensors of another kind, are refused", () => {
    const net = assemble(new Linear(2, 1), { dtype: "float64" });
    expect(
      messageOf(() => functionalCall(net, { weigth: f64([[1, 2]]) }, f64([[1, 2]])), ValueError),
    ).toBe(
      'functionalCall: expected parameters to name parameters of the net (linear1.weight, linear1.bias), got "weigth". Use the names that net.namedParameters() gives.',
    );
    expect(
      messageOf(() => functionalCall(net, { constructor: f64(1) }, f64([[1, 2]])), ValueError),
    ).toContain('got "constructor"');
    expect(
      messageOf(
        () => functionalCall(net, { "linear1.bias": tensor([1]) }, f64([[1, 2]])),
        ValueError,
      ),
    ).toBe(
      'functionalCall: expected parameters["linear1.bias"] to be like the net\'s "linear1.bias" [1] float64, got [1] float32. Give a tensor of the same shape and dtype.',
    );
  });
});
