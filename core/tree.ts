/**
 * Trees: tensors inside arrays and plain objects, as transforms take and give them.
 * Rests on tensor.
 */
import { Tensor } from "./tensor.ts";

/** A tensor, or an array or plain object of trees. */
export type Tree = Tensor | readonly Tree[] | { readonly [key: string]: Tree };

/** Whether `value` is an object written with braces (or with a null prototype), not a class instance. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** The tensors of a tree in order: arrays by index, objects by sorted key. Other values count as no leaf. */
export function leavesOf(value: unknown): Tensor[] {
  const leaves: Tensor[] = [];
  const visit = (node: unknown): void => {
    if (node instanceof Tensor) leaves.push(node);
    else if (Array.isArray(node)) for (const child of node) visit(child);
    else if (isPlainObject(node)) for (const key of Object.keys(node).sort()) visit(node[key]);
  };
  visit(value);
  return leaves;
}

/**
 * The same tree, its keys in the order they were written, with each tensor replaced by `f(tensor, index)`; indices
 * count as in `leavesOf`.
 */
export function mapTree<T>(tree: T, f: (leaf: Tensor, index: number) => Tensor): T {
  return replaceLeaves(tree, f) as T;
}

/** The same nesting with each tensor replaced by the tree `f(tensor, index)`. */
export function expandTree(tree: Tree, f: (leaf: Tensor, index: number) => Tree): Tree {
  return replaceLeaves(tree, f) as Tree;
}

function replaceLeaves(tree: unknown, f: (leaf: Tensor, index: number) => unknown): unknown {
  let index = 0;
  const visit = (node: unknown): unknown => {
    if (node instanceof Tensor) return f(node, index++);
    if (Array.isArray(node)) return node.map(visit);
    if (isPlainObject(node)) {
      const keys = Object.keys(node);
      const visited = new Map([...keys].sort().map((key) => [key, visit(node[key])]));
      return Object.fromEntries(keys.map((key): [string, unknown] => [key, visited.get(key)]));
    }
    return node;
  };
  return visit(tree);
}

/** The nesting of a tree, for messages: `[_, { a: _ }]`, keys sorted, each tensor an underscore. */
export function formatTree(tree: unknown): string {
  if (tree instanceof Tensor) return "_";
  if (Array.isArray(tree)) return `[${tree.map(formatTree).join(", ")}]`;
  if (!isPlainObject(tree)) return String(tree);
  const keys = Object.keys(tree).sort();
  return `{ ${keys.map((key) => `${key}: ${formatTree(tree[key])}`).join(", ")} }`;
}
