/**
 * Elementwise ops as text for mathjs: values and symbolic derivatives from a system that shares nothing with bitgrad.
 * Rests on graph. Functions with kinks are written with |x|, whose derivative mathjs knows; kinks are kept at a distance.
 */
import type { OpRecord } from "../../core/op.ts";
import { registry } from "../../core/ops/registry.ts";
import { type Graph, isLeaf, type Ref } from "../graphs/graph.ts";

/** What an attribute may be. */
type Attributes = Readonly<Record<string, unknown>>;

/** An op of the terms `u`, in brackets where they need some. */
type Text = (u: readonly string[], attributes: Attributes) => string;

/** 1 above 0, 0 below: its symbolic derivative comes to 0. */
const above = (x: string): string => `(1 + (${x}) / abs(${x})) / 2`;
const larger = (a: string, b: string): string => `((${a}) + (${b}) + abs((${a}) - (${b}))) / 2`;
const smaller = (a: string, b: string): string => `((${a}) + (${b}) - abs((${a}) - (${b}))) / 2`;
/** x above 0, `low` below. */
const rectified = (x: string, low: string): string =>
  `(${above(x)}) * (${x}) + (1 - ${above(x)}) * (${low})`;

/** The constants of selu, Klambauer et al. 2017, appendix A. */
const [lambda, alphaOfSelu] = [
  "1.0507009873554804934193349852946",
  "1.6732632423543772848170429916717",
];

function numberOr(value: unknown, otherwise: string): string {
  return typeof value === "number" ? String(value) : otherwise;
}

const unary: Readonly<Record<string, (x: string, attributes: Attributes) => string>> = {
  identity: (x) => x,
  cast: (x) => x,
  negate: (x) => `-(${x})`,
  abs: (x) => `abs(${x})`,
  sign: (x) => `(${x}) / abs(${x})`,
  square: (x) => `(${x})^2`,
  sqrt: (x) => `sqrt(${x})`,
  rsqrt: (x) => `1 / sqrt(${x})`,
  exp: (x) => `exp(${x})`,
  expm1: (x) => `exp(${x}) - 1`,
  log: (x) => `log(${x})`,
  log1p: (x) => `log(1 + (${x}))`,
  sin: (x) => `sin(${x})`,
  cos: (x) => `cos(${x})`,
  tan: (x) => `tan(${x})`,
  atan: (x) => `atan(${x})`,
  sinh: (x) => `sinh(${x})`,
  cosh: (x) => `cosh(${x})`,
  tanh: (x) => `tanh(${x})`,
  sigmoid: (x) => `1 / (1 + exp(-(${x})))`,
  softplus: (x) => `log(1 + exp(${x}))`,
  silu: (x) => `(${x}) / (1 + exp(-(${x})))`,
  relu: (x) => larger(x, "0"),
  leakyRelu: (x, { slope }) => rectified(x, `${numberOr(slope, "0.01")} * (${x})`),
  elu: (x, { alpha }) => rectified(x, `${numberOr(alpha, "1")} * (exp(${x}) - 1)`),
  selu: (x) => `${lambda} * (${rectified(x, `${alphaOfSelu} * (exp(${x}) - 1)`)})`,
  clamp: (x, { min, max }) => {
    const raised = typeof min === "number" ? larger(x, String(min)) : x;
    return typeof max === "number" ? smaller(raised, String(max)) : raised;
  },
};

const others: Readonly<Record<string, Text>> = {
  add: ([a, b]) => `(${a}) + (${b})`,
  subtract: ([a, b]) => `(${a}) - (${b})`,
  multiply: ([a, b]) => `(${a}) * (${b})`,
  divide: ([a, b]) => `(${a}) / (${b})`,
  pow: ([a, b]) => `(${a})^(${b})`,
  minimum: ([a = "", b = ""]) => smaller(a, b),
  maximum: ([a = "", b = ""]) => larger(a, b),
  multiplyAdd: ([a, b, c]) => `(${a}) * (${b}) + (${c})`,
  reluGradient: ([a = "", b]) => `(${above(a)}) * (${b})`,
  where: ([condition, a, b]) => `(${condition}) * (${a}) + (1 - (${condition})) * (${b})`,
};

const texts: ReadonlyMap<string, Text> = new Map<string, Text>([
  ...Object.entries(unary).map(([name, text]): [string, Text] => [
    name,
    ([x = ""], attributes) => text(x, attributes),
  ]),
  ...Object.entries(others),
]);

/** Elementwise ops of floats that mathjs cannot express, or not differentiate. */
export const inexpressible: Readonly<Record<string, string>> = {
  erf: "mathjs knows no derivative of erf",
  erfc: "mathjs knows no derivative of erf",
  gelu: "mathjs knows no derivative of erf",
  dropout: "which elements are dropped is drawn",
  detach: "its derivative is 0 on purpose",
};

/** The ops that can be written for mathjs. */
export const expressible: readonly OpRecord[] = registry.filter(({ name }) => texts.has(name));

/** The value `ref` of a graph of expressible ops, as an expression of its leaves x0, x1, …. */
export function textOf({ nodes }: Graph, ref: Ref): string {
  const written: string[] = [];
  let leaves = 0;
  for (const node of nodes) {
    if (isLeaf(node)) {
      written.push(`x${leaves++}`);
      continue;
    }
    const text = texts.get(node.record.name);
    if (text === undefined) throw new RangeError(`${node.record.name} cannot be written`);
    const terms = node.inputs.map(({ node: from }) => written[from] ?? "");
    written.push(text(terms, Object.fromEntries(Object.entries(node.attributes))));
  }
  return written[ref.node] ?? "";
}
