/**
 * Bad input: each mistake is refused with the user's function, the argument, what was expected, what came, and the
 * fix, word by word. (Damaged IDX files are in idx.test.ts, a missing dataset in datasets.test.ts.)
 */
import { describe, expect, test } from "vitest";
import { DataLoader } from "../core/data/index.ts";
import * as errors from "../core/errors.ts";
import {
  AxisError,
  add,
  assign,
  type BitgradError,
  conv2d,
  DeviceError,
  DTypeError,
  errorTable,
  exp,
  GradientError,
  matmul,
  multiply,
  OverwrittenError,
  parameter,
  RandomSource,
  recompute,
  ScopeError,
  ShapeError,
  scope,
  setDevice,
  softmax,
  square,
  sum,
  type Tensor,
  tensor,
  ValueError,
  withDevice,
  zeros,
} from "../core/index.ts";
import { BatchNorm, Dropout, Linear } from "../layers/index.ts";
import { adam, sgd } from "../optim/index.ts";
import { cosine } from "../schedules/index.ts";
import { f64, messageOf } from "./plain.ts";

/** A released tensor, smuggled out of its scope inside a function. */
const released = (): Tensor =>
  scope(() => {
    const x = exp(f64([1, 2]));
    x.name = "h";
    return { held: () => x };
  }).held();

/** A loss whose parameter has been overwritten since. */
function stale(): Tensor {
  const w = parameter(f64([1, 2]), { name: "w" });
  const loss = sum(square(w));
  assign(w, f64([3, 4]));
  return loss;
}

type Mistake = readonly [
  title: string,
  run: () => unknown,
  kind: new (...args: never[]) => BitgradError,
  parts: readonly [where: string, argument: string, expected: string, got: string, fix: string],
];

const weight = (): Tensor => parameter(f64([1]), { name: "w" });

const mistakes: readonly Mistake[] = [
  [
    "matmul of shapes that do not match",
    () => matmul(zeros([2, 3]), zeros([4, 5])),
    ShapeError,
    ["matmul", "b", "to have 3 rows to match a [2, 3]", "b [4, 5]", "Transpose or reshape b"],
  ],
  [
    "add of shapes that do not broadcast",
    () => add(zeros([2, 3]), zeros([2])),
    ShapeError,
    [
      "add",
      "b",
      "to broadcast against a [2, 3]",
      "b [2]",
      "Axis -1 is 3 against 2: make them equal, or one of them 1",
    ],
  ],
  [
    "conv2d of an image with other channels than the weight's",
    () => conv2d(zeros([1, 3, 8, 8]), zeros([4, 2, 3, 3])),
    ShapeError,
    [
      "conv2d",
      "weight",
      "to have length 3 on axis 1, the channels of one group of x",
      "weight [4, 2, 3, 3]",
      "A weight is [kernels, channels/groups, height, width]",
    ],
  ],
  [
    "dtypes that are mixed",
    () => multiply(tensor([1]), f64([1])),
    DTypeError,
    [
      "multiply",
      "b",
      "to have the dtype of a, float32",
      "float64",
      'Cast one of them, for example b.cast("float32")',
    ],
  ],
  [
    "an axis out of range",
    () => sum(zeros([2, 3]), { axis: 2 }),
    AxisError,
    ["sum", "axis", "in [-2, 2)", "2", "The tensor has 2 axes; negative axes count from the end"],
  ],
  [
    "an axis out of range, negative",
    () => softmax(zeros([2, 3]), { axis: -3 }),
    AxisError,
    [
      "softmax",
      "axis",
      "in [-2, 2)",
      "-3",
      "The tensor has 2 axes; negative axes count from the end",
    ],
  ],
  [
    "backward of what is not 0-d without a cotangent",
    () => square(weight()).backward(),
    GradientError,
    [
      "backward",
      "cotangent",
      "to be given for a tensor that is not 0-d",
      "none for [1] float64",
      "Reduce the result to a loss, or call backward(cotangent) with a tensor of its shape",
    ],
  ],
  [
    "use after the scope ended",
    () => multiply(released(), 2),
    ScopeError,
    [
      "multiply",
      "a",
      "to be alive",
      '"h" [2] float64, used after its scope ended',
      "Return it from the scope, or call keep(x) where it is made",
    ],
  ],
  [
    "reading after the scope ended",
    () => released().toArray(),
    ScopeError,
    [
      "toArray",
      "x",
      "to be alive",
      '"h" [2] float64, used after its scope ended',
      "Return it from the scope, or call keep(x) where it is made",
    ],
  ],
  [
    "backward through an overwritten value",
    () => stale().backward(),
    OverwrittenError,
    [
      "derivative of square",
      "x",
      "at version 0, when it was recorded",
      '"w" [2] float64 at version 1',
      "Take gradients and views before writing to a parameter, or use them on a copy",
    ],
  ],
  [
    "backward through a recomputed segment whose parameter was overwritten",
    () => {
      const w = weight();
      const loss = sum(recompute((x) => multiply(x ?? w, w))(parameter(f64([2]))));
      assign(w, f64([5]));
      loss.backward();
    },
    OverwrittenError,
    [
      "derivative of recompute",
      "x",
      "at version 0, when it was recorded",
      '"w" [1] float64 at version 1',
      "Take gradients and views before writing to a parameter, or use them on a copy",
    ],
  ],
  [
    "backward through a graph whose scope ended",
    () => {
      const w = weight();
      scope(() => sum(square(exp(w)))).backward();
    },
    ScopeError,
    [
      "derivative of square",
      "x",
      "to be alive",
      "[1] float64, used after its scope ended",
      "Return it from the scope, or call keep(x) where it is made",
    ],
  ],
  [
    "a negative learning rate",
    () => sgd([weight()], { learningRate: -0.1 }),
    ValueError,
    [
      "sgd",
      "learningRate",
      "to be a finite number ≥ 0",
      "-0.1",
      "Give a step size such as 1e-3; to ascend, negate the loss",
    ],
  ],
  [
    "a negative learning rate of Adam",
    () => adam([weight()], { learningRate: Number.NEGATIVE_INFINITY }),
    ValueError,
    [
      "adam",
      "learningRate",
      "to be a finite number ≥ 0",
      "-Infinity",
      "Give a step size such as 1e-3; to ascend, negate the loss",
    ],
  ],
  [
    "a step whose closure is asynchronous",
    () => {
      const w = weight();
      const later = async (): Promise<Tensor> => sum(w);
      const optimizer = sgd([w], { learningRate: 1 });
      return Reflect.apply(optimizer.step, optimizer, [later]);
    },
    ValueError,
    [
      "optimizer.step",
      "closure",
      "to return the loss, a 0-d tensor",
      "a Promise",
      "Await data before the step, and return the loss from the closure",
    ],
  ],
  [
    "a layer that is not assembled",
    () => new Linear(2, 1).forward(zeros([1, 2])),
    ValueError,
    [
      "linear",
      "the layer",
      "to be assembled",
      "a layer without values",
      "Call assemble(net, { seed }) before using the net",
    ],
  ],
  [
    "the parameters of a layer that is not assembled",
    () => sgd(new Linear(2, 1).parameters(), { learningRate: 1 }),
    ValueError,
    [
      "linear",
      "the layer",
      "to be assembled",
      "a layer without values",
      "Call assemble(net, { seed }) before using the net",
    ],
  ],
  [
    "a batch size of 0",
    () => new DataLoader({ length: 3, batch: () => zeros([0]) }, { batchSize: 0 }),
    ValueError,
    [
      "DataLoader",
      "batchSize",
      "to be an integer ≥ 1",
      "0",
      "Give at least one example to a batch",
    ],
  ],
  [
    "a cosine of no steps",
    () => cosine({ base: 0.1, totalSteps: 0 }),
    ValueError,
    [
      "cosine",
      "totalSteps",
      "to be an integer ≥ 1",
      "0",
      "Give the number of optimiser steps, epochs · batches per epoch",
    ],
  ],
  [
    "a wrong ρ",
    () => new BatchNorm(3, { rho: 1.1 }),
    ValueError,
    [
      "BatchNorm",
      "rho",
      "to be in [0, 1), the share of the old average that is kept",
      "1.1",
      "PyTorch's momentum m is rho = 1 - m",
    ],
  ],
  [
    "a dropout rate of 1",
    () => new Dropout(1),
    ValueError,
    [
      "Dropout",
      "rate",
      "to be a probability in [0, 1)",
      "1",
      "Give the share of elements to drop, such as 0.5",
    ],
  ],
  [
    "an unknown device",
    () => setDevice("tpu"),
    DeviceError,
    [
      "setDevice",
      "name",
      "to be one of wasm, reference, gpu",
      '"tpu"',
      "Name a device that this build has",
    ],
  ],
  [
    "an unknown device for a while",
    () => withDevice("tpu", () => 1),
    DeviceError,
    [
      "withDevice",
      "name",
      "to be one of wasm, reference, gpu",
      '"tpu"',
      "Name a device that this build has",
    ],
  ],
];

