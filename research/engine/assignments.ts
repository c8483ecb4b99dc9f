/**
 * Assignments: `key=value` and `key=a,b,c` of a command line as overrides of a config.
 * Rests on knobs and arms.
 */
import { UsageError } from "../../core/index.ts";
import type { ArmGrid } from "./arms.ts";
import { type Knob, readKnob, unknownKey } from "./knobs.ts";
import { canonicalOf, type Value } from "./values.ts";

/**
 * The overrides that the words say, key by key in their order. Commas separate values, but not within brackets, braces or
 * quotes. Throws UsageError for words of another form, unknown keys, a key given twice, equal values, and values of
 * another type; ranges are the config's to check.
 *
 * @example
 * parseAssignments("bitgrad run", ["depth=8,20", "init=kaiming"], knobs); // { depth: [8, 20], init: ["kaiming"] }
 */
export function parseAssignments(
  where: string,
  words: readonly string[],
  knobs: readonly Knob[],
): ArmGrid {
  const grid: Record<string, readonly Value[]> = {};
  for (const word of words) {
    const at = word.indexOf("=");
    if (at < 1) {
      const [first] = knobs;
      throw new UsageError({
        where,
        argument: "every word after the experiment",
        expected: "to be key=value or key=a,b,c",
        got: `"${word}"`,
        fix: `Write for example ${first === undefined ? "key=1" : `${first.key}=${first.default}`}`,
      });
    }
    const key = word.slice(0, at);
    const knob = knobs.find((candidate) => candidate.key === key);
    if (knob === undefined) throw unknownKey(where, key, knobs);
    const values = splitValues(word.slice(at + 1)).map((text) => readKnob(where, knob, text));
    const texts = values.map((value) => canonicalOf(where, key, value));
    if (key in grid || new Set(texts).size < texts.length) {
      throw new UsageError({
        where,
        argument: key,
        expected: "to be given once, with different values",
        got: `"${word}"`,
        fix: `Write all values in one word: ${key}=a,b,c`,
      });
    }
    grid[key] = values;
  }
  return grid;
}

/** Cuts at commas outside of brackets, braces and quotes. */
export function splitValues(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let start = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '"') isQuoted = !isQuoted;
    if (isQuoted) continue;
    if (char === "[" || char === "{") depth += 1;
    if (char === "]" || char === "}") depth -= 1;
    if (char === "," && depth === 0) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  return [...parts, text.slice(start)];
}
