/**
 * Knobs: the config of an experiment as a person sees it, with what each key may be, and the errors about it.
 * Rests on zod and values. `z.toJSONSchema` says what a schema allows.
 */
import { z } from "zod";
import { UsageError } from "../../core/index.ts";
import { canonicalOf, isValues, type Value, type Values } from "./values.ts";

/** One key of a config. */
export interface Knob {
  readonly key: string;
  /** What it means, with its unit; empty where the schema does not say. */
  readonly description: string;
  /** What it may be: `"an integer ≥ 1"`. */
  readonly allowed: string;
  readonly default: Value;
  /** How its text on a command line is read. */
  readonly type: "number" | "boolean" | "text" | "json";
}

/** The keys of `schema`, in its order. Throws ValueError where one has no default: an experiment must run as it is. */
export function knobsOf(where: string, schema: z.ZodObject): readonly Knob[] {
  const shape = z.toJSONSchema(schema, { io: "input" }).properties ?? {};
  return Object.entries(shape).map(([key, part]) => {
    const node: Node = typeof part === "boolean" ? {} : part;
    if (!("default" in node)) {
      throw new UsageError({
        where,
        argument: `config.${key}`,
        expected: "to have a default",
        got: "none",
        fix: "Write for example z.int().min(1).default(100)",
      });
    }
    return {
      key,
      description: node.description ?? "",
      allowed: allowedBy(node),
      default: plain(node.default),
      type: typeOf(node),
    };
  });
}

/**
 * A whole config: `partial` with the defaults of `schema` for the rest. Throws UsageError for a key that is not there, and
 * a value out of range, saying what is allowed.
 */
export function resolveConfig(where: string, schema: z.ZodObject, partial: Values): Values {
  const parsed = schema.safeParse(partial);
  if (parsed.success) return plainRecord(where, parsed.data);
  const [issue] = parsed.error.issues;
  const knobs = knobsOf(where, schema);
  const key = issue?.code === "unrecognized_keys" ? issue.keys[0] : issue?.path[0];
  const knob = knobs.find((candidate) => candidate.key === key);
  if (knob === undefined) throw unknownKey(where, String(key), knobs);
  throw new UsageError({
    where,
    argument: knob.key,
    expected: `to be ${knob.allowed}`,
    got: JSON.stringify(partial[knob.key]) ?? "nothing",
    fix: `Write for example ${knob.key}=${textOf(knob.default)}`,
  });
}

/** The complaint about a key that no knob has. */
export function unknownKey(where: string, key: string, knobs: readonly Knob[]): UsageError {
  const near = nearest(
    key,
    knobs.map((knob) => knob.key),
  );
  return new UsageError({
    where,
    argument: "every key",
    expected: `to be one of ${knobs.map((knob) => knob.key).join(", ")}`,
    got: `"${key}"`,
    fix: near.length > 0 ? `Did you mean ${near[0]}` : `See them with bitgrad list --json`,
  });
}

/** The value that `text`, as typed, gives a knob. Throws UsageError for what is no value of its type. */
export function readKnob(where: string, knob: Knob, text: string): Value {
  const refuse = (): UsageError =>
    new UsageError({
      where,
      argument: knob.key,
      expected: `to be ${knob.allowed}`,
      got: `"${text}"`,
      fix: `Write for example ${knob.key}=${textOf(knob.default)}`,
    });
  switch (knob.type) {
    case "text":
      return text;
    case "boolean":
      if (text === "true" || text === "false") return text === "true";
      throw refuse();
    case "number":
      if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) throw refuse();
      return Number(text);
    case "json":
      try {
        return JSON.parse(text);
      } catch {
        return text; // a word of a union: the schema decides
      }
  }
}

/** A value as it would be typed. */
export function textOf(value: Value): string {
  return typeof value === "string" ? value : canonicalOf("bitgrad", "a value", value);
}

/** Those of `names` that `name` is a misspelling of, the nearest first. */
export function nearest(name: string, names: readonly string[]): readonly string[] {
  return names
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .filter(
      ({ candidate, distance }) =>
        distance <= Math.max(2, Math.floor(candidate.length / 3)) ||
        (name.length >= 3 && candidate.includes(name)),
    )
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** Insertions, deletions and replacements that make `b` of `a`. Levenshtein 1966. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** A part of a JSON schema, as far as it is read here. */
type Node = z.core.JSONSchema.BaseSchema;

function typeOf({ type, enum: choices }: Node): Knob["type"] {
  if (type === "number" || type === "integer") return "number";
  if (type === "boolean") return "boolean";
  if (type === "string" && (choices ?? []).every((choice) => typeof choice === "string")) {
    return "text";
  }
  return "json";
}

/** What a schema allows, in words. */
function allowedBy(node: Node): string {
  if (node.const !== undefined) return JSON.stringify(node.const);
  if (node.enum !== undefined) return `one of ${node.enum.map((choice) => choice).join(", ")}`;
  const choices = node.anyOf ?? node.oneOf;
  if (choices !== undefined) {
    return choices
      .map((part) => (typeof part === "boolean" ? "anything" : allowedBy(part)))
      .join(" or ");
  }
  switch (node.type) {
    case "integer":
      return `an integer${rangeOf(node)}`;
    case "number":
      return `a number${rangeOf(node)}`;
    case "boolean":
      return "true or false";
    case "string":
      return node.pattern === undefined ? "a word" : `a word that matches ${node.pattern}`;
    case "array": {
      const { items } = node;
      const inside =
        typeof items === "object" && !Array.isArray(items) ? allowedBy(items) : "anything";
      return `a list such as [1,2], each of it ${inside}`;
    }
    case "null":
      return "null";
    default:
      return "as its description says";
  }
}

/** ` ≥ 1`, ` > 0 and ≤ 1`; the ends of the integers that a double holds are no limits worth naming. */
function rangeOf({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: Node): string {
  const limits = [
    ...(minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER ? [`≥ ${minimum}`] : []),
    ...(exclusiveMinimum !== undefined ? [`> ${exclusiveMinimum}`] : []),
    ...(maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER ? [`≤ ${maximum}`] : []),
    ...(exclusiveMaximum !== undefined ? [`< ${exclusiveMaximum}`] : []),
  ];
  return limits.length === 0 ? "" : ` ${limits.join(" and ")}`;
}

/** What zod gave as values: checked, so that a config always has a text. */
function plainRecord(where: string, data: unknown): Values {
  const text = canonicalOf(where, "the config", data);
  const value = plain(JSON.parse(text));
  return isValues(value) ? value : {};
}

function plain(value: unknown): Value {
  return JSON.parse(canonicalOf("defineExperiment", "a default", value));
}
