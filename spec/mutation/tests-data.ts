/**
 * What of an op's record is the tests' own data: names, formulas, samples, and the oracles that say what must come out, with
 * the functions and constants that they are made of. It stays as it is, as in the registries; what a user runs is mutated.
 * Rests on Stryker's interface for what it leaves alone.
 */
import type { Ignorer, NodePath } from "@stryker-mutator/api/ignore";
import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";
import type { OpRecord } from "../../core/op.ts";

/** The name under which a run asks for it. */
export const testsDataName = "tests-data";

/** What bind and the interpreters never look at, and what shorthands for records make these parts of. */
const data: readonly string[] = [
  ...([
    "family",
    "formula",
    "source",
    "sample",
    "special",
    "errors",
    "reference",
    "bound",
  ] satisfies readonly (keyof OpRecord)[]),
  "domain",
  "domains",
  "inputs",
  "standard",
  "reason",
  "symbol",
  "truth",
  "edges",
];

/** Types of what only tests handle: a function or constant that declares one of them is theirs. */
const types: readonly string[] = [
  "BoundInputs",
  "Domain",
  "ElementKind",
  "ErrorBound",
  "ErrorExample",
  "NdArray",
  "Sample",
  "Sampler",
  "SpecialPoint",
];

/** What makes plain arrays and bounds. */
const makers: readonly string[] = ["exact", "nd", "summation", "ulps"];

/** A syntax node, as far as it is looked at. */
interface Node {
  readonly type: string;
  readonly key?: { readonly name?: string };
  readonly id?: object;
  readonly params?: readonly { readonly name?: string }[];
  readonly returnType?: object;
  readonly callee?: { readonly name?: string };
}

interface Path extends NodePath {
  readonly node: Node;
}

/** Whether a type's name stands in a part of a declaration. */
function mentions(part: unknown): boolean {
  if (typeof part !== "object" || part === null) return false;
  const { type, name }: { type?: unknown; name?: unknown } = part;
  if (type === "Identifier" && typeof name === "string" && types.includes(name)) return true;
  return Object.values(part).some(mentions);
}

function isData({ type, key, id, params, returnType, callee }: Node): boolean {
  switch (type) {
    case "ObjectProperty":
    case "ObjectMethod":
      return data.includes(key?.name ?? "");
    case "FunctionDeclaration":
    case "ArrowFunctionExpression":
      // Who takes `draw` says what may be drawn.
      return params?.[0]?.name === "draw" || mentions([params, returnType]);
    case "VariableDeclarator":
      return mentions(id);
    case "CallExpression":
      return makers.includes(callee?.name ?? "");
    default:
      return false;
  }
}

const testsData: Ignorer = {
  shouldIgnore: (path) => (isData((path as Path).node) ? "the tests' own data" : undefined),
};

/** What Stryker loads. */
export const strykerPlugins: readonly object[] = [
  declareValuePlugin(PluginKind.Ignore, testsDataName, testsData),
];
