/**
 * States as text: plain data as canonical JSON that loses nothing, tensors beside it under the path where they stand.
 * Rests on state, tree, quote and errors.
 *
 * Canonical: keys sorted by UTF-16 units, no spaces, numbers as JavaScript writes them, so that one state has one text.
 * What JSON has no word for is an object of one key: `{"$number":"NaN"}` (Infinity, -Infinity, -0), `{"$tensor":true}`;
 * a key of the state's own that begins with $ is written with one more.
 */
import { ValueError } from "../errors.ts";
import type { State } from "../state.ts";
import { Tensor } from "../tensor.ts";
import { isPlainObject } from "../tree.ts";
import { quoteBriefly } from "./quote.ts";

/** What a text is made of. */
export type Json =
  | number
  | string
  | boolean
  | null
  | readonly Json[]
  | { readonly [name: string]: Json };

/** How deep states may nest: far above what anything nests, and far below where recursion ends. */
const deepest = 100;

/** Numbers that JSON cannot write, by name. */
const namedNumbers: ReadonlyMap<string, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
  ["-0", -0],
]);

/** A state's plain data, and its tensors by path: `net/conv1.weight`. */
export interface SplitState {
  readonly plain: Json;
  readonly tensors: Readonly<Record<string, Tensor>>;
}

/**
 * Takes `state` apart. Paths join names and positions with "/"; within a name "~" is written ~0 and "/" ~1 (RFC 6901).
 * Throws ValueError for anything that is no state, naming its path.
 */
export function splitState(where: string, state: State): SplitState {
  const tensors: [string, Tensor][] = [];
  const { path, at } = trail();
  const visit = (node: unknown): Json => {
    if (path.length > deepest) throw unfit(where, path, "deeper levels");
    if (node instanceof Tensor) {
      tensors.push([path.join("/"), node]);
      return { $tensor: true };
    }
    if (typeof node === "number") return plainNumber(node);
    if (typeof node === "string" || typeof node === "boolean" || node === null) return node;
    if (Array.isArray(node)) {
      return Array.from(node, (item, index) => at(index, () => visit(item)));
    }
    if (!isPlainObject(node)) throw unfit(where, path, describe(node));
    const members = Object.entries(node).map(([name, member]): [string, Json] => [
      name.startsWith("$") ? `$${name}` : name,
      at(escaped(name), () => visit(member)),
    ]);
    return Object.fromEntries(members);
  };
  const plain = visit(state);
  return { plain, tensors: Object.fromEntries(tensors) };
}

/** Where a walk is: one path that grows and shrinks, since lists may be long. */
function trail(): {
  readonly path: readonly (string | number)[];
  readonly at: <T>(part: string | number, body: () => T) => T;
} {
  const path: (string | number)[] = [];
  const at = <T>(part: string | number, body: () => T): T => {
    path.push(part);
    const made = body();
    path.pop();
    return made;
  };
  return { path, at };
}

function plainNumber(value: number): Json {
  if (Number.isFinite(value) && !Object.is(value, -0)) return value;
  return { $number: Object.is(value, -0) ? "-0" : String(value) };
}

function unfit(where: string, path: readonly (string | number)[], got: string): ValueError {
  return new ValueError({
    where,
    argument: path.slice(0, 8).join("/") || "state",
    expected: `to be tensors and plain data, at most ${deepest} levels deep`,
    got,
    fix: "Give numbers, strings, booleans, null, tensors, and arrays and plain objects of them",
  });
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return `a ${value.constructor?.name ?? "strange object"}`;
}

/**
 * Puts together what `splitState` took apart; `tensorAt` gives the tensor of a path. Throws what `refuse` makes, of what
 * is wrong, for data that `splitState` does not give.
 */
export function joinState(
  plain: Json,
  tensorAt: (path: string) => Tensor,
  refuse: (got: string) => Error,
): State {
  const { path, at } = trail();
  const visit = (node: Json): State => {
    if (typeof node !== "object" || node === null) return node;
    if (isList(node)) return node.map((item, index) => at(index, () => visit(item)));
    const names = Object.keys(node);
    const { $number: number, $tensor: isTensor } = node;
    if (names.length === 1 && isTensor === true) return tensorAt(path.join("/"));
    const named = typeof number === "string" ? namedNumbers.get(number) : undefined;
    if (names.length === 1 && named !== undefined) return named;
    const members = Object.entries(node).map(([name, member]): [string, State] => {
      if (/^\$(?!\$)/.test(name)) throw refuse(`the word ${quoteBriefly(name)}`);
      const own = name.startsWith("$") ? name.slice(1) : name;
      return [own, at(escaped(own), () => visit(member))];
    });
    return Object.fromEntries(members);
  };
  return visit(plain);
}

/** A name as a part of a path. */
function escaped(name: string): string {
  return name.replaceAll("~", "~0").replaceAll("/", "~1");
}

function isList(
  node: readonly Json[] | { readonly [name: string]: Json },
): node is readonly Json[] {
  return Array.isArray(node);
}

/** The one text of `json`. */
export function canonicalText(json: Json): string {
  if (typeof json !== "object" || json === null) return JSON.stringify(json);
  if (isList(json)) return `[${json.map(canonicalText).join(",")}]`;
  const members = Object.keys(json)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalText(json[name] ?? null)}`);
  return `{${members.join(",")}}`;
}

/**
 * Reads a canonical text. Throws what `refuse` makes for any other: also one with two equal keys, or a number that was
 * rounded, since writing it again gives another text.
 */
export function readCanonical(text: string, refuse: (got: string) => Error): Json {
  let json: Json;
  try {
    json = JSON.parse(text);
  } catch {
    throw refuse("no JSON");
  }
  if (depthOf(text) > deepest + 2) throw refuse("deeper levels");
  if (canonicalText(json) !== text) throw refuse("another form of it");
  return json;
}

/** How deep valid JSON nests. */
function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"') {
      for (at++; text.charAt(at) !== '"'; at++) if (text.charAt(at) === "\\") at++;
    } else if (char === "[" || char === "{") {
      depth += 1;
      most = Math.max(most, depth);
    } else if (char === "]" || char === "}") depth -= 1;
  }
  return most;
}
