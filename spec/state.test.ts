/** State: what is put back fits, or nothing is changed. */
import { describe, expect, test } from "vitest";
import {
  buffer,
  DeviceError,
  DTypeError,
  device,
  partOfState,
  recordOfState,
  restoringCells,
  ScopeError,
  ShapeError,
  type Tensor,
  ValueError,
  withDevice,
} from "../core/index.ts";
import { f64, numbers } from "./plain.ts";

describe("a state", () => {
  test("must have exactly the names asked for", () => {
    expect(recordOfState("f", { a: 1, b: null }, ["b", "a"])).toEqual({ a: 1, b: null });
    const read = (): unknown => recordOfState("f", { a: 1, c: 2 }, ["a", "b"]);
    expect(read).toThrow(ValueError);
    expect(read).toThrow("f: expected state to have exactly a, b, got none of b, c besides.");
    expect(() => recordOfState("f", [1], ["a"])).toThrow("got an array of 1");
    expect(() => recordOfState("f", f64([1]), ["a"])).toThrow("got [1] float64");
  });

  test("must have parts of the kind asked for", () => {
    expect(partOfState("f", "steps", 3, "number")).toBe(3);
    expect(() => partOfState("f", "steps", "3", "number")).toThrow(
      'f: expected state to have a number as steps, got "3".',
    );
    expect(() => partOfState("f", "steps", null, "boolean")).toThrow("got null");
  });
});

/** A tensor whose memory is gone. */
function released(): Tensor {
  const x = f64([9]);
  x.storage.release("a test");
  return x;
}

/** A tensor on another device than new ones. */
const elsewhere = (): Tensor =>
  withDevice(device() === "wasm" ? "reference" : "wasm", () => f64([9]));

describe("cells", () => {
  const cells = () => ({ a: buffer(f64([1, 2])), b: buffer(f64([3])) });

  test("take the values of their names", () => {
    const { a, b } = cells();
    restoringCells("f", { a, b }, { b: f64([9]), a: f64([7, 8]) })();
    expect([...numbers(a), ...numbers(b)]).toEqual([7, 8, 9]);
  });

  test.each([
    [ShapeError, "f: expected b to have shape [1], got [2].", { a: f64([7, 8]), b: f64([9, 9]) }],
    [
      DTypeError,
      "f: expected b to be float64, got float32.",
      { a: f64([7, 8]), b: f64([9]).cast("float32") },
    ],
    [ValueError, "f: expected state to have a tensor as b, got 9.", { a: f64([7, 8]), b: 9 }],
    [ValueError, "got none of b.", { a: f64([7, 8]) }],
    [ScopeError, "f: expected b to be alive, got", { a: f64([7, 8]), b: released() }],
    [DeviceError, "f: expected all inputs on one device", { a: f64([7, 8]), b: elsewhere() }],
  ])("keep all their values where one does not fit: %o", (kind, message, state) => {
    const { a, b } = cells();
    const restore = (): void => restoringCells("f", { a, b }, state)();
    expect(restore).toThrow(kind);
    expect(restore).toThrow(message);
    expect([...numbers(a), ...numbers(b)]).toEqual([1, 2, 3]);
  });
});