describe("is refused, in five parts:", () => {
  test.each(mistakes)("%s", (_, run, kind, parts) => {
    const [where, argument, expected, got, fix] = parts;
    expect(messageOf(run, kind)).toBe(
      `${where}: expected ${argument} ${expected}, got ${got}. ${fix}.`,
    );
  });
});

describe("the error table", () => {
  test("lists every error class, and nothing else", () => {
    const classes = Object.entries(errors).flatMap(([name, value]) =>
      typeof value === "function" && value !== errors.BitgradError ? [name] : [],
    );
    expect(Object.keys(errorTable).sort()).toEqual(classes.sort());
  });

  test.each(["where", "argument", "expected", "got", "fix"])(
    "has no error that leaves its part %s empty: such a one cannot be made",
    (part) => {
      const whole = { where: "f", argument: "x", expected: "to be 1", got: "2", fix: "Give 1" };
      expect(() => new ValueError({ ...whole, [part]: "" })).toThrow(`lacks its part "${part}"`);
      expect(new ValueError(whole).message).toBe("f: expected x to be 1, got 2. Give 1.");
    },
  );

  test("errors carry their class's name, for those who catch by it", () => {
    try {
      new RandomSource(-1);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ValueError);
      expect(error instanceof Error && error.name).toBe("ValueError");
    }
  });
});

describe("what is no tensor, in a program that no compiler has checked, is refused", () => {
  const list: Tensor = JSON.parse("[1, 2]");

  test.each([
    ["add: expected b to be a tensor, got undefined.", () => add(f64([1]), undefined as never)],
    ["add: expected b to be a tensor, got a plain array.", () => add(f64([1]), list)],
    ["parameter: expected value to be a tensor, got a plain array.", () => parameter(list)],
    ["assign: expected value to be a tensor, got 3.", () => assign(weight(), 3 as never)],
  ])("%s", (message, run) => {
    expect(messageOf(run, ValueError)).toContain(message);
  });
});
