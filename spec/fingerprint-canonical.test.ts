/**
 * The canonical run's fingerprint, word for word. Whoever changes it on purpose says in CHANGELOG.md which bits
 * moved and why; whoever changes it by accident has found a mistake.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { canonicalFingerprint } from "../research/fingerprint.ts";

/** The same in Node 20, 22 and 24 (V8) and in Bun 1.4 (JavaScriptCore). */
const canonical = "b991843127cc4d8f363b94c9db4fcf883731a82bea6d0863ba0b8fffae748486";

test(`the canonical run with seed 0 has the fingerprint ${canonical.slice(0, 12)}…`, () => {
  expect(canonicalFingerprint()).toBe(canonical);
});

test("a run after other work in the same process has it too", () => {
  expect(canonicalFingerprint({ seed: 7 })).not.toBe(canonical);
  expect(canonicalFingerprint({ seed: 0 })).toBe(canonical);
});

test("the CHANGELOG names the fingerprint of this version", () => {
  expect(readFileSync("CHANGELOG.md", "utf8")).toContain(canonical);
});
