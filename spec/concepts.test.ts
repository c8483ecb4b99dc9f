/** The claims: each has its modules and its tests, and the README's table says which. */
import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { claims } from "../research/claims.ts";
import { claimsIn, conceptTable, markers, shownByTests, withTable } from "./concepts.ts";

const shown = shownByTests();
const tested = new Set(Object.values(shown).flat());
const laws = claims.filter(({ property }) => property !== null);
const questions = claims.filter(({ property }) => property === null);

describe("every claim", () => {
  test("with a property has a test whose title begins with its id", () => {
    expect(laws.filter(({ id }) => !tested.has(id)).map(({ id }) => id)).toEqual([]);
  });

  test("without one has no test: the table would keep it quiet", () => {
    expect(questions.filter(({ id }) => tested.has(id)).map(({ id }) => id)).toEqual([]);
  });

  test("lives in modules that exist", () => {
    const missing = claims.flatMap(({ id, modules }) =>
      modules.filter((path) => !existsSync(path)).map((path) => `${id}: ${path}`),
    );
    expect(missing).toEqual([]);
    const homeless = laws.filter(({ modules }) => modules.length === 0);
    expect(homeless.map(({ id }) => id)).toEqual([]);
  });

  test("has an id of its own", () => {
    const ids = claims.map(({ id }) => id);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    expect(ids).toHaveLength(38);
  });
});

test("no title names a claim that there is none of", () => {
  const known = claims.map(({ id }) => id);
  expect([...tested].filter((id) => !known.includes(id))).toEqual([]);
});

describe("titles", () => {
  test("are found behind test, test.each and test.prop, in any quotes and on any line", () => {
    const text = [
      'test("bn-train: one", () => {});',
      "test.each([1])('bn-test: it is %i', () => {});",
      'test.prop([a], many)(\n  "bn-order: three",\n  () => {});',
      "test(`lr-warmup: four`, () => {}); test(`lr-warmup: five`, () => {});",
    ].join("\n");
    expect(claimsIn(text)).toEqual(["bn-train", "bn-test", "bn-order", "lr-warmup"]);
  });

  test("that are computed count for every id that stands in the file, and only then", () => {
    const ids = 'const claim = it ? "init-xavier" : "init-kaiming";';
    expect(claimsIn(`${ids} test(\`$\{claim}: one\`, () => {});`)).toEqual([
      "init-xavier",
      "init-kaiming",
    ]);
    expect(claimsIn(`${ids} test("one", () => {});`)).toEqual([]);
  });

  test("are not found in comments, in the middle of a title, or without a space after the colon", () => {
    const text =
      '// bn-train: one\ntest("of bn-train: two"); test("bn-train:three"); x = "bn-train: 4";';
    expect(claimsIn(text)).toEqual([]);
  });
});

describe("the table", () => {
  const found = { "spec/b.test.ts": ["bn-train"], "spec/c.test.ts": ["bn-test", "bn-train"] };

  test("has a row for each claim, with its modules and test files", () => {
    const lines = conceptTable(found).split("\n");
    expect(lines).toHaveLength(claims.length + 2);
    const row = lines.find((line) => line.startsWith("| `bn-train`"));
    expect(row).toContain("| [layers/batch-norm.ts](layers/batch-norm.ts) |");
    expect(row).toMatch(/\(\[b]\(spec\/b\.test\.ts\), \[c]\(spec\/c\.test\.ts\)\) \|$/);
    expect(lines.filter((line) => line.split(/(?<!\\)\|/).length !== 5)).toEqual([]);
  });

  test("takes the place of what stands between the markers, and of nothing else", () => {
    const [first, last] = markers;
    const readme = `a\n${first}\n\nold\n\n${last}\nb`;
    const once = withTable(readme, "| new |");
    expect(once).toBe(`a\n${first}\n\n| new |\n\n${last}\nb`);
    expect(withTable(once, "| new |")).toBe(once);
    for (const broken of ["", first, `${last}${first}`, `${first}${first}${last}`]) {
      expect(() => withTable(broken, "| new |")).toThrow("README.md: expected");
    }
  });

  test("of the README is what the tests say: node --import tsx spec/concepts.ts --write", () => {
    const readme = readFileSync("README.md", "utf8");
    expect(readme).toBe(withTable(readme, conceptTable(shown)));
  });
});
