/**
 * Seeded faults of the kernels. Always: each stands in a place that is there once. With BITGRAD_SLOW=1: each is noticed, and
 * the kernels as they are raise no alarm, as `npm run spec:faults` has it.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { registry } from "../core/index.ts";
import { withFault } from "./faults/fault.ts";
import { faults } from "./faults/index.ts";

describe("the faults of the kernels", () => {
  test("are at least forty, of different names, for ops of the registry", () => {
    expect(faults.length).toBeGreaterThanOrEqual(40);
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
    const ops = registry.map(({ name }) => name);
    expect(faults.flatMap((fault) => fault.ops).filter((op) => !ops.includes(op))).toEqual([]);
  });

  test.each(faults)("$name stands in a place that is there once, and changes it", (fault) => {
    const text = readFileSync(`core/devices/wasm/kernels/${fault.file}.ts`, "utf8");
    expect(withFault(text, fault)).not.toBe(text);
    expect(() => withFault(text + text, fault)).toThrow("expected");
  });
});

test.runIf(process.env["BITGRAD_SLOW"] === "1")(
  "every fault is noticed, and the kernels as they are raise no alarm",
  () => {
    const node = ["--expose-gc", "--import", "tsx", "spec/faults/main.ts"];
    const output = execFileSync(process.execPath, node, { encoding: "utf8" });
    expect(output).toContain(`${faults.length} of ${faults.length} faults noticed`);
  },
  3_600_000,
);
