/**
 * The wasm device against the reference device: every op of the registry, launch by launch, on random shapes, layouts,
 * dtypes and values. BITGRAD_SPEC_RUNS and BITGRAD_SPEC_SEED set budget and seed, as for the laws.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { wasmDevice } from "../core/devices/wasm/index.ts";
import {
  add,
  arange,
  argmax,
  cast,
  concat,
  cumsum,
  gather,
  logSumExp,
  multiply,
  permute,
  registry,
  reshape,
  scatterAdd,
  scope,
  setDevice,
  softmax,
  sum,
  type Tensor,
  tensor,
  variance,
  where,
} from "../core/index.ts";
import { checkedLaunches } from "./devices/checked-launch.ts";
import { kernelBounds } from "./devices/kernel-bounds.ts";
import { caseNames, runCase } from "./devices/large-cases.ts";
import { deviceEquality, extremeEquality, wholeEquality } from "./laws/device-equality.ts";
import { budget, runLaw } from "./laws/run.ts";

beforeAll(() => setDevice("wasm"));

/** Every kind of launch that was checked: `unary exp float32`. */
const launches = new Set<string>();
const met = (launch: string): void => {
  launches.add(launch);
};

const laws = [
  deviceEquality("float32", met),
  deviceEquality("float64", met),
  extremeEquality("float32", met),
  extremeEquality("float64", met),
  wholeEquality("int32", met),
  wholeEquality("bool", met),
];

for (const record of registry) {
  describe(record.name, () => {
    for (const law of laws) {
      test(`${law.name}: ${law.claim}`, () => {
        const { failure } = runLaw(law, record, { ...budget, runs: budget.runs / 2 });
        if (failure !== null) throw failure;
      });
    }
  });
}

describe("shapes large enough for threads", () => {
  const kinds = (["float32", "float64"] as const).flatMap((dtype) =>
    caseNames.map((name) => ({ name, dtype })),
  );
  test.each(kinds)("$name in $dtype: every launch agrees with the reference", ({ name, dtype }) => {
    scope(() => {
      checkedLaunches(() => runCase(name, dtype, budget.seed), met);
    });
  });
});

describe("more axes than a kernel has words for", () => {
  const axes = Array.from({ length: 10 }, (_, axis) => axis);
  const tenAxes = (): Tensor =>
    permute(reshape(arange(0, 1024), new Array<number>(10).fill(2)), axes.toReversed());

  test("are all read: turned about, ten axes of two number their elements by bits in reverse", () => {
    const reversed = (i: number): number =>
      Number.parseInt([...i.toString(2).padStart(10, "0")].reverse().join(""), 2);
    expect([...tenAxes().elements()]).toEqual(Array.from({ length: 1024 }, (_, i) => reversed(i)));
  });

  test("every launch on them agrees with the reference", () => {
    const turned = tenAxes();
    const x = multiply(turned, 0.01);
    const every = [0, 2, 4, 6, 8];
    scope(() =>
      checkedLaunches(() => {
        const row = sum(x, { axis: every, keepDims: true });
        const positive = where(x.greater(row), x, turned);
        const indices = cast(multiply(turned, 1 / 1024), "int32");
        variance(positive, { axis: every });
        logSumExp(positive, { axis: [0, 9] });
        argmax(x, { axis: 3 });
        cumsum(x, { axis: 4 });
        softmax(x, { axis: 5 });
        concat([x, positive], { axis: 6 });
        gather(x, indices, { axis: 7 });
        scatterAdd(x, indices, positive, { axis: 2 });
      }, met),
    );
  });
});

describe("coverage", () => {
  test("every kernel of the table was compared, in both floats where it takes floats", () => {
    const wholeOnly = ["range int32", "logical", "logicalNot"];
    const names = Object.keys(kernelBounds).filter((name) => !wholeOnly.includes(name));
    const met = [...launches].map((launch) => launch.replace(/ \S+ /, " "));
    expect(wholeOnly.filter((name) => !met.some((launch) => launch.startsWith(name)))).toEqual([]);
    const wanted = names.flatMap((name) => [`${name} float32`, `${name} float64`]);
    expect(wanted.filter((launch) => !met.includes(launch))).toEqual([]);
  });

  test("a kernel that is wrong in the last bit of one element is found", () => {
    const launch = wasmDevice.launch;
    wasmDevice.launch = (name, inputs, outputs, attributes) => {
      launch(name, inputs, outputs, attributes);
      const [y] = outputs;
      if (y === undefined) return;
      const elements = wasmDevice.read(y);
      elements[1] = (elements[1] ?? 0) * (1 + 2 ** -23);
      wasmDevice.write(y.handle, elements);
    };
    try {
      const body = () => add(tensor([1, 2, 3]), tensor([1, 1, 1]));
      expect(() => checkedLaunches(body)).toThrow(/element 1: expected 3 ± 0, got 3.00000/);
    } finally {
      wasmDevice.launch = launch;
    }
  });
});

afterAll(() => {
  process.stdout.write(`kinds of launches compared: ${launches.size}\n`);
});
