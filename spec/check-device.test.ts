/** checkDevice checked: both devices pass, and each way in which a kernel can be wrong is told with the op and its law. */
import { afterEach, describe, expect, test } from "vitest";
import type { Device, Operand } from "../core/devices/device.ts";
import { referenceDevice } from "../core/devices/reference/index.ts";
import { wasmDevice } from "../core/devices/wasm/index.ts";
import { ValueError } from "../core/index.ts";
import { checkDevice, LawError } from "./index.ts";
import { messageOf } from "./plain.ts";

const originals = { reference: referenceDevice.launch, wasm: wasmDevice.launch };

afterEach(() => {
  referenceDevice.launch = originals.reference;
  wasmDevice.launch = originals.wasm;
});

/** Elements of an operand, changed and written back; for dense ones. */
function change(device: Device, operand: Operand | undefined, f: (x: number, i: number) => number) {
  if (operand === undefined) return;
  const elements = device.read(operand);
  device.write(operand.handle, elements.map(f));
}

/** Has `spoil` follow every launch of a kernel on a device. */
function spoilt(
  device: Device,
  kernel: string,
  spoil: (inputs: readonly Operand[], outputs: readonly Operand[]) => void,
) {
  const { launch } = device;
  device.launch = (name, inputs, outputs, attributes) => {
    launch.call(device, name, inputs, outputs, attributes);
    if (name === kernel || ("fn" in attributes && attributes.fn === kernel)) spoil(inputs, outputs);
  };
}

/** What a check ends with. */
function breachOf(name: string, ops: readonly string[], only?: string): LawError {
  try {
    checkDevice(name, { ops, ...(only === undefined ? {} : { only }) });
  } catch (error) {
    if (error instanceof LawError) return error;
    throw error;
  }
  throw new Error("no law is broken");
}

const ops = ["add", "sum", "exp", "transpose"];

describe("a device that is right passes:", () => {
  test("the reference device, in the laws of values", () => {
    const held = checkDevice("reference", { ops });
    expect(held.map(({ law }) => law)).toEqual([
      "shape rule",
      "reference",
      "reference in float32",
      "untouched inputs",
      "same bits",
      "layouts",
    ]);
    // Eight cases of each op at least.
    for (const { law, examples } of held)
      expect(examples, law).toBeGreaterThanOrEqual(8 * ops.length);
  });

  test("the wasm device, launch by launch besides; in one float alone where that is asked for", () => {
    const both = checkDevice("wasm", { ops });
    expect(both.slice(6).map(({ law }) => law)).toEqual([
      "device equality in float64",
      "device equality in float32",
    ]);
    const one = checkDevice("wasm", { ops: ["exp"], dtype: "float32" });
    expect(one.map(({ law }) => law)).toContain("device equality in float32");
    expect(one.map(({ law }) => law)).not.toContain("device equality in float64");
  });
});

describe("a fault of a kernel is found:", () => {
  test("a value that is off by 2⁻⁴⁰ of itself", () => {
    spoilt(wasmDevice, "exp", (_, [y]) => change(wasmDevice, y, (x) => x * (1 + 2 ** -40)));
    const { message } = breachOf("wasm", ops);
    expect(message).toMatch(/^reference is broken by exp\n {2}at bind\(expOp, \[nd\(/);
    expect(message).toContain(
      'checkDevice("wasm", { ops: ["exp"], seed: 20260, runs: 8, only: "reference" })',
    );
  });

  test("one that is off in float32 alone", () => {
    spoilt(referenceDevice, "exp", (_, [y]) => {
      if (y?.dtype === "float32") change(referenceDevice, y, (x) => x * (1 + 2 ** -18));
    });
    expect(breachOf("reference", ops).message).toMatch(/^reference in float32 is broken by exp\n/);
  });

  test("an output that is one element short", () => {
    const { look } = wasmDevice;
    wasmDevice.look = (operand, use) =>
      look.call(wasmDevice, operand, (elements) =>
        use(operand.shape.length === 2 ? elements.subarray(1) : elements),
      ) as ReturnType<typeof use>;
    try {
      expect(breachOf("wasm", ["add"], "shape rule").message).toMatch(
        /^shape rule is broken by add\n[\s\S]*expected \d+ elements\n {2}got \d+/,
      );
    } finally {
      wasmDevice.look = look;
    }
  });

  test("a kernel that writes to its input", () => {
    spoilt(referenceDevice, "exp", ([x]) => {
      const first = x?.handle;
      if (first instanceof Float64Array && first.length > 0) first[0] = 7;
    });
    expect(breachOf("reference", ["exp"], "untouched inputs").message).toMatch(
      /^untouched inputs is broken by exp\n[\s\S]*expected memory /,
    );
  });

  test("a kernel that gives something else every other time", () => {
    let calls = 0;
    spoilt(wasmDevice, "exp", (_, [y]) => {
      calls++;
      change(wasmDevice, y, (x) => x * (1 + (calls % 2) * 2 ** -52));
    });
    expect(breachOf("wasm", ["exp"], "same bits").message).toMatch(/^same bits is broken by exp\n/);
  });

  test("a kernel that rounds otherwise where its input does not lie in order", () => {
    const isDense = ({ strides }: Operand): boolean => strides.at(-1) === 1;
    spoilt(referenceDevice, "exp", ([x], [y]) => {
      if (x !== undefined && x.shape.length > 0 && !isDense(x))
        change(referenceDevice, y, (v) => v * (1 + 2 ** -52));
    });
    expect(breachOf("reference", ["exp"]).message).toMatch(/^layouts is broken by exp\n/);
  });

  test.each(["float32", "float64"] as const)(
    "a kernel that derivatives alone launch, off in %s",
    (float) => {
      const unit = float === "float32" ? 2 ** -20 : 2 ** -49;
      spoilt(wasmDevice, "cos", (_, [y]) => {
        if (y?.dtype === float) change(wasmDevice, y, (x) => x * (1 + unit));
      });
      const { message } = breachOf("wasm", ["sin"]);
      expect(message).toMatch(/^device equality is broken by sin\n/);
      expect(message).toMatch(/got unary \{"fn":"cos"\} of /);
      expect(message).toContain(`only: "device equality in ${float}"`);
    },
  );
});

test("what is no op, no device and no law is refused, in the name of the check", () => {
  expect(messageOf(() => checkDevice("wasm", { ops: ["sine"] }), ValueError)).toMatch(
    /^checkDevice: expected ops to be names of ops in the registry, got "sine"/,
  );
  expect(messageOf(() => checkDevice("cuda"), ValueError)).toMatch(
    /^checkDevice: expected device /,
  );
  expect(messageOf(() => checkDevice("wasm", { ops, only: "tangent" }), ValueError)).toMatch(
    /^checkDevice: expected only to be one of shape rule, reference, /,
  );
});
