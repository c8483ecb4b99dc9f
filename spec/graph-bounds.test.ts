/**
 * Running error bounds: they hold what the arithmetic promises, no more and no less, and a kernel that is off by a few
 * units in the last place is noticed.
 * Rests on spec/graphs. BITGRAD_SLOW=1 measures the smallest error that is noticed, kernel by kernel.
 */
import { afterAll, describe, expect, test } from "vitest";
import {
  add,
  exp,
  matmul,
  multiply,
  scope,
  square,
  sum,
  tensor,
  withDevice,
} from "../core/index.ts";
import { registry } from "../core/ops/registry.ts";
import { boundsOracle } from "./graphs/bounds.ts";
import { recordNamed } from "./graphs/graph.ts";
import { fuzzGraphs, RunningBounds } from "./graphs/index.ts";
import { breakKernel, type UlpFault } from "./graphs/ulp-fault.ts";

const seed = 20262;
const oracles = [boundsOracle("wasm", "float32")];
const isSlow = process.env["BITGRAD_SLOW"] === "1";
/** Graphs in which a kernel must be found wrong. */
const graphs = 6;

/** Whether the bounds notice, in graphs around the op of this name. */
function isNoticed(name: string, fault: UlpFault): boolean {
  const mend = breakKernel(fault);
  try {
    return fuzzGraphs(seed, graphs, { around: [recordNamed(name)], oracles }).failure !== null;
  } finally {
    mend();
  }
}

describe("a running bound", () => {
  const u = 2 ** -24;
  const boundOf = (body: (bounds: RunningBounds) => ReturnType<typeof add>): number =>
    scope(() => {
      const bounds = new RunningBounds();
      return bounds.boundOf(bounds.watch(() => body(bounds)))[0] ?? Number.NaN;
    });

  test("is one rounding for one addition, and grows by one for each more", () => {
    const third = () => tensor([1 / 3]);
    const once = boundOf(() => add(third(), third()));
    // Bound of an addition: 2·u·|y|, and the smallest number.
    const y = 2 * Math.fround(1 / 3);
    expect(once).toBeCloseTo(2 * u * y, 12);
    const twice = boundOf(() => add(add(third(), third()), third()));
    expect(twice).toBeGreaterThan(2 * u * (y + 1.5 * y));
    expect(twice).toBeLessThan(2 * u * (y + 1.5 * y) * 1.01);
  });

  test("carries an error through the slope of what comes after", () => {
    // exp(7 + e) ≈ exp(7)·(1 + e): the error of a product near 7, then exp's own 2 ulp.
    const inner = 2 * u * 7;
    const bound = boundOf(() => exp(multiply(tensor([1.75]), tensor([4]))));
    expect(bound).toBeGreaterThan(Math.E ** 7 * (inner + 2 * u));
    expect(bound).toBeLessThan(Math.E ** 7 * (inner + 8 * u) * 1.01);
  });

  test("keeps the product of two errors where their first order vanishes", () => {
    const zero = () => add(tensor([1 / 3]), tensor([-1 / 3 - 2 ** -30]));
    const e = boundOf(zero);
    const product = boundOf(() => multiply(zero(), zero()));
    expect(e).toBeGreaterThan(0);
    expect(product).toBeGreaterThan(e * e);
  });

  test("is infinite where a mask hangs on rounding", () => {
    const near = () => add(tensor([1 / 3]), tensor([1 / 7]));
    const twin = () => add(tensor([1 / 7]), tensor([1 / 3]));
    expect(boundOf(() => near().greater(twin()).cast("float32"))).toBe(Infinity);
    expect(
      boundOf(() =>
        near()
          .greater(tensor([0.1]))
          .cast("float32"),
      ),
    ).toBeLessThan(1e-6);
  });

  test("notices memory that is written over after it was computed", () => {
    scope(() => {
      const bounds = new RunningBounds();
      const y = bounds.watch(() => square(tensor([3])));
      expect(bounds.verify().elements).toBe(1);
      y.storage.device.write(y.storage.handle, Float32Array.of(8));
      expect(() => bounds.verify()).toThrow("bounds: expected element 0 of square");
    });
  });

  test("is what honest float32 stays within, and not by orders of magnitude", () => {
    const worst = withDevice("wasm", () =>
      scope(() => {
        const bounds = new RunningBounds();
        bounds.watch(() => {
          let total = tensor([0]);
          for (let i = 1; i <= 40; i++) total = add(total, tensor([1 / i]));
          sum(matmul(total.reshape([1, 1]), total.reshape([1, 1])));
        });
        return bounds.verify().worst;
      }),
    );
    // Roundings of both signs cancel in part: within a fiftieth of what they could come to.
    expect(worst).toBeGreaterThan(0.02);
    expect(worst).toBeLessThanOrEqual(1);
  });
});

/** Kernels, what launches them, and an error in ulp that must be noticed: twice the op's own bound or less. */
const noticed: readonly (readonly [
  op: string,
  kernel: string,
  fn: string | undefined,
  ulps: number,
])[] = [
  ["add", "binary", "add", 2],
  ["multiply", "binary", "multiply", 2],
  ["divide", "binary", "divide", 2],
  ["exp", "unary", "exp", 4],
  ["tanh", "unary", "tanh", 8],
  ["sqrt", "unary", "sqrt", 2],
  ["sum", "reduce", "sum", 4],
  ["batchMatmul", "matmul", undefined, 4],
  ["conv2d", "conv2d", undefined, 4],
  ["gather", "gather", undefined, 1],
  ["maxPool2d", "maxPool2d", undefined, 1],
  ["softmax", "softmax", undefined, 16],
  ["normalize", "normalize", undefined, 32],
];

describe("a kernel that is off by few ulp is noticed:", () => {
  test.each(noticed)("%s (kernel %s, %s) by %d ulp", (op, kernel, fn, ulps) => {
    const fault = { kernel, ulps, ...(fn !== undefined && { fn }) };
    expect(isNoticed(op, fault)).toBe(true);
  });

  test("and one that is right is not", () => {
    expect(isNoticed("exp", { kernel: "unary", fn: "exp", ulps: 0 })).toBe(false);
  });

  test.runIf(isSlow)("the smallest that is, kernel by kernel", () => {
    const found = registry.flatMap(({ name, forward, inputNames }) => {
      if (!("kernel" in forward) || inputNames.length === 0) return [];
      const { kernel } = forward;
      const fn = ["unary", "binary"].includes(kernel) ? { fn: name } : {};
      const ulps = [1, 2, 4, 8, 16, 32, 64].find((k) =>
        isNoticed(name, { kernel, ulps: k, ...fn }),
      );
      return ulps === undefined ? [] : [{ name, ulps }];
    });
    smallest.push(...found);
    expect(found.length).toBeGreaterThan(60);
  });

  const smallest: { readonly name: string; readonly ulps: number }[] = [];
  afterAll(() => {
    for (const ulps of new Set(smallest.map((it) => it.ulps).toSorted((a, b) => a - b))) {
      const names = smallest.flatMap((it) => (it.ulps === ulps ? [it.name] : []));
      process.stdout.write(`noticed at ${ulps} ulp: ${names.join(" ")}\n`);
    }
  });
});
