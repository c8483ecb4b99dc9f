/**
 * What of an op's record is the tests' own data: names, formulas, samples, and the oracles that say what must come out. It
 * stays as it is, as in the registries; what a user runs is mutated.
 * Rests on Stryker's interface for what it leaves alone.
 */
import type { Ignorer, NodePath } from "@stryker-mutator/api/ignore";
import { declareValuePlugin, PluginKind } from "@stryker-mutator/api/plugin";
import type { OpRecord } from "../../core/op.ts";

/** The name under which a run asks for it. */
export const testsDataName = "tests-data";

/** What bind and the interpreters never look at, and the two ways in which elementwise ops say what their samples are. */
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
  "inputs",
];

/** A syntax node, as far as it is looked at. */
interface Property extends NodePath {
  readonly node: { readonly type: string; readonly key?: { readonly name?: string } };
}

const testsData: Ignorer = {
  shouldIgnore: (path) => {
    const { type, key } = (path as Property).node;
    const named = type === "ObjectProperty" || type === "ObjectMethod";
    return named && data.includes(key?.name ?? "") ? "the tests' own data" : undefined;
  },
};

/** What Stryker loads. */
export const strykerPlugins: readonly object[] = [
  declareValuePlugin(PluginKind.Ignore, testsDataName, testsData),
];
