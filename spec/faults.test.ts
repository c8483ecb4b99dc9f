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
import { faultMarkers, faultTable, type Noticed } from "./faults/table.ts";
import { withTable } from "./mutation/table.ts";

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

describe("the table in CONTRIBUTING.md", () => {
  const noticed: Noticed = JSON.parse(readFileSync("spec/faults/results.json", "utf8"));

  test("is what results.json gives, of all faults that there are and no others", () => {
    const page = readFileSync("CONTRIBUTING.md", "utf8");
    expect(withTable(page, faultTable(faults, noticed), faultMarkers)).toBe(page);
    expect(Object.keys(noticed)).toEqual(faults.map(({ name }) => name));
  });

  test("has none open", () => {
    expect(faults.filter(({ name }) => noticed[name] === null)).toEqual([]);
  });

  test("names a fault that nobody noticed, and one that was never tried", () => {
    const [one, two, three] = faults;
    if (one === undefined || two === undefined || three === undefined) return;
    const table = faultTable(
      [one, two, three].map((fault) => ({ ...fault, file: "pack" })),
      { [one.name]: "spec/a.test.ts: title: more", [two.name]: null },
    );
    expect(table.split("\n").at(-1)).toBe(
      `| \`pack\` | 3 | 1 | \`${two.name}\`, \`${three.name}\` | \`spec/a.test.ts\` |`,
    );
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
