/** Values of configs and results: one text for each, and the same values back from it. */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import { ValueError } from "../core/index.ts";
import { canonicalOf, hashOf, readValue, type Value } from "../research/engine/values.ts";
import { messageOf } from "./plain.ts";

const seed = 20260731;
const named = ["NaN", "Infinity", "-Infinity", "-0"];

/** Plain data, also with numbers that JSON has no word for, and keys that objects have of their own. */
const values: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.double(),
    fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0),
    fc.string().filter((text) => !named.includes(text)),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((key) => key !== "__proto__"),
      tie("value"),
      { maxKeys: 4 },
    ),
  ),
})).value;

const textOf = (value: unknown): string => canonicalOf("test", "the value", value);

describe("the text of plain data", () => {
  test.prop([values], { seed })(
    "is read as the very values, sign of zero and NaN included",
    (value) => {
      expect(readValue("test", "the text", textOf(value))).toStrictEqual(plain(value));
    },
  );

  test.prop([values, fc.nat()], { seed })("does not depend on the order of keys", (value, turn) => {
    expect(textOf(turned(value, turn))).toBe(textOf(value));
  });

  test.prop([values, values], { seed })("tells values apart", (a, b) => {
    expect(textOf(a) === textOf(b)).toBe(Object.is(a, b) || equal(plain(a), plain(b)));
  });

  test("is JSON without spaces, its keys sorted by their units", () => {
    expect(textOf({ b: [1, Number.NaN], a: -0, Z: null })).toBe(
      '{"Z":null,"a":"-0","b":[1,"NaN"]}',
    );
  });

  test.each([
    [undefined, "undefined"],
    [new Float32Array(1), "a Float32Array"],
    [new Map(), "a Map"],
    ["NaN", 'the string "NaN"'],
  ])("refuses %s, with where it stands", (value, got) => {
    expect(messageOf(() => textOf({ curve: [1, value] }), ValueError)).toContain(
      `expected the value at curve/1 to be plain data: numbers, strings, booleans, null, arrays and objects of them, got ${got}.`,
    );
  });

  test("refuses a value that holds itself", () => {
    const loop: Value[] = [];
    loop.push(loop);
    expect(messageOf(() => textOf(loop), ValueError)).toContain("more than 50 levels");
  });
});

test.prop([fc.array(fc.string(), { maxLength: 4 }), fc.array(fc.string(), { maxLength: 4 })], {
  seed,
})("the hash of parts tells lists apart, however their texts join", (a, b) => {
  expect(hashOf(a) === hashOf(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
});

/** A copy with ordinary prototypes. */
function plain(value: Value): Value {
  if (Array.isArray(value)) return value.map((item: Value) => plain(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

/** The same values, the keys of every object in another order. */
function turned(value: Value, turn: number): Value {
  if (Array.isArray(value)) return value.map((item: Value) => turned(item, turn));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const at = entries.length === 0 ? 0 : turn % entries.length;
  const moved = [...entries.slice(at), ...entries.slice(0, at)].reverse();
  return Object.fromEntries(moved.map(([key, item]) => [key, turned(item, turn)]));
}

function equal(a: Value, b: Value): boolean {
  try {
    expect(a).toStrictEqual(b);
    return true;
  } catch {
    return false;
  }
}
