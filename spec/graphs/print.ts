/**
 * Printing: a graph as a TypeScript program that runs, and that checks again what failed.
 * Rests on graph and the laws' text of arrays.
 */
import { formatNumber, pasteable } from "../laws/arrays.ts";
import { type Graph, isLeaf, leavesOf, type Ref } from "./graph.ts";

/** Where a printed program lies. */
interface PrintOptions {
  /** The way to the repository's root: `"./"` where absent. */
  readonly root?: string;
}

/**
 * A module that runs with `npx tsx`: the graph as a function, its inputs, and a call that checks the oracle of this name,
 * throwing what it threw. Ops stand under their names in the registry.
 */
export function printGraph(
  graph: Graph,
  oracle: string,
  { root = "./" }: PrintOptions = {},
): string {
  const multiple = new Set(refsOf(graph).flatMap(({ node, output }) => (output > 0 ? [node] : [])));
  const names: string[] = [];
  const nameOf = ({ node, output }: Ref): string =>
    multiple.has(node) ? `outputOf(${names[node]}, ${output})` : `${names[node]}`;
  let leaves = 0;
  const lines: string[] = [];
  graph.nodes.forEach((node, i) => {
    names.push(isLeaf(node) ? `x${leaves++}` : `v${i}`);
    if (isLeaf(node)) return;
    const { record, attributes, inputs } = node;
    const given = [JSON.stringify(record.name), literal(attributes), ...inputs.map(nameOf)];
    const call = multiple.has(i) ? "applyAll" : "apply";
    lines.push(`  const v${i} = ${call}(${given.join(", ")});`);
  });
  lines.push(`  return [${graph.outputs.map(nameOf).join(", ")}];`);
  const used = ["apply", "applyAll", "outputOf"].filter((name) =>
    lines.some((line) => line.includes(`${name}(`)),
  );
  const parameters = Array.from({ length: leaves }, (_, i) => `x${i}`).join(", ");
  const inputs = leavesOf(graph).map((array) => `  ${pasteable(array)},`);
  const arrays = inputs.some((text) => text.includes("nd(")) ? ["nd"] : [];
  const imports = [...used, "checkSubject", ...arrays, "type NdArray", "type Program"];
  return [
    `import { ${imports.join(", ")} } from "${root}spec/graphs/index.ts";`,
    "",
    `const program: Program = (${parameters}) => {`,
    ...lines,
    "};",
    `const inputs: readonly NdArray[] = [`,
    ...inputs,
    "];",
    `checkSubject("${oracle}", { program, inputs });`,
    "",
  ].join("\n");
}

/** Every mention of a value. */
function refsOf({ nodes, outputs }: Graph): readonly Ref[] {
  return [...nodes.flatMap((node) => (isLeaf(node) ? [] : node.inputs)), ...outputs];
}

/** A value as an expression. */
function literal(value: unknown): string {
  if (typeof value === "number") return formatNumber(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  const members = Object.entries(value).map(([key, member]) => `${key}: ${literal(member)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}
