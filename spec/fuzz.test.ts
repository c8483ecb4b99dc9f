/**
 * Damaged files: each is read exactly or refused with a clear error, whatever was done to it, at a cost in memory that its
 * size bounds. A few thousand here; 100,000 with BITGRAD_SLOW=1.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { judge, makeCase } from "./fuzz/cases.ts";
import { faultyFormats } from "./fuzz/faulty.ts";
import { type Format, formats } from "./fuzz/formats.ts";
import type { Findings } from "./fuzz/main.ts";

const folder = mkdtempSync(join(tmpdir(), "bitgrad-fuzz-"));
afterAll(() => rmSync(folder, { recursive: true }));

const { BITGRAD_SLOW } = process.env;
const isSlow = BITGRAD_SLOW === "1";
const seed = 1;
const cases = isSlow ? Math.ceil(100_000 / formats.length) : 1_000;

/**
 * A run in a process of its own with 160 MB of heap. A process that stays at one case for `patience` milliseconds hangs:
 * that, and one that ends before its last case, is a problem too.
 */
async function fuzz(name: string, count: number, patience: number): Promise<Findings> {
  const progress = join(folder, name.replaceAll(" ", "-"));
  writeFileSync(progress, "");
  const args = [name, `${seed}`, "0", `${count}`, progress];
  const node = ["--max-old-space-size=160", "--import", "tsx", "spec/fuzz/main.ts"];
  const hanging = new AbortController();
  let last = "";
  const watch = setInterval(() => {
    const now = readFileSync(progress, "utf8");
    if (now !== "" && now === last) hanging.abort();
    last = now;
  }, patience);
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [...node, ...args], {
      signal: hanging.signal,
      killSignal: "SIGKILL",
      maxBuffer: 2 ** 26,
    });
    return JSON.parse(stdout);
  } catch (error) {
    const number = Number(readFileSync(progress, "utf8"));
    const what = hanging.signal.aborted ? "reads without end" : String(error).slice(0, 400);
    const text = `${what}\nagain: npx tsx spec/fuzz/main.ts ${name} ${seed} ${number}`;
    return { format: name, cases: number, read: 0, refused: {}, problem: { case: number, text } };
  } finally {
    clearInterval(watch);
  }
}

describe("a damaged file is read exactly or refused with a clear error:", () => {
  test.each(formats.map(({ name }) => name))(
    `${cases} of %s`,
    async (name) => {
      const found = await fuzz(name, cases, 15_000);
      expect(found.problem?.text ?? "no problem").toBe("no problem");
      expect(found.cases).toBe(cases);
      if (isSlow) process.stdout.write(`${JSON.stringify(found, null, 1)}\n`);
      // Damage that is always noticed at once, or never, would prove little.
      expect(found.read).toBeGreaterThan(cases / 50);
      expect(found.read).toBeLessThan((3 * cases) / 4);
      expect(Object.keys(found.refused).length).toBeGreaterThanOrEqual(2);
    },
    3_600_000,
  );
});

test.each(formats)("a whole file of $name is read", (format) => {
  expect(format.seeds.map((bytes) => judge(format, bytes))).toEqual(
    format.seeds.map(() => ({ kind: "read" })),
  );
});

test("a case is a function of format, seed and number alone", () => {
  for (const format of formats) {
    const later = makeCase(format, 1, 7);
    expect(makeCase(format, 1, 7)).toEqual(later);
    expect(makeCase(format, 2, 7)).not.toEqual(later);
  }
});

/** The reader with this fault. */
function faulty(fault: string): Format {
  const found = faultyFormats.find(({ name }) => name === `faulty: ${fault}`);
  if (found === undefined) throw new Error(`no reader ${fault}`);
  return found;
}

describe("the fuzzer finds a reader that", () => {
  const expectations: readonly (readonly [string, RegExp])[] = [
    ["throws another error", /^no error of bitgrad's: RangeError: offset is out of bounds$/],
    ["believes a size", /^took .* bytes of arrays to read/],
    ["builds lists of a promised size", /^took .* bytes of heap/],
    ["writes to its input", /^changed its input$/],
    ["reads something else", /^read -/],
  ];
  const others = expectations.map(([name, expected]) => ({ format: faulty(name), expected }));
  const hangs = [faulty("never ends")];

  test.each(others)("$format.name", ({ format, expected }) => {
    let problem = "none in 500 cases";
    for (let number = 0; number < 500 && problem.startsWith("none"); number++) {
      const verdict = judge(format, makeCase(format, seed, number).bytes);
      if (verdict.kind === "problem") problem = verdict.problem;
    }
    expect(problem).toMatch(expected);
  });

  test.each(hangs)("$name, and names the case", async ({ name }) => {
    const { problem } = await fuzz(name, 2_000, 2_000);
    expect(problem?.text).toMatch(/^reads without end/);
    expect(problem?.text).toContain(
      `again: npx tsx spec/fuzz/main.ts ${name} ${seed} ${problem?.case}`,
    );
    expect(makeCase(faulty("never ends"), seed, problem?.case ?? -1).bytes.length).toBe(3);
  });
});
