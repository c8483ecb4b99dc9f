/** The canonical run has its fingerprint on every device, whatever the process did before. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { deviceNames, withDevice } from "../core/index.ts";
import { canonicalFingerprint } from "../research/fingerprint.ts";
import { canonical } from "./canonical.ts";

test("every device but gpu, which promises none, has its canonical fingerprint", () => {
  expect([...Object.keys(canonical), "gpu"].sort()).toEqual([...deviceNames()].sort());
});

test.each(Object.entries(canonical))(
  "on %s the canonical run with seed 0 has the fingerprint %s",
  (device, fingerprint) => {
    expect(withDevice(device, () => canonicalFingerprint())).toBe(fingerprint);
  },
);

test("a run after other work in the same process has it too", () => {
  expect(canonicalFingerprint({ seed: 7 })).not.toBe(canonical.wasm);
  expect(canonicalFingerprint({ seed: 0 })).toBe(canonical.wasm);
});

test.each(Object.entries(canonical))(
  "the CHANGELOG names the fingerprint of this version on %s",
  (_device, fingerprint) => {
    expect(readFileSync("CHANGELOG.md", "utf8")).toContain(fingerprint);
  },
);
