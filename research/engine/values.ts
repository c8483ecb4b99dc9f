/**
 * Values: what configs and results of runs are made of, and their one text.
 * Rests on core's canonical text and errors.
 *
 * Canonical: keys sorted by UTF-16 units, no spaces, numbers as JavaScript writes them. What JSON has no word for is
 * written as a string: "NaN", "Infinity", "-Infinity", "-0". Those four strings themselves are refused as values, so that
 * reading a text gives the very values that were written.
 */
import { createHash } from "node:crypto";
import { FormatError, ValueError } from "../../core/index.ts";
import { quoteBriefly } from "../../core/io/quote.ts";
import { canonicalText, type Json } from "../../core/io/state-text.ts";
import { isPlainObject } from "../../core/tree.ts";

/** Plain data. Numbers may be NaN or infinite. */
export type Value =
  | number
  | string
  | boolean
  | null
  | readonly Value[]
  | { readonly [name: string]: Value };

/** Values by name: a config, a result. */
export type Values = { readonly [name: string]: Value };

/** Numbers that are written as strings. */
const namedNumbers: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

/** How deep values may nest. */
const deepest = 50;

/**
 * The one text of plain data. Throws ValueError, naming the path, for anything else: undefined, a tensor, a typed array, a
 * function, a string that means a number.
 *
 * @example
 * canonicalOf("run", "the result", { loss: Number.NaN, curve: [1, 2] }); // {"curve":[1,2],"loss":"NaN"}
 */
export function canonicalOf(where: string, argument: string, value: unknown): string {
  return canonicalText(jsonOf(where, argument, value));
}

/** Reads such a text, also with spaces in it. Throws FormatError for what is no JSON; `name` is what it is called. */
export function readValue(where: string, name: string, text: string): Value {
  let json: Json;
  try {
    json = JSON.parse(text);
  } catch {
    throw new FormatError({
      where,
      argument: name,
      expected: "to be JSON",
      got: quoteBriefly(text),
      fix: "The file is damaged: remove it",
    });
  }
  return valueIn(json);
}

/** Plain data as it stands in a file. Throws as `canonicalOf`. */
export function jsonOf(where: string, argument: string, value: unknown, path = ""): Json {
  const refuse = (got: string): ValueError =>
    new ValueError({
      where,
      argument: path === "" ? argument : `${argument} at ${path}`,
      expected: "to be plain data: numbers, strings, booleans, null, arrays and objects of them",
      got,
      fix: "Read tensors with item() or tolist(), copy typed arrays with Array.from, write NaN as a number",
    });
  if (path.split("/").length > deepest) throw refuse(`more than ${deepest} levels`);
  if (typeof value === "number") {
    return Number.isFinite(value) && !Object.is(value, -0) ? value : nameOf(value);
  }
  if (typeof value === "string") {
    if (namedNumbers.has(value)) throw refuse(`the string ${JSON.stringify(value)}`);
    return value;
  }
  if (typeof value === "boolean" || value === null) return value;
  const inside = (name: string | number): string => (path === "" ? `${name}` : `${path}/${name}`);
  if (Array.isArray(value)) {
    return Array.from(value, (item: unknown, at) => jsonOf(where, argument, item, inside(at)));
  }
  if (!isPlainObject(value)) throw refuse(describe(value));
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      jsonOf(where, argument, member, inside(name)),
    ]),
  );
}

function valueIn(json: Json): Value {
  if (typeof json === "string") return namedNumbers.get(json) ?? json;
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map((item: Json) => valueIn(item));
  return Object.fromEntries(Object.entries(json).map(([name, member]) => [name, valueIn(member)]));
}

function nameOf(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return `a ${value.constructor?.name ?? "strange object"}`;
}

/** Whether `value` is an object of values. */
export function isValues(value: Value | undefined): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** SHA-256 in hex of parts, each after its length in bytes (8, little-endian). */
export function hashOf(parts: Iterable<string | Uint8Array>): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    const bytes = typeof part === "string" ? Buffer.from(part, "utf8") : part;
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(bytes.length));
    hash.update(length).update(bytes);
  }
  return hash.digest("hex");
}
